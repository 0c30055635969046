/** Cause of an exception that is no fault: something else must happen first. */
export const WAITS = 'dependency';
