import { dateIn } from '../../domain/base/time-zone';
import type { LeftOut } from '../../domain/plan/plan';
import { planPayroll } from '../../domain/plan/payroll';
import type { PayPeriod } from '../../domain/payroll/period';
import { periodName } from '../../domain/payroll/period';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';
import { auditEntry } from '../record/entry';
import { NOTHING_HAPPENED } from '../record/outcome';
import type { WaySteps } from '../way';
import { older } from '../in-hand';
import { readPayrollErp, readPayrollProcore } from './read';
import { payScope } from './scope';
import { knownHere, payrollOf, referencesOf, rulesOf } from './sides';

/** A period that rests looks by itself once in so many rounds; what moved is told to it. */
const LOOKS_A_ROUND = 12;

/** One pay period: timecards become the batch of the ERP, and what was paid is kept right. */
export const payrollWay: WaySteps<'payroll'> = {
  way: 'payroll',
  readErp: readPayrollErp,
  readProcore: readPayrollProcore,
  mustAsk: () => Promise.resolve(true),

  async plan(t, { connection, row, intent }, snapshot, { now }) {
    if (snapshot.people === null) throw older(row, 'who the people of Procore are');
    const { people } = snapshot;
    const parts = payrollOf(connection);
    const { settings } = parts;
    const period = periodIn(snapshot.periods, intent.period);
    const asOf = dateIn(Date.parse(now), settings.timeZone);
    const isCutOff = asOf > (period.cutOff ?? period.end);
    const known = await knownHere(t, connection.id);
    const { references, problems } = referencesOf({ ...snapshot, people }, known, settings);
    const rules = rulesOf(settings, period.group);
    const { olderEnds, ...scope } = await payScope(t, parts, row, intent.period);
    const refused = await t.payroll.ofRequest(row, 'refused');
    const planned = planPayroll({
      ...scope,
      connectionId: connection.id,
      requestId: row.id,
      period,
      periods: snapshot.periods,
      asOf,
      isCutOff,
      older: snapshot.periods.filter(
        ({ group, end, run }) => group === period.group && run === 1 && olderEnds.includes(end),
      ),
      references,
      rules,
      refused: refused.map(({ line, reason }) => ({ line, reason: reason ?? '' })),
      rows: snapshot.rows,
      can: parts.erp.can,
      heads: snapshot.heads,
      completes: settings.completes,
    });
    if (planned.kind === 'over') return planned;
    const { leftOut } = planned.kind === 'plan' ? planned.plan : planned;
    await tellLeftOut(t, row, [...leftOut, ...unreadable(row, [...snapshot.unreadable, ...problems])], now);
    return planned.kind === 'plan'
      ? { kind: 'plan', plan: planned.plan }
      : {
          kind: 'held',
          waits: [{ recordId: `pay_period/${periodName(period)}`, reason: planned.reason }],
          lookAgainMs: settings.everySeconds * LOOKS_A_ROUND * 1000,
        };
  },

  outcome() {
    return Promise.resolve(NOTHING_HAPPENED);
  },
};

/** The period as the ERP has it now. One that it has no more is closed: nothing is written to it. */
const periodIn = (
  periods: readonly PayPeriod[],
  wanted: Pick<PayPeriod, 'group' | 'begin' | 'end' | 'run'>,
): PayPeriod =>
  periods.find((one) => periodName(one) === periodName(wanted)) ?? {
    ...wanted,
    cutOff: null,
    state: 'closed',
    frequency: 'weekly',
  };

const unreadable = (row: SyncRequestRow, problems: readonly string[]): readonly LeftOut[] =>
  problems.length === 0 ? [] : [{ recordId: row.id, erpKey: null, reason: problems.join(' ') }];

/** What a person must put right is an exception as long as it is so. */
async function tellLeftOut(
  t: Repositories,
  row: SyncRequestRow,
  leftOut: readonly LeftOut[],
  now: string,
): Promise<void> {
  const { connectionId, id: requestId } = row;
  const told = (await t.exceptions.ofRequest(row)).filter(({ resolvedAt }) => resolvedAt === null);
  const wanted = new Set(leftOut.map(({ recordId }) => recordId));
  const over = told.filter(({ recordId }) => !wanted.has(recordId)).map(({ recordId }) => recordId);
  const resolved =
    over.length === 0
      ? []
      : await t.exceptions.resolve({ connectionId, recordIds: over, cause: 'data' }, now);
  const hint = `Put it right where it lives; the period looks again by itself, or at once with \`tieback retry ${requestId}\`.`;
  const opened = await t.exceptions.open(
    leftOut.map(({ recordId, erpKey, reason }) => ({
      ...{ connectionId, requestId, recordId, erpKey, reason, hint },
      cause: 'data',
      openedAt: now,
    })),
  );
  const entries = [
    ...resolved.map(({ recordId, reason }) =>
      auditEntry(row, now, 'exception.resolved', { subject: recordId, detail: { reason, by: requestId } }),
    ),
    ...opened.map(({ recordId, cause, reason }) =>
      auditEntry(row, now, 'exception.opened', { subject: recordId, detail: { cause, reason } }),
    ),
  ];
  if (entries.length > 0) await t.audit.append(connectionId, entries);
}
