/** A mapping that changes under links that are there already: scenarios of many records, both sides as their shadows say. */
import type { RecordColumns } from '../../../../src/domain/kinds/fit-record';
import type { KnownRecord } from '../../../../src/domain/kinds/record';
import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import { linkOf } from '../../../../src/domain/plan/operation';
import type { Plan } from '../../../../src/domain/plan/plan';
import { planReconcile, procoreRevisionOf } from '../../../../src/domain/plan/reconcile';
import { syncRevisionOf } from '../../../../src/domain/plan/sync';
import type { Mapping } from '../../../../src/domain/reconcile/mapping/mapping';
import { knownCanonical } from '../../../../src/domain/reconcile/mapping/mapping';
import { rebasedBy } from '../../../../src/domain/reconcile/mapping/fingerprint';
import { comparedFields } from '../../../../src/domain/reconcile/merge-record';
import { guardedIn } from '../../../../src/domain/reconcile/guard';
import type { SideRecord } from '../../../../src/domain/reconcile/side-record';
import { knownVendor, VENDOR, VENDOR_COLUMNS } from '../vendors';

const MANY = 300;
const numbers = Array.from({ length: MANY }, (_, index) => 10_000 + index);
/** An ERP that writes states in full. */
const inErp = (more: Record<string, string> = {}): readonly KnownRecord[] =>
  numbers.map((number) => knownVendor(`1|${number}`, { stateCode: 'Washington', ...more }));
const inProcore = (more: Record<string, string> = {}): readonly SideRecord[] =>
  numbers.map((number): SideRecord => {
    const { vendorType: _, retainagePercent: __, ...fields } = VENDOR;
    expect([_, __]).toEqual(['SUB', '10.00']);
    return {
      kind: 'vendor',
      side: 'procore',
      key: String(number),
      originId: null,
      record: { fields: { ...fields, code: String(number), ...more }, lines: [] },
      state: 'active',
      changedAt: null,
    };
  });

/** Compared and settled while nothing was mapped. */
const links = (erp: readonly KnownRecord[], procore: readonly SideRecord[]): readonly RecordLink[] =>
  erp.map(({ key, record }, index): RecordLink => {
    const side = procore[index];
    if (side === undefined) throw new Error('a side is missing');
    return {
      id: String(index),
      kind: 'vendor',
      erpKey: key,
      procoreId: Number(side.key),
      state: 'linked',
      generation: 1,
      procore: side.record,
      erp: record,
      erpRevision: syncRevisionOf('vendor', record),
      procoreRevision: procoreRevisionOf(side),
      altered: ['stateCode'],
      projectId: null,
    };
  });

const STATES: Mapping = {
  vendor: { fields: { stateCode: { pairs: [], table: { name: 'states', erp: 'names' } } }, only: {} },
};

interface Sides {
  readonly erp: readonly KnownRecord[];
  readonly procore: readonly SideRecord[];
  readonly links: readonly RecordLink[];
  readonly from?: 'erp' | 'procore';
}

const planned = (
  mapping: Mapping,
  { erp, procore, links: known, from = 'erp' }: Sides,
  before: string | null = null,
  columns: RecordColumns = VENDOR_COLUMNS,
): Plan =>
  planReconcile({
    connectionId: 'acme',
    kind: 'vendor',
    erp: erp.map((one) => knownCanonical(mapping, 'vendor', one)),
    procore,
    from,
    links: known,
    adoptable: [],
    apart: new Set(),
    held: new Map(),
    open: new Set(),
    costTypes: [],
    decisions: new Map(),
    rules: { ownership: {}, columns, procoreTakes: comparedFields('vendor'), skewMs: 0 },
    rebased: rebasedBy(mapping, 'vendor', before)?.fields ?? [],
    listId: null,
  });

const after = ({ operations }: Plan): readonly RecordLink[] => operations.flatMap((one) => linkOf(one) ?? []);

test('a new mapping that makes both sides equal settles every link and writes nothing, and then there is nothing to do', () => {
  const sides = { erp: inErp(), procore: inProcore() };
  const plan = planned(STATES, { ...sides, links: links(sides.erp, sides.procore) });
  expect(plan.operations).toHaveLength(MANY);
  expect(plan.operations.every(({ side, action }) => side === 'tieback' && action === 'settle')).toBe(true);
  expect([plan.leftOut, plan.conflicts]).toEqual([[], undefined]);

  const { to } = rebasedBy(STATES, 'vendor', null) ?? { to: '' };
  expect(planned(STATES, { ...sides, links: after(plan) }, to)).toMatchObject({
    operations: [],
    unchanged: MANY,
  });
});

test('where both sides differ under a new mapping nobody moved: nothing is taken for a change, and a person decides', () => {
  const sides = { erp: inErp(), procore: inProcore({ stateCode: 'OR' }) };
  const plan = planned(STATES, { ...sides, links: links(sides.erp, sides.procore) });
  expect(plan.operations.some(({ side }) => side !== 'tieback')).toBe(false);
  expect(plan.conflicts).toHaveLength(MANY);
  expect(plan.conflicts?.[0]).toMatchObject({ field: 'stateCode', pair: { procore: 'OR', erp: 'WA' } });
  const again = planned(
    STATES,
    { ...sides, links: after(plan).map((link) => ({ ...link, erpRevision: null })) },
    rebasedBy(STATES, 'vendor', null)?.to,
  );
  expect(again.conflicts).toHaveLength(MANY);
});

test('where the ERP shows the same under a new mapping, whoever moved in Procore still moves', () => {
  const settled = { erp: inErp({ stateCode: 'WA' }), procore: inProcore() };
  const sides = { erp: settled.erp, procore: inProcore({ stateCode: 'OR' }), from: 'procore' as const };
  const plan = planned(STATES, { ...sides, links: links(settled.erp, settled.procore) });
  expect(plan.conflicts).toBeUndefined();
  expect(plan.operations.find(({ side }) => side === 'erp')).toMatchObject({
    changes: [{ field: 'stateCode', old: 'WA', new: 'OR' }],
  });
});

test('what is mapped as before still moves', () => {
  const settled = { erp: inErp(), procore: inProcore() };
  const sides = { erp: inErp({ city: 'Tacoma' }), procore: settled.procore };
  const plan = planned(STATES, { ...sides, links: links(settled.erp, settled.procore) });
  expect(plan.operations).toHaveLength(MANY);
  expect(plan.operations[0]).toMatchObject({ side: 'procore', changes: [{ field: 'city', new: 'Tacoma' }] });
});

test('a filter that leaves out linked records takes nothing away, on either side, whoever moved', () => {
  const settled = { erp: inErp({ stateCode: 'WA' }), procore: inProcore() };
  const known = links(settled.erp, settled.procore);
  const outside: Mapping = { vendor: { fields: {}, only: { vendorType: ['SUP'] } } };
  const gone = inErp({ stateCode: 'WA', city: 'Tacoma' }).map((one) => ({
    ...one,
    state: 'inactive' as const,
  }));
  const erpMoved = planned(outside, { erp: gone, procore: settled.procore, links: known });
  expect(erpMoved).toMatchObject({ operations: [], leftOut: [] });

  const moved = inProcore({ city: 'Olympia' });
  const plan = planned(outside, { erp: gone, procore: moved, links: known, from: 'procore' });
  expect(plan.operations.every(({ side, changes }) => side === 'tieback' && changes.length === 0)).toBe(true);
  expect(plan.leftOut).toEqual([]);
  const seen = after(plan);
  expect(planned(outside, { erp: gone, procore: moved, links: seen, from: 'procore' }).operations).toEqual(
    [],
  );

  // Carried again: both sides have moved in the same field, and a person decides.
  const again = planned({}, { erp: gone, procore: moved, links: seen });
  expect(again.conflicts).toHaveLength(MANY);
  const unlinked = planned(outside, { erp: gone, procore: [], links: [] });
  expect(unlinked).toMatchObject({ operations: [], leftOut: [], unchanged: MANY });
});

test('a record whose code would come back as that of another is left out with a sentence, linked or not', () => {
  const mapping: Mapping = {
    vendor: { fields: { code: { pairs: [{ erp: '10001', procore: '10002' }] } }, only: {} },
  };
  const sides = { erp: inErp({ stateCode: 'WA' }), procore: inProcore() };
  const reason =
    'The vendor is not carried, because its code "10002" of the ERP becomes "10002" in Procore, and that would come back as "10001". Mend the mapping of the connection.';
  for (const known of [links(sides.erp, sides.procore), []])
    expect(planned(mapping, { ...sides, links: known }).leftOut).toMatchObject([
      { erpKey: '1|10002', reason },
    ]);
});

test('codes that get another mask are renamed in Procore, and the guard has nothing to say', () => {
  const mapping: Mapping = {
    vendor: { fields: { code: { pairs: [], mask: { erp: '99999', procore: '99-999' } } }, only: {} },
  };
  const sides = { erp: inErp({ stateCode: 'WA' }), procore: inProcore() };
  const plan = planned(mapping, { ...sides, links: links(sides.erp, sides.procore) });
  expect(plan.operations).toHaveLength(MANY);
  expect(plan.operations[7]).toMatchObject({
    side: 'procore',
    action: 'update',
    rows: [{ key: '1|10007', procoreId: 10007, fields: { code: '10-007' } }],
  });
  expect(guardedIn(plan)).toEqual([]);
});

test('the same plan under another mapping has another hash: an approval does not hold for both', () => {
  const settled = { erp: inErp(), procore: inProcore() };
  const sides = {
    erp: settled.erp,
    procore: inProcore({ city: 'Tacoma' }),
    links: links(settled.erp, settled.procore),
  };
  const hashes = ['one', 'two'].map((mappedAs) => {
    const plan = planned({}, { ...sides, from: 'procore' }, null, { ...VENDOR_COLUMNS, mappedAs });
    expect(plan).toMatchObject({ facts: { mapping: mappedAs }, operations: { length: 2 * MANY } });
    return plan.hash;
  });
  expect(hashes[0]).not.toBe(hashes[1]);
});
