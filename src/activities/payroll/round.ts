import { addDays } from '../../domain/base/local-date';
import { dateIn } from '../../domain/base/time-zone';
import type { PayPeriod } from '../../domain/payroll/period';
import { periodName } from '../../domain/payroll/period';
import type { Interruption, PeriodsSeen, TimecardsLooked } from '../../domain/request/flow';
import {
  PAY_PERIOD_READER,
  PAYROLL_START_READER,
  payEndIn,
  payRequestIdOf,
  requestNumber,
} from '../../domain/request/id';
import { payPeriodBody } from '../../domain/request/own-request';
import { contentHash } from '../../domain/base/identity';
import { newRequest } from '../../store/new-request';
import type { Repositories } from '../../store/repositories';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf } from '../deps';
import { readBody, withBody } from '../in-hand';
import { auditEntry } from '../record/entry';
import { settle } from '../step';
import { payrollOf, periodsOf } from './sides';
import { lookAtTimecards } from './timecards';

/** Periods that ended longer ago are over for everybody. */
const DAYS_BACK = 45;

/** Runs on the ERP queue. */
export const lookPeriodsActivities = (deps: ActivityDeps) => ({
  /**
   * Looks at the pay periods of the ERP: one that is open and has begun becomes a request, once. Where any of them is not as it was, or its cut-off is over since,
   * the open requests are answered: each looks for itself.
   */
  async lookPayPeriods({
    connectionId,
  }: {
    readonly connectionId: string;
  }): Promise<PeriodsSeen | Interruption> {
    const connection = connectionOf(deps, connectionId);
    return settle(async () => {
      const parts = payrollOf(connection);
      const { settings } = parts;
      const now = deps.now();
      const today = dateIn(Date.parse(now), settings.timeZone);
      const [all, { company }] = await Promise.all([
        periodsOf(parts, addDays(today, -DAYS_BACK)),
        connection.erp.describe(),
      ]);
      const periods = all.filter(({ group }) => settings.groups === null || settings.groups.includes(group));
      // An extra run has no hours of its own: a person makes it.
      const due = periods.filter(({ state, begin, run }) => state === 'open' && begin <= today && run === 1);
      return deps.store.transaction('payroll.periods', connectionId, async (t): Promise<PeriodsSeen> => {
        const made = await makeRequests(t, connection, company, due, now);
        await beginAt(t, connectionId, due, now);
        if (!(await havePeriodsMoved(t, connectionId, periods, { today, now })))
          return { kind: 'periods', made, moved: [] };
        const open = (await t.requests.openOf(connectionId, 'payroll')).map(({ id }) => id);
        return { kind: 'periods', made, moved: open.filter((id) => !made.includes(id)) };
      });
    });
  },
});

async function makeRequests(
  t: Repositories,
  connection: ConnectionParts,
  company: string,
  due: readonly PayPeriod[],
  now: string,
): Promise<readonly string[]> {
  const ids = due.map((period) => payRequestIdOf(company, period));
  const known = await t.requests.knownIds(connection.id, ids);
  const made: string[] = [];
  for (const period of [...due].sort((one, two) => (one.end < two.end ? -1 : 1))) {
    const id = payRequestIdOf(company, period);
    if (known.has(id)) continue;
    const position = await t.requests.nextPosition(connection.id, 'payroll');
    const bare = newRequest(connection.id, 'payroll', position, now, requestNumber(id));
    const body = readBody(connection, bare, payPeriodBody(period));
    const { row, entry } = withBody({ ...bare, fetched: true }, body, now);
    await t.requests.add(row);
    await t.requests.keepBody(body);
    const detail = { source: 'payroll', period: periodName(period) };
    await t.audit.append(connection.id, [auditEntry(row, now, 'intake.received', { detail }), entry]);
    made.push(id);
  }
  return made;
}

/** From the begin of the oldest period that was open when payroll began, timecards are ours to pay. */
async function beginAt(
  t: Repositories,
  connectionId: string,
  due: readonly PayPeriod[],
  now: string,
): Promise<void> {
  const [first] = due.map(({ begin }) => begin).sort();
  if (first === undefined || (await t.checkpoints.get(connectionId, PAYROLL_START_READER)) !== null) return;
  await t.checkpoints.move(connectionId, PAYROLL_START_READER, { from: null, to: first }, now);
}

/** Whether any period has another state or cut-off than at the last look, or its cut-off came. */
async function havePeriodsMoved(
  t: Repositories,
  connectionId: string,
  periods: readonly PayPeriod[],
  { today, now }: { readonly today: string; readonly now: string },
): Promise<boolean> {
  const states = periods.map((period) => [
    periodName(period),
    period.state,
    period.cutOff,
    today > (period.cutOff ?? period.end),
  ]);
  const to = contentHash(states.sort((one, two) => (String(one[0]) < String(two[0]) ? -1 : 1)));
  const known = await t.checkpoints.get(connectionId, PAY_PERIOD_READER);
  await t.checkpoints.move(connectionId, PAY_PERIOD_READER, { from: known?.cursor ?? null, to }, now);
  return known !== null && known.cursor !== to;
}

/** Runs on the Procore queue. */
export const lookTimecardsActivities = (deps: ActivityDeps) => ({
  /** Keeps what is new of timecards. Answers the requests of pay periods that it is about. */
  async lookTimecards({
    connectionId,
  }: {
    readonly connectionId: string;
  }): Promise<TimecardsLooked | Interruption> {
    const connection = connectionOf(deps, connectionId);
    return settle(async (): Promise<TimecardsLooked> => {
      const parts = payrollOf(connection);
      const { moved, requests, dates } = await lookAtTimecards(deps, parts, { tells: true });
      const open = await deps.store.read('payroll.open', (t) => t.requests.openOf(connectionId, 'payroll'));
      const ids = open.map(({ id }) => id);
      const today = dateIn(Date.parse(deps.now()), parts.settings.timeZone);
      // What a request that is over has paid is corrected by one that is open.
      const isOfOver = requests.some((id) => !ids.includes(id));
      // One that gathers looks by itself: it is not told of every entry.
      const isConcerned = (id: string): boolean =>
        requests.includes(id) || (dates !== null && dates.begin <= payEndIn(id) && payEndIn(id) < today);
      return { kind: 'timecards', moved, requests: isOfOver ? ids : ids.filter(isConcerned) };
    });
  },
});
