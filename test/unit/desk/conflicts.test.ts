import type { ConflictView } from '../../../src/desk/conflicts';
import { choicesFrom, resultOf } from '../../../src/desk/conflicts';
import type { Choice } from '../../../src/domain/reconcile/conflict';

const view = (more: Partial<ConflictView>): ConflictView => ({
  connectionId: 'acme',
  id: 'vendor/7#phone',
  linkId: 'l1',
  recordKind: 'vendor',
  recordId: 'vendor/7',
  erpKey: '1|10442',
  field: 'phone',
  agreed: { procore: null, erp: null, at: null },
  procore: '1',
  erp: '2',
  fits: { erp: { value: '1' }, procore: { value: '2' } },
  procoreAt: null,
  erpAt: null,
  rule: 'ask',
  owner: null,
  openedAt: '2026-11-27T09:00:00.000Z',
  decision: null,
  closedAt: null,
  closedBecause: null,
  label: 'Phone',
  type: 'text',
  names: { procore: '', erp: '' },
  procoreId: 7,
  projectId: null,
  holdsUp: [],
  isIgnored: false,
  ...more,
});

const phone = view({});
const active = view({ field: 'isActive', label: 'Active', type: 'flag', procore: true, erp: false });

test.each<[string, Choice]>([
  ['phone=erp', { take: 'erp' }],
  ['Phone = procore', { take: 'procore' }],
  ['phone=ignore', { take: 'ignore' }],
  ['phone=value:206=555', { take: 'value', value: '206=555' }],
  ['phone=value:-', { take: 'value', value: null }],
  ['phone=value:', { take: 'value', value: null }],
  ['active=value:true', { take: 'value', value: true }],
])('%s is a choice', (typed, expected) => {
  expect([...choicesFrom([typed], [phone, active]).values()]).toEqual([expected]);
});

test.each([
  [['phone'], /"phone" is not field=choice/],
  [['phone=2065550100'], /"2065550100" is no choice for phone/],
  [['fax=erp'], /There is no conflict about "fax"/],
  [['phone=erp', 'Phone=procore'], /given twice/],
  [['isActive=value:perhaps'], /isActive is true or false, not "perhaps"/],
])('%j is none', (typed, message) => {
  expect(() => choicesFrom(typed, [phone, active])).toThrow(message);
});

test('what a choice leads to', () => {
  expect(resultOf(phone, { take: 'erp' })).toEqual({ procore: '2', problem: null });
  expect(resultOf(phone, { take: 'procore' })).toEqual({ erp: '1', problem: null });
  expect(resultOf(phone, { take: 'ignore' })).toEqual({ problem: null });
  expect(resultOf(phone, { take: 'value', value: '2' })).toEqual({ procore: '2', problem: null });
  const long = view({ fits: { erp: { problem: 'too long' }, procore: { value: '2' } } });
  expect(resultOf(long, { take: 'procore' })).toEqual({ problem: 'too long' });
});
