import { reversalKey } from '../../../../src/domain/payroll/cell';
import type { Correction, CorrectionInput } from '../../../../src/domain/payroll/correction';
import { correctionsOf } from '../../../../src/domain/payroll/correction';
import type { PayLine } from '../../../../src/domain/payroll/line';
import type { OvertimeOwner } from '../../../../src/domain/payroll/resolve';
import { CODES, rowOf, RULES } from './fixtures';

const payLine = (key: string, hours: string, more: Partial<PayLine> = {}): PayLine => ({
  key,
  employee: '1|2207',
  date: '2026-11-18',
  job: '1|26-014',
  phase: '1|3-310',
  earnCode: 'REG',
  family: 'worked',
  craft: null,
  class: null,
  shift: null,
  department: 'FIELD',
  certified: false,
  equipment: null,
  hours,
  entries: [1],
  ...more,
});

const input = (more: Partial<CorrectionInput>): CorrectionInput => ({
  company: '1',
  truth: [],
  rows: [],
  written: [],
  unknown: new Set(),
  unresolved: new Set(),
  unedited: new Set(),
  decisions: new Map(),
  codes: CODES,
  can: { negatives: true },
  groupOf: (employee) => (employee === '1|2208' ? 'S' : 'W'),
  overtimeOwner: () => 'field',
  isOpen: () => false,
  workweek: RULES.workweek,
  ...more,
});

const only = (made: readonly Correction[]): Correction => {
  const [correction, ...more] = made;
  if (correction === undefined || more.length > 0) throw new Error(`${made.length} corrections`);
  return correction;
};
const legs = (correction: Correction): (readonly [string | undefined, string, string])[] => {
  if (correction.kind !== 'write') throw new Error(`it is ${correction.kind}`);
  return correction.parts.flatMap(({ lines }) =>
    lines.map(({ leg, earnCode, hours }) => [leg, earnCode, hours] as const),
  );
};
const stopsOf = (correction: Correction): string[] => {
  if (correction.kind !== 'stopped') throw new Error(`it is ${correction.kind}`);
  return correction.stops.map(({ stop }) => stop).sort();
};

const EIGHT = payLine('k1', '8.00');
const posted = { rows: [rowOf('r1', EIGHT)], written: [EIGHT] };

test('what is paid as it should be is not touched', () => {
  const { agreed, corrections, unwritten } = correctionsOf(input({ ...posted, truth: [EIGHT] }));
  expect([corrections, unwritten]).toEqual([[], []]);
  expect(agreed).toMatchObject([{ true: '8.00', paid: '8.00', flight: '0.00', delta: '0.00' }]);
});

test('closed: the live row is mirrored with its own date and codes, and the replacement stands beside it', () => {
  const truth = [payLine('k1', '7.00')];
  const correction = only(correctionsOf(input({ ...posted, truth })).corrections);
  expect(correction).toMatchObject({
    kind: 'write',
    cells: [{ delta: '-1.00' }],
    entries: [1],
    recheck: [{ employee: '1|2207', begin: '2026-11-15', end: '2026-11-21' }],
  });
  expect(legs(correction)).toEqual([
    ['reversal', 'REG', '-8.00'],
    ['replacement', 'REG', '7.00'],
  ]);
  expect(correction.kind === 'write' && correction.batches[0]?.lines[0]).toMatchObject({
    key: reversalKey('1', { id: 'r1' }),
    date: '2026-11-18',
    phase: '1|3-310',
    department: 'FIELD',
  });
});

test('deleted: only the reversal', () => {
  expect(legs(only(correctionsOf(input(posted)).corrections))).toEqual([['reversal', 'REG', '-8.00']]);
});

test('a wrong code with the right hours is corrected too, where the field owns the split', () => {
  const truth = [payLine('k2', '8.00', { earnCode: 'OT' })];
  expect(legs(only(correctionsOf(input({ ...posted, truth })).corrections))).toEqual([
    ['reversal', 'REG', '-8.00'],
    ['replacement', 'OT', '8.00'],
  ]);
});

describe('a correction on its way', () => {
  const truth = [payLine('k1', '7.00')];
  const first = only(correctionsOf(input({ ...posted, truth })).corrections);
  const lines = first.kind === 'write' ? (first.parts[0]?.lines ?? []) : [];
  const flying = {
    rows: [...posted.rows, ...lines.map((line, index) => rowOf(`f${index}`, line, { state: 'batch' }))],
    written: [...posted.written, ...lines],
  };

  test('is enough', () => {
    expect(correctionsOf(input({ ...flying, truth })).corrections).toEqual([]);
  });

  test('is made again by newer truth, which keeps the leg that is still right', () => {
    const newer = only(correctionsOf(input({ ...flying, truth: [payLine('k1', '6.00')] })).corrections);
    expect(legs(newer)).toEqual([['replacement', 'REG', '6.00']]);
    expect(newer.kind === 'write' && newer.batches[0]?.withdraw.map(({ id }) => id)).toEqual(['f1']);
  });

  test('is withdrawn when the edit is taken back', () => {
    const back = only(correctionsOf(input({ ...flying, truth: [EIGHT] })).corrections);
    expect(legs(back)).toEqual([]);
    expect(back.kind === 'write' && back.batches[0]?.withdraw.map(({ id }) => id)).toEqual(['f0', 'f1']);
  });

  test('once posted is what the next one takes back, and no row is taken back twice', () => {
    const done = { ...flying, rows: flying.rows.map((one) => ({ ...one, state: 'posted' as const })) };
    expect(correctionsOf(input({ ...done, truth })).corrections).toEqual([]);
    const again = only(correctionsOf(input({ ...done, truth: [EIGHT] })).corrections);
    expect(legs(again)).toEqual([
      ['reversal', 'REG', '-7.00'],
      ['replacement', 'REG', '8.00'],
    ]);
    const keys =
      again.kind === 'write' ? again.parts.flatMap((part) => part.lines.map(({ key }) => key)) : [];
    for (const { key } of done.rows) expect(keys).not.toContain(key);
  });

  test('that somebody changed in its batch is not overwritten', () => {
    const [one, ...others] = flying.rows.slice(1);
    const changed = one === undefined ? [] : [{ ...one, hours: '-5.00' }];
    const stopped = correctionsOf(
      input({ ...flying, rows: [...posted.rows, ...changed, ...others], truth: [payLine('k1', '6.00')] }),
    );
    expect(stopsOf(only(stopped.corrections))).toEqual(['altered']);
  });

  test('whose reversal was posted with other hours stops', () => {
    const done = flying.rows.map((one) => ({
      ...one,
      state: 'posted' as const,
      hours: one.id === 'f0' ? '-5.00' : one.hours,
    }));
    expect(stopsOf(only(correctionsOf(input({ ...flying, rows: done, truth })).corrections))).toEqual([
      'unbalanced',
    ]);
  });
});

describe('not posted yet', () => {
  const batch = { rows: [rowOf('r1', EIGHT, { state: 'batch' })], written: [EIGHT] };

  test('the batch is changed, and nothing is reversed', () => {
    const amended = only(correctionsOf(input({ ...batch, truth: [payLine('k1', '7.00')] })).corrections);
    expect(legs(amended)).toEqual([[undefined, 'REG', '7.00']]);
    expect(amended).toMatchObject({ parts: [{ way: 'amend', withdraw: [{ id: 'r1' }] }] });
  });

  test('deleted: the line is withdrawn', () => {
    const amended = only(correctionsOf(input(batch)).corrections);
    expect(amended).toMatchObject({ parts: [{ way: 'amend', withdraw: [{ id: 'r1' }], lines: [] }] });
  });

  test('a row that a clerk changed is a conflict, not overwritten', () => {
    const rows = [rowOf('r1', EIGHT, { state: 'batch', hours: '7.50' })];
    const stopped = correctionsOf(input({ ...batch, rows, truth: [EIGHT] }));
    expect(stopsOf(only(stopped.corrections))).toEqual(['altered']);
  });

  test('what was never written is left to the plan of its period', () => {
    const { unwritten, corrections } = correctionsOf(input({ truth: [EIGHT] }));
    expect([unwritten.length, corrections]).toEqual([1, []]);
  });

  test('a refused line waits for a person, and goes again once the entry is another', () => {
    const rows = [rowOf('r1', EIGHT, { state: 'rejected', problems: ['Phase is closed.'] })];
    const same = correctionsOf(input({ rows, written: [EIGHT], truth: [EIGHT] }));
    expect(stopsOf(only(same.corrections))).toEqual(['rejected']);
    const edited = correctionsOf(input({ rows, written: [EIGHT], truth: [payLine('k1', '7.00')] }));
    expect(legs(only(edited.corrections))).toEqual([[undefined, 'REG', '7.00']]);
  });
});

test('posted in an open period of an ERP that lets go of posted rows: changed, without a reversal', () => {
  const truth = [payLine('k1', '7.00')];
  const open = {
    ...posted,
    truth,
    can: { negatives: true, changesPosted: true } as const,
    isOpen: () => true,
  };
  const changed = only(correctionsOf(input(open)).corrections);
  expect(changed).toMatchObject({ parts: [{ way: 'change', withdraw: [{ id: 'r1' }] }] });
  expect(legs(changed)).toEqual([[undefined, 'REG', '7.00']]);
});

describe('an ERP that takes no negative time', () => {
  const can = {};

  test('one row of one code: the clerk changes it', () => {
    const sheet = only(correctionsOf(input({ ...posted, can, truth: [payLine('k1', '7.00')] })).corrections);
    expect(sheet).toMatchObject({
      kind: 'worksheet',
      steps: [{ do: 'change', row: { id: 'r1' }, to: '7.00' }],
    });
  });

  test('otherwise the rows are voided, and what is right is entered', () => {
    const truth = [payLine('k2', '8.00', { phase: '1|3-320' })];
    const sheet = only(correctionsOf(input({ ...posted, can, truth })).corrections);
    expect(sheet).toMatchObject({
      kind: 'worksheet',
      steps: [
        { do: 'enter', line: { phase: '1|3-320', hours: '8.00' } },
        { do: 'void', row: { id: 'r1' } },
      ],
    });
  });
});

describe('an outcome that is not known', () => {
  test('is looked up before anything is written', () => {
    const unknown = new Set(['k1']);
    const stopped = correctionsOf(input({ truth: [EIGHT], written: [EIGHT], unknown }));
    expect(stopsOf(only(stopped.corrections))).toEqual(['unknown']);
    // The row is there: it is known.
    const found = correctionsOf(input({ ...posted, truth: [EIGHT], unknown }));
    expect(found.corrections).toEqual([]);
  });

  test('a line that is gone is asked about, never sent again', () => {
    const stopped = correctionsOf(input({ truth: [EIGHT], written: [EIGHT] }));
    expect(stopsOf(only(stopped.corrections))).toEqual(['gone']);
  });
});

describe('rows of other people', () => {
  const clerk = rowOf('c1', payLine('-', '2.00'), { key: null });
  const truth = [payLine('k1', '10.00', { entries: [1, 2] })];
  const met = { ...posted, rows: [...posted.rows, clerk], truth };

  test('on the same employee and date stop a correction', () => {
    const stopped = only(correctionsOf(input(met)).corrections);
    expect(stopsOf(stopped)).toEqual(['foreign']);
    expect(stopped).toMatchObject({ stops: [{ rows: [{ id: 'c1' }] }], cells: [{ delta: '2.00' }] });
    const elsewhere = { ...clerk, job: '1|26-015' };
    expect(
      stopsOf(only(correctionsOf(input({ ...met, rows: [...posted.rows, elsewhere] })).corrections)),
    ).toEqual(['foreign']);
  });

  test('also what was never written: it may be the same hours', () => {
    const other = payLine('k2', '2.00', { phase: '1|3-320', entries: [2] });
    const made = correctionsOf(input({ ...met, truth: [EIGHT, other] }));
    expect(stopsOf(only(made.corrections))).toEqual(['foreign']);
  });

  test('on another date stop nothing, and nothing stops where all agrees', () => {
    const apart = { ...clerk, date: '2026-11-19' };
    expect(
      legs(only(correctionsOf(input({ ...met, rows: [...posted.rows, apart] })).corrections)),
    ).toHaveLength(2);
    expect(correctionsOf(input({ ...met, truth: [EIGHT] })).corrections).toEqual([]);
  });

  test('adopted they count as paid, ignored they do not', () => {
    const adopted = correctionsOf(input({ ...met, decisions: new Map([['c1', 'adopt']]) }));
    expect(adopted.corrections).toEqual([]);
    const ignored = correctionsOf(input({ ...met, decisions: new Map([['c1', 'ignore']]) }));
    expect(legs(only(ignored.corrections))).toEqual([
      ['reversal', 'REG', '-8.00'],
      ['replacement', 'REG', '10.00'],
    ]);
  });
});

describe('moved hours', () => {
  const there = payLine('k2', '8.00', { job: '1|26-015' });

  test('both legs are one correction that nets to nothing', () => {
    const correction = only(correctionsOf(input({ ...posted, truth: [there] })).corrections);
    expect(legs(correction)).toEqual([
      ['replacement', 'REG', '8.00'],
      ['reversal', 'REG', '-8.00'],
    ]);
    expect(correction.cells.map(({ delta }) => delta)).toEqual(['8.00', '-8.00']);
  });

  test('to another person of another group: linked batches', () => {
    const max = payLine('k2', '8.00', { employee: '1|2208' });
    const correction = only(correctionsOf(input({ ...posted, truth: [max] })).corrections);
    expect(correction).toMatchObject({
      kind: 'write',
      batches: [
        { group: 'S', lines: [{ hours: '8.00', employee: '1|2208' }] },
        { group: 'W', lines: [{ hours: '-8.00', employee: '1|2207' }] },
      ],
    });
  });

  test('neither leg is written while one of them is stopped', () => {
    const max = payLine('k2', '8.00', { employee: '1|2208' });
    const clerk = rowOf('c1', payLine('-', '8.00', { employee: '1|2208' }), { key: null });
    const stopped = correctionsOf(input({ ...posted, rows: [...posted.rows, clerk], truth: [max] }));
    expect(stopsOf(only(stopped.corrections))).toEqual(['foreign', 'linked']);
  });

  test('what is not posted yet leaves one cell and comes to another at once', () => {
    const rows = [rowOf('r1', EIGHT, { state: 'batch' })];
    const correction = only(correctionsOf(input({ rows, written: [EIGHT], truth: [there] })).corrections);
    expect(legs(correction)).toEqual([[undefined, 'REG', '8.00']]);
    expect(correction).toMatchObject({ batches: [{ withdraw: [{ id: 'r1' }], lines: [{ key: 'k2' }] }] });
  });

  test('corrections that share no entry stand apart', () => {
    const other = payLine('k3', '4.00', { date: '2026-11-19', entries: [3] });
    const made = correctionsOf(
      input({ rows: [...posted.rows, rowOf('r3', other)], written: [EIGHT, other] }),
    );
    expect(made.corrections).toHaveLength(2);
    expect(new Set(made.corrections.map(({ id }) => id)).size).toBe(2);
  });
});

describe('where the ERP splits overtime', () => {
  const TEN = payLine('k1', '10.00');
  const told = [
    rowOf('r1', TEN, { hours: '8.00' }),
    rowOf('r2', TEN, { key: null, earnCode: 'OT', hours: '2.00', madeFrom: 'r1' }),
  ];
  const untold = told.map((one) => ({ ...one, madeFrom: null }));
  const erp = { written: [TEN], overtimeOwner: (): OvertimeOwner => 'erp' };

  test.each([
    ['told', told],
    ['not told', untold],
  ])('a split of 10 as 8 + 2 needs no correction (%s)', (_, rows) => {
    expect(correctionsOf(input({ ...erp, rows, truth: [TEN] })).corrections).toEqual([]);
  });

  test.each([
    ['told', told],
    ['not told', untold],
  ])('then 9, closed: 8 and 2 are taken back, 8 and 1 are written (%s)', (_, rows) => {
    const correction = only(
      correctionsOf(input({ ...erp, rows, truth: [payLine('k1', '9.00')] })).corrections,
    );
    expect(legs(correction)).toEqual([
      ['reversal', 'REG', '-8.00'],
      ['reversal', 'OT', '-2.00'],
      ['replacement', 'OT', '1.00'],
      ['replacement', 'REG', '8.00'],
    ]);
  });

  test('the posted replacement, overtime included, is what is true', () => {
    const truth = [payLine('k1', '9.00')];
    const correction = only(correctionsOf(input({ ...erp, rows: told, truth })).corrections);
    const lines = correction.kind === 'write' ? (correction.parts[0]?.lines ?? []) : [];
    const rows = [...told, ...lines.map((line, index) => rowOf(`f${index}`, line))];
    const after = correctionsOf(input({ ...erp, rows, written: [TEN, ...lines], truth }));
    expect(after).toMatchObject({ corrections: [], agreed: [{ paid: '9.00' }] });
  });

  test("an overtime row that our hours do not explain is somebody else's", () => {
    const rows = [rowOf('r1', TEN), rowOf('r2', TEN, { key: null, earnCode: 'OT', hours: '2.00' })];
    const stopped = correctionsOf(input({ ...erp, rows, truth: [payLine('k1', '12.00')] }));
    expect(stopsOf(only(stopped.corrections))).toEqual(['foreign']);
  });

  test('hours that the ERP paid wholly as overtime are paid', () => {
    const rows = [rowOf('r1', TEN, { earnCode: 'OT' })];
    expect(correctionsOf(input({ ...erp, rows, truth: [TEN] })).corrections).toEqual([]);
  });
});

test('a line that was put right by hand counts where it was meant', () => {
  const rows = [rowOf('r1', EIGHT, { phase: '1|3-320', state: 'accepted' })];
  expect(correctionsOf(input({ rows, written: [EIGHT], truth: [EIGHT] }))).toMatchObject({
    corrections: [],
    agreed: [{ flight: '8.00' }],
  });
});

test('what takes back a line that was put right by hand mirrors the row as it is, and counts with it', () => {
  const rows = [rowOf('r1', EIGHT, { phase: '1|3-320', earnCode: 'OT' })];
  const correction = only(correctionsOf(input({ rows, written: [EIGHT] })).corrections);
  const lines = correction.kind === 'write' ? correction.batches.flatMap((batch) => batch.lines) : [];
  expect(lines).toMatchObject([{ leg: 'reversal', phase: '1|3-320', earnCode: 'OT', hours: '-8.00' }]);
  const after = [...rows, ...lines.map((line) => rowOf('r2', line))];
  expect(correctionsOf(input({ rows: after, written: [EIGHT, ...lines] })).corrections).toEqual([]);
});

test('a gap of the mapping takes nothing back', () => {
  const stopped = correctionsOf(input({ ...posted, unresolved: new Set([1]) }));
  expect(stopsOf(only(stopped.corrections))).toEqual(['unresolved']);
});

test('where no entry was edited a person decides: the mapping changed, or somebody changed the row in the ERP', () => {
  const unedited = new Set([1]);
  const rows = [rowOf('r1', EIGHT, { hours: '7.00' })];
  const altered = correctionsOf(input({ rows, written: [EIGHT], truth: [EIGHT], unedited }));
  expect(stopsOf(only(altered.corrections))).toEqual(['unedited']);
  const remapped = [payLine('k2', '8.00', { phase: '1|3-320' })];
  const moved = correctionsOf(input({ ...posted, truth: remapped, unedited }));
  expect(stopsOf(only(moved.corrections))).toEqual(['linked', 'unedited']);
  // Another entry of the cell was edited.
  const both = { ...EIGHT, entries: [1, 2] };
  const edited = correctionsOf(
    input({
      rows: [rowOf('r1', both)],
      written: [both],
      truth: [EIGHT, payLine('k2', '1.00', { earnCode: 'OT', entries: [2] })],
      unedited,
    }),
  );
  expect(only(edited.corrections).kind).toBe('write');
});
