import fc from 'fast-check';
import { cellKey } from '../../../../src/domain/payroll/cell';
import { correctionsOf } from '../../../../src/domain/payroll/correction';
import { hundredthsOf } from '../../../../src/domain/payroll/hours';
import type { OvertimeOwner } from '../../../../src/domain/payroll/resolve';
import { shuffled } from './fixtures';
import { PayrollOffice } from './payroll-office';
import type { Done, Version } from './payroll-office';

/* The correction algebra against a payroll office that keeps naive books, with edits before, during and after every step. */

type Step =
  | {
      readonly kind: 'edit';
      readonly card: number;
      readonly version: Version | null;
      readonly approved: boolean;
    }
  | { readonly kind: 'plan' | 'correct' | 'probe' | 'post' | 'payday' | 'adopt' | 'ignore' }
  /** A write whose answer is lost. */
  | { readonly kind: 'crash'; readonly of: 'plan' | 'correct'; readonly done: Done }
  | { readonly kind: 'by_hand'; readonly version: Version };

const version = (owner: OvertimeOwner): fc.Arbitrary<Version> =>
  fc.record({
    employee: fc.constantFrom('1|2207', '1|2208'),
    job: fc.constantFrom('1|26-014', '1|26-015'),
    earnCode: owner === 'erp' ? fc.constant('REG') : fc.constantFrom('REG', 'OT'),
    hundredths: fc.constantFrom(0, 33, 400, 1000, 1150),
  });

const steps = (owner: OvertimeOwner, byHand: boolean): fc.Arbitrary<readonly Step[]> => {
  const edit = fc.record({
    kind: fc.constant('edit' as const),
    card: fc.nat(2),
    version: fc.option(version(owner), { freq: 6 }),
    approved: fc.constantFrom(true, true, true, false),
  });
  const office = fc.constantFrom<Step>(
    { kind: 'plan' },
    { kind: 'correct' },
    { kind: 'post' },
    { kind: 'probe' },
    { kind: 'payday' },
    { kind: 'payday' },
    ...(['now', 'later', 'never'] as const).flatMap((done): Step[] => [
      { kind: 'crash', of: 'plan', done },
      { kind: 'crash', of: 'correct', done },
    ]),
  );
  const clerk = fc.oneof(
    fc.record({ kind: fc.constant('by_hand' as const), version: version(owner) }),
    fc.constantFrom<Step>({ kind: 'adopt' }, { kind: 'ignore' }),
  );
  return fc.array(byHand ? fc.oneof(edit, office, clerk) : fc.oneof(edit, office), {
    maxLength: 40,
    size: 'max',
  });
};

function take(office: PayrollOffice, step: Step): void {
  if (step.kind === 'edit') office.edit(step.card, step.version, step.approved);
  else if (step.kind === 'probe') office.probe();
  else if (step.kind === 'post') office.post();
  else if (step.kind === 'payday') {
    settle(office);
    office.post();
  } else if (step.kind === 'by_hand') {
    if (step.version.hundredths > 0) office.addByHand(step.version);
  } else if (step.kind === 'adopt' || step.kind === 'ignore') office.decide(step.kind);
  else if (step.kind === 'plan') office.plan();
  else if (step.kind === 'crash') office[step.of](step.done, false);
  else office.correct();
}

/** Everything that can be written is written, and people have answered. */
function settle(office: PayrollOffice, decision: 'adopt' | 'ignore' = 'adopt'): void {
  for (let round = 0; ; round += 1) {
    if (round > 6) throw new Error('it does not come to rest');
    office.probe();
    office.decide(decision);
    const wrote = office.plan();
    if (!office.correct() && !wrote) return;
  }
}

/** What holds whatever happened. */
function invariants(office: PayrollOffice): void {
  const keys = office.rows.flatMap(({ key }) => (key === null ? [] : [key]));
  expect(new Set(keys).size).toBe(keys.length);
  for (const row of office.rows) expect(office.timesReversed(row)).toBeLessThanOrEqual(1);
  const { agreed, unwritten, corrections } = office.look();
  const cells = [...agreed, ...unwritten, ...corrections.flatMap((one) => one.cells)];
  for (const { cell, ...state } of cells) {
    const key = cellKey(cell);
    expect(hundredthsOf(state.true)).toBe(office.truthHours(key));
    expect(hundredthsOf(state.true) - hundredthsOf(state.paid) - hundredthsOf(state.flight)).toBe(
      hundredthsOf(state.delta),
    );
  }
  for (const { delta } of agreed) expect(delta).toBe('0.00');
  for (const correction of corrections) {
    if (correction.kind !== 'write') continue;
    // What is there, less what goes, and what comes: just what is true.
    for (const part of correction.parts) {
      const sum = (lines: readonly { readonly hours: string }[]): number =>
        lines.reduce((total, { hours }) => total + hundredthsOf(hours), 0);
      const after =
        hundredthsOf(part.paid) + hundredthsOf(part.flight) - sum(part.withdraw) + sum(part.lines);
      expect(after).toBe(hundredthsOf(part.true));
    }
  }
}

/** How an office works, and what happened to it so far. */
interface Life {
  readonly owner: OvertimeOwner;
  readonly tellsMade: boolean;
  readonly steps: readonly Step[];
}

const lives = (mayByHand = true): fc.Arbitrary<Life> =>
  fc
    .record({
      owner: fc.constantFrom<OvertimeOwner>('field', 'erp'),
      tellsMade: fc.boolean(),
      byHand: mayByHand ? fc.boolean() : fc.constant(false),
    })
    .chain(({ byHand, ...life }) =>
      steps(life.owner, byHand).map((taken): Life => ({ ...life, steps: taken })),
    );

/** An office in which all of that happened; `after` looks at it after each step. */
function lived(
  { owner, tellsMade, steps: taken }: Life,
  {
    negatives = true,
    after = (): void => {},
  }: { negatives?: boolean; after?: (office: PayrollOffice) => void } = {},
): PayrollOffice {
  const office = new PayrollOffice(owner, tellsMade, negatives);
  for (const step of taken) {
    take(office, step);
    after(office);
  }
  return office;
}

const RUNS = { numRuns: 40 };

test('no hour is paid twice or lost: at rest every cell holds just what is true, whatever happened before', () => {
  fc.assert(
    fc.property(lives(), (life) => {
      const office = lived(life, { after: invariants });
      settle(office);
      invariants(office);
      const { unwritten, corrections } = office.look();
      expect([unwritten, corrections]).toEqual([[], []]);
      for (const cell of office.cells()) {
        const held = office.countedHours('posted', cell) + office.countedHours('flight', cell);
        expect(held).toBe(office.truthHours(cell));
      }
      office.post();
      expect(office.look().corrections).toEqual([]);
      for (const cell of office.cells())
        expect(office.countedHours('posted', cell)).toBe(office.truthHours(cell));
    }),
    { numRuns: 100 },
  );
});

test('nothing is done at rest, and looking again or in another order says the same', () => {
  fc.assert(
    fc.property(lives(), fc.array(fc.nat()), (life, numbers) => {
      const office = lived(life);
      const input = office.input();
      const another = {
        ...input,
        rows: shuffled(input.rows, numbers),
        truth: shuffled(input.truth, numbers),
        written: shuffled(input.written, numbers),
      };
      const linesOf = (corrections: ReturnType<typeof correctionsOf>): string[] =>
        corrections.corrections
          .flatMap((one) => (one.kind === 'write' ? one.parts : []))
          .flatMap(({ lines, withdraw }) => [
            ...lines.map(({ key, hours }) => `+${key} ${hours}`),
            ...withdraw.map(({ id }) => `-${id}`),
          ])
          .sort();
      expect(correctionsOf(input)).toEqual(office.look());
      expect(linesOf(correctionsOf(another))).toEqual(linesOf(office.look()));
      settle(office);
      const rows = [...office.rows];
      settle(office);
      expect(office.rows).toEqual(rows);
    }),
    RUNS,
  );
});

test('from A to B and back nets nothing: what is not posted vanishes, what is posted adds up to A', () => {
  fc.assert(
    fc.property(lives(false), fc.nat(3), version('erp'), fc.boolean(), (life, card, other, isPosted) => {
      const office = lived(life);
      settle(office);
      office.post();
      settle(office);
      const rows = [...office.rows];
      const before = office.cards.get(card)?.approved ?? null;
      office.edit(card, other, true);
      settle(office);
      if (isPosted) office.post();
      office.edit(card, before, true);
      settle(office);
      if (!isPosted) expect(office.rows).toEqual(rows);
      for (const cell of office.cells())
        expect(office.countedHours('posted', cell) + office.countedHours('flight', cell)).toBe(
          office.truthHours(cell),
        );
    }),
    RUNS,
  );
});

test('an unapproved edit changes nothing that is written', () => {
  fc.assert(
    fc.property(lives(), fc.nat(3), version('erp'), (life, card, other) => {
      const office = lived(life);
      settle(office);
      const rows = [...office.rows];
      if (!office.cards.has(card)) return;
      office.edit(card, other, false);
      settle(office);
      expect(office.rows).toEqual(rows);
    }),
    RUNS,
  );
});

test('cells that agree are untouched by the corrections of others', () => {
  fc.assert(
    fc.property(lives(), (life) => {
      const office = lived(life);
      const { agreed, corrections } = office.look();
      const alike = new Set(agreed.map(({ cell }) => cellKey(cell)));
      for (const correction of corrections) {
        if (correction.kind !== 'write') continue;
        for (const part of correction.parts) expect(alike.has(cellKey(part.cell))).toBe(false);
      }
    }),
    RUNS,
  );
});

test('without negative time nothing posted is ever written against: true is paid, in flight, or on the worksheet', () => {
  fc.assert(
    fc.property(lives(), (life) => {
      const after = ({ rows }: PayrollOffice): void => {
        for (const { hours } of rows) expect(hours).not.toMatch(/^-/);
      };
      const office = lived(life, { negatives: false, after });
      settle(office);
      invariants(office);
      const { corrections } = office.look();
      const parked = corrections.flatMap(({ cells }) => cells.map(({ delta }) => hundredthsOf(delta)));
      for (const { kind } of corrections) expect(kind).toBe('worksheet');
      const held = office.countedHours('posted') + office.countedHours('flight');
      expect(held + parked.reduce((sum, one) => sum + one, 0)).toBe(office.truthHours());
    }),
    RUNS,
  );
});
