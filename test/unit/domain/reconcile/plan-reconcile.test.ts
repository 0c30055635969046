/** How two sides of a page come together: the rows of the truth table about records, as data, and what holds of every plan. */
import fc from 'fast-check';
import { originIdOf } from '../../../../src/domain/base/identity';
import type { KnownRecord, Fields, FieldValue } from '../../../../src/domain/kinds/record';
import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import type { Operation } from '../../../../src/domain/plan/operation';
import { isErpWrite, linkOf } from '../../../../src/domain/plan/operation';
import type { Plan } from '../../../../src/domain/plan/plan';
import type { ReconcileInput } from '../../../../src/domain/plan/reconcile';
import { planReconcile, procoreRevisionOf } from '../../../../src/domain/plan/reconcile';
import { syncRevisionOf } from '../../../../src/domain/plan/sync';
import { comparedFields } from '../../../../src/domain/reconcile/merge-record';
import { pairKey } from '../../../../src/domain/reconcile/match/rejections';
import type { Owner } from '../../../../src/domain/reconcile/ownership';
import { OWNERS } from '../../../../src/domain/reconcile/ownership';
import type { SideRecord } from '../../../../src/domain/reconcile/side-record';

const KEY = '1|10442';
const BASE: Fields = {
  code: '10442',
  name: 'Cobalt Mechanical',
  phone: '555-0100',
  city: 'Seattle',
  email: null,
  isActive: true,
};

/** The ERP keeps cities in capitals, and phones of ten characters at most. */
const column = { maxLength: 60, unit: 'characters', charset: null, required: false } as const;
const COLUMNS = {
  fields: {
    code: column,
    name: column,
    phone: { ...column, maxLength: 10 },
    city: { ...column, upperCase: true as const },
    email: column,
  },
  lines: {},
};

const inErp = (fields: Fields = {}, key = KEY): KnownRecord => ({
  key,
  record: { fields: { ...BASE, ...fields }, lines: [] },
  state: fields['isActive'] === false ? 'inactive' : 'active',
});
const inProcore = (
  fields: Fields = {},
  key = '7001',
  originId: string | null = originIdOf('vendor', KEY),
): SideRecord => ({
  kind: 'vendor',
  side: 'procore',
  key,
  originId,
  record: { fields: { ...BASE, ...fields }, lines: [] },
  state: 'active',
  changedAt: null,
});
const link = (more: Partial<RecordLink> = {}): RecordLink => ({
  id: 'link-1',
  kind: 'vendor',
  erpKey: KEY,
  procoreId: 7001,
  state: 'linked',
  generation: 3,
  procore: { fields: BASE, lines: [] },
  erp: { fields: BASE, lines: [] },
  erpRevision: syncRevisionOf('vendor', inErp().record),
  procoreRevision: procoreRevisionOf(inProcore()),
  ...more,
});
const plan = (input: Partial<ReconcileInput>, owner: Owner = 'ask'): Plan =>
  planReconcile({
    connectionId: 'acme',
    kind: 'vendor',
    erp: [],
    procore: [],
    from: 'erp',
    links: [],
    adoptable: [],
    apart: new Set(),
    held: new Map(),
    open: new Set(),
    decisions: new Map(),
    costTypes: [],
    rules: {
      ownership: { vendor: { all: owner } },
      columns: COLUMNS,
      procoreTakes: comparedFields('vendor'),
      skewMs: 60_000,
    },
    listId: null,
    ...input,
  });

interface Row {
  readonly row: string;
  readonly input: Partial<ReconcileInput>;
  /** `side action` of each operation. */
  readonly does: readonly string[];
  readonly leavesOut?: RegExp;
  readonly conflicts?: readonly string[];
}

const ROWS: readonly Row[] = [
  { row: 'R1 new in the ERP', input: { erp: [inErp()] }, does: ['procore stage'] },
  { row: 'R1 new in the ERP and inactive', input: { erp: [inErp({ isActive: false })] }, does: [] },
  {
    row: 'R1 new in the ERP while a suggestion is open',
    input: { erp: [inErp()], held: new Map([[KEY, 'It may be vendor/7002.']]) },
    does: [],
    leavesOut: /It may be vendor\/7002/,
  },
  {
    row: 'R2 both carry one identity, equal: F9',
    input: { erp: [inErp()], adoptable: [inProcore()] },
    does: ['tieback link'],
  },
  {
    row: 'R2 the same, found in Procore first',
    input: { from: 'procore', erp: [inErp()], procore: [inProcore()] },
    does: ['tieback link'],
  },
  {
    row: 'R2 one is empty: F10 fills it',
    input: { erp: [inErp()], adoptable: [inProcore({ email: 'ap@cobalt.example', phone: null })] },
    does: ['erp update', 'procore update'],
  },
  {
    row: 'R2 unequal: F11 asks',
    input: { erp: [inErp()], adoptable: [inProcore({ phone: '555-0199' })] },
    does: ['tieback link'],
    conflicts: ['phone'],
  },
  {
    row: 'R3 gone in the ERP, Procore has not moved',
    input: { from: 'procore', procore: [inProcore()], links: [link()] },
    does: [],
  },
  {
    row: 'R4 gone in the ERP, Procore moved',
    input: { from: 'procore', procore: [inProcore({ city: 'Tacoma' })], links: [link()] },
    does: [],
    leavesOut: /changed in Procore and is not in the ERP any more/,
  },
  { row: 'R3 gone in Procore, the ERP has not moved', input: { erp: [inErp()], links: [link()] }, does: [] },
  {
    row: 'R4 gone in Procore, the ERP moved',
    input: { erp: [inErp({ city: 'Tacoma' })], links: [link()] },
    does: [],
    leavesOut: /changed in the ERP and is not in Procore any more/,
  },
  { row: 'R5 gone on both sides', input: { links: [link()] }, does: [] },
  {
    row: 'R5 the same, and both had moved before',
    input: { from: 'procore', links: [link({ erpRevision: null, procoreRevision: null })] },
    does: [],
  },
  {
    row: 'R6 a page that does not have it says nothing of it',
    input: {
      erp: [inErp({}, '1|10443')],
      links: [link(), link({ id: 'link-2', erpKey: '1|10443', procoreId: 7002 })],
    },
    does: [],
  },
  {
    row: 'R6 nobody could read it in Procore, and the ERP has not moved',
    input: { erp: [inErp()], procore: [], links: [link({ procoreRevision: null })] },
    does: [],
  },
  {
    row: 'R7 archived, and active again',
    input: { erp: [inErp()], links: [link({ state: 'archived', procoreId: null, procore: null })] },
    does: ['procore stage'],
  },
  {
    row: 'R7 unlinked, and there again with its identity',
    input: { erp: [inErp()], adoptable: [inProcore()], links: [link({ state: 'unlinked' })] },
    does: ['tieback link'],
  },
  {
    row: 'R7 the same, and a person said that they are two: neither tied again nor made',
    input: {
      erp: [inErp({ city: 'Tacoma' })],
      adoptable: [inProcore()],
      links: [link({ state: 'unlinked' })],
      apart: new Set([pairKey(KEY, 7001)]),
    },
    does: [],
    leavesOut:
      /were said to be two, and vendor\/7001 carries its origin_id.*links link vendor "1\|10442" 7001/,
  },
  {
    row: 'R7 the same, told by Procore',
    input: {
      from: 'procore',
      erp: [inErp()],
      procore: [inProcore()],
      links: [link({ state: 'unlinked' })],
      apart: new Set([pairKey(KEY, 7001)]),
    },
    does: [],
    leavesOut: /were said to be two/,
  },
  {
    row: 'R7 it was linked to another one since: that is settled',
    input: {
      from: 'procore',
      erp: [inErp()],
      procore: [inProcore()],
      links: [link({ procoreId: 7002 })],
      apart: new Set([pairKey(KEY, 7001)]),
    },
    does: [],
  },
  {
    row: 'R9 two claim one, and a person said of the first that it is not: the second is',
    input: {
      erp: [inErp()],
      adoptable: [inProcore(), inProcore({}, '7002')],
      apart: new Set([pairKey(KEY, 7001)]),
    },
    does: ['tieback link'],
  },
  {
    row: 'merged into another record: nothing follows',
    input: { erp: [inErp({ city: 'Tacoma' })], links: [link({ state: 'merged' })] },
    does: [],
  },
  {
    row: 'R9 two of Procore claim one of the ERP',
    input: { erp: [inErp()], adoptable: [inProcore(), inProcore({}, '7002')] },
    does: [],
    leavesOut: /claimed by several records of Procore \(vendor\/7001, vendor\/7002\)/,
  },
  {
    row: 'R9 another of Procore claims one that is linked',
    input: { from: 'procore', erp: [inErp()], procore: [inProcore({}, '7002')], links: [link()] },
    does: [],
    leavesOut: /claimed by several records of Procore \(vendor\/7001, vendor\/7002\)/,
  },
  {
    row: 'R9 the same, told by the ERP: the link stays where it is',
    input: {
      erp: [inErp({ city: 'Tacoma' })],
      procore: [inProcore()],
      adoptable: [inProcore({}, '7002')],
      links: [link()],
    },
    does: ['procore update'],
  },
  {
    row: 'R10 what we wrote to Procore arrived, and nobody was told: it is settled, and not written again',
    input: { erp: [inErp({ city: 'Tacoma' })], procore: [inProcore({ city: 'Tacoma' })], links: [link()] },
    does: ['tieback settle'],
  },
  {
    row: 'R10 the same in the ERP, which keeps it in its own way',
    input: {
      from: 'procore',
      erp: [inErp({ city: 'TACOMA' })],
      procore: [inProcore({ city: 'Tacoma' })],
      links: [link()],
    },
    does: ['tieback settle'],
  },
  {
    row: 'R10 it arrived, and somebody typed over it since: an edit, and no conflict',
    input: {
      from: 'procore',
      erp: [inErp({ city: 'Tacoma' })],
      procore: [inProcore({ city: 'Yakima' })],
      links: [
        link({
          procore: { fields: { ...BASE, city: 'Tacoma' }, lines: [] },
          erp: { fields: { ...BASE, city: 'Tacoma' }, lines: [] },
        }),
      ],
    },
    does: ['erp update', 'tieback settle'],
  },
];

const words = ({ side, action }: Operation): string => `${side} ${action}`;

test.each(ROWS)('$row', ({ input, does, leavesOut, conflicts = [] }) => {
  const { operations, leftOut, conflicts: open = [] } = plan(input);
  expect(operations.map(words)).toEqual(does);
  expect(leftOut.map(({ reason }) => reason)).toEqual(
    leavesOut === undefined ? [] : [expect.stringMatching(leavesOut)],
  );
  expect(open.map(({ field }) => field)).toEqual(conflicts);
});

test('R10 what did not arrive is planned under the same key when it is read again: whoever has it knows it', () => {
  const input = { erp: [inErp({ city: 'Tacoma' })], procore: [inProcore()], links: [link()] };
  const later = { ...input, procore: [{ ...inProcore(), changedAt: '2026-11-30T12:00:00.000Z' }] };
  expect(keys(plan(later))).toEqual(keys(plan(input)));
});

test('what differs and stays so is told in the plan', () => {
  const sides = { erp: inErp({ city: 'Tacoma' }), procore: inProcore({ city: 'Olympia' }) };
  const settled = link({ procore: sides.procore.record, erp: sides.erp.record, erpRevision: null });
  expect(plan({ erp: [sides.erp], procore: [sides.procore], links: [settled] }).notes).toEqual([
    '10442 Cobalt Mechanical: City is "Olympia" in Procore and "Tacoma" in the ERP, and stays so.',
  ]);
});

test('R7 what returns has its link of old, a generation on', () => {
  const { operations } = plan({
    erp: [inErp()],
    adoptable: [inProcore()],
    links: [link({ state: 'unlinked' })],
  });
  expect(operations.map(linkOf)).toMatchObject([
    { id: 'link-1', state: 'linked', generation: 4, procoreId: 7001 },
  ]);
});

// ---- laws ---------------------------------------------------------------------------------------

const FIELDS = ['phone', 'city', 'email'] as const;
const value = fc.constantFrom<FieldValue>('a', 'A', 'b', 'c', 'longer than ten', null, '');
const values = fc.record({ phone: value, city: value, email: value });

/** One record as both sides hold it, and as both held it when they agreed last; null: never. */
interface Both {
  readonly procore: Fields;
  readonly erp: Fields;
  readonly shadows: { readonly procore: Fields; readonly erp: Fields } | null;
}
const both: fc.Arbitrary<Both> = fc.record({
  procore: values,
  erp: values,
  shadows: fc.option(fc.record({ procore: values, erp: values }), { freq: 5 }),
});
const some = fc.array(both, { minLength: 1, maxLength: 5 });
const owner = fc.constantFrom(...OWNERS);
const from = fc.constantFrom('erp' as const, 'procore' as const);

const pageOf = (records: readonly Both[], side: ReconcileInput['from']): Partial<ReconcileInput> => ({
  from: side,
  erp: records.map(({ erp }, n) => inErp(erp, `1|${n}`)),
  procore: records.map(({ procore }, n) =>
    inProcore(procore, String(100 + n), originIdOf('vendor', `1|${n}`)),
  ),
  links: records.map(({ shadows }, n) =>
    link({
      id: `link-${n}`,
      erpKey: `1|${n}`,
      procoreId: 100 + n,
      procore: shadows && { fields: { ...BASE, ...shadows.procore }, lines: [] },
      erp: shadows && { fields: { ...BASE, ...shadows.erp }, lines: [] },
      erpRevision: null,
      procoreRevision: null,
    }),
  ),
});

/** The page after both sides took what they were told. */
function applied(input: Partial<ReconcileInput>, { operations }: Plan): Partial<ReconcileInput> {
  const writes = new Map<string, Fields>();
  for (const operation of operations) {
    if (isErpWrite(operation)) writes.set(`erp ${operation.erpKey ?? ''}`, operation.record.fields);
    else if ('rows' in operation)
      writes.set(`procore ${operation.procoreId ?? ''}`, operation.rows[0]?.fields ?? {});
  }
  const erp = (input.erp ?? []).map((one) => ({
    ...one,
    record: { ...one.record, fields: { ...one.record.fields, ...writes.get(`erp ${one.key}`) } },
  }));
  const procore = (input.procore ?? []).map((one) => ({
    ...one,
    record: { ...one.record, fields: { ...one.record.fields, ...writes.get(`procore ${one.key}`) } },
  }));
  const moved = new Map(
    operations.flatMap((operation) => {
      const next = linkOf(operation);
      return next === null ? [] : [[next.erpKey, next] as const];
    }),
  );
  const links = (input.links ?? []).map((one) => {
    const next = moved.get(one.erpKey) ?? one;
    const [here, there] = [
      erp.find(({ key }) => key === one.erpKey),
      procore.find(({ key }) => key === String(one.procoreId)),
    ];
    return {
      ...next,
      erpRevision: here === undefined ? null : syncRevisionOf('vendor', here.record),
      procoreRevision: there === undefined ? null : procoreRevisionOf(there),
    };
  });
  return { ...input, erp, procore, links };
}

const isEmpty = (one: FieldValue | undefined): boolean => one === null || one === undefined || one === '';
const keys = ({ operations }: Plan): readonly string[] =>
  operations.map(({ operationKey }) => operationKey).sort();

test('what is settled needs nothing', () => {
  fc.assert(
    fc.property(some, owner, from, (records, rule, side) => {
      const page = pageOf(records, side);
      const settled = applied(page, { ...plan({}), operations: [] });
      const known = (settled.links ?? []).filter(({ procore }) => procore !== null);
      expect(
        plan(
          {
            ...settled,
            links: known,
            erp: settled.erp?.filter(({ key }) => known.some(({ erpKey }) => erpKey === key)) ?? [],
            procore:
              settled.procore?.filter(({ key }) =>
                known.some(({ procoreId }) => String(procoreId) === key),
              ) ?? [],
          },
          rule,
        ).operations,
      ).toEqual([]);
    }),
  );
});

test('a plan that was carried out is not planned again, however it was told', () => {
  fc.assert(
    fc.property(some, owner, from, from, (records, rule, side, again) => {
      const page = pageOf(records, side);
      const after = applied(page, plan(page, rule));
      expect(plan({ ...after, from: again }, rule).operations).toEqual([]);
      // Not even where nobody remembers that it was settled.
      const forgotten = (after.links ?? []).map((one) => ({
        ...one,
        erpRevision: null,
        procoreRevision: null,
      }));
      const writes = plan({ ...after, links: forgotten }, rule).operations.filter(
        (one) => one.side !== 'tieback',
      );
      expect(writes).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('neither the order of records nor the size of pages nor the side that told of them matters', () => {
  fc.assert(
    fc.property(some, owner, (records, rule) => {
      const page = pageOf(records, 'erp');
      const whole = plan(page, rule);
      const turned = {
        ...page,
        erp: [...(page.erp ?? [])].reverse(),
        procore: [...(page.procore ?? [])].reverse(),
        links: [...(page.links ?? [])].reverse(),
      };
      expect(keys(plan(turned, rule))).toEqual(keys(whole));
      expect(keys(plan({ ...page, from: 'procore' }, rule))).toEqual(keys(whole));
      const alone = (page.erp ?? []).flatMap(
        (one, n) =>
          plan(
            {
              ...page,
              erp: [one],
              procore: page.procore?.slice(n, n + 1) ?? [],
              links: page.links?.slice(n, n + 1) ?? [],
            },
            rule,
          ).operations,
      );
      expect(alone.map(({ operationKey }) => operationKey).sort()).toEqual(keys(whole));
    }),
  );
});

test('what somebody entered is on one of the sides, or the plan says what it gives way to', () => {
  fc.assert(
    fc.property(both, owner, from, (record, rule, side) => {
      const page = pageOf([record], side);
      const made = plan(page, rule);
      const after = applied(page, made);
      const [erp, procore] = [after.erp?.[0]?.record.fields ?? {}, after.procore?.[0]?.record.fields ?? {}];
      for (const field of FIELDS)
        for (const name of ['erp', 'procore'] as const) {
          const now = record[name][field] ?? null;
          const isEdit =
            record.shadows !== null && now !== (record.shadows[name][field] ?? null) && !isEmpty(now);
          if (!isEdit && !(record.shadows === null && !isEmpty(now))) continue;
          const upper = String(now).toUpperCase();
          const isThere = [erp[field], procore[field]].some(
            (one) => typeof one === 'string' && one.toUpperCase() === upper,
          );
          const isTold = made.notes.some(
            (note) => note.includes(`"${String(now)}"`) && note.includes('gives way'),
          );
          expect({ field, name, now, ok: isThere || isTold }).toEqual({ field, name, now, ok: true });
        }
    }),
    { numRuns: 300 },
  );
});

test('a field that somebody emptied is never filled again from the other side by itself', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...FIELDS),
      fc.constantFrom('erp' as const, 'procore' as const),
      (field, name) => {
        const shadows = { procore: { [field]: 'a' }, erp: { [field]: field === 'city' ? 'A' : 'a' } };
        const record: Both = { procore: { ...shadows.procore }, erp: { ...shadows.erp }, shadows };
        const page = pageOf([{ ...record, [name]: { [field]: null } }], name);
        const after = applied(page, plan(page));
        expect(after.erp?.[0]?.record.fields[field] ?? null).toBeNull();
        expect(after.procore?.[0]?.record.fields[field] ?? null).toBeNull();
      },
    ),
  );
});

test('R8 a new key beside a linked record of the same name that is gone: a person is asked', () => {
  const known = { ...inErp({}, '1|20442'), formerly: { erpKey: KEY, procoreId: 7001 } };
  expect(plan({ erp: [known] })).toMatchObject({
    operations: [],
    leftOut: [
      {
        recordId: 'vendor/erp:1|20442',
        asks: true,
        reason: expect.stringMatching(/links rename vendor "1\|10442" "1\|20442"/) as string,
      },
    ],
  });
});

test.each<[string, Partial<RecordLink>, string | null, boolean]>([
  ['linked by hand, and Procore does not know', { procore: null, erp: null }, null, true],
  ['renamed: it carries the old key', { procore: null, erp: null }, 'vendor|1|99', true],
  ['of another integration', { procore: null, erp: null }, 'SAGE-77', false],
  ['told already', { procore: null, erp: null }, originIdOf('vendor', KEY), false],
  ['compared before: somebody unlinked it in Procore', {}, null, false],
])('origin_id, %s', (_when, more, originId, isTied) => {
  const input = { erp: [inErp()], procore: [inProcore({}, '7001', originId)], links: [link(more)] };
  const ties = plan(input).operations.flatMap((operation) => ('rows' in operation ? operation.rows : []));
  expect(ties).toEqual(
    isTied
      ? [{ key: KEY, procoreId: 7001, originId: originIdOf('vendor', KEY), ties: true, fields: {} }]
      : [],
  );
});
