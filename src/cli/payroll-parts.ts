import type { PayrollParts } from '../activities/payroll/preview';
import type { PayPeriod } from '../domain/payroll/period';
import type { Cli } from './cli';
import { onlyConnection } from './connections';
import { CliError } from './errors';
import { buildWithoutStore } from './parts';
import { withStore } from './store';

/** Opens the store, and the connection that is meant, with its payroll; closes them afterwards. Throws `CliError` where it has none. */
export async function withPayroll(
  cli: Cli,
  options: { readonly connection?: string },
  work: (store: Parameters<Parameters<typeof withStore>[1]>[0], parts: PayrollParts) => Promise<void>,
): Promise<void> {
  await withStore(cli, async (store, config) => {
    const own = onlyConnection(config, options.connection);
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
      await work(store, { connection, settings: own.payroll, erp });
    } finally {
      await built.close();
    }
  });
}

/** The period that is meant. Without an end: the oldest of the group that is not closed and has begun. Throws `CliError`. */
export function chosenPeriod(
  { periods, today }: { readonly periods: readonly PayPeriod[]; readonly today: string },
  group: string,
  end: string | undefined,
): PayPeriod {
  const own = periods.filter((period) => period.group === group && period.run === 1);
  const found =
    end === undefined
      ? own.find(({ state, begin }) => state !== 'closed' && begin <= today)
      : own.find((period) => period.end === end);
  if (found !== undefined) return found;
  const groups = [...new Set(periods.map((period) => period.group))];
  throw new CliError(
    end === undefined
      ? `Pay group ${group} has no period that is open and has begun.`
      : `Pay group ${group} has no period that ends on ${end}.`,
    {
      hint:
        own.length === 0
          ? `Pay groups of the ERP: ${groups.join(', ') || 'none'}.`
          : `\`tieback payroll periods\` lists them: ${own.map((one) => one.end).join(', ')}.`,
      code: 'PERIOD_UNKNOWN',
    },
  );
}
