import fc from 'fast-check';
import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import { LINK_TRANSITIONS } from '../../../../src/domain/kinds/record-link';
import type { Sweeping } from '../../../../src/domain/reconcile/missing';
import { doubtedWords, goneWords, isSwept, judgeMissing } from '../../../../src/domain/reconcile/missing';

const keysOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `1|${1000 + index}`);

const sweeping = (linked: number, missing: number, more: Partial<Sweeping> = {}): Sweeping => ({
  linked,
  listed: linked - missing,
  missing: keysOf(missing),
  known: new Set(),
  ...more,
});

test.each<[string, Sweeping, string]>([
  ['nothing is missing', sweeping(400, 0), 'each'],
  ['nothing is linked, nothing is there', sweeping(0, 0), 'each'],
  ['a fifth, but few', sweeping(20, 4), 'each'],
  ['five of twenty-five', sweeping(25, 5), 'share'],
  ['five of twenty-six', sweeping(26, 5), 'each'],
  ['many of very many', sweeping(40_000, 199), 'each'],
  ['too many of very many', sweeping(40_000, 200), 'number'],
  ['the list is empty', sweeping(400, 400), 'empty'],
  ['the list is empty, and it was one', sweeping(1, 1), 'empty'],
  ['the list holds strangers only', sweeping(400, 400, { listed: 7 }), 'number'],
])('%s', (_what, given, expected) => {
  const verdict = judgeMissing(given);
  expect(verdict.kind === 'doubted' ? verdict.why : verdict.kind).toBe(expected);
});

test('what was told before does not count, so that what is deleted in the course of months never trips the guard', () => {
  const known = new Set(keysOf(38));
  expect(judgeMissing(sweeping(60, 40, { known }))).toEqual({ kind: 'each' });
  expect(judgeMissing(sweeping(60, 60, { known: new Set(keysOf(60)), listed: 0 }))).toEqual({ kind: 'each' });
  // 22 are left, and 5 of them went at once.
  expect(judgeMissing(sweeping(60, 43, { known }))).toMatchObject({
    kind: 'doubted',
    why: 'share',
    fresh: keysOf(43).slice(38),
  });
});

test('one more that is missing never makes a doubted list a good one, and a list that is told each has fewer than 200 of news', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 0, max: 2000 }),
      fc.integer({ min: 0, max: 2000 }),
      (linked, some, told) => {
        const missing = Math.min(some, linked);
        const known = new Set(keysOf(Math.min(told, missing)));
        const verdict = judgeMissing(sweeping(linked, missing, { known }));
        if (verdict.kind === 'each') expect(missing - known.size).toBeLessThan(200);
        else {
          expect(verdict.fresh).toEqual(keysOf(missing).slice(known.size));
          if (missing < linked)
            expect(judgeMissing(sweeping(linked, missing + 1, { known })).kind).toBe('doubted');
        }
      },
    ),
  );
});

test('links of what stands in Procore are swept, and no others', () => {
  const states = Object.keys(LINK_TRANSITIONS).filter((state) => state !== 'none') as RecordLink['state'][];
  expect(states.filter((state) => isSwept({ state })).sort()).toEqual(['linked', 'staged']);
});

const link = (more: Partial<RecordLink> = {}): RecordLink => ({
  kind: 'vendor',
  erpKey: '1|10442',
  procoreId: 98_127_745,
  state: 'linked',
  generation: 3,
  procore: null,
  erp: { fields: { code: '10442', name: 'Cobalt Mechanical LLC' }, lines: [] },
  erpRevision: null,
  ...more,
});

test('words name the record on both sides, whatever is known of it', () => {
  expect(goneWords(link()).reason).toBe(
    'Vendor 10442 Cobalt Mechanical LLC is not in the ERP any more (1|10442); in Procore it is vendor/98127745.',
  );
  expect(goneWords(link({ erp: null, state: 'staged', procoreId: null })).reason).toBe(
    'Vendor is not in the ERP any more (1|10442); in Procore it stands ready to import.',
  );
  const verdict = judgeMissing(sweeping(400, 300, { listed: 100 }));
  if (verdict.kind !== 'doubted') throw new Error('unreachable');
  expect(doubtedWords('vendor', verdict, { linked: 400, listed: 100 }).reason).toMatch(
    /^The ERP listed 100: 300 of 400 linked vendors are missing at once \(1\|1000, .*1\|1009, and 290 more\)\.$/,
  );
});
