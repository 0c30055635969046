import type { Config, ConnectionConfig } from '../config/load';
import type { SuggestedPairs, TaxIdReader } from '../desk/links/suggestions';
import { suggestPairs } from '../desk/links/suggestions';
import type { Kind } from '../domain/kinds';
import { taxIdHashesOf } from '../domain/reconcile/match';
import { storedSides } from '../store/sides';
import type { Cli } from './cli';
import { onlyConnection } from './connections';
import { buildWithoutStore } from './parts';
import { withStore } from './store';

/** Pairs that may be one record; see `suggestPairs`. Both sides are asked for tax ids where the connection compares them. */
export const suggestedPairs = (
  cli: Cli,
  kind: Kind,
  connection: string | undefined,
): Promise<SuggestedPairs> =>
  withStore(cli, (store, config) => {
    const own = onlyConnection(config, connection);
    return suggestPairs(store, storedSides, own.id, kind, taxIdReader(cli, config, own, kind));
  });

function taxIdReader(
  cli: Cli,
  config: Config,
  connection: ConnectionConfig,
  kind: Kind,
): TaxIdReader | undefined {
  if (kind !== 'vendor' || connection.reconcile.matchTaxIds !== true) return undefined;
  return async (unpaired) => {
    const parts = await buildWithoutStore({ ...config, connections: [connection] }, cli.logger(config));
    try {
      cli.progress('Comparing tax ids ...');
      const { erp, procore } = parts.connections.get(connection.id) ?? {};
      return await taxIdHashesOf(
        {
          erp: async (keys, hash) =>
            (await erp?.kinds[kind]?.taxIdHashes?.(keys, hash)) ?? new Map<string, string>(),
          procore: async (ids, hash) =>
            (await procore?.kinds[kind]?.taxIdHashes?.(ids, hash)) ?? new Map<number, string>(),
        },
        unpaired,
      );
    } finally {
      cli.progress(null);
      await parts.close();
    }
  };
}
