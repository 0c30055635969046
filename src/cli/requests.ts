import { Option } from 'commander';
import type { RequestStatus } from '../domain/request/status';
import { REQUEST_STATUSES, STATUS_MEANINGS } from '../domain/request/status';
import { listRequests } from '../desk/list-requests';
import type { SyncRequestRow } from '../store/rows';
import type { Cli, Register } from './cli';
import { wholeNumber } from './cli';
import { age, paintStatus, plural, shorten } from './format';
import { withStore } from './store';
import { table } from './print-table';

interface Options {
  readonly connection?: string;
  readonly status?: RequestStatus;
  readonly open?: true;
  readonly search?: string;
  readonly limit: number;
}

const MEANINGS = REQUEST_STATUSES.map((status) => `  ${status.padEnd(20)} ${STATUS_MEANINGS[status]}`).join(
  '\n',
);

export const registerRequests: Register = (program, cli) => {
  program
    .command('requests')
    .description('the sync requests, newest first')
    .option('--connection <name>', 'only those of one connection')
    .addOption(new Option('--status <status>', 'only those that stand here').choices([...REQUEST_STATUSES]))
    .addOption(new Option('--open', 'only those that are not closed').conflicts('status'))
    .option('--search <words>', 'only those whose titles, numbers or names contain all of these')
    .option('--limit <n>', 'most lines shown', wholeNumber, 50)
    .addHelpText(
      'after',
      `\nStatus:\n${MEANINGS}\n\nExamples:\n  tieback requests --open\n  tieback requests --search "cobalt SC-008"\n  tieback requests --status parked --json`,
    )
    .action((options: Options) => show(cli, options));
};

async function show(cli: Cli, options: Options): Promise<void> {
  const { connection, status, open, search, limit } = options;
  const list = await withStore(cli, (store) =>
    listRequests(store, {
      ...(connection === undefined ? {} : { connectionId: connection }),
      ...(status === undefined ? {} : { status }),
      ...(open === undefined ? {} : { open }),
      ...(search === undefined ? {} : { search }),
      take: limit,
    }),
  );
  const { requests, connectionIds, ...counts } = list;
  cli.result({ requests, ...counts }, () => {
    const footer = cli.paint.dim(`${counts.open} open, ${counts.waitingForFinance} waiting for finance`);
    if (requests.length === 0) return `${nothing(options)}\n\n${footer}`;
    const more =
      requests.length === limit
        ? cli.paint.dim(` · the newest ${plural(limit, 'request')}; --limit shows more`)
        : '';
    const several = connection === undefined && connectionIds.length > 1;
    return `${render(cli, requests, several)}\n\n${footer}${more}`;
  });
}

function render(cli: Cli, rows: readonly SyncRequestRow[], several: boolean): string {
  const head = ['id', ...(several ? ['connection'] : []), 'event', 'subject', 'status', 'since', 'reason'];
  const room = subjectRoom(cli.width);
  const cells = rows.map((row) => [
    row.id,
    ...(several ? [row.connectionId] : []),
    row.eventName ?? '–',
    shorten(row.subject ?? '–', room),
    paintStatus(cli.paint, row.status),
    age(row.updatedAt, cli.now()),
    (row.reason ?? '').replace(/\s+/g, ' '),
  ]);
  return table(head, cells, cli.tableOptions);
}

/** What the other columns leave, shared with the reason; subjects need not be longer than 36 to be recognised. */
const subjectRoom = (width: number): number => Math.min(36, Math.max(12, Math.floor((width - 52) / 2.5)));

function nothing({ connection, status, open, search }: Options): string {
  const isFiltered = [status, open, connection, search].some((filter) => filter !== undefined);
  return isFiltered ? 'No request matches.' : 'No request has arrived yet.';
}
