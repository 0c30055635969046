import { z } from 'zod';
import type { Asked } from '../desk/decide';
import type { AskedLinks, LinkOutcome } from '../desk/links/decide';
import type { Inbox } from '../desk/inbox-parts';
import type { AskedPerson } from '../desk/payroll/people';
import type { AcceptedPerson } from '../domain/payroll/accepted-person';
import type { DecisionReceipt } from '../domain/request/flow';
import { DeskRefusal } from '../desk/refusal';
import { CliError, EXIT, reasonOf } from './errors';

/** Longer than the daemon itself waits for a workflow. */
const TIMEOUT_MS = 40_000;

const me = z.object({ person: z.string(), expiresAt: z.string(), mayApprove: z.array(z.string()) });
const refusal = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }),
});

const inboxReceipt = z.object({
  done: z.array(z.string()),
  refused: z.array(z.object({ id: z.string(), code: z.string(), message: z.string() })),
  looks: z.enum(['now', 'later']).nullable(),
});

/** Who the daemon says somebody is. */
export type Me = z.infer<typeof me>;

/** The daemon's HTTP API, as one person. Its refusals come as the Desk's own; `CliError` where nobody answers. */
export class DaemonApi {
  /** `whoRuns`: what is known of the daemons, where nobody answers. Throws `CliError` where a token would travel in the clear. */
  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly whoRuns: () => Promise<string>,
  ) {
    assertPrivate(url);
  }

  async me(): Promise<Me> {
    return me.parse(await this.call('GET', '/api/me'));
  }

  async decide({ typed, connectionId, ...asked }: Asked): Promise<DecisionReceipt> {
    const body = { ...asked, request: typed, connection: connectionId, channel: 'cli' };
    const { receipt } = (await this.call('POST', '/api/decisions', body)) as { receipt: DecisionReceipt };
    return receipt;
  }

  async decideLinks({ connectionId, ...asked }: AskedLinks): Promise<readonly LinkOutcome[]> {
    const body = { ...asked, connection: connectionId, channel: 'cli' };
    const { outcomes } = (await this.call('POST', '/api/links', body)) as {
      outcomes: readonly LinkOutcome[];
    };
    return outcomes;
  }

  async decidePerson({ connectionId, ...asked }: AskedPerson): Promise<AcceptedPerson> {
    const body = { ...asked, connection: connectionId, channel: 'cli' };
    const { decided } = (await this.call('POST', '/api/payroll/people', body)) as { decided: AcceptedPerson };
    return decided;
  }

  /** Conflicts and exceptions. */
  get inbox(): Inbox {
    const post = async (
      path: string,
      action: string,
      { connectionId, ...given }: { readonly connectionId: string },
    ) =>
      inboxReceipt.parse(
        await this.call('POST', path, { ...given, action, connection: connectionId, channel: 'cli' }),
      );
    return {
      settle: (given) => post('/api/conflicts', 'settle', given),
      assignConflicts: (given) => post('/api/conflicts', 'assign', given),
      ignore: (given) => post('/api/exceptions', 'ignore', given),
      retry: (given) => post('/api/exceptions', 'retry', given),
      assignExceptions: (given) => post('/api/exceptions', 'assign', given),
    };
  }

  private async call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(async (error: unknown) => {
      throw new CliError(`The daemon does not answer at ${this.url}: ${reasonOf(error)}.`, {
        hint:
          body !== undefined && wasCutOff(error)
            ? 'It may have taken the decision before it fell silent: `tieback show` tells. Look before you repeat it.'
            : `Decisions go through the daemon. ${await this.whoRuns()} Another address: TIEBACK_URL.`,
        exitCode: EXIT.failed,
        code: 'NO_DAEMON',
        cause: error,
      });
    });
    const text = await answer.text();
    const value = jsonOf(text);
    if (answer.ok && value !== undefined) return value;
    const refused = refusal.safeParse(value);
    if (refused.success) {
      const { code, message, hint } = refused.data.error;
      throw new DeskRefusal(code, message, hint);
    }
    throw new CliError(`${this.url}${path} answered ${answer.status}, and not as Tieback does.`, {
      hint: 'Is this the address of the daemon? Its log has more.',
      exitCode: EXIT.failed,
      code: 'DAEMON_ANSWER',
    });
  }
}

const CUT_OFF = /^(ECONNRESET|EPIPE|TimeoutError|UND_ERR_SOCKET|UND_ERR_(HEADERS|BODY)_TIMEOUT)$/;

/** Whether the daemon was there and fell silent: then nobody knows what it read. Errors of `fetch`, by their words. */
function wasCutOff(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
  return CUT_OFF.test(String(code)) || CUT_OFF.test(String(name)) || wasCutOff(cause);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

function assertPrivate(url: string): void {
  if (!URL.canParse(url))
    throw new CliError(`"${url}" is no address of a daemon.`, {
      hint: 'Such as https://tieback.acme.example',
    });
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || LOCAL.has(hostname)) return;
  throw new CliError(`Your token would travel in the clear to ${url}.`, {
    hint: 'Reach the daemon under https (a reverse proxy in front of it), or decide on its own machine.',
    code: 'NOT_PRIVATE',
  });
}
