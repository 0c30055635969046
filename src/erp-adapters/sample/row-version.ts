import type { Statements } from './database';

/** The ERP's change counter: every change of a row gets the next value. */
export const rowVersion = (db: Statements): number =>
  Number(db.get('SELECT Value FROM HQRV')?.['Value'] ?? 0);
