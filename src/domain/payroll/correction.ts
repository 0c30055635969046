import { contentHash } from '../base/identity';
import type { WorkweekRule } from './calendar';
import { workweekOf } from './calendar';
import { reversalKey } from './cell';
import type { PayCodes } from './codes';
import type { CellCorrection, CellState, JudgeInput, Stop, Verdict } from './judge-cell';
import { amended, entriesOf, judge, rowsOf, stateOf, STOPS } from './judge-cell';
import type { Cell, KnownLine, PayLine } from './line';
import { linked } from './linked';
import type { OvertimeOwner } from './resolve';
import { factors } from './split';
import type { Standing, StandingInput } from './standing';
import { standingsOf } from './standing';

/** Everything that corrections are made of. */
export interface CorrectionInput extends StandingInput, JudgeInput {
  readonly codes: PayCodes;
  readonly groupOf: (employee: string) => string;
  readonly overtimeOwner: (payGroup: string) => OvertimeOwner;
  readonly workweek: readonly WorkweekRule[];
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
