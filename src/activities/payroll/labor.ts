import type { Weekday } from '../../domain/base/local-date';
import { addHours } from '../../domain/payroll/hours';
import type { Employee } from '../../domain/payroll/employee';
import type { TimecardEntry } from '../../domain/payroll/entry';
import { gather } from '../../domain/payroll/gather';
import type { LaborRow } from '../../domain/payroll/labor-report';
import { laborReport } from '../../domain/payroll/labor-report';
import type { LeftOut, LeftOutReason } from '../../domain/payroll/left-out';
import type { PayLine } from '../../domain/payroll/line';
import { linesOf, printedHours } from '../../domain/payroll/lines';
import type { PayrollReferences } from '../../domain/payroll/resolve';
import type { PayrollSettings } from '../../domain/payroll/settings';
import { ofGroup } from '../../domain/payroll/settings';
import type { Dates, UnreadableEntry } from '../../procore/payroll/port';
import type { ActivityDeps } from '../deps';
import type { PayrollParts } from './parts';
import { entriesOf, payrollReferences } from './references';

/** Hours worked on jobs as timecards have them now, by craft and class. */
export interface LaborHours {
  readonly rows: readonly LaborRow[];
  /** Of the ERP, by key. */
  readonly employees: ReadonlyMap<string, Employee>;
  readonly jobs: ReadonlyMap<string, string>;
  /** Names of classes, by `<craft>/<class>`. */
  readonly classes: ReadonlyMap<string, string>;
  /** Entries whose hours are not in the rows, each with the reason. */
  readonly leftOut: readonly LeftOut[];
  readonly unreadable: readonly UnreadableEntry[];
  /** Hours of the same people and dates that belong to no job: leave, shop time. Empty where one project is asked for. */
  readonly offJobs: string;
}

/** Which hours are asked for. */
export interface LaborQuestion extends Dates {
  /** Id of a project of Procore, or number of a job; null: all. */
  readonly project: string | null;
  /** Only work of projects that `payroll.mapping.certifiedProjects` names. */
  readonly certifiedOnly: boolean;
}

/** Nothing is linked that has this number or id. */
export interface UnknownProject {
  readonly unknownProject: string;
  /** Numbers of jobs that are linked. */
  readonly known: readonly string[];
}

/**
 * Reads entries, people and codes now, and adds up payable hours of whole days, so that what a day was rounded to is what payroll pays. Throws what the sides
 * throw.
 */
export async function laborHours(
  { store }: Pick<ActivityDeps, 'store'>,
  parts: PayrollParts,
  { project, certifiedOnly, ...dates }: LaborQuestion,
): Promise<LaborHours | UnknownProject> {
  const { references, jobs, jobNumbers } = await payrollReferences({ store }, parts);
  const isAsked = project === null ? null : askedFor(project, references, jobNumbers);
  if (isAsked === undefined)
    return { unknownProject: project ?? '', known: [...new Set(jobNumbers.values())].sort() };
  const { entries, unreadable } = await entriesOf(parts, dates);
  const { lines, leftOut } = payableOf(entries, { dates, settings: parts.settings, references });
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const isAskedEntry = (id: number): boolean => {
    const entry = byId.get(id);
    return isAsked === null || (entry !== undefined && isAsked(entry));
  };
  const asked = lines.filter((line) => line.entries.some(isAskedEntry));
  return {
    rows: rowsOf(asked, { settings: parts.settings, references, certifiedOnly }),
    employees: references.employees,
    jobs,
    classes: new Map(references.codes.classes.map((one) => [`${one.craft}/${one.class}`, one.name])),
    leftOut: leftOut.filter(({ entry }) => isAskedEntry(entry)),
    unreadable,
    offJobs:
      isAsked === null
        ? addHours(
            lines
              .filter(({ job, family }) => family === 'leave' || (family === 'worked' && job === null))
              .map(({ hours }) => hours),
          )
        : '',
  };
}

/** Undefined: nothing is linked that has this id or number. An id of Procore goes before a number of the ERP. */
function askedFor(
  typed: string,
  { jobs, subJobs }: PayrollReferences,
  numbers: ReadonlyMap<string, string>,
): ((entry: TimecardEntry) => boolean) | undefined {
  const id = Number(typed);
  if (jobs.has(id)) return ({ project }) => project?.id === id;
  const isNamed = (key: string): boolean =>
    key === typed || numbers.get(key)?.toLowerCase() === typed.toLowerCase();
  const [ids, subIds] = [jobs, subJobs].map(
    (places) => new Set([...places].filter(([, { key }]) => isNamed(key)).map(([procoreId]) => procoreId)),
  );
  if (ids === undefined || subIds === undefined || ids.size + subIds.size === 0) return undefined;
  return ({ project, subJob }) => ids.has(project?.id ?? 0) || subIds.has(subJob?.id ?? 0);
}

/** They are no hours. */
const UNITS: readonly LeftOutReason[] = ['amountless_allowance', 'allowance_twice'];

/** Lines of all that is payable on these dates, whichever period pays it. */
function payableOf(
  entries: readonly TimecardEntry[],
  {
    dates,
    settings,
    references,
  }: {
    readonly dates: Dates;
    readonly settings: PayrollSettings;
    readonly references: PayrollReferences;
  },
): { readonly lines: readonly PayLine[]; readonly leftOut: readonly LeftOut[] } {
  const groups = new Set([...references.employees.values()].map(({ payGroup }) => payGroup));
  const gathered = [...(groups.size === 0 ? [''] : groups)].map((group) =>
    gather({
      // As an extra run of these dates: it takes the entries that it is given.
      period: { ...dates, group, run: 2, cutOff: null, state: 'open', frequency: 'weekly' },
      periods: [],
      asOf: dates.end,
      entries,
      references,
      rules: {
        payable: settings.payable,
        grid: settings.rounding,
        workweek: [{ startsOn: ofGroup(settings.workweeks, group, 0), since: null }],
        overtime: null,
        timeZone: settings.timeZone,
      },
      elsewhere: new Map(),
      gathered: new Set(entries.map(({ id }) => id)),
    }),
  );
  const paid = gathered.flatMap((one) => one.paid);
  const leftOut = new Map(gathered.flatMap((one) => one.leftOut).map((one) => [one.entry, one]));
  return {
    lines: linesOf(
      references.company,
      paid,
      printedHours(paid, { grid: settings.rounding, frozen: new Map() }),
    ),
    leftOut: [...leftOut.values()].filter(({ reason }) => !UNITS.includes(reason)),
  };
}

/** Weeks begin as the workweek of each employee's pay group does. */
function rowsOf(
  lines: readonly PayLine[],
  {
    settings,
    references,
    certifiedOnly,
  }: {
    readonly settings: PayrollSettings;
    readonly references: PayrollReferences;
    readonly certifiedOnly: boolean;
  },
): readonly LaborRow[] {
  const factors = new Map(references.codes.earnCodes.map(({ code, factor }) => [code, factor]));
  const startOf = ({ employee }: PayLine): Weekday =>
    ofGroup(settings.workweeks, references.employees.get(employee)?.payGroup ?? '*', 0);
  return [...new Set(lines.map(startOf))].flatMap((weekStartsOn) =>
    laborReport(
      lines.filter((line) => startOf(line) === weekStartsOn),
      { weekStartsOn, factorOf: (code) => factors.get(code) ?? null, certifiedOnly },
    ),
  );
}
