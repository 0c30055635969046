/** Reports about payroll, made of both sides as they are now: what the command line and the Desk hand over. */
import { laborHours, payPeriods, tieOutPeriod } from './activities';
import type { LaborQuestion } from './activities/payroll/labor';
import type { PayrollParts } from './activities/payroll/parts';
import type { PayrollReading, PayReport } from './desk/payroll/room';
import { peopleShown } from './payroll-who-is-who';
import { chosenPeriod } from './desk/payroll/chosen-period';
import { DeskRefusal } from './desk/refusal';
import type { Employee } from './domain/payroll/employee';
import { csvFile } from './reports/csv';
import { laborReportOf } from './reports/labor';
import type * as Pdf from './reports/pdf';
import type { Report } from './reports/report';
import { tieOutReportOf, verdictOf } from './reports/tie-out';
import type { Store } from './store/store';
import { version } from './version';

/** What a report is made of. */
export interface ReportParts {
  readonly store: Store;
  readonly parts: PayrollParts;
  readonly now: Date;
}

/** A report, and what programs are told of it. */
export interface MadeReport {
  readonly report: Report;
  readonly data: object;
}

const SOURCES = 'timecards of Procore and codes of the ERP as they were then';

/** Hours by craft and class. Throws `DeskRefusal` `PROJECT_UNKNOWN`, and what the sides throw. */
export async function laborReport(
  { store, parts, now }: ReportParts,
  question: LaborQuestion,
): Promise<MadeReport> {
  const { begin, end, certifiedOnly } = question;
  const found = await laborHours({ store }, parts, question);
  if ('unknownProject' in found) throw unknownProject(found);
  const { rows, leftOut, offJobs } = found;
  const unreadable = found.unreadable.flatMap(({ problems }) => problems);
  const company = await companyOf(parts);
  const facts = { ...found, unreadable, company, dates: { begin, end }, certifiedOnly };
  return {
    report: laborReportOf(facts, made(now, SOURCES)),
    data: {
      connection: parts.connection.id,
      from: begin,
      to: end,
      rows,
      people: peopleOf(rows, found.employees),
      leftOut,
      unreadable,
      offJobs,
    },
  };
}

const SHOWN_JOBS = 10;

function unknownProject({
  unknownProject: typed,
  known,
}: {
  readonly unknownProject: string;
  readonly known: readonly string[];
}): DeskRefusal {
  const some = known.slice(0, SHOWN_JOBS).join(', ');
  return new DeskRefusal(
    'PROJECT_UNKNOWN',
    `No project that is linked has the id or number "${typed}".`,
    known.length === 0
      ? 'No project is linked yet: `tieback links list project` lists them.'
      : `Jobs: ${some}${known.length > SHOWN_JOBS ? ', ...; `tieback links list project` lists all' : ''}.`,
  );
}

/** Hours of a period in all five places. `isSure`: every difference is explained, and everything could be read. Throws as `chosenPeriod`, and what the sides throw. */
export async function tieOutReport(
  { store, parts, now }: ReportParts,
  group: string,
  end: string | undefined,
): Promise<MadeReport & { readonly isSure: boolean; readonly end: string }> {
  const around = await payPeriods(parts, now.toISOString(), dateOrNone(end));
  const period = chosenPeriod(around, group, end);
  const tied = await tieOutPeriod({ store }, parts, { ...around, period });
  const unreadable = tied.unreadable.flatMap(({ problems }) => problems);
  const facts = { ...tied, unreadable, company: await companyOf(parts) };
  const verdict = verdictOf(facts);
  const { plan, isApproved, rows } = tied;
  return {
    isSure: verdict.unexplained + verdict.unreadable === 0,
    end: period.end,
    report: tieOutReportOf(facts, made(now, `${SOURCES}, and our books`)),
    data: {
      connection: parts.connection.id,
      period,
      plan,
      isApproved,
      verdict,
      rows,
      people: peopleOf(rows, tied.employees),
      unreadable,
    },
  };
}

const dateOrNone = (text = ''): string | undefined => (/^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined);

/** When and from what a report is made, for its foot. */
const made = (now: Date, from: string): Pick<Report, 'madeAt' | 'madeFrom'> => {
  const madeAt = now.toISOString();
  return { madeAt, madeFrom: `made ${madeAt.slice(0, 19)}Z by Tieback ${version()} from ${from}` };
};

async function companyOf({ connection }: PayrollParts): Promise<string> {
  const { companyName, company, system } = await connection.erp.describe();
  return `${companyName} (company ${company} of ${system})`;
}

/** Number and name of the employees of rows, by key. */
const peopleOf = (
  rows: readonly { readonly employee: string | null }[],
  employees: ReadonlyMap<string, Employee>,
): Readonly<Record<string, Pick<Employee, 'number' | 'firstName' | 'lastName'>>> =>
  Object.fromEntries(
    [...new Set(rows.map(({ employee }) => employee))].flatMap((key) => {
      const known = employees.get(key ?? '');
      if (known === undefined) return [];
      const { number, firstName, lastName } = known;
      return [[known.key, { number, firstName, lastName }]];
    }),
  );

/** What the Desk reads of the payroll of a connection. */
export function payrollReading(
  { store, parts }: Omit<ReportParts, 'now'>,
  now: () => string,
): PayrollReading {
  const at = (): ReportParts => ({ store, parts, now: new Date(now()) });
  const shown = (name: string, { report, data }: MadeReport): PayReport => ({
    name,
    data,
    csv: () => csvFile(report),
    pdf: async (paper) => {
      // Fonts and a layout engine that nobody needs before the first report.
      const { renderPdf } = module.require('./reports/pdf') as typeof Pdf;
      return renderPdf(report, paper);
    },
  });
  return {
    periods: async () => {
      const [{ periods }, { company }] = await Promise.all([
        payPeriods(parts, now()),
        parts.connection.erp.describe(),
      ]);
      return { company, periods };
    },
    tieOut: async (group, end) => {
      const tied = await tieOutReport(at(), group, end);
      return shown(`tie-out-${group}-${tied.end}`, tied);
    },
    people: () => peopleShown(store, parts, now()),
    labor: async (asked) => shown(`labor-${asked.begin}-${asked.end}`, await laborReport(at(), asked)),
  };
}
