import type { Vendor } from '../../../../src/domain/kinds/vendor';
import * as fc from 'fast-check';
import type { Plan } from '../../../../src/domain/plan/plan';
import type { VendorLinksInput } from '../../../../src/domain/plan/vendor-links';
import { planVendorLinks } from '../../../../src/domain/plan/vendor-links';
import type { LinkState, RecordLink } from '../../../../src/domain/kinds/record-link';
import { canBecome } from '../../../../src/domain/kinds/record-link';
import { vendorOf } from '../vendors';

type Intent = VendorLinksInput['intent'];

const link = (erpKey: string, procoreId: number | null, state: LinkState = 'linked'): RecordLink<Vendor> => ({
  entity: 'vendor',
  erpKey,
  procoreId,
  state,
  generation: 2,
  base: vendorOf(),
  baseRevision: 'r',
});

const plan = (intent: Intent, links: readonly RecordLink<Vendor>[] = []): Plan<Vendor> =>
  planVendorLinks({ connectionId: 'acme', intent, links });

/** Does what the plan says, as the store would: in order, generations forward only. */
function follow(links: readonly RecordLink<Vendor>[], { operations }: Plan<Vendor>): RecordLink<Vendor>[] {
  const all = new Map(links.map((one) => [one.erpKey, one]));
  for (const { link: next } of operations) {
    if (!next) throw new Error('every operation carries its link');
    const current = all.get(next.erpKey);
    expect(next.generation).toBe((current?.generation ?? 0) + 1);
    expect(canBecome(current?.state ?? 'none', next.state)).toBe(true);
    all.set(next.erpKey, next);
  }
  return [...all.values()];
}

const short = (links: readonly RecordLink<Vendor>[]): string[] =>
  links.map(({ erpKey, procoreId, state }) => `${erpKey} ${state} ${procoreId}`).sort();

const linked = (how: 'imported' | 'linked', ...pairs: [number, string][]): Intent => ({
  kind: 'vendors_linked',
  how,
  vendors: pairs.map(([procoreId, originId]) => ({ procoreId, originId })),
});
const merged = (master: [number, string | null], ...sources: [number, string | null][]): Intent => ({
  kind: 'vendors_merged',
  master: { procoreId: master[0], originId: master[1] },
  sources: sources.map(([procoreId, originId]) => ({ procoreId, originId })),
});
const unlinked = (procoreId: number): Intent => ({
  kind: 'vendor_unlinked',
  vendor: { procoreId, originId: null },
});

const A = '1|1';
const B = '1|2';
const vendor = (key: string): string => `vendor|${key}`;

test.each<[string, Intent, RecordLink<Vendor>[], string[]]>([
  [
    'import of a staged one',
    linked('imported', [7, vendor(A)]),
    [link(A, null, 'staged')],
    [`${A} linked 7`],
  ],
  ['import of one we never saw', linked('imported', [7, vendor(A)]), [], [`${A} linked 7`]],
  [
    'link of an archived one',
    linked('linked', [7, vendor(A)]),
    [link(A, null, 'archived')],
    [`${A} linked 7`],
  ],
  ['link of a merged one', linked('linked', [7, vendor(A)]), [link(A, 5, 'merged')], [`${A} linked 7`]],
  ['link of one that another company had', linked('linked', [7, vendor(A)]), [link(A, 5)], [`${A} linked 7`]],
  [
    'link to another ERP vendor',
    linked('linked', [7, vendor(B)]),
    [link(A, 7)],
    [`${A} unlinked 7`, `${B} linked 7`],
  ],
  ['origin id without type', linked('linked', [7, A]), [], [`${A} linked 7`]],
  [
    'one company twice',
    linked('linked', [7, vendor(A)], [7, vendor(B)]),
    [],
    [`${A} unlinked 7`, `${B} linked 7`],
  ],
  ['one ERP vendor twice', linked('linked', [7, vendor(A)], [8, vendor(A)]), [], [`${A} linked 8`]],
  [
    'handed on',
    linked('linked', [7, vendor(B)], [8, vendor(A)]),
    [link(A, 7)],
    [`${A} linked 8`, `${B} linked 7`],
  ],
  [
    'merge, both linked',
    merged([7, null], [8, null]),
    [link(A, 7), link(B, 8)],
    [`${A} linked 7`, `${B} merged 8`],
  ],
  ['merge, only the source linked', merged([7, null], [8, null]), [link(B, 8)], [`${B} linked 7`]],
  ['merge, only the master linked', merged([7, null], [8, null]), [link(A, 7)], [`${A} linked 7`]],
  [
    'merge, the master known by origin id',
    merged([7, vendor(A)], [8, null]),
    [link(B, 8)],
    [`${A} linked 7`, `${B} merged 8`],
  ],
  ['merge, one origin id', merged([7, vendor(B)], [8, vendor(B)]), [link(B, 8)], [`${B} linked 7`]],
  [
    'merge, a source twice',
    merged([7, null], [8, null], [8, null]),
    [link(A, 7), link(B, 8)],
    [`${A} linked 7`, `${B} merged 8`],
  ],
  ['merge into itself', merged([7, null], [7, null]), [link(A, 7)], [`${A} linked 7`]],
  ['merge of nothing', merged([7, null]), [link(A, 7)], [`${A} linked 7`]],
  ['unlink', unlinked(7), [link(A, 7)], [`${A} unlinked 7`]],
  ['unlink of what is unlinked', unlinked(7), [link(A, 7, 'unlinked')], [`${A} unlinked 7`]],
])('%s', (_name, intent, links, after) => {
  const result = plan(intent, links);
  const next = follow(links, result);
  expect(short(next)).toEqual([...after].sort());
  const keys = result.operations.map(({ operationKey }) => operationKey);
  expect(new Set(keys).size).toBe(keys.length);
  expect(result.operations.map(({ seq }) => seq)).toEqual(keys.map((_, index) => index + 1));
  expect(result.operations.every(({ side }) => side === 'tieback')).toBe(true);
});

test('an import keeps the staged data as base; a link was never compared', () => {
  const staged = [link(A, null, 'staged')];
  expect(plan(linked('imported', [7, vendor(A)]), staged).operations[0]?.link).toMatchObject({
    base: vendorOf(),
    baseRevision: 'r',
  });
  expect(plan(linked('linked', [7, vendor(A)]), staged).operations[0]?.link).toMatchObject({
    base: null,
    baseRevision: null,
  });
});

test('what was never ours is left out with the reason', () => {
  const result = plan(linked('linked', [7, 'other-system-7'], [8, vendor(A)]));
  expect(result.leftOut).toEqual([
    {
      recordId: 'vendor/7',
      erpKey: null,
      reason: expect.stringMatching(/"other-system-7" is not one of ours/) as string,
    },
  ]);
  expect(result.operations).toHaveLength(1);
});

test('the subject says what happened', () => {
  expect(plan(linked('imported', [7, vendor(A)])).subject).toBe('company 7 imported');
  expect(plan(linked('linked', [7, vendor(A)], [8, vendor(B)])).subject).toBe('2 companies linked');
  expect(plan(merged([7, null], [8, null])).subject).toBe('1 companies merged into 7');
  expect(plan(unlinked(7)).subject).toBe('company 7 unlinked');
});

// ---- against a naive model ----------------------------------------------------------------------

/** Who is tied to whom, kept in the simplest way there is. */
class Model {
  /** ERP key → Procore id. */
  readonly ties = new Map<string, number>();

  private keyOf(procoreId: number): string | undefined {
    return [...this.ties].find(([, id]) => id === procoreId)?.[0];
  }

  apply(intent: Intent): void {
    if (intent.kind === 'vendor_unlinked') this.drop(intent.vendor.procoreId);
    else if (intent.kind === 'vendors_linked')
      for (const { procoreId, originId } of intent.vendors) this.tie(procoreId, originId);
    else {
      const { master, sources } = intent;
      if (this.keyOf(master.procoreId) === undefined && master.originId !== null)
        this.tie(master.procoreId, master.originId);
      for (const { procoreId } of sources) {
        const key = this.keyOf(procoreId);
        if (key === undefined || procoreId === master.procoreId) continue;
        if (this.keyOf(master.procoreId) === undefined) this.ties.set(key, master.procoreId);
        else this.ties.delete(key);
      }
    }
  }

  private tie(procoreId: number, originId: string): void {
    if (!originId.startsWith('vendor|')) return;
    this.drop(procoreId);
    this.ties.set(originId.slice('vendor|'.length), procoreId);
  }

  private drop(procoreId: number): void {
    const key = this.keyOf(procoreId);
    if (key !== undefined) this.ties.delete(key);
  }
}

const id = fc.integer({ min: 1, max: 5 });
const originId = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }).map((number) => vendor(`1|${number}`)) },
  { weight: 1, arbitrary: fc.constant('other-system-7') },
);
const ref = fc.tuple(id, fc.option(originId, { nil: null }));
const anyIntent: fc.Arbitrary<Intent> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('imported' as const, 'linked' as const),
      fc.array(fc.tuple(id, originId), { maxLength: 4 }),
    )
    .map(([how, pairs]) => linked(how, ...pairs)),
  fc.tuple(ref, fc.array(ref, { maxLength: 3 })).map(([master, sources]) => merged(master, ...sources)),
  id.map(unlinked),
);

/** Only what the notice names is read, as in the store. */
function seenBy(intent: Intent, links: readonly RecordLink<Vendor>[]): RecordLink<Vendor>[] {
  const text = JSON.stringify(intent);
  return links.filter(
    ({ erpKey, procoreId }) =>
      text.includes(`"vendor|${erpKey}"`) || text.includes(`"procoreId":${procoreId}`),
  );
}

test('any sequence: one company per ERP vendor, one ERP vendor per company, generations only grow, as the model says', () => {
  fc.assert(
    fc.property(fc.array(anyIntent, { maxLength: 15 }), (intents) => {
      const model = new Model();
      let links: RecordLink<Vendor>[] = [];
      for (const intent of intents) {
        const before = seenBy(intent, links);
        const result = plan(intent, before);
        const after = follow(before, result);
        const untouched = links.filter(({ erpKey }) => !after.some((one) => one.erpKey === erpKey));
        links = [...untouched, ...after];
        model.apply(intent);

        const ties = links.filter(({ state }) => state === 'linked');
        expect(new Set(ties.map(({ procoreId }) => procoreId)).size).toBe(ties.length);
        expect(new Set(links.map(({ erpKey }) => erpKey)).size).toBe(links.length);
        expect(short(ties)).toEqual(
          [...model.ties].map(([key, procoreId]) => `${key} linked ${procoreId}`).sort(),
        );
        const keys = result.operations.map(({ operationKey }) => operationKey);
        expect(new Set(keys).size).toBe(keys.length);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a notice about single records that comes twice changes nothing the second time', () => {
  const single = fc.oneof(
    fc.tuple(id, originId).map((pair) => linked('linked', pair)),
    fc.tuple(ref, ref).map(([master, source]) => merged(master, source)),
    id.map(unlinked),
  );
  fc.assert(
    fc.property(fc.array(anyIntent, { maxLength: 8 }), single, (history, intent) => {
      let links: RecordLink<Vendor>[] = [];
      for (const one of [...history, intent]) links = follow(links, plan(one, links));
      // A merge without a link to hand on, whose master appears by origin id only, ties it once; then it stands.
      expect(plan(intent, links).operations).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
