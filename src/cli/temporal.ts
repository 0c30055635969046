import type { Client } from '@temporalio/client';
import type { Config } from '../config/load';
import type { Correction, Decision, DecisionReceipt } from '../domain/request/flow';
import { CliError, EXIT, reasonOf } from './errors';
import { lazy } from './lazy';

const CONNECT_MS = 5_000;
/** A daemon answers within a second; longer than this, nobody is there. */
const DECISION_MS = 30_000;

/** Connects to Temporal for as long as `use` runs. */
export async function withClient<T>(config: Config, use: (client: Client) => Promise<T>): Promise<T> {
  const { temporal } = config;
  const connection = await lazy.connection().connectClient(temporal, { timeoutMs: CONNECT_MS });
  try {
    const dataConverter = lazy.payloadCodec().createDataConverter({ keys: temporal.payloadKeys });
    return await use(
      new (lazy.client().Client)({ connection, namespace: temporal.namespace, dataConverter }),
    );
  } finally {
    await connection.close();
  }
}

/**
 * Sends a decision as a Temporal Update and returns the receipt: when this returns, it is in our store. What the workflow's validator
 * refuses comes back as its own sentence.
 */
export async function sendDecision(
  config: Config,
  workflowId: string,
  update: string,
  input: Decision | Correction,
): Promise<DecisionReceipt> {
  return withClient(config, async (client) => {
    const handle = client.workflow.getHandle(workflowId);
    try {
      return await client.connection.withDeadline(Date.now() + DECISION_MS, () =>
        handle.executeUpdate<DecisionReceipt, [Decision | Correction]>(update, { args: [input] }),
      );
    } catch (error) {
      throw explainUpdate(error, config, workflowId);
    }
  });
}

function explainUpdate(error: unknown, config: Config, workflowId: string): unknown {
  const { name, cause } = error instanceof Error ? error : { name: '', cause: undefined };
  const { namespace, address } = config.temporal;
  switch (name) {
    case 'WorkflowUpdateFailedError':
      return refused(cause, config);
    case 'WorkflowNotFoundError':
      return new CliError(
        `The workflow ${workflowId} does not run in namespace ${namespace} of ${address}.`,
        {
          hint: 'Start `tieback daemon`: it starts the workflow of every open request again.',
          exitCode: EXIT.failed,
          code: 'WORKFLOW_NOT_RUNNING',
          cause: error,
        },
      );
    case 'WorkflowUpdateRPCTimeoutOrCancelledError':
      return new CliError(`No daemon took the decision within ${DECISION_MS / 1000} seconds.`, {
        hint: 'Is `tieback daemon` running? It may still take the decision when it starts: look with `tieback show` before you repeat it.',
        exitCode: EXIT.failed,
        code: 'NO_DAEMON',
        cause: error,
      });
    default:
      return error;
  }
}

/** The validator's words; a fault while recording the decision is not a refusal. */
function refused(cause: unknown, config: Config): CliError {
  const { name, message, type } = cause as { name?: string; message?: string; type?: string | null };
  if (name !== 'ApplicationFailure') {
    return new CliError(`The decision could not be recorded: ${reasonOf(cause)}`, {
      exitCode: EXIT.failed,
      code: 'DECISION_FAILED',
      cause,
    });
  }
  return new CliError(message ?? 'The decision was refused.', {
    code: type ?? 'REFUSED',
    cause,
    ...(type === 'NotAllowed'
      ? {
          hint:
            'Decide as somebody else with --as <person> (or TIEBACK_USER), or add the person under ' +
            `connections.<name>.approvers in ${config.file} and restart the daemon.`,
        }
      : {}),
  });
}
