import type { Command } from 'commander';
import type { Config } from '../config/load';
import { readSigningKeys } from '../config/load';
import type { Asked } from '../desk/decide';
import { assertOpen, decideOn } from '../desk/decide';
import type { CurrentPlan } from '../desk/dossier';
import { currentPlan } from '../desk/dossier';
import { findRequest, isAmbiguous } from '../desk/find-request';
import { followRequest, isWorkedOn } from '../desk/follow';
import { assertGenuine } from '../desk/incident';
import { SigningKeys } from '../domain/people/signing-keys';
import type { DecisionReceipt } from '../domain/request/flow';
import type { SyncRequestRow } from '../store/rows';
import type { Cli } from './cli';
import { seconds } from './cli';
import type { Explanation } from './errors';
import { CliError, EXIT, explain } from './errors';
import { paintStatus, plural } from './format';
import { daemonApi, ownToken } from './login';
import { nameOf, nextCommands } from './next-commands';
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
    .option('--comment <text>', 'goes into the audit log')
    .option(
      '--as <person>',
      'break-glass: decide in the name of somebody; off unless people.breakGlass is set',
    )
    .option(
      '--wait <seconds>',
      `follow what happens then (at a terminal: ${WAIT_SECONDS}; 0: do not)`,
      seconds,
    );

/** An open request with the plan that stands, and the way in which the person at the keyboard decides about it. */
export interface OpenRequest {
  readonly request: SyncRequestRow;
  readonly current: CurrentPlan | null;
  /** Other connections have a request of the same id. */
  readonly ambiguous: boolean;
  readonly way: WayToDecide;
}

/** Sends an answer. */
type WayToDecide = (answer: Omit<Asked, 'typed' | 'connectionId'>) => Promise<DecisionReceipt>;

/**
 * `toApprove`: a plan that was changed past us is refused. Whoever may not decide learns it here, before they are asked anything: throws
 * `CliError` `NOT_LOGGED_IN`, `BREAK_GLASS_OFF`.
 */
export const lookAt = (
  cli: Cli,
  typed: string,
  { connection, as }: DecisionOptions,
  { toApprove = false } = {},
): Promise<OpenRequest> =>
  withStore(cli, async (store, config) => {
    const request = await findRequest(store, { typed, connectionId: connection });
    assertOpen(request);
    const current = await currentPlan(store, request);
    if (toApprove) await assertGenuine(store, request, current, cli.now().toISOString());
    const way = as === undefined ? throughDaemon(cli, config, request) : breakGlass(cli, config, request, as);
    return { request, current, ambiguous: await isAmbiguous(store, request), way };
  });

function throughDaemon(cli: Cli, config: Config, { id, connectionId }: SyncRequestRow): WayToDecide {
  const { url, token } = ownToken(cli, config);
  const api = daemonApi(cli, url, token);
  return (answer) => api.decide({ ...answer, typed: id, connectionId });
}

/** Past the daemon's door, with its signing keys: for the day on which nobody can log in. The log names account and person. */
function breakGlass(cli: Cli, config: Config, { id, connectionId }: SyncRequestRow, by: string): WayToDecide {
  assertBreakGlass(config);
  const keys = new SigningKeys(readSigningKeys(config, cli.io.env));
  const now = (): string => cli.now().toISOString();
  const decider = { by, account: cli.account(), channel: 'break-glass' };
  return (answer) =>
    withClient(config, (client) =>
      withStore(cli, async (store) => {
        const asked = { ...answer, typed: id, connectionId };
        return (await decideOn({ store, client, keys, now }, asked, decider)).receipt;
      }),
    );
}

/** Throws `CliError` `BREAK_GLASS_OFF`. */
export function assertBreakGlass({ people, file }: Config): void {
  if (people.breakGlass) return;
  throw new CliError('Nobody decides in the name of somebody else here.', {
    hint: `Decide as yourself: \`tieback login\`. In an emergency, set people.breakGlass in ${file} and restart the daemon; the log will name your account too.`,
    code: 'BREAK_GLASS_OFF',
  });
}

/** Sends the answer, prints the receipt, and follows the request for as long as was asked. */
export async function decide(
  cli: Cli,
  open: OpenRequest,
  answer: Omit<Asked, 'typed' | 'connectionId'>,
  wait: number | undefined,
): Promise<void> {
  const receipt = await open.way(answer);
  cli.print(`${cli.paint.green('✓')} ${receipt.message}`);
  const waitSeconds = wait ?? (cli.io.ask === null ? 0 : WAIT_SECONDS);
  const followed = waitSeconds > 0 ? await follow(cli, open, waitSeconds) : null;
  const { connectionId, id } = open.request;
  const outcome = followed === null ? {} : { status: followed.status, reason: followed.reason };
  if (cli.json) cli.result({ connectionId, id, receipt, ...outcome }, () => '');
}

/** One of several decisions, and what became of it. */
interface Result {
  readonly open: OpenRequest;
  readonly receipt: DecisionReceipt | null;
  /** Why it was refused. */
  readonly refused: Explanation | null;
}

/** Nobody is there, or nobody knows us: the next one would fare no better. */
const STOPS = ['NO_DAEMON', 'DAEMON_ANSWER', 'TEMPORAL_UNREACHABLE', 'NOT_LOGGED_IN'];

/** Sends one decision for each, one after another, and reports each; one that is refused does not stop the others. */
export async function decideAll(
  cli: Cli,
  opens: readonly OpenRequest[],
  answerTo: (open: OpenRequest) => Omit<Asked, 'typed' | 'connectionId'>,
): Promise<void> {
  const results: Result[] = [];
  for (const open of opens) {
    const name = nameOf(open.request, open.ambiguous);
    try {
      const receipt = await open.way(answerTo(open));
      results.push({ open, receipt, refused: null });
      cli.print(`${cli.paint.green('✓')} ${name}: ${receipt.message}`);
    } catch (error) {
      const refused = explain(error);
      results.push({ open, receipt: null, refused });
      cli.print(
        `${cli.paint.red('✗')} ${name}: ${refused.message}${refused.hint === null ? '' : ` ${refused.hint}`}`,
      );
      if (refused.unexpected || STOPS.includes(refused.code)) break;
    }
  }
  const unsent = opens.slice(results.length).map(({ request, ambiguous }) => nameOf(request, ambiguous));
  if (unsent.length > 0) cli.print(`${cli.paint.red('✗')} not sent: ${unsent.join(', ')}`);
  const refused = results.flatMap((result) => result.refused ?? []);
  cli.exitCode = Math.max(EXIT.ok, ...refused.map(({ exitCode }) => exitCode));
  const data = results.map(({ open: { request }, receipt, refused: why }) => ({
    connectionId: request.connectionId,
    id: request.id,
    receipt,
    error: why === null ? null : { code: why.code, message: why.message, hint: why.hint },
  }));
  cli.result({ decisions: data, unsent }, () => {
    const done = `${results.length - refused.length} of ${plural(opens.length, 'request')} decided`;
    return `${done}${refused.length === 0 ? '' : `, ${refused.length} refused`}. \`tieback requests\` tells how they go on.`;
  });
}

async function follow(
  cli: Cli,
  { request: before, ambiguous }: OpenRequest,
  waitSeconds: number,
): Promise<SyncRequestRow> {
  const row = await withStore(cli, (store) => followRequest(store, before, waitSeconds));
  const status = paintStatus(cli.paint, row.status);
  cli.print(
    isWorkedOn(row)
      ? `${status} still, after ${waitSeconds} s; \`tieback show ${nameOf(row, ambiguous)}\` tells how it goes on.`
      : `${status}: ${row.reason ?? ''}`,
  );
  for (const [command] of nextCommands(row, ambiguous)) cli.print(`  ${cli.paint.cyan(command)}`);
  return row;
}
