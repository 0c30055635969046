/**
 * The floor of the payroll figures: what somebody would write in an afternoon. Reads people and timecards of a week from Procore, rounds each employee's day
 * to the quarter hour, and enters one batch into the sample ERP in one transaction. It knows nothing of what it did before: run twice, it pays twice.
 *
 * Environment: `ERP_FILE` the ERP's database, `PROCORE_URL` Procore's address, `BEGIN` and `END` the week, `PAY_GROUP`, `PLACES` a file with the ERP's keys of
 * projects and cost codes. Prints `{"cpuSeconds": ..., "peakMb": ..., "lines": ..., "hours": ...}` at its end.
 */
import { readFileSync } from 'node:fs';
import axios from 'axios';
import { openSqlite } from '../../src/sqlite';
import { costOfThisProcess } from '../process-tree';

const COMPANY = 4264807;
const PAGE = 2_000;
const QUARTER = 25;
const {
  ERP_FILE: file = '',
  PROCORE_URL: url = '',
  BEGIN: begin = '',
  END: end = '',
  PAY_GROUP: group = '',
  PLACES: places = '',
} = process.env;

interface Row {
  readonly id: number;
}

interface Person extends Row {
  readonly employee_id: string;
}

interface Entry extends Row {
  readonly date: string;
  readonly hours: string;
  readonly party: Row;
  readonly project: Row;
  readonly cost_code: Row;
  readonly approval_status: string;
}

interface Line {
  readonly employee: number;
  readonly date: string;
  readonly job: number;
  readonly phase: number;
  /** Hundredths of an hour. */
  hours: number;
}

async function main(): Promise<void> {
  const login = { grant_type: 'client_credentials', client_id: 'tieback-demo', client_secret: 'demo-secret' };
  const { data: token } = await axios.post<{ access_token: string }>(`${url}/oauth/token`, login);
  const headers = { authorization: `Bearer ${token.access_token}`, 'procore-company-id': String(COMPANY) };
  const all = async <T>(path: string): Promise<readonly T[]> => {
    const rows: T[] = [];
    for (let page = 1; ; page += 1) {
      const params = { start_date: begin, end_date: end, per_page: PAGE, page };
      const { data } = await axios.get<T[]>(`${url}/rest/v1.0/companies/${COMPANY}/${path}`, {
        headers,
        params,
      });
      rows.push(...data);
      if (data.length < PAGE) return rows;
    }
  };
  const employees = new Map((await all<Person>('people')).map((one) => [one.id, Number(one.employee_id)]));
  const entries = await all<Entry>('timecard_entries');
  const lines = linesOf(entries, employees);
  enter(lines);
  const hours = (lines.reduce((sum, line) => sum + line.hours, 0) / 100).toFixed(2);
  process.stdout.write(`${JSON.stringify({ ...costOfThisProcess(), lines: lines.length, hours })}\n`);
}

/** One line for each place of an employee's day; the day is rounded as a whole, and what that leaves goes to its first lines. */
function linesOf(entries: readonly Entry[], employees: ReadonlyMap<number, number>): readonly Line[] {
  const { jobs, phases } = JSON.parse(readFileSync(places, 'utf8')) as Record<
    'jobs' | 'phases',
    Readonly<Record<string, number>>
  >;
  const days = new Map<string, Map<string, Line>>();
  for (const { party, date, project, cost_code: code, hours, approval_status: status } of entries) {
    const employee = employees.get(party.id);
    const [job, phase] = [jobs[project.id], phases[code.id]];
    if (employee === undefined || job === undefined || phase === undefined)
      throw new Error(`entry of ${date}: no employee, job or phase`);
    if (status !== 'approved' && status !== 'completed') continue;
    const dayKey = `${employee} ${date}`;
    const day = days.get(dayKey) ?? new Map<string, Line>();
    days.set(dayKey, day);
    const line = day.get(`${job} ${phase}`) ?? { employee, date, job, phase, hours: 0 };
    day.set(`${job} ${phase}`, line);
    line.hours += Math.round(Number(hours) * 100);
  }
  return [...days.values()].flatMap((day) => rounded([...day.values()]));
}

function rounded(day: readonly Line[]): readonly Line[] {
  const worked = day.reduce((sum, { hours }) => sum + hours, 0);
  const paid = Math.round(worked / QUARTER) * QUARTER;
  let left = paid;
  for (const line of day) left -= line.hours = Math.floor((line.hours * paid) / worked);
  for (const line of day.slice(0, left)) line.hours += 1;
  return day;
}

function enter(lines: readonly Line[]): void {
  const db = openSqlite(file);
  const mth = end.slice(0, 7);
  db.transaction(() => {
    const { batch } = db
      .prepare<[string], { batch: number }>(
        'SELECT coalesce(max(BatchId), 0) + 1 AS batch FROM HQBC WHERE Co = 1 AND Mth = ?',
      )
      .get(mth) ?? { batch: 1 };
    db.prepare(
      `INSERT INTO HQBC (Co, Mth, BatchId, Source, CreatedBy, PRGroup, PREndDate, PRRun) VALUES (1, ?, ?, 'PR Entry', 'script', ?, ?, 1)`,
    ).run(mth, batch, Number(group), end);
    const insert = db.prepare(
      `INSERT INTO PRTB (Co, Mth, BatchId, Seq, Employee, PostDate, JobID, PhaseID, EarnCode, PRDept, Hours, EnteredBy)
       VALUES (1, ?, ?, ?, ?, ?, ?, ?, 1, '10', ?, 'script')`,
    );
    lines.forEach(({ employee, date, job, phase, hours }, index) =>
      insert.run(mth, batch, index + 1, employee, date, job, phase, (hours / 100).toFixed(2)),
    );
  })();
  db.close();
}

void main();
