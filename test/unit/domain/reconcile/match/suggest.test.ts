import fc from 'fast-check';
import type { Fields } from '../../../../../src/domain/kinds/record';
import type { MatchInput, Suggestion } from '../../../../../src/domain/reconcile/match';
import { matchRevision, suggest } from '../../../../../src/domain/reconcile/match';
import { cluesOf } from '../../../../../src/domain/reconcile/match/evidence';
import { rarityOf } from '../../../../../src/domain/reconcile/match/rarity';
import { sharing, traitsOf } from '../../../../../src/domain/reconcile/match/traits';
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
  const { tax: _, ...fields } = EXAMPLES[at]?.[side] ?? {};
  return sideOf(side, side === 'erp' ? `1|${at}` : String(9000 + at), fields);
};
const named = EXAMPLES.map((example, at): [string, Example, number] => [
  `${String(example.procore['name'])} / ${String(example.erp['name'])}`,
  example,
  at,
]);

describe('among 4,000 vendors', () => {
  const filled = (side: SideName): readonly SideRecord[] => [
    ...EXAMPLES.map((_, at) => recordAt(side, at)),
    sideOf(side, side === 'erp' ? '1|999' : '9999', { name: 'Switchboard', phone: SWITCHBOARD }),
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
  beforeAll(() => {
    found = suggest({ kind: 'vendor', unpaired, population, rejected: [], taxHashes });
  });

  test.each(named)('%s', (_name, { bits, verdict }, at) => {
    const suggestion = found.find(({ erpKey, procoreId }) => erpKey === `1|${at}` && procoreId === 9000 + at);
    expect(suggestion?.verdict ?? null).toBe(verdict);
    if (suggestion) expect(Math.round(suggestion.bits)).toBe(bits);
  });

  test.each(named)('the evidence for %s', (_name, { bits }, at) => {
    const [erp, procore] = (['erp', 'procore'] as const).map((side) =>
      population[side].map((record) => traitsOf(record, taxHashes[side].get(record.key) ?? null)),
    ) as [ReturnType<typeof traitsOf>[], ReturnType<typeof traitsOf>[]];
    const [one, other] = [erp[at], procore[at]];
    if (one === undefined || other === undefined) throw new Error('no such example');
    const clues = cluesOf(one, other, {
      rarity: rarityOf([...erp, ...procore]),
      isShared: sharing(erp, procore),
      asksForNumber: false,
    });
    expect(clues.reduce((sum, clue) => sum + clue.bits, 0)).toBe(bits + 12);
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
      'other tax number',
    ]);
    expect(reasons(8)).toEqual(['same name', 'same tax number as several', 'other number in the name']);
  });

  test('strangers are not suggested to each other', () => {
    expect(suggest({ kind: 'vendor', unpaired: population, population, rejected: [] }).length).toBeLessThan(
      40,
    );
  });
});
