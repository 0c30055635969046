import { addDays } from '../../domain/base/local-date';
import type { LedgerHead } from '../../domain/plan/ledger-head';
import type { PayrollSnapshot } from '../../domain/plan/snapshot';
import type { PayPeriod } from '../../domain/payroll/period';
import { periodName } from '../../domain/payroll/period';
import { payRecordId } from '../../domain/payroll/planned-batch';
import type { PageRef } from '../../domain/request/flow';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { asWay, inHandOf, snapshotOf } from '../in-hand';
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
  const { period, written } = await deps.store.read('payroll.subject', async (t) => {
    const inHand = asWay(await inHandOf(t, connection, page), 'payroll');
    const { period: of } = inHand.intent;
    return { period: of, written: await periodsInScope(t, parts, inHand.row, of) };
  });
  const [employees, codes, periods, { company }] = await Promise.all([
    employeesOf(erp),
    erp.codes(),
    periodsOf(parts, addDays(period.begin, -settings.lookBackDays)),
    connection.erp.describe(),
  ]);
  const names = new Set([periodName(period), ...written]);
  const wanted = periods.filter((one) => names.has(periodName(one)));
  const rows = await Promise.all(wanted.map((one) => erp.lines(one)));
  const heads: Record<string, LedgerHead | null> = {};
  for (const recordId of recordIds(period, periods))
    heads[recordId] = await connection.erp.ledger.head('pay_batch', recordId);
  return {
    way: 'payroll',
    company,
    employees,
    codes,
    periods,
    rows: rows.flat(),
    heads,
    people: null,
    unreadable: [],
  };
}

/** Batches that a plan of the period may write: its own two, and corrections of every other group in its open period. */
function recordIds(
  own: Pick<PayPeriod, 'group' | 'end' | 'run'>,
  periods: readonly PayPeriod[],
): readonly string[] {
  const open = periods.filter(({ state, group }) => state === 'open' && group !== own.group);
  return [
    payRecordId({ period: own, purpose: 'period' }),
    payRecordId({ period: own, purpose: 'correction' }),
    ...open.map((period) => payRecordId({ period, purpose: 'correction' })),
  ];
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
