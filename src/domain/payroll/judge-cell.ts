import { placeOf, replacementKey, reversalKey } from './cell';
import { hoursText, hundredthsOf } from './hours';
import type { Cell, KnownLine, PayLine } from './line';
import type { FactorOf } from './split';
import { agrees, byCode, explicitSplit } from './split';
import type { Standing, StandingRow } from './standing';

/** What the verdict on a cell depends on besides the cell. */
export interface JudgeInput {
  /** Key of the ERP's company. */
  readonly company: string;
  /** What the batches of the ERP can take (`PayrollCapability.can`). */
  readonly can: { readonly negatives?: true; readonly changesPosted?: true };
  /** Entries that have no codes now (`Truth.unresolved`): nothing of theirs is corrected. */
  readonly unresolved: ReadonlySet<number>;
  /** Entries that are as they were when they were written (`Truth.unedited`), but for those of which a person said that they are to be corrected. */
  readonly unedited: ReadonlySet<number>;
  /** Whether the period that a row was posted in is still open. */
  readonly isOpen: (row: KnownLine) => boolean;
}

/** Why a cell that is not as it should be is not written to. */
export const STOPS = {
  unknown: 'an earlier write has an unknown outcome: it is looked up first',
  unresolved: 'an entry of it has no codes any more: a gap of the mapping takes nothing back',
  unedited:
    'its entries are as they were paid: the mapping, a link or somebody in the ERP made the difference',
  gone: 'a line of ours is not in the ERP any more',
  altered: 'somebody changed a line of ours that is not posted',
  unbalanced: 'somebody changed a reversal of ours',
  rejected: 'the ERP refused the line',
  foreign: 'somebody else has hours for this employee on this date: they may have put it right by hand',
  linked: 'it goes together with another cell that is stopped',
} as const;
export type Stop = keyof typeof STOPS;

/** A cell, what is paid in it and what should be. Hours are decimal text. */
export interface CellState {
  readonly cell: Cell;
  readonly true: string;
  readonly paid: string;
  /** Written, not posted. */
  readonly flight: string;
  /** `true - paid - flight`. */
  readonly delta: string;
}

/** One cell that is not as it should be, and what is written for it. */
export interface CellCorrection extends CellState {
  /** `amend`: only what is not posted changes; `change`: posted lines of an open period; `correct`: reversal and replacement. */
  readonly way: 'amend' | 'change' | 'correct';
  /** Rows of the ERP that go. */
  readonly withdraw: readonly KnownLine[];
  /** Lines that are written. */
  readonly lines: readonly PayLine[];
}

/** What is to be done about one cell. */
export type Verdict =
  | { readonly kind: 'agreed' | 'unwritten' }
  | { readonly kind: 'part'; readonly part: CellCorrection; readonly needsNegatives: boolean }
  | { readonly kind: 'stop'; readonly stop: Stop; readonly rows: readonly KnownLine[] };

const sumOf = (rows: readonly { readonly hours: string }[]): number =>
  rows.reduce((sum, { hours }) => sum + hundredthsOf(hours), 0);
export const rowsOf = (standing: readonly StandingRow[]): readonly KnownLine[] =>
  standing.map(({ row }) => row);

export function stateOf({ cell, truth, posted, flight }: Standing): CellState {
  const [isTrue, paid, written] = [sumOf(truth), sumOf(rowsOf(posted)), sumOf(rowsOf(flight))];
  return {
    cell,
    true: hoursText(isTrue),
    paid: hoursText(paid),
    flight: hoursText(written),
    delta: hoursText(isTrue - paid - written),
  };
}

/** Entries that a cell is or was about. */
export const entriesOf = ({ truth, live, flight, gone, unknown, rejected }: Standing): readonly number[] => [
  ...new Set([
    ...[...truth, ...gone, ...unknown].flatMap(({ entries }) => entries),
    ...[...live, ...flight, ...rejected].flatMap(({ line }) => line?.entries ?? []),
  ]),
];

/** One look at one cell. */
export interface Judging {
  readonly input: JudgeInput;
  readonly factorOf: FactorOf;
  readonly isSplitByErp: boolean;
  readonly foreign: readonly KnownLine[];
  readonly isMoved: boolean;
}

/** A row stands for the code that it was written with, whatever the ERP's overtime or a clerk made of it. */
const meant = ({ row, line }: StandingRow): { readonly earnCode: string; readonly hours: string } => ({
  earnCode: line?.earnCode ?? row.earnCode,
  hours: row.hours,
});

/** What is to be done about a cell, by what is there now alone. */
export function judge(standing: Standing, judging: Judging): Verdict {
  const { live, posted, flight, truth, rejected } = standing;
  const { factorOf, isSplitByErp, foreign } = judging;
  const stop = (reason: Stop, rows: readonly KnownLine[]): Verdict => ({ kind: 'stop', stop: reason, rows });
  if (standing.unknown.length > 0) return stop('unknown', []);
  if (standing.gone.length > 0) return stop('gone', []);
  if (standing.unbalanced.length > 0) return stop('unbalanced', rowsOf(standing.unbalanced));
  const there = byCode([...live, ...flight].map(meant));
  if (agrees(byCode(truth), there, isSplitByErp, factorOf) && rejected.length === 0)
    return { kind: 'agreed' };
  if (entriesOf(standing).some((entry) => judging.input.unresolved.has(entry))) return stop('unresolved', []);
  if (isRefused(standing)) return stop('rejected', rowsOf(rejected));
  const isWritten = posted.length + flight.length + rejected.length > 0;
  if (!isWritten && !judging.isMoved) {
    const alike = foreign.filter(({ family }) => family === standing.cell.family);
    return alike.length === 0 ? { kind: 'unwritten' } : stop('foreign', alike);
  }
  if (foreign.length > 0) return stop('foreign', foreign);
  // What was changed in a batch by hand is not overwritten.
  if (isAltered(flight)) return stop('altered', rowsOf(flight));
  return posted.length === 0 && !judging.isMoved ? amended(standing) : corrected(standing, judging);
}

/** The ERP refused just what is true now; after an edit the line is sent as it is then. */
const isRefused = ({ truth, rejected }: Standing): boolean =>
  rejected.some(
    ({ row, line }) =>
      line !== null && truth.some(({ key, hours }) => key === line.key && hours === row.hours),
  );

/** Overtime of the ERP moves hours between rows, and leaves their sum. */
const isAltered = (flight: readonly StandingRow[]): boolean => {
  const written = flight.flatMap(({ line }) => (line === null ? [] : [line]));
  return written.length > 0 && sumOf(written) !== sumOf(rowsOf(flight));
};

/** Its lines in a batch that is not posted. */
export function amended(standing: Standing): Verdict {
  const { truth } = standing;
  const part = { ...stateOf(standing), way: 'amend' as const, ...against(standing, truth) };
  return { kind: 'part', part, needsNegatives: false };
}

function corrected(standing: Standing, judging: Judging): Verdict {
  const { input, factorOf, isSplitByErp } = judging;
  const { live, posted } = standing;
  const state = stateOf(standing);
  const isAgreed = agrees(byCode(standing.truth), byCode(live.map(meant)), isSplitByErp, factorOf);
  if (!isAgreed && isUnedited(standing, input.unedited))
    return { kind: 'stop', stop: 'unedited', rows: rowsOf(live) };
  const isOpen = live.length > 0 && live.every(({ row }) => input.isOpen(row));
  if (!isAgreed && isOpen && input.can.changesPosted === true) {
    // The ERP's overtime rules will look at these again, so the split is theirs.
    const fresh = renewed(standing.truth, standing.cell, rowsOf(posted));
    const { withdraw, lines } = against(standing, fresh);
    const part = { ...state, way: 'change' as const, withdraw: [...rowsOf(live), ...withdraw], lines };
    return { kind: 'part', part, needsNegatives: false };
  }
  const wanted = isAgreed
    ? []
    : [...live.map((one) => reversalOf(one, input.company)), ...replacements(standing, judging)];
  const part = { ...state, way: 'correct' as const, ...against(standing, wanted) };
  return { kind: 'part', part, needsNegatives: part.lines.some(({ leg }) => leg === 'reversal') };
}

/** Whether hours are posted, and nobody edited an entry that they are or should be of. */
function isUnedited({ live, truth }: Standing, unedited: ReadonlySet<number>): boolean {
  const paid = live.flatMap(({ line }) => line?.entries ?? []);
  const counted = truth.flatMap(({ entries }) => entries);
  return paid.length > 0 && [...paid, ...counted].every((entry) => unedited.has(entry));
}

/** What goes from the batch and what comes to it, so that it holds just these lines of the cell. What is there already stays. */
function against(
  { flight, rejected }: Standing,
  wanted: readonly PayLine[],
): Pick<CellCorrection, 'withdraw' | 'lines'> {
  const isKept = ({ row }: StandingRow): boolean =>
    wanted.some(({ key, hours }) => row.key === key && hundredthsOf(row.hours) === hundredthsOf(hours));
  const kept = flight.filter(isKept);
  return {
    withdraw: rowsOf([...flight.filter((one) => !isKept(one)), ...rejected]),
    lines: wanted.filter(({ key }) => !kept.some(({ row }) => row.key === key)),
  };
}

/** Mirrors a row, with its own date and the codes that it has now. */
const reversalOf = ({ row, line }: StandingRow, company: string): PayLine => ({
  ...placeOf(row),
  key: reversalKey(company, row),
  earnCode: row.earnCode,
  department: row.department,
  hours: hoursText(-hundredthsOf(row.hours)),
  entries: line?.entries ?? [],
  leg: 'reversal',
});

function replacements(
  { truth, cell, live, posted }: Standing,
  { isSplitByErp, factorOf }: Judging,
): readonly PayLine[] {
  const [first] = truth;
  if (first === undefined) return [];
  if (!isSplitByErp) return renewed(truth, cell, rowsOf(posted), 'replacement');
  const entries = [...new Set(truth.flatMap((line) => line.entries))].sort((one, two) => one - two);
  const split = explicitSplit(byCode(truth), byCode(rowsOf(live)), factorOf);
  const lines = [...split].map(([earnCode, hours]): PayLine => {
    const same = truth.find((line) => line.earnCode === earnCode);
    return { ...first, earnCode, hours: hoursText(hours), entries: same?.entries ?? entries };
  });
  return renewed(lines, cell, rowsOf(posted), 'replacement');
}

const renewed = (
  lines: readonly PayLine[],
  cell: Cell,
  posted: readonly KnownLine[],
  leg?: 'replacement',
): readonly PayLine[] =>
  lines.map((line) => ({
    ...line,
    key: replacementKey(cell, line, posted),
    ...(leg === undefined ? {} : { leg }),
  }));
