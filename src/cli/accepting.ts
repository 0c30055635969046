import type { Config, ConnectionConfig } from '../config/load';
import { readSigningKeys } from '../config/load';
import type { Decider } from '../desk/decide';
import { whoIs } from '../desk/people';
import { whyNotApprover } from '../domain/request/connection-policy';
import type { Store } from '../store/store';
import type { Cli } from './cli';
import { assertBreakGlass } from './decision-options';
import { CliError } from './errors';
import { ownToken } from './login';
import { registerOf } from './people';

/** Who accepts on the command line: the person whose token is here, or by break-glass somebody named. */
export async function whoAccepts(
  cli: Cli,
  store: Store,
  config: Config,
  as: string | undefined,
): Promise<Pick<Decider, 'by' | 'account'>> {
  if (as !== undefined) {
    assertBreakGlass(config);
    // Whoever cannot read them decides in nobody's name.
    readSigningKeys(config, cli.io.env);
    return { by: as, account: cli.account() };
  }
  const { id } = await whoIs(registerOf(cli, store, config), ownToken(cli, config).token);
  return { by: id, account: null };
}

/** Throws where they are no approver of the connection. */
export function assertMayAccept(connection: ConnectionConfig | undefined, by: string): void {
  const message =
    connection &&
    whyNotApprover({ ...connection.policy, requireSecondPerson: false }, { by, requestedBy: null });
  if (message)
    throw new CliError(message, {
      hint: 'Only an approver of the connection may let Tieback write again.',
      code: 'NotAllowed',
    });
}
