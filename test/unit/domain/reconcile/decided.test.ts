/** What people chose about conflicts, in the merge of a record and in its plan. */
import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import type { Plan } from '../../../../src/domain/plan/plan';
import { planReconcile, procoreRevisionOf } from '../../../../src/domain/plan/reconcile';
import { syncRevisionOf } from '../../../../src/domain/plan/sync';
import type { Choice } from '../../../../src/domain/reconcile/conflict';
import { comparedFields } from '../../../../src/domain/reconcile/merge-record';
import type { Ownership } from '../../../../src/domain/reconcile/ownership';
import type { SideRecord } from '../../../../src/domain/reconcile/side-record';
import { recordOf } from '../records';
import { knownVendor, VENDOR, VENDOR_COLUMNS } from '../vendors';

const KEY = '1|10442';
const PAIR = { procore: '2065550199', erp: '2065550177' };
const erp = knownVendor(KEY, { phone: PAIR.erp });
const procore: SideRecord = {
  kind: 'vendor',
  side: 'procore',
  key: '7',
  originId: `vendor|${KEY}`,
  record: recordOf({ ...VENDOR, phone: PAIR.procore }),
  state: 'active',
  changedAt: null,
};
const LINK: RecordLink = {
  id: 'l1',
  kind: 'vendor',
  erpKey: KEY,
  procoreId: 7,
  state: 'linked',
  generation: 3,
  procore: recordOf(VENDOR),
  erp: recordOf(VENDOR),
  erpRevision: syncRevisionOf('vendor', erp.record),
  procoreRevision: procoreRevisionOf(procore),
  altered: [],
  projectId: null,
};

/** Both sides were looked at before: only what is open is compared again. */
function planOf(
  choice: Choice | null,
  more: { pair?: typeof PAIR; ownership?: Ownership; open?: boolean } = {},
): Plan {
  const { pair = PAIR, ownership = {}, open = true } = more;
  const decision = choice && { choice, pair, by: 'maria', comment: '', at: '2026-11-27T09:00:00.000Z' };
  return planReconcile({
    connectionId: 'acme',
    kind: 'vendor',
    erp: [erp],
    procore: [procore],
    from: 'erp',
    costTypes: [],
    links: [LINK],
    adoptable: [],
    apart: new Set(),
    held: new Map(),
    open: new Set(open ? [KEY] : []),
    decisions: decision === null ? new Map() : new Map([['l1', new Map([['phone', decision]])]]),
    rules: { ownership, columns: VENDOR_COLUMNS, procoreTakes: comparedFields('vendor'), skewMs: 600_000 },
    listId: null,
  });
}

/** `erp.phone=...`, one for each field that is written. */
const writes = ({ operations }: Plan): readonly string[] =>
  operations.flatMap(({ side, changes }) =>
    side === 'tieback' ? [] : changes.map(({ field, new: value }) => `${side}.${field}=${String(value)}`),
  );
const open = ({ conflicts = [] }: Plan): readonly string[] => conflicts.map(({ field }) => field);

test('undecided, it stays open and nothing moves: a second look leaves no trace', () => {
  const plan = planOf(null);
  expect(open(plan)).toEqual(['phone']);
  expect(plan.operations).toEqual([]);
  expect(plan.conflicts?.[0]?.fits).toEqual({ erp: { value: PAIR.procore }, procore: { value: PAIR.erp } });
});

test('what nothing is open about is passed over as settled', () => {
  expect(planOf(null, { open: false })).toMatchObject({ operations: [], unchanged: 1 });
});

test.each<[string, Choice, readonly string[]]>([
  ['the ERP', { take: 'erp' }, ['procore.phone=2065550177']],
  ['Procore', { take: 'procore' }, ['erp.phone=2065550199']],
  ['neither', { take: 'value', value: '2065550100' }, ['erp.phone=2065550100', 'procore.phone=2065550100']],
])('taken from %s, it is written where it is not yet, and is open no more', (_what, choice, expected) => {
  const plan = planOf(choice);
  expect([...writes(plan)].sort()).toEqual(expected);
  expect(open(plan)).toEqual([]);
});

test('left as it is, nothing is written, the shadows stay, and it is not forgotten', () => {
  const plan = planOf({ take: 'ignore' });
  expect(plan.operations).toEqual([]);
  expect(open(plan)).toEqual(['phone']);
});

test('a choice about other values is none', () => {
  const plan = planOf({ take: 'erp' }, { pair: { ...PAIR, procore: '2065550000' } });
  expect(writes(plan)).toEqual([]);
  expect(open(plan)).toEqual(['phone']);
});

test('what one side cannot keep is written to neither, said, and stays open', () => {
  const plan = planOf({ take: 'value', value: '2'.repeat(400) });
  expect(writes(plan)).toEqual([]);
  expect(open(plan)).toEqual(['phone']);
  expect(plan.leftOut[0]?.reason).toMatch(/Phone.* cannot be kept in the ERP/i);
});

test('a rule that names an owner settles it', () => {
  const plan = planOf(null, { ownership: { vendor: { all: 'ask', fields: { phone: 'procore' } } } });
  expect(writes(plan)).toEqual(['erp.phone=2065550199']);
  expect(open(plan)).toEqual([]);
});
