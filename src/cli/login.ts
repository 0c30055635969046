import { listDaemons, whoRuns } from '../desk/daemons';
import { credentialsFile, daemonUrl, tokenOf } from '../config/load';
import type { Config } from '../config/load';
import { registerSecret } from '../telemetry/redaction';
import type { Cli, Register } from './cli';
import { Credentials } from './credentials';
import { DaemonApi } from './daemon-api';
import { CliError } from './errors';
import { age } from './format';
import { withStore } from './store';

export const registerLogin: Register = (program, cli) => {
  program
    .command('login')
    .description('show your personal token once; from then on you decide as yourself')
    .option('--token-file <file>', 'read the token from a file instead of asking for it')
    .addHelpText(
      'after',
      '\nIT makes a token with `tieback people add <you>`. It is kept in a file that only you can read (TIEBACK_CREDENTIALS), for the\n' +
        'daemon of the configuration (another one: TIEBACK_URL). Programs give theirs in TIEBACK_TOKEN and need no login.\n\n' +
        'Example:\n  tieback login',
    )
    .action(async ({ tokenFile }: { tokenFile?: string }) => {
      const config = cli.config();
      const url = daemonUrl(config, cli.io.env);
      const token = tokenFile === undefined ? await asked(cli) : cli.readFile(tokenFile).trim();
      registerSecret(token);
      const { person, expiresAt, mayApprove } = await daemonApi(cli, url, token).me();
      const kept = credentialsOf(cli, config);
      kept.keep(url, { person, token, expiresAt });
      cli.result({ person, url, expiresAt, mayApprove, file: kept.file }, () =>
        [
          `${cli.paint.green('✓')} You are ${cli.paint.bold(person)} at ${url} for ${age(cli.now().toISOString(), new Date(expiresAt))}.`,
          mayApprove.length === 0
            ? 'You may approve nothing: no connection names you under approvers.'
            : `You may approve on ${mayApprove.join(', ')}.`,
          cli.paint.dim(`Kept in ${kept.file}; \`tieback logout\` removes it.`),
        ].join('\n'),
      );
    });
};

export const registerLogout: Register = (program, cli) => {
  program
    .command('logout')
    .description('forget your token on this machine; it stays valid elsewhere until it ends or is taken back')
    .action(() => {
      const config = cli.config();
      const url = daemonUrl(config, cli.io.env);
      const wasIn = credentialsOf(cli, config).forget(url);
      cli.result({ url, loggedOut: wasIn }, () =>
        wasIn ? `You are not logged in at ${url} any more.` : `You were not logged in at ${url}.`,
      );
    });
};

async function asked(cli: Cli): Promise<string> {
  if (cli.io.askSecret === null) {
    throw new CliError('Nobody can type a token here.', {
      hint: 'Give it with --token-file <file>, or set TIEBACK_TOKEN and decide without login.',
    });
  }
  return (await cli.io.askSecret('Your token (it is not shown): ')).trim();
}

const credentialsOf = (cli: Cli, config: Config): Credentials =>
  new Credentials(credentialsFile(config, cli.io.env));

/** The daemon, as the person at the keyboard. */
export const daemonApi = (cli: Cli, url: string, token: string): DaemonApi =>
  new DaemonApi(url, token, () => whoRuns(() => withStore(cli, listDaemons), cli.now()));

/** The token of the person at the keyboard, for this daemon. Throws `CliError` `NOT_LOGGED_IN`. */
export function ownToken(cli: Cli, config: Config): { readonly url: string; readonly token: string } {
  const url = daemonUrl(config, cli.io.env);
  const token = tokenOf(cli.io.env) ?? credentialsOf(cli, config).find(url)?.token;
  if (token === undefined) {
    throw new CliError(`You are not logged in at ${url}.`, {
      hint: '`tieback login` asks for your personal token; IT makes one with `tieback people add <you>`.',
      code: 'NOT_LOGGED_IN',
    });
  }
  registerSecret(token);
  return { url, token };
}
