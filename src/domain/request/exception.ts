/** Cause of an exception that is no fault: something else must happen first. */
export const WAITS = 'dependency';

/** Cause of an exception about a record that the ERP accepted and rejected later: it stays until the record is carried or let go. */
export const REJECTED = 'rejected';
