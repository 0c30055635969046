import { aboutOf, aboutPlan, kindIn, writtenAmount } from '../../../../src/domain/request/about';
import { isCorrectable } from '../../../../src/domain/request/correctable';
import type { Intent } from '../../../../src/domain/request/intent';
import { nameOfUser } from '../../../../src/domain/request/sender';
import { webLink } from '../../../../src/domain/request/web-link';
import { sealPlan } from '../../../../src/domain/plan/plan';
import { body, operation } from '../plans';
import { budget, commitment, exportOf, recordOf, ref } from '../records';
import { vendorDraft } from '../vendors';

const named = (vendor: string, amount: string) =>
  commitment({
    fields: { ...commitment().fields, amount },
    refs: {
      job: ref('project', 9, null, 'job Eastgate'),
      vendor: ref('vendor', 8, null, `vendor ${vendor}`),
    },
  });

describe('what people tell a request by', () => {
  test('a document: number and title, project, vendor, amount', () => {
    expect(aboutOf({ intent: exportOf(named('Cobalt', '150.00')) })).toEqual({
      title: 'SC-008 HVAC',
      project: 'Eastgate',
      vendor: 'Cobalt',
      amount: '150',
      currency: null,
      place: { itemType: 'work_order_contract', id: 71, projectId: 9 },
    });
  });

  test('several: what they have in common, and their sum with its sign', () => {
    const intent = exportOf(named('Cobalt', '150.00'), named('Delta', '-200.00'));
    expect(aboutOf({ intent })).toEqual({
      title: null,
      project: 'Eastgate',
      vendor: null,
      amount: '-50',
      currency: null,
      place: { itemType: 'project', id: 9, projectId: 9 },
    });
  });

  test('without an amount of its own, a document has that of its lines', () => {
    const draft = budget([[31, '7.50']]);
    expect(aboutOf({ intent: exportOf(draft) }).amount).toBe('7.5');
    expect(aboutOf({ intent: exportOf(vendorDraft()) }).amount).toBeNull();
  });

  test('a plan adds the names of the ERP, and what is really written', () => {
    const write = operation({
      kind: 'commitment',
      record: recordOf({ amount: '140.00' }),
      changes: [
        { field: 'job', label: 'Job', old: null, new: '1|1024', words: '2417-001 Eastgate Parking' },
        { field: 'vendor', label: 'Vendor', old: null, new: '1|10442' },
      ],
    });
    const plan = sealPlan(body({ operations: [write] }));
    const about = aboutOf({ intent: exportOf(named('Cobalt', '150.00')) });
    expect(aboutPlan(about, plan)).toEqual({ ...about, project: '2417-001 Eastgate Parking', amount: '140' });
    expect(writtenAmount([])).toBeNull();
  });

  test.each<[Intent, string | null]>([
    [exportOf(commitment()), 'commitment'],
    [{ way: 'sync', kind: 'vendor', detailIds: [], listId: null }, 'vendor'],
    [{ way: 'metadata' }, null],
    [{ way: 'unsupported', known: false, detailIds: [] }, null],
  ])('kind %#', (intent, kind) => {
    expect(kindIn(intent)).toBe(kind);
  });
});

test('values can be corrected of one record that is sent to the ERP, and of nothing else', () => {
  expect(isCorrectable({ way: 'export', recordId: 'vendor/1' })).toBe(true);
  expect(isCorrectable({ way: 'export', recordId: null })).toBe(false);
  for (const way of ['sync', 'release', 'metadata', null] as const)
    expect(isCorrectable({ way, recordId: 'vendor/1' })).toBe(false);
});

describe('who sent it', () => {
  const person = { id: 7710, login: 'pm@acme.example', name: ' Rosa Lindqvist ' };

  test('is named where the body names the user by this number', () => {
    expect(nameOfUser({ request_data: { contract: { created_by: person } } }, 7710)).toBe('Rosa Lindqvist');
    expect(nameOfUser({ created_by: { id: 7710, name: 'Rosa' } }, 7710)).toBe('Rosa');
  });

  test('is not named by somebody else, by a record of the same number, or by what is masked', () => {
    expect(nameOfUser({ created_by: person }, 7711)).toBeNull();
    expect(nameOfUser({ vendor: { id: 7710, name: 'Cobalt' } }, 7710)).toBeNull();
    expect(nameOfUser({ created_by: { ...person, name: '[masked]' } }, 7710)).toBeNull();
    for (const nothing of [null, 'text', [person], {}]) expect(nameOfUser(nothing, 7710)).toBeNull();
  });
});

describe('where Procore shows it', () => {
  const web = { apiUrl: 'https://api.procore.com', webUrl: null, webPaths: {} };
  const contract = { itemType: 'purchase_order_contract', id: 71, projectId: 9 };

  test.each([
    [
      'a contract',
      web,
      contract,
      'https://app.procore.com/9/project/commitments/purchase_order_contracts/71',
    ],
    [
      'what has no page of its own: its project',
      web,
      { itemType: 'requisition', id: 5, projectId: 9 },
      'https://app.procore.com/9/project/home',
    ],
    ['what has neither', web, { itemType: 'requisition', id: 5, projectId: null }, null],
    [
      'a company, on another host and path',
      { ...web, webUrl: 'https://us02.procore.com/', webPaths: { vendor: '/{company_id}/v/{id}' } },
      { itemType: 'vendor', id: 5, projectId: null },
      'https://us02.procore.com/4264807/v/5',
    ],
    ['a host that nobody knows', { ...web, apiUrl: 'https://api.example.com' }, contract, null],
  ])('%s', (_name, settings, place, expected) => {
    expect(webLink(settings, 4264807, place)).toBe(expected);
  });
});
