import type { RecordRef } from '../../../../src/domain/request/intent';
import { nextGeneration, ownKeyOf } from '../../../../src/domain/plan/ledger-head';
import type { LinkState } from '../../../../src/domain/kinds/record-link';
import { ownLink } from '../../../../src/domain/kinds/record-link';
import type { Batch, ResolvedRef } from '../../../../src/domain/plan/references';
import { capital } from '../../../../src/domain/base/text';
import {
  lineLabel,
  pendingKeyOf,
  recordIdOfPending,
  RefResolver,
  refsOf,
  wordFor,
} from '../../../../src/domain/plan/references';
import { commitment, lineOf, linkOf, recordOf, ref } from '../records';

const VENDOR = ref('vendor', 8, 'vendor|1|10442', 'vendor Cobalt');

const resolve = (
  wanted: RecordRef,
  links: readonly ReturnType<typeof linkOf>[] = [],
  batch?: Batch,
  projectId: number | null = 9,
): ResolvedRef => new RefResolver(links, batch).resolve(wanted, projectId);

const key = (text: string): ResolvedRef => ({ kind: 'key', key: text });

describe('where the ERP key comes from', () => {
  test.each<[string, RecordRef, string]>([
    ['the origin_id', VENDOR, '1|10442'],
    ['the origin_id alone', ref('vendor', null, 'vendor|1|10442'), '1|10442'],
    ['an origin_id without its type', ref('vendor', 8, '1|10442'), '1|10442'],
    [
      'an origin_id with blanks inside, kept to the letter',
      ref('cost_code', 5, 'cost_code|1| 1-100'),
      '1| 1-100',
    ],
  ])('%s', (_name, wanted, expected) => {
    expect(resolve(wanted)).toMatchObject(key(expected));
  });

  test('what its origin_id alone says is ours only if the ERP knows it, unless it says its type', () => {
    expect(resolve(ref('vendor', null, '1|10442'))).toMatchObject({ untyped: true });
    expect(resolve(ref('vendor', null, 'vendor|1|10442'))).not.toHaveProperty('untyped');
  });

  test('a link beats the origin_id in the request: it knows what happened since', () => {
    expect(resolve(VENDOR, [linkOf('vendor', 8, '1|20000')])).toEqual(key('1|20000'));
    const foreign = ref('vendor', 8, 'QB-77');
    expect(resolve(foreign, [linkOf('vendor', 8, '1|20000')])).toEqual(key('1|20000'));
  });

  test.each<LinkState>(['staged', 'archived', 'unlinked', 'merged'])(
    'a link that is %s says nothing',
    (state) => {
      const links = [linkOf('vendor', 8, '1|20000', { state })];
      expect(resolve(VENDOR, links)).toEqual(key('1|10442'));
      expect(resolve(ref('vendor', 8), links).kind).toBe('wait');
    },
  );

  test('the same number is another record where the kind is another', () => {
    expect(resolve(ref('vendor', 8), [linkOf('project', 8, '1|1024')]).kind).toBe('wait');
  });

  test('lines are known through the record they belong to, while that is linked', () => {
    const base = recordOf({}, [
      lineOf('cost_code', '23-050', {}, { erpKey: '1|101', procoreId: 501 }),
      lineOf('cost_code', '23-060', {}, { erpKey: '1|102', procoreId: null }),
      lineOf('cost_code', '23-070', {}, { erpKey: null, procoreId: 503 }),
    ]);
    const project = linkOf('project', 9, '1|1024', { erp: base });
    expect(resolve(ref('cost_code', 501), [project])).toEqual(key('1|101'));
    expect(resolve(ref('cost_code', 503), [project]).kind).toBe('wait');
    expect(resolve(ref('commitment_line', 501), [project]).kind).toBe('wait');
    expect(resolve(ref('cost_code', 501), [{ ...project, state: 'unlinked' }]).kind).toBe('wait');
  });
});

describe('records of the same request', () => {
  const id = 'standard_cost_code/5';
  const parent = ref('standard_cost_code', 5, null, 'standard cost code 23');

  test.each<[string, Parameters<typeof resolve>[2], ResolvedRef]>([
    ['will be written before', new Map([[id, { key: pendingKeyOf(id) }]]), key('->standard_cost_code/5')],
    ['is there already', new Map([[id, { key: '1|23' }]]), key('1|23')],
    [
      'is left out',
      new Map([[id, 'left out']]),
      {
        kind: 'problem',
        problem: 'Standard cost code 23 of the same request is left out, and this record needs it.',
      },
    ],
    [
      'comes later, or round in a circle',
      new Map([[id, 'not before']]),
      {
        kind: 'problem',
        problem: 'Standard cost code 23 of the same request cannot be written before this record.',
      },
    ],
  ])('%s', (_name, batch, expected) => {
    expect(resolve(parent, [], batch)).toEqual(expected);
  });

  test('a link beats the batch', () => {
    const batch: Batch = new Map([[id, 'left out']]);
    expect(resolve(parent, [linkOf('standard_cost_code', 5, '1|23')], batch)).toEqual(key('1|23'));
  });

  test('a pending key tells its record, and no ERP key is mistaken for one', () => {
    expect(recordIdOfPending(pendingKeyOf('vendor/8'))).toBe('vendor/8');
    expect(recordIdOfPending('1|->8')).toBeNull();
  });
});

test.each([
  ['QB-77'],
  ['project|1|1024'],
  ['vendor|1|2|3'],
  ['vendor|'],
  ['vendor|1|'],
  ['|1'],
  ['vendor'],
  ['1'],
])('an origin_id "%s" of a vendor is not ours: a problem', (originId) => {
  expect(resolve(ref('vendor', 8, originId, 'vendor Cobalt'))).toEqual({
    kind: 'problem',
    problem: `Vendor Cobalt has the origin_id "${originId}", which is not one of ours: another integration may own it.`,
  });
});

test.each<[RecordRef, number | null, string, string]>([
  [
    ref('vendor', 8, null, 'vendor Cobalt'),
    9,
    'vendor/8',
    'Vendor Cobalt is not in the ERP yet. Export or link it; this request then goes on by itself.',
  ],
  [
    ref('project', 9, null, 'job Eastgate'),
    9,
    'project/9',
    'Job Eastgate is not in the ERP yet. Export it first; this request then goes on by itself.',
  ],
  [
    ref('cost_code', 501, null, 'cost code 23-050'),
    9,
    'project/9',
    'Cost code 23-050 is not in the ERP yet. Send the project to the ERP again; this request then goes on by itself.',
  ],
  [
    ref('cost_code', 501, null, 'cost code 23-050'),
    null,
    'cost_code/501',
    'Cost code 23-050 is not in the ERP yet. Send the project to the ERP again; this request then goes on by itself.',
  ],
  [
    ref('line_item_type', 4, null, 'cost type Labor'),
    9,
    'line_item_type/4',
    'Cost type Labor is not in the ERP yet. Add it there and refresh the cost types; this request then goes on by itself.',
  ],
])('what is not in the ERP yet is waited for: %#', (wanted, projectId, recordId, reason) => {
  expect(resolve(wanted, [], undefined, projectId)).toEqual({ kind: 'wait', wait: { recordId, reason } });
});

test('references of a draft: header first, then its lines, without those that name nothing', () => {
  const draft = commitment({ refs: { job: null, vendor: VENDOR } });
  expect(refsOf(draft).map(({ target }) => target)).toEqual([
    'vendor',
    'cost_code',
    'line_item_type',
    'cost_code',
    'line_item_type',
  ]);
});

test('words for people', () => {
  expect(capital('cost code 1')).toBe('Cost code 1');
  expect(capital('')).toBe('');
  expect(wordFor('requisition')).toBe('subcontractor invoice');
  expect(wordFor('cost_code')).toBe('cost code');
  expect(lineLabel({ kind: 'budget_line', number: '7' })).toBe('Budget movement 7');
  expect(lineLabel({ kind: 'commitment_line', number: '7' })).toBe('Line 7');
});

describe('where the ERP record of a Procore record is', () => {
  const head = { operationKey: 'x', generation: 5, erpKey: '1|head' };
  const at = (generation: number) => ({ erpKey: '1|link', generation });

  test.each<[string, Parameters<typeof ownKeyOf>, string | null]>([
    ['nobody knows', [null, null], null],
    ['only the link', [at(1), null], '1|link'],
    ['only the ledger', [null, head], '1|head'],
    ['the ledger is ahead', [at(4), head], '1|head'],
    ['equally far: the link, which may have moved', [at(5), head], '1|link'],
    ['the link is ahead', [at(6), head], '1|link'],
  ])('%s', (_name, [link, ledger], expected) => {
    expect(ownKeyOf(link, ledger)).toBe(expected);
  });

  test.each<[string, Parameters<typeof nextGeneration>, number]>([
    ['never written', [null, null, false], 1],
    ['linked', [at(4), null, false], 5],
    ['a crash between write and record: the same again', [null, head, true], 5],
    ['the same, of a link that was there', [at(4), head, true], 5],
    ['written and gone: one further', [null, head, false], 6],
    ['recorded: one further', [at(5), head, true], 6],
    ['unlinked since: one further than that', [at(9), head, true], 10],
  ])('next generation, %s', (_name, given, expected) => {
    expect(nextGeneration(...given)).toBe(expected);
  });

  test('of several links the one in force counts, else the one that changed last', () => {
    const [a, b] = [linkOf('vendor', 8, '1|a', { state: 'unlinked' }), linkOf('vendor', 8, '1|b')];
    expect(ownLink([a, b])).toBe(b);
    expect(ownLink([a, { ...b, state: 'merged' }])).toBe(a);
    expect(ownLink([])).toBeNull();
  });
});
