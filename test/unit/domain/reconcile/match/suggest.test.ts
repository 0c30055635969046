import fc from 'fast-check';
import type { Fields } from '../../../../../src/domain/kinds/record';
import type { MatchInput, Suggestion } from '../../../../../src/domain/reconcile/match';
import {
  candidatesOf,
  matchRevision,
  suggest,
  suggestBetween,
} from '../../../../../src/domain/reconcile/match';
import type { Surroundings } from '../../../../../src/domain/reconcile/match/evidence';
import { cluesOf } from '../../../../../src/domain/reconcile/match/evidence';
import { rarityOf, wordCountsOf } from '../../../../../src/domain/reconcile/match/rarity';
import type { Traits } from '../../../../../src/domain/reconcile/match/traits';
import { sharedIn, sharedName, traitsOf } from '../../../../../src/domain/reconcile/match/traits';
import type { SideName, SideRecord } from '../../../../../src/domain/reconcile/side-record';
import { sideOf, strangers } from './vendors';

type Given = Fields & { readonly tax?: string };
interface Example {
  readonly erp: Given;
  readonly procore: Given;
  /** Evidence less the 12 bits of 4,000 candidates. */
  readonly bits: number;
  readonly verdict: 'match' | 'ask' | null;
}

const PHONE = '(206) 555-0134';
const SWITCHBOARD = '(206) 555-0100';
const PLACE = { address: '1200 1st Ave S', postalCode: '98134' };
const SAME_PLACE = { address: '1200 First Avenue South', postalCode: '98134-2211' };

const EXAMPLES: readonly Example[] = [
  {
    erp: { name: 'COBALT MECHANICAL LLC', tax: 'a' },
    procore: { name: 'Cobalt Mechanical, L.L.C.', tax: 'a' },
    bits: 5,
    verdict: 'match',
  },
  {
    erp: { name: 'Kowalski and Son Plumbing Co', phone: PHONE, postalCode: '98004' },
    procore: { name: 'Kowalski & Sons Plumbing', phone: '206-555-0134 x2', postalCode: '98004' },
    bits: 3,
    verdict: 'match',
  },
  {
    erp: { name: 'Clearview Glass', tax: 'b' },
    procore: { name: 'Rasmussen Glass dba Clearview', tax: 'b' },
    bits: 5,
    verdict: 'match',
  },
  { erp: { name: 'Delta Drywall Inc.' }, procore: { name: 'Delta Dry-wall Inc' }, bits: -3, verdict: 'ask' },
  {
    erp: { name: 'Trujillo Excavating', ...PLACE },
    procore: { name: 'Trujilo Excavating', ...SAME_PLACE },
    bits: 0,
    verdict: 'ask',
  },
  {
    erp: { name: 'HLE Power', address: 'PO Box 44', postalCode: '98225', tax: 'c' },
    procore: { name: 'Harborline Electric', address: 'P.O. Box 44', postalCode: '98225', tax: 'c' },
    bits: 0,
    verdict: 'ask',
  },
  {
    erp: { name: 'Kowalski Paving', phone: '4255550177', address: '9 Elm St', postalCode: '98052', tax: 'd' },
    procore: {
      name: 'Kowalski Concrete',
      phone: '425.555.0177',
      address: '9 Elm Street',
      postalCode: '98052',
      tax: 'e',
    },
    bits: -4,
    verdict: 'ask',
  },
  {
    erp: { name: 'Apex Electric Inc', stateCode: 'FL' },
    procore: { name: 'Apex Electric LLC', stateCode: 'WA' },
    bits: -8,
    verdict: 'ask',
  },
  {
    erp: { name: 'United Rentals', tax: 'shared' },
    procore: { name: 'United Rentals (Branch 44)', tax: 'shared' },
    bits: -1,
    verdict: 'ask',
  },
  {
    erp: { name: 'Summit Electric Supply', stateCode: 'NM', tax: 'f' },
    procore: { name: 'Summit Electric', stateCode: 'WA', tax: 'g' },
    bits: -22,
    verdict: null,
  },
  {
    erp: { name: 'ABC Rentals', phone: SWITCHBOARD },
    procore: { name: 'ABC Supply', phone: SWITCHBOARD },
    bits: -6,
    verdict: null,
  },
  {
    erp: { name: 'Larkspur Civil', code: '0010442' },
    procore: { name: 'Beacon Electric', code: '10442' },
    bits: -10,
    verdict: null,
  },
];

const recordAt = (side: SideName, at: number): SideRecord => {
  return sideOf(side, side === 'erp' ? `1|${at}` : String(9000 + at), EXAMPLES[at]?.[side] ?? {});
};
const named = EXAMPLES.map((example, at): [string, Example, number] => [
  `${String(example.procore['name'])} / ${String(example.erp['name'])}`,
  example,
  at,
]);

describe('among 4,000 vendors', () => {
  const filled = (side: SideName): readonly SideRecord[] => [
    ...EXAMPLES.map((_, at) => recordAt(side, at)),
    sideOf(side, side === 'erp' ? '1|999' : '9999', { name: `Office of the ${side}`, phone: SWITCHBOARD }),
    ...strangers(side, 4000 - EXAMPLES.length - 1),
  ];
  const population = { erp: filled('erp'), procore: filled('procore') };
  const hashes = (side: SideName): ReadonlyMap<string, string> =>
    new Map([
      ...EXAMPLES.flatMap((example, at): [string, string][] =>
        example[side].tax === undefined ? [] : [[recordAt(side, at).key, example[side].tax]],
      ),
      [side === 'erp' ? '1|999' : '9999', 'shared'],
    ]);
  const taxHashes = { erp: hashes('erp'), procore: hashes('procore') };
  const unpaired = {
    erp: population.erp.slice(0, EXAMPLES.length),
    procore: population.procore.slice(0, EXAMPLES.length),
  };
  let found: readonly Suggestion[] = [];
  let erp: readonly Traits[] = [];
  let procore: readonly Traits[] = [];
  beforeAll(() => {
    found = suggest({ kind: 'vendor', unpaired, population, rejected: [], taxHashes });
    const traitsIn = (side: SideName): readonly Traits[] =>
      population[side].map((record) => traitsOf(record, taxHashes[side].get(record.key) ?? null));
    [erp, procore] = [traitsIn('erp'), traitsIn('procore')];
  });

  test.each(named)('%s', (_name, { bits, verdict }, at) => {
    const suggestion = found.find(({ erpKey, procoreId }) => erpKey === `1|${at}` && procoreId === 9000 + at);
    expect(suggestion?.verdict ?? null).toBe(verdict);
    const [one, other] = [erp[at], procore[at]];
    if (one === undefined || other === undefined) throw new Error('no such example');
    const rarity = rarityOf(erp.length + procore.length, [wordCountsOf(erp), wordCountsOf(procore)]);
    const shared = [sharedIn(erp), sharedIn(procore)];
    const isShared: Surroundings['isShared'] = (trait, value) =>
      shared.some((side) => side.has(sharedName(trait, value)));
    const surroundings = { rarity, isShared, asksForNumber: false };
    expect(cluesOf(one, other, surroundings).reduce((sum, clue) => sum + clue.bits, 0)).toBe(bits + 12);
    if (suggestion) expect(suggestion.bits).toBeCloseTo(bits + 12 - Math.log2(4000));
  });

  test('it says why, surest first, and what speaks against it last', () => {
    const reasons = (at: number): readonly string[] | undefined =>
      found.find(({ erpKey, procoreId }) => erpKey === `1|${at}` && procoreId === 9000 + at)?.reasons;
    expect(reasons(3)).toEqual(['same name']);
    expect(reasons(4)).toEqual([
      'similar name (Trujillo Excavating / Trujilo Excavating)',
      'same house number and postal code',
    ]);
    expect(reasons(6)).toEqual([
      'same phone',
      'same house number and postal code',
      'name the same in part (Kowalski Paving / Kowalski Concrete)',
      'other tax id',
    ]);
    expect(reasons(8)).toEqual(['same name', 'same tax id as several', 'other number in the name']);
  });

  test('strangers are not suggested to each other', () => {
    const withoutPartner = { erp: population.erp.slice(13), procore: population.procore.slice(13) };
    const asked = suggest({ kind: 'vendor', unpaired: withoutPartner, population, rejected: [] });
    expect(asked.filter(({ verdict }) => verdict === 'match')).toEqual([]);
    expect(asked.length).toBeLessThan(10);
  });
});

const suggestAmong = (
  erp: readonly SideRecord[],
  procore: readonly SideRecord[],
  more: Partial<MatchInput> = {},
): readonly Suggestion[] =>
  suggest({
    kind: 'vendor',
    unpaired: { erp, procore },
    population: { erp, procore },
    rejected: [],
    ...more,
  });
const vendorsOn = (side: SideName, given: readonly Fields[]): readonly SideRecord[] =>
  given.map((fields, at) => sideOf(side, side === 'erp' ? `1|${at}` : String(9000 + at), fields));

test('twenty vendors that stand on both sides without a link: twenty pairs', () => {
  const names = strangers('erp', 20).map(({ record }) => record.fields);
  const found = suggestAmong(vendorsOn('erp', names), vendorsOn('procore', names));
  expect(found.map(({ erpKey, procoreId }) => [erpKey, procoreId])).toEqual(
    expect.arrayContaining(names.map((_, at) => [`1|${at}`, 9000 + at])),
  );
  expect(found.filter(({ verdict }) => verdict === 'match')).toHaveLength(20);
});

test.each<[string, Fields, Fields, string, Suggestion['verdict'] | null]>([
  ['a similar name alone', { name: 'Delta Drywall' }, { name: 'Delta Drywal' }, 'similar name', 'ask'],
  [
    'other phases',
    { name: 'Weir Phase 1', ...PLACE },
    { name: 'Weir Phase 2', ...PLACE },
    'same house',
    'ask',
  ],
  [
    'an e-mail that anybody can have',
    { name: 'A1', email: 'x@gmail.com' },
    { name: 'Y', email: 'y@gmail.com' },
    '',
    null,
  ],
  [
    'one of several e-mails',
    { name: 'Ox', email: 'a@ox.test; AP@ox.test' },
    { name: 'Elk', email: 'ap@ox.test' },
    'same e-mail',
    'ask',
  ],
  [
    'a web site and an e-mail of it',
    { name: 'Ox', website: 'https://www.ox.test/about' },
    { name: 'Ox Paving', email: 'ap@ox.test' },
    'same internet domain',
    'ask',
  ],
  [
    'a phone of nothing but noughts',
    { name: 'Ox', phone: '000-000-0000' },
    { name: 'Elk', phone: '(000) 000 0000' },
    '',
    null,
  ],
  [
    'the article behind the name',
    { name: 'Heron Company, The' },
    { name: 'The Heron Co.' },
    'same name',
    'match',
  ],
  ['neither has a name', { name: null }, { name: null }, '', null],
])('%s', (_what, erp, procore, reason, verdict) => {
  const [found] = suggestAmong(vendorsOn('erp', [erp]), vendorsOn('procore', [procore]));
  expect(found?.verdict ?? null).toBe(verdict);
  if (found) expect(found.reasons.some((words) => words.startsWith(reason))).toBe(true);
});

test.each(['vendor', 'sub_job', 'line_item_type'] as const)(
  'a side of %s that is made ready once says of every page what it says of this page alone',
  (kind) => {
    const word = fc.constantFrom('Heron', 'Herron', 'Glass', 'Glas', 'Electric', 'of', '7', 'Construction');
    const record = fc.record({
      name: fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' ')),
      code: fc.constantFrom('1-11', '11-1', '111', 'S', null),
      job: fc.constantFrom('1|a', '1|b'),
      phone: fc.constantFrom(PHONE, SWITCHBOARD, null),
    });
    const side = fc.array(record, { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(side, { maxLength: 4 }), side, (pages, others) => {
        const procore = vendorsOn('procore', others);
        const ready = candidatesOf(kind, { unpaired: procore, population: procore });
        for (const page of pages.map((given) => vendorsOn('erp', given))) {
          const erp = candidatesOf(kind, { unpaired: page, population: page });
          expect(suggestBetween(kind, { erp, procore: ready }, [])).toEqual(
            suggestAmong(page, procore, { kind }),
          );
        }
      }),
    );
  },
);

test('what is used on one side only is said, and what is void is no candidate', () => {
  const [erp, procore] = (['erp', 'procore'] as const).map((side) => vendorsOn(side, [{ name: 'Heron' }]));
  const inState = (state: SideRecord['state']): readonly Suggestion[] =>
    suggestAmong(
      (erp ?? []).map((record) => ({ ...record, state })),
      procore ?? [],
    );
  expect(inState('active')[0]?.reasons).toEqual(['same name']);
  expect(inState('inactive')[0]).toMatchObject({
    verdict: 'match',
    reasons: ['same name', 'inactive in the ERP'],
  });
  expect(inState('void')).toEqual([]);
});

test('the number of a job is worth a question, that of a vendor is not', () => {
  const asked = (kind: 'vendor' | 'project'): readonly Suggestion[] => {
    const own = {
      erp: vendorsOn('erp', [{ name: 'HVA Tacoma', code: ' 24-101-' }]),
      procore: vendorsOn('procore', [{ name: 'Harbor View Apartments', code: '24.101' }]),
    };
    const population = {
      erp: [...own.erp, ...strangers('erp', 999)],
      procore: [...own.procore, ...strangers('procore', 999)],
    };
    return suggest({ kind, unpaired: own, population, rejected: [] });
  };
  expect(asked('vendor')).toEqual([]);
  expect(asked('project')).toMatchObject([{ erpKey: '1|0', procoreId: 9000, verdict: 'ask' }]);
});

test('a runner-up within three bits makes a question of both, one further away of none', () => {
  const heron = { name: 'Heron Glass', phone: PHONE, address: '9 Elm St', postalCode: '98052' };
  const found = (other: Fields): readonly unknown[] =>
    suggestAmong(vendorsOn('erp', [heron]), vendorsOn('procore', [heron, other])).map(
      ({ procoreId, verdict, reasons }) => [procoreId, verdict, reasons.includes('others are as likely')],
    );
  expect(found(heron)).toEqual([
    [9000, 'ask', true],
    [9001, 'ask', true],
  ]);
  expect(found({ ...heron, name: 'Heron Glas' })).toEqual([
    [9000, 'ask', true],
    [9001, 'ask', true],
  ]);
  expect(found({ ...heron, phone: null, address: null })).toEqual([[9000, 'match', false]]);
});

test('a record that is linked is no candidate, and yet counts for who shares a phone', () => {
  const erp = vendorsOn('erp', [
    { name: 'Heron', phone: PHONE },
    { name: 'Heron', phone: PHONE },
  ]);
  const procore = vendorsOn('procore', [{ name: 'Heron', phone: PHONE }]);
  const found = suggestAmong(erp, procore, { unpaired: { erp: erp.slice(0, 1), procore } });
  expect(found).toMatchObject([{ erpKey: '1|0', reasons: ['same name', 'same phone as several'] }]);
});

describe('whatever the vendors are', () => {
  const vendor: fc.Arbitrary<Fields> = fc.record({
    name: fc.constantFrom(
      'Heron Glass',
      'Heron Glas',
      'Heron Glass Inc',
      'Ibis',
      'Ibis dba Heron Glass',
      'Ibis 2',
      '',
    ),
    phone: fc.constantFrom(PHONE, SWITCHBOARD, null),
    email: fc.constantFrom('ap@heron.test', 'ar@heron.test', null),
    stateCode: fc.constantFrom('WA', 'OR', null),
    code: fc.constantFrom('1', '02', null),
  });
  const side = (name: SideName): fc.Arbitrary<readonly SideRecord[]> =>
    fc.array(vendor, { maxLength: 6 }).map((given) => vendorsOn(name, given));

  test('the order in which they come says nothing', () => {
    fc.assert(
      fc.property(side('erp'), side('procore'), fc.nat(), (erp, procore, turn) => {
        const turned = (all: readonly SideRecord[]): readonly SideRecord[] => [
          ...all.slice(turn % (all.length + 1)),
          ...all.slice(0, turn % (all.length + 1)),
        ];
        expect(suggestAmong(turned(erp), [...procore].reverse())).toEqual(suggestAmong(erp, procore));
      }),
    );
  });

  test('neither side is the first one', () => {
    const swapped = (all: readonly SideRecord[], to: SideName): readonly SideRecord[] =>
      vendorsOn(
        to,
        all.map(({ record }) => record.fields),
      );
    const shape = (found: readonly Suggestion[], isSwapped: boolean): readonly unknown[] =>
      found
        .map(({ erpKey, procoreId, bits, verdict, reasons }) => {
          const ends = [Number(erpKey.slice(2)), procoreId - 9000];
          return [...(isSwapped ? ends.reverse() : ends), bits.toFixed(6), verdict, reasons.length].join(' ');
        })
        .sort();
    fc.assert(
      fc.property(side('erp'), side('procore'), (erp, procore) => {
        const there = suggestAmong(swapped(procore, 'erp'), swapped(erp, 'procore'));
        expect(shape(there, true)).toEqual(shape(suggestAmong(erp, procore), false));
      }),
    );
  });

  test('a record with a match has no other suggestion', () => {
    fc.assert(
      fc.property(side('erp'), side('procore'), (erp, procore) => {
        const found = suggestAmong(erp, procore);
        for (const one of found.filter(({ verdict }) => verdict === 'match'))
          expect(
            found.filter(({ erpKey, procoreId }) => erpKey === one.erpKey || procoreId === one.procoreId),
          ).toEqual([one]);
      }),
    );
  });

  test('what people refused does not come again, until either record changes', () => {
    fc.assert(
      fc.property(
        side('erp'),
        side('procore'),
        fc.nat(),
        fc.constantFrom('erp', 'procore'),
        (erp, procore, which, changed) => {
          const before = suggestAmong(erp, procore);
          const refused = before[which % Math.max(before.length, 1)];
          if (refused === undefined) return;
          const revision = (all: readonly SideRecord[], wanted: string): string =>
            matchRevision(all.find(({ key }) => key === wanted)?.record ?? { fields: {}, lines: [] });
          const rejected = [
            {
              erpKey: refused.erpKey,
              procoreId: refused.procoreId,
              erpRevision: revision(erp, refused.erpKey),
              procoreRevision: revision(procore, String(refused.procoreId)),
            },
          ];
          const isRefused = ({ erpKey, procoreId }: Suggestion): boolean =>
            erpKey === refused.erpKey && procoreId === refused.procoreId;
          expect(suggestAmong(erp, procore, { rejected }).some(isRefused)).toBe(false);
          const edited = (all: readonly SideRecord[], name: SideName): readonly SideRecord[] =>
            name !== changed
              ? all
              : all.map((one) => ({
                  ...one,
                  record: { ...one.record, fields: { ...one.record.fields, city: 'Kent' } },
                }));
          const after = suggestAmong(edited(erp, 'erp'), edited(procore, 'procore'), { rejected });
          expect(after).toEqual(before);
        },
      ),
    );
  });
});
