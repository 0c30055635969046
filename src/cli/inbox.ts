import type { Command } from 'commander';
import type { Config } from '../config/load';
import { readSigningKeys } from '../config/load';
import { inboxFor } from '../desk/inbox';
import type { Inbox, InboxParts, InboxReceipt } from '../desk/inbox-parts';
import { policyNowIn } from '../desk/rules/policy';
import { SigningKeys } from '../domain/people/signing-keys';
import type { Store } from '../store/store';
import type { Cli } from './cli';
import { assertBreakGlass } from './decision-options';
import { CliError, EXIT } from './errors';
import { plural } from './format';
import { lazy } from './lazy';
import { daemonApi, ownToken } from './login';
import { withStore } from './store';
import { withClient } from './temporal';

/** Options of everything that is done about conflicts and exceptions. */
export interface ActionOptions {
  readonly connection?: string;
  readonly as?: string;
  readonly comment?: string;
  readonly yes?: true;
}

export const addActionOptions = (command: Command): Command =>
  command
    .option('--connection <name>', 'which connection, when several have the record')
    .option(
      '--as <person>',
      'break-glass: decide in the name of somebody; off unless people.breakGlass is set',
    );

/** Does something in the name of the person at the keyboard. */
type Act = <T>(use: (inbox: Inbox) => Promise<T>) => Promise<T>;

/**
 * How the person at the keyboard acts: through the daemon, which knows them by their token, or in an emergency past it. Throws `CliError`
 * `NOT_LOGGED_IN`, `BREAK_GLASS_OFF`.
 */
export function actingAs(cli: Cli, { as }: Pick<ActionOptions, 'as'>): Act {
  const config = cli.config();
  if (as === undefined) {
    const { url, token } = ownToken(cli, config);
    return (use) => use(daemonApi(cli, url, token).inbox);
  }
  assertBreakGlass(config);
  const keys = new SigningKeys(readSigningKeys(config, cli.io.env));
  const decider = { by: as, account: cli.account(), channel: 'break-glass' };
  return (use) => withStore(cli, (store) => use(inboxFor(partsOf(cli, config, store, keys), decider)));
}

const partsOf = (cli: Cli, config: Config, store: Store, keys: SigningKeys): InboxParts => ({
  store,
  keys,
  now: () => cli.now().toISOString(),
  policyOf: policyNowIn({ store, keys, connections: config.connections }),
  startReconcile: (connectionId, kind) =>
    withClient(config, async (client) => {
      const input = lazy.provision().reconcileInput(config, connectionId, kind);
      await lazy.starter().reconcileNow(client, config.temporal.taskQueue, input);
    }),
});

const LOOKS = {
  now: 'They are compared now; what is written then is planned and approved like anything else.',
  later: 'The next scheduled look compares them: it could not be started just now.',
} as const;

/** Prints what became of each; the exit code tells whether something was refused. `done`: such as `settled`. */
export function tellReceipts(
  cli: Cli,
  receipts: readonly InboxReceipt[],
  { one, done: word }: { readonly one: string; readonly done: string },
): void {
  const done = receipts.flatMap((receipt) => receipt.done);
  const refused = receipts.flatMap((receipt) => receipt.refused);
  const looks = receipts.flatMap((receipt) => receipt.looks ?? []);
  const look = looks.includes('later') ? 'later' : (looks[0] ?? null);
  if (refused.length > 0) cli.exitCode = Math.max(cli.exitCode, EXIT.usage);
  cli.result({ done, refused, looks: look }, () =>
    [
      ...refused.map(({ message }) => `${cli.paint.red('✗')} ${message}`),
      `${cli.paint.green('✓')} ${plural(done.length, one)} ${word}.${look === null ? '' : ` ${LOOKS[look]}`}`,
    ].join('\n'),
  );
}

/** At a terminal several are asked about once. */
export async function isSure(cli: Cli, { yes }: ActionOptions, question: string): Promise<boolean> {
  if (yes === true || cli.json || cli.io.ask === null) return true;
  const answer = (await cli.io.ask(`\n${question} [y/N] `)).trim();
  if (/^y(es)?$/i.test(answer)) return true;
  cli.print('Nothing was changed.');
  return false;
}

/** Throws `CliError` `CONNECTION_UNKNOWN`. */
export function assertConnection(connection: string | undefined, known: readonly string[]): void {
  if (connection === undefined || known.includes(connection)) return;
  throw new CliError(`There is no connection "${connection}".`, {
    hint: `Connections: ${known.join(', ') || 'none'}.`,
    code: 'CONNECTION_UNKNOWN',
  });
}

/** Whom something is given to; null: nobody. Throws `CliError`. */
export function ownerFrom(person: string | undefined, { nobody }: { readonly nobody?: true }): string | null {
  if ((person === undefined) === (nobody === true)) return person ?? null;
  throw new CliError('Say who looks after it: a person, or --nobody.', {
    hint: 'Such as: tieback conflicts assign vendor/98127745 maria@acme.example',
  });
}
