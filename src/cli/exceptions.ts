import { listExceptions } from '../desk/list-exceptions';
import type { ExceptionRow } from '../store/rows';
import type { Cli, Register } from './cli';
import { CliError } from './errors';
import { age, plural } from './format';
import { table } from './print-table';
import { withStore } from './store';

export const registerExceptions: Register = (program, cli) => {
  program
    .command('exceptions')
    .description('the records that wait for a person, the oldest first: why, and what to do')
    .option('--connection <name>', 'only those of one connection')
    .addHelpText(
      'after',
      '\nAlso those whose request is closed: an ERP that takes files may reject a record hours later.\n\n' +
        'Examples:\n  tieback exceptions\n  tieback exceptions --connection acme --json',
    )
    .action(async ({ connection }: { connection?: string }) => {
      const { exceptions, connectionIds } = await withStore(cli, (store) =>
        listExceptions(store, connection),
      );
      if (connection !== undefined && !connectionIds.includes(connection))
        throw new CliError(`There is no connection "${connection}".`, {
          hint: `Connections: ${connectionIds.join(', ') || 'none'}.`,
          code: 'CONNECTION_UNKNOWN',
        });
      cli.result({ exceptions }, () =>
        exceptions.length === 0
          ? 'No record waits for a person.'
          : render(cli, exceptions, connection === undefined && connectionIds.length > 1),
      );
    });
};

function render(cli: Cli, exceptions: readonly ExceptionRow[], several: boolean): string {
  const rows = exceptions.map(({ connectionId, requestId, recordId, openedAt, cause, reason, hint }) => [
    ...(several ? [connectionId] : []),
    age(openedAt, cli.now()),
    cause,
    recordId,
    requestId ?? 'the sweep',
    hint === null ? reason : `${reason}\n${hint}`,
  ]);
  const head = [
    ...(several ? ['connection'] : []),
    'age',
    'cause',
    'record',
    'request',
    'why, and what to do',
  ];
  const footer = cli.paint.dim(plural(exceptions.length, 'record'));
  return `${table(head, rows, { ...cli.tableOptions, wrap: true })}\n\n${footer}`;
}
