import { daemonHint, listDaemons, lives } from '../desk/daemons';
import type { Store } from '../store/store';
import type { Cli } from './cli';
import { CliError, EXIT } from './errors';

/** Throws `CliError` `NO_DAEMON` where no daemon would do it. `what` completes "No daemon runs that could": `sweep`. */
export async function assertDaemonRuns(cli: Cli, store: Store, what: string): Promise<void> {
  const daemons = await listDaemons(store);
  if (daemons.some((row) => lives(row, cli.now()))) return;
  throw new CliError(`No daemon runs that could ${what}.`, {
    hint: daemonHint(daemons, cli.now()),
    exitCode: EXIT.failed,
    code: 'NO_DAEMON',
  });
}
