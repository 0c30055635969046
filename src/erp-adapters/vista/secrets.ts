import type { SecretColumns } from '../sql/model';

/**
 * Columns of Vista that Tieback neither reads nor writes, and has no right on, but for the tax ids of vendors where a connection pairs them by these.
 */
export const VISTA_SECRETS: SecretColumns = {
  APVM: ['TaxId', 'RoutingId', 'BankAcct'],
  PREH: ['SSN', 'BirthDate', 'Race', 'Sex', 'HrlyRate', 'SalaryAmt'],
  PRTB: ['Rate', 'Amt'],
  PRTH: ['Rate', 'Amt'],
};
