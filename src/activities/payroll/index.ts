import { dateIn } from '../../domain/base/time-zone';
import type { LeftOut } from '../../domain/plan/plan';
import { planPayroll } from '../../domain/plan/payroll';
import { decideCommand } from '../../domain/payroll/decisions';
import { personName } from '../../domain/payroll/employee';
import type { KnownLine } from '../../domain/payroll/line';
import type { PayrollReferences } from '../../domain/payroll/resolve';
import type { PayPeriod } from '../../domain/payroll/period';
import { periodName } from '../../domain/payroll/period';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';
import { auditEntry } from '../record/entry';
import { NOTHING_HAPPENED } from '../record/outcome';
import type { WaySteps } from '../way';
import { older } from '../in-hand';
import { adoptBatches } from './adopt';
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
    const strange = await adoptBatches(t, row, snapshot, {
      lookBackDays: settings.lookBackDays,
      references,
      rules,
      scope: () => payScope(t, parts, row, intent.period),
      now,
    });
    const { olderEnds, ...scope } = await payScope(t, parts, row, intent.period);
    // Whoever is paid in another group is asked about there: an answer here would count for nothing that is written there.
    const groupOf = (employee: string): string =>
      references.employees.get(employee)?.payGroup ?? period.group;
    const unsaid = strange.filter(
      ({ id, employee }) => groupOf(employee) === period.group && !scope.decisions.rows.has(id),
    );
    const lookAgainMs = settings.everySeconds * LOOKS_A_ROUND * 1000;
    if (unsaid.length > 0) {
      await tellLeftOut(
        t,
        row,
        unsaid.map((one) => strangeRow(row, one, references)),
        now,
        { isAll: false },
      );
      const reason = `${unsaid.length === 1 ? 'A row' : `${unsaid.length} rows`} of the ERP ${unsaid.length === 1 ? 'carries' : 'carry'} a key of ours, and nobody knows for which timecards (\`tieback exceptions\`): nothing is written before somebody has answered.`;
      return { kind: 'held', waits: [{ recordId: `pay_period/${periodName(period)}`, reason }], lookAgainMs };
    }
    const isStrange = new Set(strange.map(({ id }) => id));
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
      // What somebody said of a row counts, and not the key that it carries.
      rows: snapshot.rows.map((one) => (isStrange.has(one.id) ? { ...one, key: null } : one)),
      can: parts.erp.can,
      heads: snapshot.heads,
      completes: settings.completes,
    });
    const { settled } = planned.worked;
    if (settled.length > 0) {
      t.payroll.setWritten(row, settled);
      const detail = { settled: settled.map(({ entryId }) => entryId) };
      await t.audit.append(row.connectionId, [auditEntry(row, now, 'operation.adopted', { detail })]);
    }
    if (planned.kind === 'over') return { kind: 'over', result: planned.result };
    const { leftOut } = planned.kind === 'plan' ? planned.plan : planned;
    const done = scope.kept.filter(({ entry }) => entry.deletedAt !== null || entry.status === 'completed');
    await forgetUnclosed(t, row, new Set(done.map(({ entry }) => `timecard_entry/${entry.id}`)), now);
    await tellLeftOut(t, row, [...leftOut, ...unreadable(row, [...snapshot.unreadable, ...problems])], now);
    return planned.kind === 'plan'
      ? { kind: 'plan', plan: planned.plan }
      : {
          kind: 'held',
          waits: [{ recordId: `pay_period/${periodName(period)}`, reason: planned.reason }],
          lookAgainMs,
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

/** A row that is ours, and that was written before our books were put back. */
const strangeRow = (
  { id: requestId }: SyncRequestRow,
  { id, employee, date, hours, earnCode, batch }: KnownLine,
  { employees }: PayrollReferences,
): LeftOut => {
  const who = employees.get(employee);
  const answer = decideCommand(requestId, 'pay_row', id);
  return {
    recordId: `pay_row/${id}`,
    erpKey: null,
    reason: `Row ${id} (${who === undefined ? employee : personName(who)}, ${date}, ${hours} h ${earnCode}, batch ${batch ?? 'none'}) carries a key of ours that our store does not know: \`${answer} adopt\` counts it as paid for what is approved there, \`${answer} ignore\` leaves it aside.`,
  };
};

const unreadable = (row: SyncRequestRow, problems: readonly string[]): readonly LeftOut[] =>
  problems.length === 0 ? [] : [{ recordId: row.id, erpKey: null, reason: problems.join(' ') }];

/** What Procore did not close for payroll is told until somebody has closed it there, or it is gone. */
async function forgetUnclosed(
  t: Repositories,
  row: SyncRequestRow,
  closed: ReadonlySet<string>,
  now: string,
): Promise<void> {
  const { connectionId } = row;
  const recordIds = (await t.exceptions.ofRequest(row))
    .filter(
      ({ resolvedAt, cause, recordId }) => resolvedAt === null && cause === 'procore' && closed.has(recordId),
    )
    .map(({ recordId }) => recordId);
  if (recordIds.length === 0) return;
  const resolved = await t.exceptions.resolve({ connectionId, recordIds, cause: 'procore' }, now);
  await t.audit.append(
    connectionId,
    resolved.map(({ recordId, reason }) =>
      auditEntry(row, now, 'exception.resolved', { subject: recordId, detail: { reason, by: row.id } }),
    ),
  );
}

/** What a person must put right is an exception as long as it is so. */
async function tellLeftOut(
  t: Repositories,
  row: SyncRequestRow,
  leftOut: readonly LeftOut[],
  now: string,
  // Where nothing was planned, all else that was told still holds.
  { isAll }: { readonly isAll: boolean } = { isAll: true },
): Promise<void> {
  const { connectionId, id: requestId } = row;
  const told = (await t.exceptions.ofRequest(row)).filter(({ resolvedAt }) => resolvedAt === null);
  const wanted = new Set(leftOut.map(({ recordId }) => recordId));
  const over = told.filter(({ recordId }) => !wanted.has(recordId)).map(({ recordId }) => recordId);
  const resolved =
    over.length === 0 || !isAll
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
