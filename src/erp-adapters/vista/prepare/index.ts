import type { SqlModel } from '../../sql/model';
import type { VistaOptions } from '../settings';
import { budgets } from './budgets';
import { checkCodes } from './codes';
import { invoices } from './invoices';
import { jobs, vendors } from './masters';
import { changes, orders } from './orders';
import type { Prepare } from './work';

/** What Vista wants to have beside what was approved, and what must be there before. */
export function vistaPrepare(options: VistaOptions): NonNullable<SqlModel['prepare']> {
  const by: Readonly<Record<string, Prepare>> = {
    vendor: vendors,
    project: jobs(options),
    commitment: orders(options),
    commitment_change_order: changes(options),
    requisition: invoices(options),
    company_level_direct_cost: invoices(options),
    budget: budgets,
  };
  return async (moment, spec, work) =>
    checkCodes(moment, (await by[spec.kind]?.(moment, spec, work)) ?? work);
}
