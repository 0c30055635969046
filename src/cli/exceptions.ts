import { listExceptions } from '../desk/list-exceptions';
import type { ExceptionRow } from '../store/rows';
import type { Cli, Register } from './cli';
import { wholeNumber } from './cli';
import { connectionsOf } from './connections';
import { age, plural } from './format';
import { withStore } from './store';

interface Options {
  readonly connection?: string;
  readonly limit: number;
}

export const registerExceptions: Register = (program, cli) => {
  program
    .command('exceptions')
    .description(
      'the records that are parked, wait for something or are missing in the ERP, the oldest first',
    )
    .option('--connection <name>', 'only those of one connection')
    .option('--limit <n>', 'most of them shown', wholeNumber, 50)
    .addHelpText(
      'after',
      '\nEach closes by itself once its record is carried, or is there again.\n\nExample:\n  tieback exceptions --connection acme',
    )
    .action(({ connection, limit }: Options) =>
      withStore(cli, async (store, config) => {
        const ids = connectionsOf(config, connection).map(({ id }) => id);
        const all = await listExceptions(store, ids);
        const exceptions = all.slice(0, limit);
        cli.result({ exceptions, open: all.length }, () => render(cli, exceptions, all.length));
      }),
    );
};

function render(cli: Cli, rows: readonly ExceptionRow[], total: number): string {
  const { paint } = cli;
  if (rows.length === 0) return 'No record waits for anybody.';
  const now = cli.now();
  const blocks = rows.map(({ connectionId, recordId, openedAt, requestId, reason, hint }) =>
    [
      `${paint.bold(recordId)} ${paint.dim(`${connectionId}, for ${age(openedAt, now)}, ${requestId ?? 'found by a sweep'}`)}`,
      `  ${reason}`,
      ...(hint === null ? [] : [paint.dim(`  ${hint}`)]),
    ].join('\n'),
  );
  const more = total > rows.length ? ` · the oldest ${rows.length}; --limit shows more` : '';
  return `${blocks.join('\n')}\n\n${paint.dim(`${plural(total, 'record')}${more}`)}`;
}
