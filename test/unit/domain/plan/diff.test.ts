import * as fc from 'fast-check';
import { definitionOf } from '../../../../src/domain/kinds';
import type { CanonicalRecord, Fields, RecordLine } from '../../../../src/domain/kinds/record';
import { lineKeyOf } from '../../../../src/domain/kinds/record';
import type { Difference } from '../../../../src/domain/plan/diff';
import { byErpKey, changesOf, diff, NOTHING } from '../../../../src/domain/plan/diff';
import { heldCommitment, lineOf, recordOf } from '../records';

const line = (number: string, fields: Fields, more: Partial<RecordLine> = {}): RecordLine =>
  lineOf('commitment_line', number, fields, more);

const short = (differences: readonly Difference[]): string[] =>
  differences.map(
    ({ line: place, field, base, mine, theirs, moved }) =>
      `${place === null ? '' : `${place.number}.`}${field}: ${base} → ${mine} / ${theirs} (${moved})`,
  );

describe('one field', () => {
  test.each<[string, Fields, Fields, Fields | undefined, readonly string[]]>([
    ['nobody moved', { a: '1' }, { a: '1' }, { a: '1' }, []],
    ['mine moved', { a: '1' }, { a: '2' }, { a: '1' }, ['a: 1 → 2 / 1 (mine)']],
    ['theirs moved', { a: '1' }, { a: '1' }, { a: '2' }, ['a: 1 → 1 / 2 (theirs)']],
    ['both moved alike', { a: '1' }, { a: '2' }, { a: '2' }, ['a: 1 → 2 / 2 (alike)']],
    ['both moved, apart', { a: '1' }, { a: '2' }, { a: '3' }, ['a: 1 → 2 / 3 (both)']],
    ['nobody is there on the other side', { a: '1' }, { a: '2' }, undefined, ['a: 1 → 2 / 1 (mine)']],
    ['it was emptied', { a: '1' }, { a: null }, undefined, ['a: 1 → null / 1 (mine)']],
    ['it is new', {}, { a: '1' }, undefined, ['a: null → 1 / null (mine)']],
    ['empty and absent are the same', {}, { a: null }, { a: null }, []],
    ['a side that does not name it has not moved it', { a: '1' }, {}, { a: '2' }, ['a: 1 → 1 / 2 (theirs)']],
    ['nobody names it any more', { a: '1' }, {}, {}, []],
    ['true is not "true"', { a: true }, { a: 'true' }, undefined, ['a: true → true / true (mine)']],
    ['false is not empty', { a: false }, { a: null }, undefined, ['a: false → null / false (mine)']],
    ['"" is not empty', {}, { a: '' }, undefined, ['a: null →  / null (mine)']],
  ])('%s', (_name, base, mine, theirs, expected) => {
    const sides = {
      base: recordOf(base),
      mine: recordOf(mine),
      ...(theirs ? { theirs: recordOf(theirs) } : {}),
    };
    expect(short(diff(sides))).toEqual(expected);
  });
});

describe('lines', () => {
  const base = recordOf({ a: '1' }, [line('1', { x: '1' }), line('2', { x: '2' })]);

  test('the header first, then the lines of mine, then those that only the others have', () => {
    const mine = recordOf({ a: '2' }, [line('2', { x: '3' }), line('3', { x: '4' })]);
    const theirs = recordOf({ a: '1' }, [line('1', { x: '9' }), line('2', { x: '2' })]);
    expect(short(diff({ base, mine, theirs }))).toEqual([
      'a: 1 → 2 / 1 (mine)',
      '2.x: 2 → 3 / 2 (mine)',
      '3.x: null → 4 / null (mine)',
      '1.x: 1 → 1 / 9 (theirs)',
    ]);
  });

  test('a line that is gone has not moved: deletions have ways of their own', () => {
    expect(diff({ base, mine: recordOf({ a: '1' }) })).toEqual([]);
  });

  test('kinds of lines are told apart, whatever their numbers', () => {
    const other = lineOf('change_order_line', '1', { x: '5' });
    expect(short(diff({ base, mine: recordOf({}, [other]) }))).toEqual(['1.x: null → 5 / null (mine)']);
  });

  test('by ERP key, a line that was renumbered is the same line', () => {
    const before = recordOf({}, [line('1', { x: '1' }, { erpKey: '1|a' })]);
    const mine = recordOf({}, [line('7', { x: '2' }, { erpKey: '1|a' })]);
    expect(short(diff({ base: before, mine }, byErpKey))).toEqual(['7.x: 1 → 2 / 1 (mine)']);
    expect(short(diff({ base: before, mine }))).toEqual(['7.x: null → 2 / null (mine)']);
  });

  test('by ERP key, lines without one find each other by number, and never one that has one', () => {
    const before = recordOf({}, [line('1', { x: '1' }), line('2', { x: '2' }, { erpKey: '1' })]);
    const mine = recordOf({}, [line('1', { x: '9' })]);
    expect(short(diff({ base: before, mine }, byErpKey))).toEqual(['1.x: 1 → 9 / 1 (mine)']);
  });

  test('ids in Procore are no difference', () => {
    const mine = recordOf(
      base.fields,
      base.lines.map((one) => ({ ...one, procoreId: 5001, erpKey: '1|x' })),
    );
    expect(diff({ base, mine })).toEqual([]);
  });
});

test('what was never there is compared with nothing', () => {
  const { record } = heldCommitment();
  const all = diff({ base: null, mine: record });
  expect(all).toEqual(diff({ base: NOTHING, mine: record }));
  expect(all.every(({ base, moved }) => base === null && moved === 'mine')).toBe(true);
});

describe('laws', () => {
  const fields: fc.Arbitrary<Fields> = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.constantFrom('1', '2', true, false, null),
    { noNullPrototype: true },
  );
  const lines = fc.uniqueArray(
    fc
      .record({
        kind: fc.constantFrom('commitment_line' as const, 'change_order_line' as const),
        number: fc.constantFrom('1', '2', '3'),
        values: fields,
      })
      .map(({ kind, number, values }) => lineOf(kind, number, values, { erpKey: `1|${number}` })),
    { selector: lineKeyOf, maxLength: 6 },
  );
  const record: fc.Arbitrary<CanonicalRecord> = fc
    .tuple(fields, lines)
    .map(([header, all]) => recordOf(header, all));
  const identity = fc.constantFrom(undefined, byErpKey);

  /** The base with everything on it that one side says. */
  const applied = (base: CanonicalRecord, side: CanonicalRecord): CanonicalRecord => {
    const all = new Map(base.lines.map((one) => [lineKeyOf(one), one]));
    for (const one of side.lines)
      all.set(lineKeyOf(one), { ...one, fields: { ...all.get(lineKeyOf(one))?.fields, ...one.fields } });
    return recordOf({ ...base.fields, ...side.fields }, [...all.values()]);
  };
  const sorted = (differences: readonly Difference[]): string[] =>
    differences
      .map((one) =>
        JSON.stringify([
          one.line?.kind,
          one.line?.number,
          one.field,
          one.base,
          one.mine,
          one.theirs,
          one.moved,
        ]),
      )
      .sort();

  test('nothing moved, nothing said', () => {
    fc.assert(
      fc.property(record, identity, (base, by) => {
        expect(diff({ base, mine: base }, by)).toEqual([]);
        expect(diff({ base, mine: base, theirs: structuredClone(base) }, by)).toEqual([]);
      }),
    );
  });

  test('once mine is the base, nothing of it has moved any more', () => {
    fc.assert(
      fc.property(record, record, identity, (base, mine, by) => {
        const next = applied(base, mine);
        expect(diff({ base: next, mine }, by)).toEqual([]);
        expect(diff({ base: next, mine: next, theirs: mine }, by)).toEqual([]);
      }),
    );
  });

  test('what is said, written on the base, makes mine of it', () => {
    fc.assert(
      fc.property(record, record, (base, mine) => {
        const said = diff({ base, mine });
        const written = said.reduce<CanonicalRecord>(
          (so, { line: place, field, mine: value }) =>
            applied(
              so,
              place === null
                ? recordOf({ [field]: value })
                : recordOf({}, [lineOf(place.kind, place.number, { [field]: value })]),
            ),
          base,
        );
        expect(diff({ base: written, mine })).toEqual([]);
        for (const { base: was, mine: now } of said) expect(now).not.toBe(was);
      }),
    );
  });

  test('the order of lines does not matter', () => {
    const shuffled = (one: CanonicalRecord): fc.Arbitrary<CanonicalRecord> =>
      fc
        .shuffledSubarray([...one.lines], { minLength: one.lines.length, maxLength: one.lines.length })
        .map((all) => recordOf(one.fields, all));
    const sides = fc
      .tuple(record, record, record)
      .chain(([base, mine, theirs]) =>
        fc.tuple(
          fc.constant({ base, mine, theirs }),
          fc.record({ base: shuffled(base), mine: shuffled(mine), theirs: shuffled(theirs) }),
        ),
      );
    fc.assert(
      fc.property(sides, ([straight, mixed]) => {
        expect(sorted(diff(mixed))).toEqual(sorted(diff(straight)));
      }),
    );
  });

  test('the sides may change places: the same is said with the roles exchanged', () => {
    const swapped = { mine: 'theirs', theirs: 'mine', alike: 'alike', both: 'both' } as const;
    fc.assert(
      fc.property(record, record, record, (base, mine, theirs) => {
        const there = diff({ base, mine: theirs, theirs: mine }).map((one) => ({
          ...one,
          mine: one.theirs,
          theirs: one.mine,
          moved: swapped[one.moved],
        }));
        expect(sorted(there)).toEqual(sorted(diff({ base, mine, theirs })));
      }),
    );
  });

  test('no field is lost, and none is said twice: every place where a side moved, exactly once', () => {
    fc.assert(
      fc.property(record, record, record, (base, mine, theirs) => {
        const placesIn = ({
          fields: header,
          lines: all,
        }: CanonicalRecord): [string, string, Fields[string]][] => [
          ...Object.entries(header).map(([field, value]): [string, string, Fields[string]] => [
            '',
            field,
            value,
          ]),
          ...all.flatMap((one) =>
            Object.entries(one.fields).map(([field, value]): [string, string, Fields[string]] => [
              lineKeyOf(one),
              field,
              value,
            ]),
          ),
        ];
        const was = new Map(placesIn(base).map(([place, field, value]) => [`${place} ${field}`, value]));
        const expected = new Set(
          [...placesIn(mine), ...placesIn(theirs)].flatMap(([place, field, value]) =>
            (was.get(`${place} ${field}`) ?? null) === value ? [] : [`${place} ${field}`],
          ),
        );
        const said = diff({ base, mine, theirs }).map(
          ({ line: place, field }) => `${place ? lineKeyOf(place) : ''} ${field}`,
        );
        expect([...said].sort()).toEqual([...expected].sort());
      }),
    );
  });
});

describe('as people read them', () => {
  const definition = definitionOf('commitment');
  const changes = (mine: CanonicalRecord, states: Parameters<typeof changesOf>[2] = []) =>
    changesOf(definition, diff({ base: null, mine }), states);

  test('in the order and words of the kind, lines by their numbers', () => {
    const mine = recordOf({ amount: '100', name: 'HVAC', code: 'SC-008' }, [
      line('2', { amount: '50', description: 'Ducts' }),
      line('1', { amount: '50' }),
    ]);
    expect(changes(mine).map(({ field, label }) => `${field}: ${label}`)).toEqual([
      'code: Number',
      'name: Title',
      'amount: Amount',
      'commitment_line[2].description: Line 2 · Description',
      'commitment_line[2].amount: Line 2 · Amount',
      'commitment_line[1].amount: Line 1 · Amount',
    ]);
  });

  test('keys with what they mean, where the ERP told it', () => {
    const states = [
      { target: 'vendor' as const, key: '1|10442', state: 'active' as const, label: 'vendor 10442' },
    ];
    const mine = recordOf({ vendor: '1|10442', job: '1|10442', code: '1|10442' });
    expect(changes(mine, states)).toEqual([
      { field: 'code', label: 'Number', old: null, new: '1|10442' },
      { field: 'job', label: 'Job', old: null, new: '1|10442' },
      { field: 'vendor', label: 'Vendor', old: null, new: '1|10442', words: 'vendor 10442' },
    ]);
  });

  test('what is no field of the kind is nobody’s business', () => {
    expect(changes(recordOf({ nonsense: '1' }, [line('1', { nonsense: '1' })]))).toEqual([]);
  });

  test('old and new are the base and mine; what only the others moved keeps its value', () => {
    const base = recordOf({ name: 'a', description: 'x' });
    const mine = recordOf({ name: 'b', description: 'x' });
    const theirs = recordOf({ name: 'a', description: 'y' });
    expect(changesOf(definition, diff({ base, mine, theirs }))).toEqual([
      { field: 'name', label: 'Title', old: 'a', new: 'b' },
      { field: 'description', label: 'Description', old: 'x', new: 'x' },
    ]);
  });
});
