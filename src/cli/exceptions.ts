import type { ExceptionView } from '../desk/exceptions';
import { findException, listExceptions } from '../desk/exceptions';
import { requestWords } from '../domain/request/id';
import type { Cli, Register } from './cli';
import { age, plural } from './format';
import type { ActionOptions } from './inbox';
import { addActionOptions, assertConnection, actingAs, ownerFrom, tellReceipts } from './inbox';
import { fold, table } from './print-table';
import { withStore } from './store';

interface ListOptions {
  readonly connection?: string;
  readonly kind?: string;
  readonly owner?: string;
  readonly ignored?: true;
}

export const registerExceptions: Register = (program, cli) => {
  const exceptions = program
    .command('exceptions')
    .description('the records that wait for a person')
    .addHelpText(
      'after',
      '\nAlso those whose request is closed: an ERP that takes files may reject a record hours later. One that is put right closes by itself.\n\n' +
        'Examples:\n  tieback exceptions\n  tieback exceptions --connection acme --json\n  tieback exceptions show vendor/98127745\n' +
        '  tieback exceptions retry vendor/98127745',
    );
  exceptions
    .command('list', { isDefault: true })
    .description(
      'the records that wait for a person, the oldest first: why, what they hold up, and what to do',
    )
    .option('--connection <name>', 'only those of one connection')
    .option('--kind <kind>', 'only those of one kind of record, such as vendor')
    .option('--owner <person>', 'only those that somebody looks after')
    .option('--ignored', 'those too that somebody ignores until their reason changes')
    .addHelpText('after', '\nExample:\n  tieback exceptions --connection acme --json')
    .action(async ({ connection, ...filter }: ListOptions) => {
      const { exceptions: open, connectionIds } = await withStore(cli, (store) =>
        listExceptions(store, { ...filter, connectionId: connection }),
      );
      assertConnection(connection, connectionIds);
      cli.result({ exceptions: open }, () =>
        open.length === 0
          ? 'No record waits for a person.'
          : render(cli, open, connection === undefined && connectionIds.length > 1),
      );
    });
  exceptions
    .command('show <record>')
    .description('all that is known of one: every problem, what waits for it, and the way out')
    .option('--connection <name>', 'which connection, when several have the record')
    .addHelpText('after', '\nExample:\n  tieback exceptions show vendor/98127745')
    .action(async (recordId: string, { connection }: { connection?: string }) => {
      const found = await withStore(cli, (store) =>
        findException(store, { recordId, connectionId: connection }),
      );
      cli.result({ exception: found }, () => renderOne(cli, found));
    });
  addActionOptions(exceptions.command('retry <records...>'))
    .description('compare records again that a reconcile could not bring together')
    .addHelpText('after', '\nExample:\n  tieback exceptions retry vendor/98127745 vendor/98127746')
    .action(async (records: string[], options: ActionOptions) => {
      const act = actingAs(cli, options);
      const { connectionId, ids } = await meant(cli, records, options);
      tellReceipts(cli, [await act((inbox) => inbox.retry({ connectionId, ids }))], {
        one: 'record',
        done: 'to be looked at again',
      });
    });
  addActionOptions(exceptions.command('ignore <records...>'))
    .description('keep records out of the list until their reason is another one')
    .option('--comment <text>', 'goes into the audit log')
    .addHelpText(
      'after',
      '\nExample:\n  tieback exceptions ignore vendor/98127745 --comment "closed next month"',
    )
    .action(async (records: string[], { comment = '', ...options }: ActionOptions) => {
      const act = actingAs(cli, options);
      const { connectionId, ids } = await meant(cli, records, options);
      const done = 'ignored until its reason changes (`tieback exceptions --ignored` still lists it)';
      tellReceipts(cli, [await act((inbox) => inbox.ignore({ connectionId, ids, comment }))], {
        one: 'record',
        done,
      });
    });
  addActionOptions(exceptions.command('assign <record> [person]'))
    .description('have somebody look after it')
    .option('--nobody', 'nobody looks after it any more')
    .addHelpText('after', '\nExample:\n  tieback exceptions assign vendor/98127745 maria@acme.example')
    .action(
      async (record: string, person: string | undefined, options: ActionOptions & { nobody?: true }) => {
        const owner = ownerFrom(person, options);
        const act = actingAs(cli, options);
        const { connectionId, ids } = await meant(cli, [record], options);
        const receipt = await act((inbox) => inbox.assignExceptions({ connectionId, ids, owner }));
        tellReceipts(cli, [receipt], {
          one: 'record',
          done: owner === null ? 'nobody’s now' : `given to ${owner}`,
        });
      },
    );
};

/** Records of one connection: that of the first, where none is named. */
const meant = (
  cli: Cli,
  records: readonly string[],
  { connection }: ActionOptions,
): Promise<{ readonly connectionId: string; readonly ids: readonly string[] }> =>
  withStore(cli, async (store) => {
    const [first = ''] = records;
    const found = await findException(store, { recordId: first, connectionId: connection });
    return { connectionId: found.connectionId, ids: [...new Set(records)] };
  });

const todo = ({ hint, act, holdsUp }: ExceptionView): readonly string[] => [
  ...(hint === null ? [] : [hint]),
  act,
  ...(holdsUp.length === 0 ? [] : [`Holds up ${holdsUp.map(requestWords).join(', ')}.`]),
];

function render(cli: Cli, exceptions: readonly ExceptionView[], several: boolean): string {
  const rows = exceptions.map((one) => [
    ...(several ? [one.connectionId] : []),
    age(one.openedAt, cli.now()),
    one.cause,
    one.recordId,
    one.requestId ?? 'the sweep',
    one.owner ?? '',
    [one.reason, ...todo(one)].join('\n'),
  ]);
  const head = [
    ...(several ? ['connection'] : []),
    'age',
    'cause',
    'record',
    'request',
    'owner',
    'why, and what to do',
  ];
  const footer = cli.paint.dim(plural(exceptions.length, 'record'));
  return `${table(head, rows, { ...cli.tableOptions, wrap: true })}\n\n${footer}`;
}

function renderOne(cli: Cli, one: ExceptionView): string {
  const { recordId, connectionId, erpKey, requestId, cause, openedAt, owner, ignored, problems, reason } =
    one;
  const rows = [
    ['record', `${recordId}${erpKey === null ? '' : `, in the ERP ${erpKey}`}`],
    ['connection', connectionId],
    ['reported by', requestId === null ? 'the sweep' : requestWords(requestId)],
    ['cause', cause],
    ['open for', `${age(openedAt, cli.now())} (since ${cli.time(openedAt)} ${cli.zone})`],
    ['owner', owner ?? 'nobody'],
    ...(ignored === null
      ? []
      : [
          [
            'ignored',
            `by ${ignored.by} at ${cli.time(ignored.at)}${ignored.comment === '' ? '' : `: ${ignored.comment}`}`,
          ],
        ]),
  ];
  return [
    cli.paint.bold(fold(reason, cli.width)),
    ...(problems ?? [])
      .filter((problem) => problem !== reason)
      .map((problem) => fold(`  - ${problem}`, cli.width)),
    table(null, rows, { ...cli.tableOptions, indent: 2, wrap: true }),
    ...todo(one).map((line) => fold(line, cli.width)),
  ].join('\n');
}
