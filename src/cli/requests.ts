import { Option } from 'commander';
import type { Kind } from '../domain/kinds';
import type { RequestStatus } from '../domain/request/status';
import { REQUEST_STATUSES, STATUS_MEANINGS } from '../domain/request/status';
import { listRequests } from '../desk/list-requests';
import { ALL_EVENTS } from '../procore/erp-tool/events';
import type { Cli, Register } from './cli';
import { wholeNumber } from './cli';
import { plural } from './format';
import { kindName, oneOf } from './one-of';
import { requestTable } from './request-table';
import { withStore } from './store';

interface Options {
  readonly connection?: string;
  readonly status?: RequestStatus;
  readonly open?: true;
  readonly event?: string;
  readonly kind?: Kind;
  readonly search?: string;
  readonly limit: number;
}

const MEANINGS = REQUEST_STATUSES.map((status) => `  ${status.padEnd(20)} ${STATUS_MEANINGS[status]}`).join(
  '\n',
);

export const registerRequests: Register = (program, cli) => {
  program
    .command('requests [words...]')
    .description(
      'the sync requests, newest first; with words, those whose titles, numbers, names or ids have all of them',
    )
    .option('--connection <name>', 'only those of one connection')
    .addOption(new Option('--status <status>', 'only those that stand here').choices([...REQUEST_STATUSES]))
    .addOption(new Option('--open', 'only those that are not closed').conflicts('status'))
    .option('--event <name>', 'only those of one event of Procore, such as create_commitment', eventName)
    .option('--kind <kind>', 'only those about one kind of record, such as commitment', kindName)
    .option('--search <words>', 'as the words')
    .option('--limit <n>', 'most lines shown', wholeNumber, 50)
    .addHelpText(
      'after',
      `\nStatus:\n${MEANINGS}\n\nExamples:\n  tieback requests --open\n  tieback requests cobalt SC-008\n  tieback requests --kind commitment --status parked --json`,
    )
    .action((words: string[], { search = '', ...options }: Options) => {
      const all = [...words, search].join(' ').trim();
      return show(cli, all === '' ? options : { ...options, search: all });
    });
};

const EVENTS = Object.keys(ALL_EVENTS);

const eventName = (name: string): string => oneOf('an event of Procore', EVENTS, name);

async function show(cli: Cli, options: Options): Promise<void> {
  const { connection, status, open, event, kind, search, limit } = options;
  const list = await withStore(cli, (store) =>
    listRequests(store, {
      ...(connection === undefined ? {} : { connectionId: connection }),
      ...(status === undefined ? {} : { status }),
      ...(open === undefined ? {} : { open }),
      ...(event === undefined ? {} : { eventName: event }),
      ...(kind === undefined ? {} : { kind }),
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
    return `${requestTable(cli, requests, { several })}\n\n${footer}${more}`;
  });
}

function nothing({ connection, status, open, event, kind, search }: Options): string {
  const isFiltered = [status, open, connection, event, kind].some((filter) => filter !== undefined);
  if (search !== undefined)
    return `No request ${isFiltered ? 'of those ' : ''}has all of "${search}" in its titles, numbers, names or ids. Try fewer or shorter words.`;
  return isFiltered ? 'No request matches.' : 'No request has arrived yet.';
}
