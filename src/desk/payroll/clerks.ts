import { assertMayLink } from '../links/decide';

/** Whether somebody may decide about payroll of a connection: its approvers may. Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `NotAllowed`. */
export const assertPayrollClerk = assertMayLink;
