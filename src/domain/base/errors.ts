import { shorten } from './text';

/**
 * Every error Tieback raises on purpose: one table, six classes, one behaviour per class.
 *
 * | class           | what the workflow does                                     |
 * | --------------- | ---------------------------------------------------------- |
 * | transient       | retries with back-off                                      |
 * | unknown_outcome | probes the operation ledger (or reads back), then retries  |
 * | busy            | waits durably with the reason, then tries again            |
 * | data            | parks the record for a person                              |
 * | config          | parks the record and tells the operator                    |
 * | policy          | routes the plan to an approver                             |
 */
export const ERROR_CLASSES = ['transient', 'unknown_outcome', 'busy', 'data', 'config', 'policy'] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

interface ErrorDefinition {
  readonly class: ErrorClass;
  /** Sentence shown to people; `{name}` is replaced by the parameter of that name. */
  readonly message: string;
  /** What the reader should do next. */
  readonly hint: string;
  /** The same where single values of a request cannot be corrected; absent: `hint`. */
  readonly hintElse?: string;
}

const PUT_RIGHT =
  'Put it right in Procore or the ERP, then `tieback retry`; or give it up with `tieback reject`.';

/**
 * How to add one: 1. add a row here; 2. throw `new TiebackError(code, params)`; 3. the class decides the rest.
 */
export const ERROR_TABLE = {
  PROCORE_UNREACHABLE: {
    class: 'transient',
    message: 'Procore could not be reached ({operation}): {reason}',
    hint: 'Tieback retries by itself. If it lasts, check the network and status.procore.com.',
  },
  PROCORE_OUTCOME_UNKNOWN: {
    class: 'unknown_outcome',
    message: 'The answer of Procore to {operation} was lost: {reason}',
    hint: 'Tieback reads the state back and repeats the call only where it is safe.',
  },
  PROCORE_THROTTLED: {
    class: 'busy',
    message: 'Procore is limiting requests ({operation}); next try after {seconds} s',
    hint: 'Nothing to do: Tieback waits for the window to reset.',
  },
  PROCORE_UNAVAILABLE: {
    class: 'transient',
    message: 'Procore is not available ({operation}: 503); next try after {seconds} s',
    hint: 'Nothing to do: Tieback goes on by itself. If it lasts, look at status.procore.com.',
  },
  PROCORE_REFUSED: {
    class: 'data',
    message: 'Procore refused {operation}: {reason}',
    hint: PUT_RIGHT,
  },
  PROCORE_NOT_FOUND: {
    class: 'data',
    message: 'Procore has no such record, or does not let us read it ({operation}): {reason}',
    hint: 'Check that the record still exists and that the service account may read it.',
  },
  PROCORE_UNAUTHORIZED: {
    class: 'config',
    message: 'Procore did not accept our credentials ({operation}): {reason}',
    hint: 'Check client id, client secret and login URL of the connection.',
  },
  PROCORE_FORBIDDEN: {
    class: 'config',
    message: 'Procore does not allow {operation}: {reason}',
    hint: 'Check the company id, that the app is installed there, and its permissions.',
  },
  PROCORE_REQUEST_INVALID: {
    class: 'config',
    message: 'Procore did not understand {operation}: {reason}',
    hint: 'This is a fault of the integration: keep the audit entry and report it.',
  },
  PROCORE_ANSWER_INVALID: {
    class: 'unknown_outcome',
    message: 'Procore answered {operation} with something that cannot be read: {reason}',
    hint: 'Tieback reads the state back and retries.',
  },
  PROCORE_ANSWER_TOO_LARGE: {
    class: 'data',
    message: 'The answer of Procore to {operation} is larger than this client takes: {reason}',
    hint: 'Lists are asked for in smaller pages; a single record of this size is a fault to report.',
  },
  PROCORE_LIST_MOVED: {
    class: 'transient',
    message: 'A list of Procore changed while it was read ({operation}): {reason}',
    hint: 'Nothing was concluded from what it did not show. Tieback reads it again by itself.',
  },
  ERP_UNREACHABLE: {
    class: 'transient',
    message: 'The ERP database could not be reached: {reason}',
    hint: 'Tieback retries by itself. If it lasts, check the database server.',
  },
  ERP_OUTCOME_UNKNOWN: {
    class: 'unknown_outcome',
    message: 'The connection to the ERP was lost while writing: {reason}',
    hint: 'Tieback asks the operation ledger what happened before it writes again.',
  },
  ERP_BUSY: {
    class: 'busy',
    message: 'The ERP is busy: {reason}',
    hint: 'Tieback waits and tries again; finish or close what holds the lock to speed it up.',
  },
  ERP_REFUSED: {
    class: 'data',
    message: 'The ERP refused the record: {reason}',
    hint: 'Correct the value with `tieback correct`, or reject the request.',
    hintElse: PUT_RIGHT,
  },
  RECORD_REFUSED: {
    class: 'data',
    message: 'This cannot be written to the ERP: {reason}',
    hint: 'Correct the value with `tieback correct`, or reject the request.',
    hintElse: PUT_RIGHT,
  },
  ERP_RECORD_GONE: {
    class: 'data',
    message: 'It is not in the ERP any more: {record}.',
    hint: 'Nothing was changed in Procore. Unlink it there, or bring it back in the ERP and refresh again.',
  },
  ERP_CONFIG: {
    class: 'config',
    message: 'The ERP connection is not set up correctly: {reason}',
    hint: 'Run `tieback doctor` and follow what it says.',
  },
  ERP_OLDER: {
    class: 'config',
    message:
      'The ERP does not know what Tieback wrote to it: {missing}. It may have been restored from a backup; nothing more is written to it.',
    hint: 'Look at `tieback restored` with the people of the ERP. When it is settled, `tieback restored --accept` lets Tieback write again.',
  },
  ERP_SCHEMA: {
    class: 'config',
    message: 'The database of the ERP is not as it was: {reason}',
    hint: 'Look at `tieback schema` with the people of the ERP. When it is settled, `tieback schema --accept <what it shows>` lets these records be read and written again.',
  },
  ERP_RECORD_TAKEN: {
    class: 'data',
    message: 'Another operation already wrote {record} at generation {generation}: {reason}',
    hint: 'Look at `tieback audit export` for the record; the ledger in the ERP database names the other operation.',
  },
  REQUEST_MALFORMED: {
    class: 'data',
    message: 'The ERP request cannot be read: {reason}',
    hint: 'The raw request is kept; ask Procore support if it repeats.',
  },
  PROCORE_REQUEST_UNREADABLE: {
    class: 'data',
    message: 'ERP request {request} cannot be read from Procore: {reason}',
    hint: 'Try again with `tieback retry`; if it repeats, ask Procore support, or give it up with `tieback reject`.',
  },
  EVENT_UNKNOWN: {
    class: 'data',
    message: 'Procore sent an event that this version does not know: "{event}".',
    hint: 'Nothing was closed in Procore. Update Tieback and use `tieback retry`, or give it up with `tieback reject`.',
  },
  EVENT_NOT_SUPPORTED: {
    class: 'data',
    message: 'This integration does not support "{event}" yet.',
    hint: 'Enter the record in the ERP by hand.',
  },
  POLICY_APPROVAL_NEEDED: {
    class: 'policy',
    message: 'An approval is needed: {reason}',
    hint: 'Approve or reject the plan.',
  },
  PLAN_TAMPERED: {
    class: 'policy',
    message: 'Nothing is written: {reason}.',
    hint: 'Somebody changed our store past Tieback. Run `tieback audit verify` and find out who, before you approve the plan anew.',
  },
  REQUEST_TAMPERED: {
    class: 'policy',
    message: 'The request is not planned: {reason}.',
    hint:
      'Somebody changed our store past Tieback. Run `tieback audit verify` and find out who; then give the request up with `tieback reject`, and ' +
      'have it sent again.',
  },
  BODY_UNPROVEN: {
    class: 'policy',
    message:
      'What Procore said later of this request is not proven any more: it was signed with a key that people.signingKeys does not have now.',
    hint: 'Put the key back and run `tieback retry`, or give the request up with `tieback reject` and have it sent again.',
  },
  CORRECTIONS_UNPROVEN: {
    class: 'policy',
    message:
      'What was corrected is not proven any more: it was signed with a key that people.signingKeys does not have now.',
    hint: 'Enter the corrected values again, all of them (`tieback correct`), or put the key back and run `tieback retry`.',
  },
  OPEN_DOOR_UNABLE: {
    class: 'config',
    message: 'Without the ERP tool of Procore this cannot be done: {operation}.',
    hint: 'Do it by hand, or set `door: erp_tool` for this connection once Procore has given access to its ERP tool.',
  },
  FOREIGN_ORIGINS: {
    class: 'config',
    message: 'Another integration owns origin_ids in Procore, so nothing is written there: {found}.',
    hint:
      'Look at `tieback census`. Stop the other integration and clear its origin_ids; or, when both shall write, set ' +
      '`acceptForeignOrigins: true` for this connection and restart.',
  },
  STORE_FILE_GONE: {
    class: 'transient',
    message: 'The file of our store was {what} while we had it open: {file}. Nothing is written any more.',
    hint:
      'Stop every `tieback` process, put the file back (or restore it from a backup), and start again. What was decided meanwhile was ' +
      'refused, not lost.',
  },
  STORE_EMPTIED: {
    class: 'config',
    message: 'There was a store at {file}, and now there is {what}.',
    hint:
      'Put the file back, or restore it from a backup: an empty store knows of no links, plans or decisions. To begin with an empty one ' +
      'on purpose: `tieback provision store --new-store`.',
  },
  STORE_FULL: {
    class: 'transient',
    message: 'The disk is full: our store ({file}) cannot take anything more.',
    hint: 'Make room on that disk; Tieback goes on by itself. Nothing was written by halves.',
  },
  STORE_LOCKED: {
    class: 'transient',
    message: 'Another program has kept our store ({file}) locked for {seconds} s.',
    hint: 'Tieback tries again by itself. If it lasts, find who has the file open: a backup, a sync client, an SQLite tool.',
  },
  STORE_SLOW: {
    class: 'transient',
    message:
      'Our store took longer than {seconds} s for one transaction, which was given up: nothing of it was written.',
    hint: 'Tieback tries again by itself. If it lasts, look at the load of the database server and at what holds its locks.',
  },
  STORE_UNFIT: {
    class: 'data',
    message: 'Our store cannot keep the {column} of a {table}: {reason}.',
    hint: PUT_RIGHT,
  },
  STORE_OLDER: {
    class: 'transient',
    message:
      'Our store does not know {what}, which the workflow of {request} has done already: the store was restored from a backup.',
    hint: 'Nothing to do: the workflow begins again, and each step looks first what is done.',
  },
  STORE_NOT_MIGRATED: {
    class: 'config',
    message: 'Our store lacks tables of this release ({migrations}), and `store.migrate` is false.',
    hint:
      'Run `tieback store migrate` with a login that may create and change tables; or have a DBA run what `tieback store migrate --dry-run` ' +
      'prints.',
  },
  STORE_NEWER: {
    class: 'config',
    message: 'A newer release of Tieback has migrated this store: this one does not know {migrations}.',
    hint:
      'Start the release that you upgraded to again, or restore the backup of the store that was made before the upgrade. Nothing was ' +
      'changed.',
  },
  CONNECTION_UNKNOWN: {
    class: 'config',
    message: 'There is no connection "{connection}".',
    hint: 'Add it to the configuration file or correct the name.',
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** JSON shape of an error, for stores, logs and Temporal failures. */
export interface ErrorShape {
  readonly code: ErrorCode;
  readonly class: ErrorClass;
  readonly message: string;
  readonly hint: string;
  /** How long to wait before the next try, in milliseconds, when the other side said so. */
  readonly retryAfterMs?: number;
}

const MOST_OF_MESSAGE = 4_000;

/** An error with a code of the table. `message` is a sentence for people; it never carries secrets. */
export class TiebackError extends Error implements ErrorShape {
  override readonly name = 'TiebackError';
  readonly class: ErrorClass;
  readonly hint: string;
  readonly retryAfterMs?: number;

  constructor(
    readonly code: ErrorCode,
    params: Readonly<Record<string, string | number>> = {},
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    const definition: ErrorDefinition = ERROR_TABLE[code];
    super(
      definition.message.replace(/\{(\w+)\}/g, (_, key: string) => String(params[key] ?? `{${key}}`)),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.class = definition.class;
    this.hint = definition.hint;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }

  /** As it is stored and crosses Temporal; a message that grew with the data is cut, with a mark. */
  toShape(): ErrorShape {
    return {
      code: this.code,
      class: this.class,
      message: shorten(this.message, MOST_OF_MESSAGE),
      hint: this.hint,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
    };
  }
}

/** What to do about an error where the values of the request can be corrected, or cannot. */
export function hintOf({ code, hint }: Pick<ErrorShape, 'code' | 'hint'>, correctable: boolean): string {
  const { hintElse = hint }: ErrorDefinition = ERROR_TABLE[code];
  return correctable ? hint : hintElse;
}

export const isTiebackError = (error: unknown): error is TiebackError => error instanceof TiebackError;
