import { lazy } from './lazy';
import type { Register } from './cli';
import { table } from './print-table';

export const registerAdapters: Register = (program, cli) => {
  program
    .command('adapters')
    .description('the ERP systems Tieback can speak to')
    .addHelpText('after', '\nExample:\n  tieback adapters')
    .action(() => {
      const adapters = Object.values(lazy.registry().ERP_ADAPTERS).map(({ name, summary }) => ({
        name,
        summary,
      }));
      cli.result({ adapters }, () =>
        table(
          ['adapter', 'what it is'],
          adapters.map(({ name, summary }) => [name, summary]),
          cli.tableOptions,
        ),
      );
    });
};
