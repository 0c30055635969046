import { isDeepStrictEqual } from 'node:util';
import { addDays, weekdayOf } from '../../src/domain/base/local-date';
import type { ProcoreSimulator } from '../procore-simulator/simulator';
import type { Accounting } from '../sample-erp/company';
import type { Equal } from './both-sides';
import { tieback, tiebackResult, untilRequest } from './cli';
import type { Installation } from './installation';
import type { Say } from './say';

/** Payroll of the demo: ids of Procore, and the weeks around its first day. */
export interface PayrollStory {
  /** Last day of the week that is paid, and of the one after it. */
  readonly end: string;
  readonly nextEnd: string;
  readonly regular: number;
  readonly overtime: number;
  /** Somebody without an employee number: whose hours nobody pays before they are matched. */
  readonly stranger: number;
  /** The entry that is edited after it was paid. */
  readonly edited: number;
}

const JOB = '  998-005';
const GROUP = 1;

export const requestOf = (end: string): string => `payroll/1-${GROUP}-${end}`;

/** Week ends of the pay group, whatever day it is: the last one is over, and cut off. */
export function payWeeks(erp: Accounting): Pick<PayrollStory, 'end' | 'nextEnd'> {
  const today = new Date().toLocaleDateString('sv');
  const end = addDays(today, -(weekdayOf(today) + 1));
  const nextEnd = addDays(end, 7);
  erp.db.exec(`DELETE FROM PRPC WHERE PRGroup = ${GROUP}`);
  for (const last of [addDays(end, -7), end, nextEnd, addDays(nextEnd, 7)])
    erp.addPayPeriod({ co: 1, group: GROUP, end: last }, addDays(last, -6), {
      cutOff: last,
      status: last < end ? 2 : last > nextEnd ? 0 : 1,
    });
  return { end, nextEnd };
}

/** Time types of the field, whose ids the configuration names. */
export function timeTypes(procore: ProcoreSimulator): Pick<PayrollStory, 'regular' | 'overtime'> {
  return {
    regular: procore.addTimeType('Regular Time', 'RT').id,
    overtime: procore.addTimeType('Overtime', 'OT').id,
  };
}

/** Last week's work: a job that comes from the ERP, three people on it, and their hours, approved in time. */
export async function feedPayroll(
  { configFile, erp, procore, clock, payroll }: Installation,
  say: Say,
): Promise<Pick<PayrollStory, 'stranger' | 'edited'>> {
  erp.addJob(1, JOB, 'Harbor View', { city: 'Seattle', state: 'WA' });
  erp.addPhase(1, JOB, '26-050-  ', 'Electrical rough-in');
  erp.assignCostType(1, JOB, '26-050', '1');
  await tieback(configFile, ['reconcile', 'line_item_type']);
  await tieback(configFile, ['reconcile', 'project']);
  const company = () => procore.state().companies[0];
  const staged = company()?.stagedRecords.find(
    (one) => one.item_type === 'project' && JSON.stringify(one).includes('Harbor View'),
  );
  if (staged) procore.importStaged(staged.id);
  const code = () => company()?.records.cost_code.find(({ name }) => name === 'Electrical rough-in');
  for (let tries = 0; tries < 40 && code() === undefined; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await tieback(configFile, ['reconcile', 'project']);
  }
  const project = Number(code()?.['project_id'] ?? 0);
  const person = (first: string, last: string, employee?: string): number =>
    procore.addPerson({
      first_name: first,
      last_name: last,
      ...(employee === undefined ? {} : { employee_id: employee }),
    }).id;
  const [ada, bo, stranger] = [
    person('Ada', 'Quimby', '501'),
    person('Bo', 'Tumbledown', '502'),
    person('Finn', 'Halfpenny'),
  ];
  // Entered and approved last week.
  const back = Date.parse(`${payroll.end}T12:00:00Z`) - clock.now();
  clock.advance(back);
  const enter = (who: number, daysBefore: number, hours: string, type = payroll.regular): number =>
    procore.enterTime(
      project,
      {
        ...{ party_id: who, date: addDays(payroll.end, -daysBefore), hours, cost_code_id: code()?.id },
        ...{ timecard_time_type_id: type, approval_status: 'approved' },
      },
      { side: 'company' },
    ).id;
  const edited = enter(ada, 4, '8.00');
  enter(ada, 3, '8.00');
  enter(ada, 3, '1.50', payroll.overtime);
  enter(bo, 4, '7.50');
  enter(stranger, 4, '8.00');
  clock.advance(-back);
  await tieback(configFile, ['payroll', 'look']);
  const asked = await untilRequest(configFile, requestOf(payroll.end), ['waiting_for_finance']);
  say.done(
    `${asked.id}: last week's hours wait for the payroll clerk; those of somebody without a number are left out`,
  );
  return { stranger, edited };
}

/** The clerk's Tuesday: one parked entry, one approval, one correction after posting, and the report that ties out. */
export async function playPayroll(
  { configFile, erp, procore }: Installation,
  story: PayrollStory,
  { token, clerk, say }: { readonly token: string; readonly clerk: string; readonly say: Say },
): Promise<readonly Equal[]> {
  const found: Equal[] = [];
  const equal = (what: string, now: unknown, wanted: unknown): void =>
    void found.push({ what, ok: isDeepStrictEqual(now, wanted), found: now });
  const as = (...args: readonly string[]): Promise<string> => tieback(configFile, args, token);
  const [week, next] = [requestOf(story.end), requestOf(story.nextEnd)];
  const until = (request: string, reason: RegExp): Promise<unknown> =>
    untilRequest(configFile, request, ['held'], reason);
  const cards = (): readonly string[] =>
    [...erp.cards(), ...erp.postedCards()]
      .map(({ Employee, EarnCode, Hours }) => `${String(Employee)} ${String(EarnCode)} ${String(Hours)}`)
      .sort();

  say.line();
  say.line("Last week's payroll:");
  const exceptions = await as('exceptions', '--json');
  equal(
    'hours of somebody whom the ERP does not know are parked under their name',
    /Finn Halfpenny.*is no employee of the ERP yet/.test(exceptions),
    true,
  );
  await as('payroll', 'people', 'accept', String(story.stranger), '--comment', 'hired last week');
  say.note(`${clerk} said who Finn Halfpenny is`);
  await as('retry', week);
  await untilRequest(configFile, week, ['waiting_for_finance']);
  say.line(await as('show', week));
  for (let tries = 0; tries < 20; tries += 1) {
    // While the plan is made again nothing can be approved.
    const { code } = await tiebackResult(
      configFile,
      ['approve', week, '--yes', '--comment', 'checked'],
      token,
    );
    if (code === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await until(week, /waits to be posted/);
  say.note(`${clerk} approved it; the batch is in the ERP, and nobody but payroll posts it`);
  equal('the batch holds what was approved, once', cards(), [
    '501 1 8.00',
    '501 1 8.00',
    '501 2 1.50',
    '502 1 7.50',
    '506 1 8.00',
  ]);

  for (const { Mth, BatchId } of erp.payBatches())
    erp.postPayBatch({ co: 1, mth: String(Mth) }, Number(BatchId));
  erp.closePayPeriod({ co: 1, group: GROUP, end: story.end });
  await as('payroll', 'look');
  await untilRequest(configFile, week, ['applied']);
  say.note('payroll posted it and closed the week');
  procore.reopenEntries([story.edited], 'approved');
  procore.editTime(story.edited, { hours: '9.00' }, { side: 'company' });
  await as('payroll', 'look');
  await untilRequest(configFile, next, ['waiting_for_finance']);
  say.note('a foreman found one more hour on Monday');
  await as('approve', next, '--yes', '--comment', 'asked the foreman');
  await until(next, /waits to be posted|gathers/);
  equal('what was posted is reversed and replaced, in the next open week', cards(), [
    '501 1 -8.00',
    '501 1 8.00',
    '501 1 8.00',
    '501 1 9.00',
    '501 2 1.50',
    '502 1 7.50',
    '506 1 8.00',
  ]);
  for (const { Mth, BatchId, Status } of erp.payBatches())
    if (Number(Status) < 5) erp.postPayBatch({ co: 1, mth: String(Mth) }, Number(BatchId));
  const report = await as('payroll', 'tie-out', String(GROUP), story.end);
  say.line(report);
  equal(
    'the week ties out: Procore, approved, written and posted',
    /Everything ties out\./.test(report),
    true,
  );
  return found;
}
