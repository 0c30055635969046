import type { Command } from 'commander';
import type { Config } from '../config/load';
import type { DecisionUpdate } from '../desk/decide';
import { assertOpen, sendDecision } from '../desk/decide';
import type { CurrentPlan } from '../desk/dossier';
import { currentPlan } from '../desk/dossier';
import { findRequest } from '../desk/find-request';
import { assertGenuine } from '../desk/incident';
import { followRequest, isWorkedOn } from '../desk/follow';
import type { SyncRequestRow } from '../store/rows';
import type { Cli } from './cli';
import { seconds } from './cli';
import { paintStatus } from './format';
import { nextCommands } from './next-commands';
import { withStore } from './store';
import { withClient } from './temporal';

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
    .option('--connection <name>', 'which connection, when several have a request with this id')
    .option('--as <person>', 'who decides; otherwise TIEBACK_USER or the name of the login')
    .option('--comment <text>', 'goes into the audit log')
    .option(
      '--wait <seconds>',
      `follow what happens then (at a terminal: ${WAIT_SECONDS}; 0: do not)`,
      seconds,
    );

/** An open request with the plan that stands. */
export interface OpenRequest {
  readonly request: SyncRequestRow;
  readonly current: CurrentPlan | null;
  readonly config: Config;
}

/** `toApprove`: a plan that was changed past us is refused. */
export const lookAt = (
  cli: Cli,
  typed: string,
  { connection }: DecisionOptions,
  { toApprove = false } = {},
): Promise<OpenRequest> =>
  withStore(cli, async (store, config) => {
    const request = await findRequest(store, { typed, connectionId: connection });
    assertOpen(request);
    const current = await currentPlan(store, request);
    if (toApprove) await assertGenuine(store, request, current, cli.now().toISOString());
    return { request, current, config };
  });

/** Sends the decision, prints the receipt, and follows the request for as long as was asked. */
export async function decide(
  cli: Cli,
  { request, config }: OpenRequest,
  update: DecisionUpdate,
  wait: number | undefined,
): Promise<void> {
  const receipt = await withClient(config, (client) => sendDecision(client, request.workflowId, update));
  cli.print(`${cli.paint.green('✓')} ${receipt.message}`);
  const waitSeconds = wait ?? (cli.io.ask === null ? 0 : WAIT_SECONDS);
  const followed = waitSeconds > 0 ? await follow(cli, request, waitSeconds) : null;
  const { connectionId, id } = request;
  const outcome = followed === null ? {} : { status: followed.status, reason: followed.reason };
  if (cli.json) cli.result({ connectionId, id, receipt, ...outcome }, () => '');
}

async function follow(cli: Cli, before: SyncRequestRow, waitSeconds: number): Promise<SyncRequestRow> {
  const row = await withStore(cli, (store) => followRequest(store, before, waitSeconds));
  const status = paintStatus(cli.paint, row.status);
  cli.print(
    isWorkedOn(row)
      ? `${status} still, after ${waitSeconds} s; \`tieback show ${row.id}\` tells how it goes on.`
      : `${status}: ${row.reason ?? ''}`,
  );
  for (const line of nextCommands(row, false)) cli.print(`  ${cli.paint.cyan(line)}`);
  return row;
}
