import { assertMayLink } from '../links/decide';

/** Whether somebody may decide about payroll of a connection. Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `NotAllowed`. */
export const assertPayrollClerk = (
  connection: Parameters<typeof assertMayLink>[0],
  connectionId: string,
  by: string,
): void => assertMayLink(connection, connectionId, by, 'payroll');
