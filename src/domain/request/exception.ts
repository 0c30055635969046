/** Cause of an exception of the sweep: the ERP has the record no more. Only a sweep, or a sync that reads the record, closes it. */
export const GONE = 'gone';

/** Cause of an exception of a full look: Procore has the record no more. A full look that finds it, or whoever unlinks it, closes it. */
export const GONE_IN_PROCORE = 'gone_procore';

/** Cause of an exception of the sweep: so many records are missing that the list itself is doubted. It is about the kind. */
export const DOUBTED = 'doubted';

/** Cause of an exception of the sweep: the ERP's feed did not tell of a change. The next sync carries the record, which closes it. */
export const MISSED = 'missed';

/** Cause of an exception that is no fault: something else must happen first. */
export const WAITS = 'dependency';

/** Cause of an exception about a record that the ERP accepted and rejected later: it stays until the record is carried or let go. */
export const REJECTED = 'rejected';

/** Cause of an exception about a record that finance did not want written. It is planned again when one of its sides changes, or when somebody asks. */
export const DECIDED = 'decided';
