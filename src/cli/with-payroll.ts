import type { PayrollParts } from '../activities/payroll/parts';
import type { Store } from '../store/store';
import type { Cli } from './cli';
import { onlyConnection } from './connections';
import { CliError } from './errors';
import { buildWithoutStore } from './parts';
import { withStore } from './store';

/**
 * Opens store, Procore and ERP of the one connection that is meant, and closes them afterwards. Throws `CliError` `NO_PAYROLL` where it keeps none.
 */
export async function withPayroll<T>(
  cli: Cli,
  { connection: name }: { readonly connection?: string },
  work: (store: Store, parts: PayrollParts) => Promise<T>,
): Promise<T> {
  return withStore(cli, async (store, config) => {
    const own = onlyConnection(config, name);
    if (own.payroll === undefined)
      throw new CliError(`connections.${own.id}.payroll is not configured.`, {
        hint: 'docs/payroll.md tells what to write there.',
        code: 'NO_PAYROLL',
      });
    const built = await buildWithoutStore({ ...config, connections: [own] }, cli.logger(config));
    try {
      const connection = built.connections.get(own.id);
      const erp = connection?.erp.payroll;
      if (connection === undefined || erp === undefined)
        throw new CliError(`The ERP adapter "${own.adapter}" keeps no payroll.`, {
          hint: `Leave connections.${own.id}.payroll out.`,
          code: 'NO_PAYROLL',
        });
      return await work(store, { connection, settings: own.payroll, erp });
    } finally {
      await built.close();
    }
  });
}
