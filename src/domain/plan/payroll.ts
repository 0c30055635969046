import { contentHash, operationKeyOf } from '../base/identity';
import { isContradiction, warning } from '../base/warning';
import type { Warning } from '../base/warning';
import type { ProcoreId } from '../kinds/record';
import { addHours, hundredthsOf } from '../payroll/hours';
import type { PayLine } from '../payroll/line';
import { personName } from '../payroll/employee';
import type { CellState } from '../payroll/judge-cell';
import { periodName } from '../payroll/period';
import type { PayBatchMade } from '../payroll/request-plan';
import type { PlannedBatch } from '../payroll/planned-batch';
import { overtimeWarnings } from '../payroll/overtime-warnings';
import { payRecordId } from '../payroll/planned-batch';
import type { WorksheetStep } from '../payroll/correction';
import type { PayRequestInput, PayRequestPlan, PayStop, Worksheet } from '../payroll/request-plan';
import { planRequest } from '../payroll/request-plan';
import { GAPS } from '../payroll/resolve';
import type { PayNames } from '../payroll/shown';
import { totalsOf } from '../payroll/totals';
import type { CompleteEntries, FieldChange, Operation, WritePayBatch } from './operation';
import { numbered } from './operation';
import type { LeftOut, Plan } from './plan';
import { NO_FACTS, sealPlan } from './plan';

/** The request of a pay period, with what only writing needs. */
export interface PayrollPlanInput extends PayRequestInput {
  readonly connectionId: string;
  /** Entries are closed in Procore (`completed`) once they are written. */
  readonly completes: boolean;
}

/** What planning a pay period came to. */
export type PayrollPlanned =
  | { readonly kind: 'plan'; readonly plan: Plan; readonly worked: PayRequestPlan }
  /** Nothing is to be written now. */
  | {
      readonly kind: 'rest';
      readonly reason: string;
      readonly worked: PayRequestPlan;
      readonly leftOut: readonly LeftOut[];
    }
  /** Everything of it is done, and the ERP has closed the period. */
  | {
      readonly kind: 'over';
      readonly worked: PayRequestPlan;
      readonly result: { readonly status: 'applied' | 'failed'; readonly summary: string };
    };

/** Plans the request of a pay period: what is written, what rests, or that it is over. */
export function planPayroll(input: PayrollPlanInput): PayrollPlanned {
  const { period, isCutOff } = input;
  const worked = planRequest(input);
  const names = namesIn(input);
  const leftOut = exceptionsOf(worked, names);
  const isClosed = period.state === 'closed';
  // What is to be corrected once its period is closed goes into the next one.
  if (isClosed && worked.unposted === 0 && !worked.stops.some(({ isLoss }) => isLoss))
    return over(input, worked);
  // What is not posted when its period closes is a matter for people; nothing more goes into it.
  const batches = isClosed ? [] : worked.batches;
  if (batches.length === 0) return { kind: 'rest', reason: restingWords(input, worked), worked, leftOut };
  const operations = numbered(batches.flatMap((batch) => operationsOf(batch, names, input)));
  const planned = batches.map(({ batch }) => batch);
  const lines = planned
    .filter((batch) => batch.period.group === period.group)
    .flatMap((batch) => batch.lines);
  const factors = new Map(input.references.codes.earnCodes.map(({ code, factor }) => [code, factor]));
  const { group, begin, end, run } = period;
  const corrected = worked.corrections
    .filter(({ parts }) => parts.some(({ way }) => way === 'correct'))
    .flatMap(({ cells }) => cells);
  const plan = sealPlan({
    subject: `payroll of group ${group}, ${begin} to ${end}`,
    operations,
    warnings: [
      ...warningsOf(worked, isCutOff),
      ...ofErpsOvertime(planned, input, names),
      ...worksheetWarnings(worked.worksheets),
    ],
    notes: [],
    facts: { ...NO_FACTS, dates: [end] },
    leftOut,
    unchanged: lines.length - planned.flatMap(({ added }) => added).length,
    payroll: {
      period: { group, begin, end, run },
      totals: totalsOf(lines, (code) => factors.get(code) ?? null),
      leftOut: worked.period.leftOut,
      withoutHours: planned.some((batch) => batch.batch === null && batch.purpose === 'period')
        ? worked.period.withoutHours.map((key) => names.employees[key] ?? key)
        : [],
      corrected,
      worksheets: worked.worksheets,
      names: usedOf(names, lines, corrected),
    },
  });
  return { kind: 'plan', plan, worked };
}

function over({ period }: PayrollPlanInput, worked: PayRequestPlan): PayrollPlanned {
  const base = { kind: 'over' as const, worked };
  const { group, end } = period;
  if (worked.posted > 0)
    return {
      ...base,
      result: {
        status: 'applied',
        summary: `Payroll of group ${group} to ${end} is posted: ${worked.posted} ${worked.posted === 1 ? 'line' : 'lines'}. What is edited from now on is corrected in a later period.`,
      },
    };
  const hours = worked.period.totals.hours;
  return hundredthsOf(hours) === 0
    ? {
        ...base,
        result: {
          status: 'applied',
          summary: `The period of group ${group} to ${end} closed without hours.`,
        },
      }
    : {
        ...base,
        result: {
          status: 'failed',
          summary: `The ERP closed the period of group ${group} to ${end} before its batch was written: its ${hours} h are paid in the next open period.`,
        },
      };
}

function restingWords({ period, isCutOff }: PayrollPlanInput, worked: PayRequestPlan): string {
  const { totals, leftOut } = worked.period;
  if (!isCutOff) {
    const people = totals.byEmployee.length;
    const out =
      leftOut.length === 0
        ? ''
        : `, ${leftOut.length} ${leftOut.length === 1 ? 'entry' : 'entries'} left out`;
    const hours =
      people === 0 ? 'no hours' : `${totals.hours} h of ${people} ${people === 1 ? 'employee' : 'employees'}`;
    return `It gathers until ${period.cutOff ?? period.end}: ${hours} so far${out} (\`tieback payroll plan ${period.group} ${period.end}\`).`;
  }
  if (worked.unposted > 0)
    return period.state === 'closed'
      ? `The ERP closed the period, and ${worked.unposted} of its lines are not posted: somebody must look.`
      : `Its batch waits to be posted in the ERP (${worked.unposted} lines).`;
  if (worked.stops.length > 0)
    return `${worked.stops.length} things wait for an answer (\`tieback exceptions\`).`;
  return worked.posted > 0
    ? 'Everything is posted; it waits until the ERP closes the period.'
    : 'There are no hours to pay; it waits until the ERP closes the period.';
}

function operationsOf(
  { batch, takes, frees }: PayBatchMade,
  names: PayNames,
  input: PayrollPlanInput,
): readonly Operation[] {
  const recordId = payRecordId(batch);
  const head = input.heads[recordId] ?? null;
  const targetRevision = contentHash({ lines: batch.lines, batch: batch.batch });
  const generation = (head?.generation ?? 0) + 1;
  const { connectionId, completes, kept } = input;
  const what = batch.purpose === 'correction' ? 'corrections of posted time' : 'timecards';
  const where = batch.batch === null ? 'a new batch' : `batch ${batch.batch}`;
  const base = {
    seq: 0,
    kind: null,
    recordId,
    procoreId: null,
    generation,
    targetRevision,
  };
  const write: WritePayBatch = {
    ...base,
    side: 'erp',
    action: 'write_batch',
    target: `${what} of ${periodName(batch.period)}: ${where}, ${batch.lines.length} lines, ${addHours(batch.lines.map(({ hours }) => hours))}`,
    erpKey: batch.batch,
    operationKey: operationKeyOf({ connectionId, recordId, generation, targetRevision }),
    changes: changesOf(batch, names),
    batch,
    books: { takes, frees },
  };
  const entries = completes ? entriesToComplete(batch, kept) : [];
  if (entries.length === 0) return [write];
  const complete: CompleteEntries = {
    ...base,
    side: 'procore',
    action: 'complete_entries',
    target: `${entries.length} timecard ${entries.length === 1 ? 'entry' : 'entries'} as completed`,
    erpKey: null,
    operationKey: `${write.operationKey}:complete`,
    changes: [],
    entries,
  };
  return [write, complete];
}

/** Entries of lines that come, and that Procore does not show as completed. */
function entriesToComplete({ added }: PlannedBatch, kept: PayrollPlanInput['kept']): readonly ProcoreId[] {
  const open = new Set(
    kept
      .filter(({ entry }) => entry.deletedAt === null && entry.status !== 'completed')
      .map(({ entry }) => entry.id),
  );
  const ids = added.filter(({ leg }) => leg !== 'reversal').flatMap(({ entries }) => entries);
  return [...new Set(ids)].filter((id) => open.has(id)).sort((one, two) => one - two);
}

/** What changes, a row each: a line that comes in place of one that goes is told as one, with old and new hours. */
function changesOf({ added, withdrawn }: PlannedBatch, names: PayNames): readonly FieldChange[] {
  const gone = new Set(withdrawn);
  const byKey = new Map(withdrawn.flatMap((row) => (row.key === null ? [] : [[row.key, row] as const])));
  const byPlace = new Map(withdrawn.map((row) => [payPlace(row), row]));
  const fresh = added.map((line): FieldChange => {
    const found = [byKey.get(line.key), byPlace.get(payPlace(line))];
    const before = found.find((row) => row !== undefined && gone.delete(row));
    return {
      field: line.key,
      label: lineLabel(line, names),
      old: before?.hours ?? null,
      new: line.hours,
    };
  });
  const rest = [...gone].map((row): FieldChange => ({
    field: row.key ?? row.id,
    label: lineLabel(row, names),
    old: row.hours,
    new: null,
  }));
  return [...fresh, ...rest];
}

/** Where hours stand for people; shift and department may be the ERP's own. */
const payPlace = ({
  employee,
  date,
  job,
  phase,
  earnCode,
  craft,
  class: of,
  equipment,
}: Omit<PayLine, 'key' | 'entries' | 'hours' | 'leg'>): string =>
  JSON.stringify([employee, date, job, phase, earnCode, craft, of, equipment]);

/** A line for people: all of its codes, and not its hours. */
export function lineLabel(
  line: Omit<PayLine, 'key' | 'entries' | 'hours' | 'leg'> & Pick<Partial<PayLine>, 'leg'>,
  names: PayNames,
): string {
  const named = (of: Readonly<Record<string, string>>, key: string | null): string | null =>
    key === null ? null : (of[key] ?? key);
  return [
    ...(line.leg === undefined ? [] : [line.leg]),
    named(names.employees, line.employee),
    line.date,
    named(names.jobs, line.job),
    named(names.phases, line.phase),
    line.earnCode,
    line.craft === null ? null : `craft ${line.craft}${line.class === null ? '' : `/${line.class}`}`,
    line.shift === null ? null : `shift ${line.shift}`,
    line.department === null ? null : `department ${line.department}`,
    line.equipment === null ? null : `equipment ${line.equipment}`,
    line.certified ? 'certified' : null,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

/** Warnings about lines that come with this plan; a draft has them all. */
function warningsOf({ period, batches }: PayRequestPlan, isCutOff: boolean): readonly Warning[] {
  const coming = new Set(batches.flatMap(({ batch }) => batch.added).flatMap(({ entries }) => entries));
  return period.warnings
    .filter(
      ({ entries, code }) =>
        !isCutOff || isContradiction(code) || entries.length === 0 || entries.some((id) => coming.has(id)),
    )
    .map(({ code, text }) => warning(code, text));
}

const ofErpsOvertime = (
  batches: readonly PlannedBatch[],
  { references, rows, written }: PayrollPlanInput,
  names: PayNames,
): readonly Warning[] =>
  overtimeWarnings({
    lines: batches.filter(({ purpose }) => purpose === 'period').flatMap(({ added }) => added),
    rows,
    own: new Set(written.map(({ line }) => line.key)),
    references,
    nameOf: (key) => names.employees[key] ?? key,
  }).map(({ code, text }) => warning(code, text));

const worksheetWarnings = (worksheets: readonly Worksheet[]): readonly Warning[] =>
  worksheets.length === 0
    ? []
    : [
        warning(
          'by_hand',
          `${worksheets.length} ${worksheets.length === 1 ? 'correction is' : 'corrections are'} entered by hand, because the ERP takes no negative time: the plan lists the steps.`,
        ),
      ];

/** What a person must put right: gaps, and what stopped. */
function exceptionsOf({ period, stops, worksheets }: PayRequestPlan, names: PayNames): readonly LeftOut[] {
  const gaps = new Set<string>(Object.keys(GAPS));
  return [
    ...period.leftOut
      .filter(({ reason }) => gaps.has(reason) || PARKED.has(reason))
      .map(({ entry, text }) => ({ recordId: `timecard_entry/${entry}`, erpKey: null, reason: text })),
    ...stops.map(({ recordId, text }: PayStop) => ({ recordId, erpKey: null, reason: text })),
    ...worksheets.map(({ entries, steps }) => ({
      recordId: `timecard_entry/${entries[0] ?? 0}`,
      erpKey: null,
      reason: `The ERP takes no negative time, so a person corrects it there: ${steps.map((step) => stepWords(step, names)).join('; ')}.`,
    })),
  ];
}

/** A step of a worksheet, as a clerk reads it. */
export function stepWords(step: WorksheetStep, names: PayNames): string {
  if (step.do === 'enter') return `enter ${step.line.hours} h (${lineLabel(step.line, names)})`;
  const { id, hours } = step.row;
  const row = `row ${id} of ${hours} h (${lineLabel(step.row, names)})`;
  return step.do === 'void' ? `void ${row}` : `change ${row} to ${step.to} h`;
}

/** Left out until somebody has done something, besides gaps. */
const PARKED: ReadonlySet<string> = new Set([
  'hours_unreadable',
  'negative',
  'amountless_allowance',
  'not_employed',
  'inactive_employee',
  'no_period',
  'no_open_period',
]);

function namesIn({ references }: PayrollPlanInput): PayNames {
  const places = (of: ReadonlyMap<ProcoreId, { readonly key: string; readonly label: string }>) =>
    [...of.values()].map(({ key, label }) => [key, label] as const);
  return {
    employees: Object.fromEntries([...references.employees].map(([key, one]) => [key, personName(one)])),
    jobs: Object.fromEntries([...places(references.jobs), ...places(references.subJobs)]),
    phases: Object.fromEntries(places(references.phases)),
    earnCodes: Object.fromEntries(references.codes.earnCodes.map(({ code, name }) => [code, name])),
  };
}

/** Names of what is shown, and of nothing else: a plan names nobody whom it is not about. */
function usedOf(names: PayNames, lines: readonly PayLine[], corrected: readonly CellState[]): PayNames {
  const all = [...lines, ...corrected.map(({ cell }) => ({ ...cell, earnCode: '' }))];
  const only = (
    of: Readonly<Record<string, string>>,
    keyOf: (one: (typeof all)[number]) => string | null,
  ): Readonly<Record<string, string>> =>
    Object.fromEntries(
      [...new Set(all.map(keyOf))]
        .sort()
        .flatMap((key) => (key === null || of[key] === undefined ? [] : [[key, of[key]] as const])),
    );
  return {
    employees: only(names.employees, ({ employee }) => employee),
    jobs: only(names.jobs, ({ job }) => job),
    phases: only(names.phases, ({ phase }) => phase),
    earnCodes: only(names.earnCodes, ({ earnCode }) => earnCode),
  };
}
