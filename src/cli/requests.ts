import { Option } from 'commander';
import type { RequestStatus } from '../domain/request/status';
import { REQUEST_STATUSES, STATUS_MEANINGS } from '../domain/request/status';
import type { ErpRequestRow } from '../store/rows';
import type { Store } from '../store/store';
import type { Cli, Register } from './cli';
import { wholeNumber } from './cli';
import { age, paintStatus, plural, shorten } from './format';
import { withStore } from './store';
import { table } from './table';

interface Options {
  readonly connection?: string;
  readonly status?: RequestStatus;
  readonly open?: true;
  readonly limit: number;
}

const MEANINGS = REQUEST_STATUSES.map((status) => `  ${status.padEnd(20)} ${STATUS_MEANINGS[status]}`).join(
  '\n',
);

export const registerRequests: Register = (program, cli) => {
  program
    .command('requests')
    .description('the ERP requests, newest first')
    .option('--connection <name>', 'only those of one connection')
    .addOption(new Option('--status <status>', 'only those that stand here').choices([...REQUEST_STATUSES]))
    .addOption(new Option('--open', 'only those that are not closed').conflicts('status'))
    .option('--limit <n>', 'most lines shown', wholeNumber, 50)
    .addHelpText(
      'after',
      `\nStatus:\n${MEANINGS}\n\nExamples:\n  tieback requests --open\n  tieback requests --status parked --json`,
    )
    .action((options: Options) => withStore(cli, (store) => listRequests(cli, store, options)));
};

async function listRequests(cli: Cli, store: Store, options: Options): Promise<void> {
  const { connection, status, open, limit } = options;
  const rows = await store.read('cli.requests', (t) =>
    t.requests.list({
      ...(connection === undefined ? {} : { connectionId: connection }),
      ...(status === undefined ? {} : { status }),
      ...(open === undefined ? {} : { open }),
      take: limit,
    }),
  );
  const all = await store.read('cli.open', async (t) => {
    const ids = connection === undefined ? (await t.connections.all()).map(({ id }) => id) : [connection];
    const lists = [];
    for (const id of ids) lists.push(await t.requests.open(id));
    return { ids, open: lists.flat() };
  });
  const waiting = all.open.filter((row) => row.status === 'waiting_for_finance').length;
  const requests = rows.map((row) => ({ ...row, body: undefined }));
  cli.result({ requests, open: all.open.length, waitingForFinance: waiting }, () => {
    const footer = cli.paint.dim(`${all.open.length} open, ${waiting} waiting for finance`);
    if (rows.length === 0) return `${nothing(options)}\n\n${footer}`;
    const more =
      rows.length === limit
        ? cli.paint.dim(` · the newest ${plural(limit, 'request')}; --limit shows more`)
        : '';
    return `${render(cli, rows, all.ids.length > 1)}\n\n${footer}${more}`;
  });
}

function render(cli: Cli, rows: readonly ErpRequestRow[], several: boolean): string {
  const head = ['id', ...(several ? ['connection'] : []), 'event', 'subject', 'status', 'since', 'reason'];
  const room = subjectRoom(cli.width);
  const cells = rows.map((row) => [
    String(row.requestId),
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

function nothing({ connection, status, open }: Options): string {
  if (status === undefined && open === undefined && connection === undefined)
    return 'No ERP request has arrived yet.';
  return 'No ERP request matches.';
}
