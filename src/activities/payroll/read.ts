import { addDays } from '../../domain/base/local-date';
import { dateIn } from '../../domain/base/time-zone';
import type { WrittenBatch } from '../../domain/plan/ledger-head';
import { contains } from '../../domain/payroll/calendar';
import type { PayrollSnapshot } from '../../domain/plan/snapshot';
import type { PayPeriod } from '../../domain/payroll/period';
import { periodName } from '../../domain/payroll/period';
import { payRecordId } from '../../domain/payroll/planned-batch';
import type { PageRef } from '../../domain/request/flow';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { asWay, inHandOf, snapshotOf } from '../in-hand';
import { unrecorded } from './adopt';
import { periodsInScope } from './scope';
import { employeesOf } from './people';
import { payrollOf, periodsOf } from './sides';
import { lookAtTimecards } from './timecards';

/** Reads what the plan of a pay period depends on from the ERP: employees, codes, periods, the rows of every period that lines of ours are in, and the ledger. */
export async function readPayrollErp(
  deps: ActivityDeps,
  connection: ConnectionParts,
  page: PageRef,
): Promise<PayrollSnapshot> {
  const parts = payrollOf(connection);
  const { erp, settings } = parts;
  const { period, written, dates } = await deps.store.read('payroll.subject', async (t) => {
    const inHand = asWay(await inHandOf(t, connection, page), 'payroll');
    const { period: of } = inHand.intent;
    return { period: of, ...(await periodsInScope(t, parts, inHand.row, of)) };
  });
  const [employees, codes, periods, { company }] = await Promise.all([
    employeesOf(erp),
    erp.codes(),
    periodsOf(parts, addDays(period.begin, -settings.lookBackDays)),
    connection.erp.describe(),
  ]);
  const today = dateIn(Date.parse(deps.now()), settings.timeZone);
  const records = recordsOf(
    periods.filter(({ begin }) => begin <= today),
    period,
  );
  const { heads, unrecorded } = await ledgerOf(deps, connection, [...records.keys()]);
  const names = new Set([
    periodName(period),
    ...written,
    // Where others may have hours of the same people and days.
    ...periods
      .filter((one) => one.group === period.group && dates.some((date) => contains(one, date)))
      .filter(({ begin }) => begin <= period.end)
      .map(periodName),
    ...unrecorded.flatMap(({ recordId }) => records.get(recordId) ?? []),
  ]);
  const wanted = periods.filter((one) => names.has(periodName(one)));
  const rows = await Promise.all(wanted.map((one) => erp.lines(one)));
  return {
    way: 'payroll',
    company,
    employees,
    codes,
    periods,
    rows: rows.flat(),
    heads,
    unrecorded,
    people: null,
    unreadable: [],
  };
}

/** Names of periods by the records of their batches: all that any plan of ours may have written to. */
function recordsOf(
  begun: readonly PayPeriod[],
  own: Pick<PayPeriod, 'group' | 'end' | 'run'>,
): ReadonlyMap<string, string> {
  return new Map(
    [own, ...begun].flatMap((period) =>
      (['period', 'correction'] as const).map(
        (purpose) => [payRecordId({ period, purpose }), periodName(period)] as const,
      ),
    ),
  );
}

/** The newest write of each record, and all of those that our store does not know. */
async function ledgerOf(
  deps: ActivityDeps,
  { id, erp: { ledger } }: ConnectionParts,
  recordIds: readonly string[],
): Promise<Pick<PayrollSnapshot, 'heads' | 'unrecorded'>> {
  const newest = await Promise.all(
    recordIds.map(async (recordId) => [recordId, await ledger.head('pay_batch', recordId)] as const),
  );
  const heads = newest.flatMap(([, head]) => head ?? []);
  const strange = await deps.store.read('payroll.recorded', (t) => unrecorded(t, id, heads));
  const all: WrittenBatch[] = [];
  for (const head of strange) all.push(...((await ledger.ofRecord?.('pay_batch', head.recordId)) ?? [head]));
  return {
    heads: Object.fromEntries(newest),
    unrecorded:
      all.length === 0 ? [] : await deps.store.read('payroll.recorded', (t) => unrecorded(t, id, all)),
  };
}

/** Reads people and what is new of timecards, and puts it to what the ERP said. */
export async function readPayrollProcore(
  deps: ActivityDeps,
  connection: ConnectionParts,
  page: PageRef,
): Promise<PayrollSnapshot> {
  const parts = payrollOf(connection);
  const people = await connection.procore.payroll.people();
  const { unreadable } = await lookAtTimecards(deps, parts, { tells: false });
  const read = await deps.store.read('payroll.snapshot', (t) => snapshotOf(t, page, 'payroll'));
  return { ...read, people, unreadable: unreadable.flatMap(({ problems }) => problems) };
}
