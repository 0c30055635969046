import type { PayrollSettings } from '../../domain/payroll/settings';
import type { PayrollCapability } from '../../erp-adapters/contract/payroll';
import type { ConnectionParts } from '../deps';

/** A connection whose ERP keeps payroll, and that says how. */
export interface PayrollParts {
  readonly connection: ConnectionParts;
  readonly settings: PayrollSettings;
  readonly erp: PayrollCapability;
}
