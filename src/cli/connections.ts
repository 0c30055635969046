import type { Config, ConnectionConfig } from '../config/load';
import { CliError } from './errors';

/** The connections that are meant: all, or the one that is named. Throws `CliError` where there is none. */
export function connectionsOf(config: Config, name: string | undefined): readonly ConnectionConfig[] {
  const wanted = config.connections.filter(({ id }) => name === undefined || id === name);
  if (wanted.length > 0) return wanted;
  throw new CliError(
    name === undefined
      ? `There is no connection in ${config.file}.`
      : `There is no connection "${name}" in ${config.file}.`,
    {
      hint: `Connections: ${config.connections.map(({ id }) => id).join(', ') || 'none'}.`,
      code: 'CONNECTION_UNKNOWN',
    },
  );
}

/** The one connection that is meant. Throws `CliError` where there are several, and none is named. */
export function onlyConnection(config: Config, name: string | undefined): ConnectionConfig {
  const [only, second] = connectionsOf(config, name);
  if (only !== undefined && second === undefined) return only;
  throw new CliError('There are several connections: say which one.', {
    hint: `--connection ${config.connections.map(({ id }) => id).join(' or ')}.`,
    code: 'CONNECTION_AMBIGUOUS',
  });
}
