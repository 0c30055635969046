import * as fc from 'fast-check';
import { revisionOf } from '../../../../src/domain/base/identity';
import type { Plan } from '../../../../src/domain/plan/plan';
import type { KnownVendor } from '../../../../src/domain/plan/vendor-export';
import {
  ERP_OWNED_VENDOR_FIELDS,
  planVendorSync,
  vendorOriginId,
} from '../../../../src/domain/plan/vendor-sync';
import type { LinkState, RecordLink } from '../../../../src/domain/kinds/record-link';
import { canBecome } from '../../../../src/domain/kinds/record-link';
import type { Vendor } from '../../../../src/domain/kinds/vendor';
import { known, vendorOf } from '../vendors';

const KEY = '1|10442';

const link = (
  state: LinkState,
  base: Vendor | null = vendorOf(),
  more: Partial<RecordLink<Vendor>> = {},
): RecordLink<Vendor> => ({
  entity: 'vendor',
  erpKey: KEY,
  procoreId: state === 'staged' || state === 'archived' ? null : 7,
  state,
  generation: 3,
  base,
  baseRevision: base === null ? null : revisionOf(base),
  ...more,
});

const plan = (records: readonly KnownVendor[], links: readonly RecordLink<Vendor>[] = []): Plan<Vendor> =>
  planVendorSync({ connectionId: 'acme', records, links });

const inactive = { isActive: false };
const moved = { phone: '1', city: 'Tacoma' };

test.each<[string, RecordLink<Vendor> | null, Partial<Vendor>, string | null]>([
  ['new and active', null, {}, 'stage'],
  ['new and inactive', null, inactive, null],
  ['staged, as before', link('staged'), {}, null],
  ['staged, changed', link('staged'), moved, 'stage'],
  ['staged, inactive now', link('staged'), inactive, 'archive'],
  ['archived, still inactive', link('archived', vendorOf(inactive)), inactive, null],
  ['archived, active again', link('archived', vendorOf(inactive)), {}, 'stage'],
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
  const result = plan([known(KEY, change)], current ? [current] : []);
  expect(result.operations.map((operation) => operation.action)).toEqual(action === null ? [] : [action]);
  expect(result.unchanged).toBe(action === null ? 1 : 0);
  for (const { generation, link: next } of result.operations) {
    expect(generation).toBe((current?.generation ?? 0) + 1);
    expect(next).toMatchObject({ erpKey: KEY, generation, base: vendorOf(change) });
    expect(canBecome(current?.state ?? 'none', next?.state ?? 'merged')).toBe(true);
  }
});

test('an update names the changed fields only, with old and new', () => {
  const [update] = plan([known(KEY, moved)], [link('linked')]).operations;
  expect(update).toMatchObject({
    side: 'procore',
    procoreId: 7,
    recordId: 'vendor/7',
    changes: [
      { field: 'city', label: 'City', old: 'Seattle', new: 'Tacoma' },
      { field: 'phone', label: 'Phone', old: '2065550134', new: '1' },
    ],
  });
});

test('an emptied field is a change to nothing', () => {
  const [update] = plan([known(KEY, { email: null })], [link('linked')]).operations;
  expect(update?.changes).toEqual([{ field: 'email', label: 'E-mail', old: 'ap@cobalt.example', new: null }]);
});

test('there and back again makes two different operations', () => {
  const there = plan([known(KEY, moved)], [link('linked')]).operations[0];
  const back = plan([known(KEY)], [there?.link ?? link('linked')]).operations[0];
  expect(back?.changes.map(({ new: value }) => value)).toEqual(['Seattle', '2065550134']);
  expect(back?.operationKey).not.toBe(there?.operationKey);
  expect(back?.generation).toBe(5);
});

test('the same vendor twice on a page: the later reading counts', () => {
  const result = plan([known(KEY, { phone: 'old' }), known(KEY, { phone: 'new' })]);
  expect(result.operations).toHaveLength(1);
  expect(result.operations[0]?.record?.phone).toBe('new');
});

test('a vendor without name is left out with the reason; the others go on', () => {
  const result = plan([known('1|1', { name: '  ' }), known('1|2')]);
  expect(result.leftOut).toEqual([
    { recordId: 'vendor/erp:1|1', erpKey: '1|1', reason: 'The vendor has no name in the ERP.' },
  ]);
  expect(result.operations.map(({ erpKey, seq }) => [erpKey, seq])).toEqual([['1|2', 1]]);
});

test('an empty page is an empty plan', () => {
  expect(plan([])).toMatchObject({ subject: '0 of 0 ERP vendors', operations: [], unchanged: 0 });
});

test('the origin id carries the type', () => {
  expect(vendorOriginId('1|10442')).toBe('vendor|1|10442');
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

  test('Procore ends where the ERP is, a second run does nothing, and generations only grow', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let erp = vendorOf();
        let current: RecordLink<Vendor> | null = null;
        /** What Procore shows: the staged data, or the fields of the company. */
        let shown: Partial<Record<string, string | boolean | null>> = {};
        const sync = (): Plan<Vendor> => {
          const result = plan([{ key: KEY, vendor: erp }], current ? [current] : []);
          const [operation] = result.operations;
          if (!operation?.link) return result;
          expect(operation.link.generation).toBeGreaterThan(current?.generation ?? 0);
          const sent = Object.fromEntries(operation.changes.map(({ field, new: value }) => [field, value]));
          shown = operation.action === 'update' ? { ...shown, ...sent } : { ...operation.record };
          current = operation.link;
          return result;
        };
        for (const one of steps) {
          if (one.kind === 'change') erp = { ...erp, [one.field]: one.value };
          else if (one.kind === 'active') erp = { ...erp, isActive: one.value };
          else if (one.kind === 'sync') {
            sync();
            expect(sync().operations).toEqual([]);
          } else if (one.kind === 'import' && current !== null) {
            const link: RecordLink<Vendor> = current;
            if (link.state === 'staged')
              current = { ...link, state: 'linked', procoreId: 7, generation: link.generation + 1 };
          } else if (one.kind === 'unlink' && current !== null) {
            const link: RecordLink<Vendor> = current;
            if (link.state === 'linked')
              current = {
                ...link,
                state: 'unlinked',
                base: null,
                baseRevision: null,
                generation: link.generation + 1,
              };
          }
        }
        sync();
        const last = current;
        if (last?.state !== 'linked' && last?.state !== 'staged') return;
        for (const field of ERP_OWNED_VENDOR_FIELDS) expect(shown[field] ?? null).toEqual(erp[field]);
      }),
      { numRuns: 300 },
    );
  });
});
