import type { Command } from 'commander';
import type { Config } from '../config/load';
import type { DecisionReceipt } from '../domain/request/flow';
import type { ErpRequestRow } from '../store/rows';
import { isFinal } from '../domain/request/status';
import type { Cli } from './cli';
import { seconds } from './cli';
import { CliError } from './errors';
import { followRequest } from './follow';
import { sendDecision } from './temporal';

/** Options that all decisions share. */
export interface DecisionOptions {
  readonly connection?: string;
  readonly as?: string;
  readonly comment?: string;
  readonly wait?: number;
}

/** How long a person at a terminal is kept company. */
const WAIT_SECONDS = 30;

export const addDecisionOptions = (command: Command): Command =>
  command
    .option('--connection <name>', 'which connection, when several have a request with this number')
    .option('--as <person>', 'who decides; otherwise TIEBACK_USER or the name of the login')
    .option('--comment <text>', 'goes into the audit log')
    .option(
      '--wait <seconds>',
      `follow what happens then (at a terminal: ${WAIT_SECONDS}; 0: do not)`,
      seconds,
    );

/** A closed request is closed for good. */
export function assertOpen({ requestId, status, reason }: ErpRequestRow): void {
  if (!isFinal(status)) return;
  throw new CliError(`ERP request ${requestId} is closed (${status}): ${reason ?? ''}`, {
    code: 'REQUEST_CLOSED',
    hint: `There is nothing to decide any more. \`tieback show ${requestId}\` tells how it went.`,
  });
}

/** Sends the decision, prints the receipt, and follows the request for as long as was asked. */
export async function decide(
  cli: Cli,
  config: Config,
  request: ErpRequestRow,
  update: { readonly name: string; readonly input: Parameters<typeof sendDecision>[3] },
  wait: number | undefined,
): Promise<void> {
  const receipt = await sendDecision(config, request.workflowId, update.name, update.input);
  cli.print(`${cli.paint.green('✓')} ${receipt.message}`);
  const waitSeconds = wait ?? (cli.io.ask === null ? 0 : WAIT_SECONDS);
  const followed = waitSeconds > 0 ? await followRequest(cli, request, waitSeconds) : null;
  if (cli.json) cli.result(decisionData(request, receipt, followed), () => '');
}

const decisionData = (
  { connectionId, requestId }: ErpRequestRow,
  receipt: DecisionReceipt,
  followed: ErpRequestRow | null,
): unknown => ({
  connectionId,
  requestId,
  receipt,
  ...(followed === null ? {} : { status: followed.status, reason: followed.reason }),
});
