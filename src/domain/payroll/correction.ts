import { contentHash } from '../base/identity';
import type { WorkweekRule } from './calendar';
import { workweekOf } from './calendar';
import { placeOf, replacementKey, reversalKey } from './cell';
import type { PayCodes } from './codes';
import { hoursText, hundredthsOf } from './hours';
import type { Cell, KnownLine, PayLine } from './line';
import { linked } from './linked';
import type { OvertimeOwner } from './resolve';
import type { FactorOf } from './split';
import { agrees, byCode, explicitSplit, factors } from './split';
import type { Standing, StandingInput, StandingRow } from './standing';
import { standingsOf } from './standing';

/** Everything that corrections are made of. */
export interface CorrectionInput extends StandingInput {
  readonly codes: PayCodes;
  /** What the batches of the ERP can take (`PayrollCapability.can`). */
  readonly can: { readonly negatives?: true; readonly changesPosted?: true };
  readonly groupOf: (employee: string) => string;
  readonly overtimeOwner: (payGroup: string) => OvertimeOwner;
  /** Entries that have no codes now (`Truth.unresolved`): nothing of theirs is corrected. */
  readonly unresolved: ReadonlySet<number>;
  /** Entries that are as they were when they were written (`Truth.unedited`), but for those of which a person said that they are to be corrected. */
  readonly unedited: ReadonlySet<number>;
  /** Whether the period that a row was posted in is still open. */
  readonly isOpen: (row: KnownLine) => boolean;
  readonly workweek: readonly WorkweekRule[];
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

/** What one pay group's batch gets of a correction. Several batches of one correction are released together, or none is. */
export interface CorrectionBatch {
  readonly group: string;
  readonly withdraw: readonly KnownLine[];
  readonly lines: readonly PayLine[];
}

/** What a clerk does by hand, where the ERP takes no negative time. */
export type WorksheetStep =
  | { readonly do: 'change'; readonly row: KnownLine; readonly to: string }
  | { readonly do: 'void'; readonly row: KnownLine }
  | { readonly do: 'enter'; readonly line: PayLine };

interface CorrectionBase {
  /** The same as long as nothing of it changes. */
  readonly id: string;
  /** Cells that share an entry, now or when they were paid: all of them are corrected, or none. */
  readonly cells: readonly CellState[];
  /** Entries that it is about: no plan of a period takes them meanwhile. */
  readonly entries: readonly number[];
  /** Workweeks to be looked at again: their overtime may be another now. */
  readonly recheck: readonly { readonly employee: string; readonly begin: string; readonly end: string }[];
}

/** One correction: a closed set of cells. */
export type Correction = CorrectionBase &
  (
    | {
        readonly kind: 'write';
        readonly parts: readonly CellCorrection[];
        readonly batches: readonly CorrectionBatch[];
      }
    | { readonly kind: 'worksheet'; readonly steps: readonly WorksheetStep[] }
    /** Nothing is written before a person has answered, or an outcome is known. */
    | {
        readonly kind: 'stopped';
        readonly stops: readonly {
          readonly cell: Cell;
          readonly stop: Stop;
          /** A sentence for people. */
          readonly text: string;
          readonly rows: readonly KnownLine[];
        }[];
      }
  );

/** Where everything stands: cells that agree, cells that a plan of their period will pay, and the corrections of the rest. */
export interface Corrections {
  readonly agreed: readonly CellState[];
  /** Never written: they belong to the plan of their period. */
  readonly unwritten: readonly CellState[];
  readonly corrections: readonly Correction[];
}

type Verdict =
  | { readonly kind: 'agreed' | 'unwritten' }
  | { readonly kind: 'part'; readonly part: CellCorrection; readonly needsNegatives: boolean }
  | { readonly kind: 'stop'; readonly stop: Stop; readonly rows: readonly KnownLine[] };

/**
 * Compares what is true with what the ERP has, cell by cell, and says what is to be written so that they agree. It looks only at what is there now, so it
 * says the same however often and in whatever order things arrived, and what went from A to B and back needs nothing.
 */
export function correctionsOf(input: CorrectionInput): Corrections {
  const factorOf = factors(input.codes.earnCodes);
  const splits = (employee: string): boolean => input.overtimeOwner(input.groupOf(employee)) === 'erp';
  const { cells, foreign } = standingsOf(input, splits, factorOf);
  const days = new Map<string, KnownLine[]>();
  for (const row of foreign) days.set(dayOf(row), [...(days.get(dayOf(row)) ?? []), row]);
  const posted = livePostings([...cells.values()]);
  const judged = [...cells.values()].map((standing) => ({
    standing,
    state: stateOf(standing),
    verdict: judge(standing, {
      input,
      factorOf,
      isSplitByErp: splits(standing.cell.employee),
      foreign: days.get(dayOf(standing.cell)) ?? [],
      isMoved: isMoved(standing, posted),
    }),
  }));
  const open = judged.filter(({ verdict }) => verdict.kind !== 'agreed');
  const groups = linked(open, ({ standing }) => entriesOf(standing));
  const isUnwritten = (group: readonly Judged[]): boolean =>
    group.every(({ verdict }) => verdict.kind === 'unwritten');
  return {
    agreed: judged.filter(({ verdict }) => verdict.kind === 'agreed').map(({ state }) => state),
    unwritten: groups.filter(isUnwritten).flatMap((group) => group.map(({ state }) => state)),
    corrections: groups.filter((group) => !isUnwritten(group)).map((group) => together(group, input)),
  };
}

type Judged = { readonly standing: Standing; readonly state: CellState; readonly verdict: Verdict };

const dayOf = ({ employee, date }: { readonly employee: string; readonly date: string }): string =>
  JSON.stringify([employee, date]);

const sumOf = (rows: readonly { readonly hours: string }[]): number =>
  rows.reduce((sum, { hours }) => sum + hundredthsOf(hours), 0);
const rowsOf = (standing: readonly StandingRow[]): readonly KnownLine[] => standing.map(({ row }) => row);

function stateOf({ cell, truth, posted, flight }: Standing): CellState {
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
const entriesOf = ({ truth, live, flight, gone, unknown, rejected }: Standing): readonly number[] => [
  ...new Set([
    ...[...truth, ...gone, ...unknown].flatMap(({ entries }) => entries),
    ...[...live, ...flight, ...rejected].flatMap(({ line }) => line?.entries ?? []),
  ]),
];

/** Entries by the cells in which their hours are posted. */
function livePostings(cells: readonly Standing[]): ReadonlyMap<number, ReadonlySet<Standing>> {
  const found = new Map<number, Set<Standing>>();
  for (const standing of cells)
    for (const { line } of standing.live)
      for (const entry of line?.entries ?? [])
        found.set(entry, (found.get(entry) ?? new Set()).add(standing));
  return found;
}

/** Whether hours of this cell are posted in another one: then it is part of a correction, and no plan of a period pays it. */
const isMoved = (standing: Standing, posted: ReadonlyMap<number, ReadonlySet<Standing>>): boolean =>
  standing.truth.some(({ entries }) =>
    entries.some((entry) => [...(posted.get(entry) ?? [])].some((other) => other !== standing)),
  );

interface Judging {
  readonly input: CorrectionInput;
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

function judge(standing: Standing, judging: Judging): Verdict {
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

function amended(standing: Standing): Verdict {
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

/** Puts cells that share entries into one correction. What was never written goes with what its hours leave. */
function together(judged: readonly Judged[], input: CorrectionInput): Correction {
  const group = judged.map((one) =>
    one.verdict.kind === 'unwritten' ? { ...one, verdict: amended(one.standing) } : one,
  );
  const entries = [...new Set(group.flatMap(({ standing }) => entriesOf(standing)))].sort(
    (one, two) => one - two,
  );
  const cells = group.map(({ state }) => state);
  const base = { cells, entries, recheck: workweeksOf(cells, input.workweek) };
  const stops = group.flatMap(({ state: { cell }, verdict }) =>
    verdict.kind === 'stop'
      ? [{ cell, stop: verdict.stop, rows: verdict.rows }]
      : [{ cell, stop: 'linked' as const, rows: [] }],
  );
  if (stops.some(({ stop }) => stop !== 'linked')) {
    const told = stops.map((one) => ({
      ...one,
      text: `${one.cell.employee}, ${one.cell.date}: ${STOPS[one.stop]}.`,
    }));
    return { ...base, kind: 'stopped', id: contentHash(told), stops: told };
  }
  const parts = group.flatMap(({ verdict }) => (verdict.kind === 'part' ? [verdict.part] : []));
  const needsNegatives = group.some(({ verdict }) => verdict.kind === 'part' && verdict.needsNegatives);
  if (needsNegatives && input.can.negatives !== true) {
    const steps = group.flatMap(({ standing, verdict }) =>
      verdict.kind === 'part' ? byHand(standing, verdict.part, input.company) : [],
    );
    return { ...base, kind: 'worksheet', id: contentHash(steps), steps };
  }
  const batches = batchesOf(parts, input.groupOf);
  return { ...base, kind: 'write', id: contentHash(batches), parts, batches };
}

function workweeksOf(cells: readonly CellState[], rules: readonly WorkweekRule[]): CorrectionBase['recheck'] {
  const weeks = new Map(
    cells
      .filter(({ cell }) => cell.family === 'worked')
      .map(({ cell: { employee, date } }) => {
        const { begin, end } = workweekOf(date, rules);
        return [JSON.stringify([employee, begin]), { employee, begin, end }];
      }),
  );
  return [...weeks.values()];
}

function batchesOf(
  parts: readonly CellCorrection[],
  groupOf: (employee: string) => string,
): readonly CorrectionBatch[] {
  const groups = [...new Set(parts.map(({ cell }) => groupOf(cell.employee)))].sort();
  return groups.map((group) => {
    const own = parts.filter(({ cell }) => groupOf(cell.employee) === group);
    return {
      group,
      withdraw: own.flatMap(({ withdraw }) => withdraw),
      lines: own.flatMap(({ lines }) => lines),
    };
  });
}

/** The steps of a clerk: one posted row of the same code is changed, everything else is voided and entered anew. */
function byHand(
  { live }: Standing,
  { lines, withdraw }: CellCorrection,
  company: string,
): readonly WorksheetStep[] {
  const reversed = new Set(lines.filter(({ leg }) => leg === 'reversal').map(({ key }) => key));
  const rows = rowsOf(live).filter((row) => reversed.has(reversalKey(company, row)));
  const fresh = lines.filter(({ leg }) => leg !== 'reversal');
  const [row, line] = [rows[0], fresh[0]];
  const isOneEach = rows.length === 1 && fresh.length === 1 && row?.earnCode === line?.earnCode;
  const gone = withdraw.map((one): WorksheetStep => ({ do: 'void', row: one }));
  if (isOneEach && row !== undefined && line !== undefined)
    return [...gone, { do: 'change', row, to: line.hours }];
  return [
    ...gone,
    ...rows.map((one): WorksheetStep => ({ do: 'void', row: one })),
    ...fresh.map((one): WorksheetStep => ({ do: 'enter', line: one })),
  ];
}
