/** What a person asked for cannot be done: a sentence, what is true instead, and a code for programs. */
export class DeskRefusal extends Error {
  override readonly name = 'DeskRefusal';

  constructor(
    readonly code: DeskCode,
    message: string,
    /** What helps, where something does; how to ask for it is the caller's to say. */
    readonly hint: string | null = null,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** Every reason for which the Desk refuses. */
export type DeskCode =
  | 'REQUEST_NAME'
  | 'REQUEST_UNKNOWN'
  | 'NOTHING_FOUND'
  | 'NOT_CORRECTABLE'
  | 'REQUEST_AMBIGUOUS'
  | 'REQUEST_CLOSED'
  | 'NOTHING_TO_APPROVE'
  | 'PLAN_HASH'
  | 'PLAN_CHANGED'
  | 'PLAN_TAMPERED'
  | 'WARNING_NOT_TICKED'
  | 'ON_HOLD'
  | 'NOT_HELD'
  | 'NO_COMMENT'
  | 'UNKNOWN_FIELD'
  | 'FIELD_VALUE'
  | 'NOTHING_ASKED'
  | 'NOT_LOGGED_IN'
  | 'TOKEN_UNKNOWN'
  | 'CONNECTION_UNKNOWN'
  | 'CONFLICT_UNKNOWN'
  | 'CONFLICT_CHANGED'
  | 'EXCEPTION_UNKNOWN'
  | 'RECORD_AMBIGUOUS'
  | 'NOT_HERE'
  | 'PERSON_UNKNOWN'
  | 'TEMPORAL_UNREACHABLE'
  | 'WORKFLOW_NOT_RUNNING'
  | 'WORKFLOW_STUCK'
  | 'NOT_TAKEN'
  | 'NO_DAEMON'
  | 'DECISION_FAILED'
  /** The workflow's validator said no; its own words and type. */
  | (string & {});
