import * as fc from 'fast-check';
import { originIdOf } from '../../../../src/domain/base/identity';
import { definitionOf } from '../../../../src/domain/kinds';
import type { Fields, FieldValue, KnownRecord } from '../../../../src/domain/kinds/record';
import type { LinkState, RecordLink } from '../../../../src/domain/kinds/record-link';
import { canBecome } from '../../../../src/domain/kinds/record-link';
import type { Operation, SyncRow } from '../../../../src/domain/plan/operation';
import { linkOf as linkMovedBy } from '../../../../src/domain/plan/operation';
import type { Plan } from '../../../../src/domain/plan/plan';
import { planSync, syncRevisionOf } from '../../../../src/domain/plan/sync';
import { linkOf, recordOf } from '../records';
import { knownVendor, VENDOR } from '../vendors';

const KEY = '1|10442';

const link = (
  state: LinkState,
  shadow: Fields | null = VENDOR,
  more: Partial<RecordLink> = {},
): RecordLink => {
  const record = shadow && recordOf(shadow);
  return linkOf('vendor', state === 'staged' || state === 'archived' ? null : 7, KEY, {
    id: 'L1',
    state,
    generation: 3,
    procore: record,
    erp: record,
    erpRevision: record && syncRevisionOf('vendor', record),
    ...more,
  });
};

const plan = (records: readonly KnownRecord[], links: readonly RecordLink[] = []): Plan =>
  planSync({ connectionId: 'acme', kind: 'vendor', records, links, listId: null });
const rowsOf = (operation: Operation | undefined): readonly SyncRow[] =>
  operation && 'rows' in operation ? operation.rows : [];

const inactive = { isActive: false };
const moved = { phone: '1', city: 'Tacoma' };

test.each<[string, RecordLink | null, Fields, string | null]>([
  ['new and active', null, {}, 'stage'],
  ['new and inactive', null, inactive, null],
  ['staged, as before', link('staged'), {}, null],
  ['staged, changed', link('staged'), moved, 'stage'],
  ['staged, inactive now', link('staged'), inactive, 'archive'],
  ['archived, still inactive', link('archived', { ...VENDOR, ...inactive }), inactive, null],
  ['archived, active again', link('archived', { ...VENDOR, ...inactive }), {}, 'stage'],
  ['archived by us as it is now, active', link('archived'), {}, 'stage'],
  ['linked, as before', link('linked'), {}, null],
  ['linked, changed', link('linked'), moved, 'update'],
  ['linked, inactive now', link('linked'), inactive, 'update'],
  ['linked, never compared', link('linked', null), {}, 'update'],
  [
    'linked, changed only where Procore has no place',
    link('linked'),
    { vendorType: 'SUP', retainagePercent: '5.00' },
    null,
  ],
  ['unlinked and active', link('unlinked', null), {}, 'stage'],
  ['unlinked and inactive', link('unlinked', null), inactive, null],
  ['merged', link('merged'), moved, null],
  ['merged and inactive', link('merged'), inactive, null],
])('%s: %#', (_name, current, change, action) => {
  const result = plan([knownVendor(KEY, change)], current ? [current] : []);
  expect(result.operations.map((operation) => operation.action)).toEqual(action === null ? [] : [action]);
  expect(result.unchanged).toBe(action === null ? 1 : 0);
  for (const operation of result.operations) {
    const { generation } = operation;
    const next = linkMovedBy(operation);
    expect(generation).toBe((current?.generation ?? 0) + 1);
    const { record } = knownVendor(KEY, change);
    expect(next).toMatchObject({ erpKey: KEY, generation, erp: record });
    expect(next?.id).toBe(current?.id);
    expect(next?.erpRevision).toBe(syncRevisionOf('vendor', record));
    expect(canBecome(current?.state ?? 'none', next?.state ?? 'merged')).toBe(true);
  }
});

test('an update names the changed fields only, with old and new', () => {
  const [update] = plan([knownVendor(KEY, moved)], [link('linked')]).operations;
  expect(update).toMatchObject({
    side: 'procore',
    procoreId: 7,
    recordId: 'vendor/7',
    target: 'Vendor 10442 Cobalt Mechanical LLC',
    resource: 'vendor',
    rows: [{ key: KEY, procoreId: 7, fields: { city: 'Tacoma', phone: '1' } }],
    changes: [
      { field: 'city', label: 'City', old: 'Seattle', new: 'Tacoma' },
      { field: 'phone', label: 'Phone', old: '2065550134', new: '1' },
    ],
  });
});

test('an emptied field is a change to nothing', () => {
  const [update] = plan([knownVendor(KEY, { email: null })], [link('linked')]).operations;
  expect(update?.changes).toEqual([{ field: 'email', label: 'E-mail', old: 'ap@cobalt.example', new: null }]);
});

test('there and back again makes two different operations', () => {
  const there = plan([knownVendor(KEY, moved)], [link('linked')]).operations[0];
  const back = plan([knownVendor(KEY)], [(there && linkMovedBy(there)) ?? link('linked')]).operations[0];
  expect(back?.changes.map(({ new: value }) => value)).toEqual(['Seattle', '2065550134']);
  expect(back?.operationKey).not.toBe(there?.operationKey);
  expect(back?.generation).toBe(5);
});

test('the same vendor twice on a page: the later reading counts', () => {
  const result = plan([knownVendor(KEY, { phone: 'old' }), knownVendor(KEY, { phone: 'new' })]);
  expect(result.operations).toHaveLength(1);
  expect(result.operations[0]).toMatchObject({ record: { fields: { phone: 'new' } } });
});

test('a vendor without name is left out with the reason; the others go on', () => {
  const result = plan([knownVendor('1|1', { name: '  ' }), knownVendor('1|2')]);
  expect(result.leftOut).toEqual([
    { recordId: 'vendor/erp:1|1', erpKey: '1|1', reason: 'The vendor has no name in the ERP.' },
  ]);
  expect(result.operations.map(({ erpKey, seq }) => [erpKey, seq])).toEqual([['1|2', 1]]);
});

test('another contact in the ERP is no news for Procore', () => {
  const [staged] = plan([knownVendor(KEY)]).operations;
  const link = staged && linkMovedBy(staged);
  if (!link) throw new Error('the vendor was not staged');
  const known = { ...link, state: 'linked' as const, procoreId: 7 };
  expect(plan([knownVendor(KEY, { contactName: 'Ben Hsu' })], [known])).toMatchObject({
    operations: [],
    unchanged: 1,
  });
  const both = plan([knownVendor(KEY, { contactName: 'Ben Hsu', city: 'Tacoma' })], [known]);
  expect(both.operations.map((operation) => rowsOf(operation)[0]?.fields)).toEqual([{ city: 'Tacoma' }]);
});

test('an empty page is an empty plan', () => {
  expect(plan([])).toMatchObject({ subject: '0 of 0 ERP vendors', operations: [], unchanged: 0 });
});

test('the origin id carries the type', () => {
  expect(originIdOf('vendor', '1|10442')).toBe('vendor|1|10442');
});

describe('for any history of one vendor', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('change' as const),
      field: fc.constantFrom('phone', 'city', 'email'),
      value: fc.option(fc.constantFrom('a', 'b'), { nil: null }),
    }),
    fc.record({ kind: fc.constant('active' as const), value: fc.boolean() }),
    fc.constant({ kind: 'sync' as const }),
    fc.constant({ kind: 'import' as const }),
    fc.constant({ kind: 'unlink' as const }),
  );

  const shownFields = Object.entries(definitionOf('vendor').fields)
    .filter(([, { erpOnly, madeByProcore }]) => erpOnly !== true && madeByProcore !== true)
    .map(([field]) => field);

  test('Procore ends where the ERP is, a second run does nothing, generations only grow, and the shadow is what Procore holds', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let erp: Fields = VENDOR;
        let current = null as RecordLink | null;
        /** What Procore shows: the staged data, or the fields of the company. */
        let shown: Record<string, FieldValue> = {};
        const sync = (): Plan => {
          const known = knownVendor(KEY, erp);
          const result = plan([known], current ? [current] : []);
          const [operation] = result.operations;
          const next = operation ? linkMovedBy(operation) : null;
          if (!operation || !next) return result;
          expect(next.generation).toBeGreaterThan(current?.generation ?? 0);
          shown =
            operation.action === 'update'
              ? { ...shown, ...rowsOf(operation)[0]?.fields }
              : { ...known.record.fields };
          if (operation.action === 'update')
            expect(rowsOf(operation)[0]?.fields).toEqual(
              Object.fromEntries(operation.changes.map(({ field, new: value }) => [field, value])),
            );
          current = next;
          return result;
        };
        const letGo = (): void => {
          const before = current;
          if (before?.state === 'linked')
            current = { ...before, state: 'unlinked', generation: before.generation + 1 };
        };
        for (const one of steps) {
          switch (one.kind) {
            case 'change':
              erp = { ...erp, [one.field]: one.value };
              break;
            case 'active':
              erp = { ...erp, isActive: one.value };
              break;
            case 'sync':
              sync();
              expect(sync().operations).toEqual([]);
              break;
            case 'import': {
              const before = current;
              if (before?.state === 'staged')
                current = { ...before, state: 'linked', procoreId: 7, generation: before.generation + 1 };
              break;
            }
            case 'unlink':
              letGo();
          }
        }
        sync();
        const last = current;
        if (last?.state !== 'linked' && last?.state !== 'staged') return;
        for (const field of shownFields) {
          expect(shown[field] ?? null).toEqual(erp[field]);
          expect(last.procore?.fields[field] ?? null).toEqual(erp[field]);
        }
        // Procore was never told of it.
        expect(last.procore?.fields).not.toHaveProperty('contactName');
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  ['1|' + '9'.repeat(200), /has 202 characters, and 109 are the most/],
  ['1|10443 ', /ends with a blank/],
])('a key that our store cannot hold leaves its record out, and no other: %s', (key, says) => {
  const { operations, leftOut } = plan([knownVendor(key, {}), knownVendor(KEY, {})]);
  expect(operations.map(({ erpKey }) => erpKey)).toEqual([KEY]);
  expect(leftOut).toHaveLength(1);
  expect(leftOut[0]).toMatchObject({ erpKey: null });
  expect(leftOut[0]?.recordId).toMatch(/^vendor\/erp:.{1,100}$/);
  expect(leftOut[0]?.reason).toMatch(says);
});

test('two keys that are too long and begin alike are two records', () => {
  const known = ['A', 'B'].map((end) => knownVendor(`1|${'9'.repeat(200)}${end}`, {}));
  const { leftOut } = plan(known);
  expect(new Set(leftOut.map(({ recordId }) => recordId)).size).toBe(2);
});
