/** How the process ends; documented in `tieback --help`. */
export const EXIT = { ok: 0, failed: 1, usage: 2, tampered: 3, interrupted: 130 } as const;

/** Something the person at the keyboard should read: a sentence, and what to do. Never printed with a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly hint: string | null;
  readonly exitCode: number;
  readonly code: string;

  constructor(
    message: string,
    options: { hint?: string; exitCode?: number; code?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint ?? null;
    this.exitCode = options.exitCode ?? EXIT.usage;
    this.code = options.code ?? 'USAGE';
  }
}

/** An error as it is told. */
export interface Explanation {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly exitCode: number;
  /** Nobody expected it: the stack is worth showing. */
  readonly unexpected: boolean;
}

/** Refusals of the Desk in which nobody typed anything wrong. */
const FAULTS = ['WORKFLOW_NOT_RUNNING', 'NO_DAEMON', 'DECISION_FAILED', 'TEMPORAL_UNREACHABLE'];

/** The command that helps, by the code of a refusal. */
const COMMANDS: Readonly<Record<string, string>> = {
  REQUEST_NAME: '`tieback requests` lists them.',
  REQUEST_UNKNOWN: '`tieback requests` lists all.',
  NOTHING_FOUND: '`tieback requests` lists all.',
  REQUEST_CLOSED: '`tieback show <id>` tells how it went.',
  NOTHING_TO_APPROVE: '`tieback show <id>` tells what can be done.',
  PLAN_CHANGED: '`tieback show <id>` prints it.',
  NO_COMMENT: 'Say why: --comment "why".',
  UNKNOWN_FIELD: '`tieback correct <id>` shows the fields and their values.',
  FIELD_VALUE: '`tieback correct <id>` shows the fields and their values.',
  PERIOD_UNKNOWN: '`tieback payroll periods` lists them.',
  NOT_LOGGED_IN: 'Ask IT for another token (`tieback people add <you>`), then `tieback login`.',
  TOKEN_UNKNOWN: '`tieback people` lists them.',
  NotAllowed:
    'Approvers stand under connections.<name>.approvers in the configuration; the daemon reads it when it starts.',
};

/** Errors by name, not by class: their modules need not be loaded to explain them. */
export function explain(error: unknown): Explanation {
  if (error instanceof CliError) {
    const { code, message, hint, exitCode } = error;
    return { code, message, hint, exitCode, unexpected: false };
  }
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  const known = { message, hint: null, exitCode: EXIT.failed, unexpected: false } as const;
  switch (name) {
    case 'ConfigError':
      return { ...known, code: 'CONFIG', exitCode: EXIT.usage };
    case 'DeskRefusal': {
      const { code, hint } = error as { code: string; hint: string | null };
      const command = COMMANDS[code];
      return {
        ...known,
        code,
        hint: [hint, command].filter((part) => typeof part === 'string').join(' ') || null,
        exitCode: code === 'PLAN_TAMPERED' ? EXIT.tampered : FAULTS.includes(code) ? EXIT.failed : EXIT.usage,
      };
    }
    case 'TiebackError': {
      const { code, hint } = error as { code: string; hint: string };
      return { ...known, code, hint };
    }
    case 'TemporalConnectionError':
      return { ...known, code: 'TEMPORAL_UNREACHABLE' };
    case 'SigningKeyError':
      return { ...known, code: 'SIGNING_KEY' };
    case 'AuditKeyError':
      return { ...known, code: 'AUDIT_KEY' };
    case 'PayloadCodecError':
      return { ...known, code: 'PAYLOAD_KEY', hint: 'Check temporal.payloadKeys in the configuration.' };
    case 'UnknownQueueError':
      return { ...known, code: 'QUEUE_UNKNOWN', exitCode: EXIT.usage };
    case 'ForeignSchedulesError':
      return { ...known, code: 'NAMESPACE_TAKEN' };
    case 'ProvisionError':
      return { ...known, code: 'PROVISION' };
    default:
      return { ...known, code: 'UNEXPECTED', unexpected: true };
  }
}

/** The innermost message: outer ones often only say that something failed. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name;
}
