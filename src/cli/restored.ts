import type { ConnectionParts } from '../activities';
import { lostWrites } from '../activities/export/fence';
import type { Config, ConnectionConfig } from '../config/load';
import type { Decider } from '../desk/decide';
import { commentOf } from '../desk/decide';
import { whoIs } from '../desk/people';
import { recordIdOf } from '../domain/base/identity';
import { isKind } from '../domain/kinds';
import { actorOf } from '../domain/people/decision';
import type { RecordLink } from '../domain/kinds/record-link';
import { whyNotApprover } from '../domain/request/connection-policy';
import { workflowIdOf } from '../domain/request/id';
import type { ErpWritten } from '../store/repositories/plans';
import type { Store } from '../store/store';
import type { Cli, Register } from './cli';
import { assertBreakGlass } from './decision-options';
import { CliError, EXIT } from './errors';
import { plural, time } from './format';
import { ownToken } from './login';
import { buildWithoutStore } from './parts';
import { registerOf } from './people';
import { table } from './print-table';
import { withStore } from './store';

interface Options {
  readonly connection?: string;
  readonly accept?: true;
  readonly as?: string;
  readonly comment?: string;
}

interface Compared {
  readonly connection: string;
  readonly written: number;
  readonly lost: readonly ErpWritten[];
}

export const registerRestored: Register = (program, cli) => {
  program
    .command('restored')
    .description(
      'list what Tieback wrote to the ERP and the ERP does not know (any more), as after a restored backup',
    )
    .option('--connection <name>', 'only one connection')
    .option('--accept', 'let Tieback write to the ERP again: the links of what is missing are given up')
    .option(
      '--as <person>',
      'break-glass: accept in the name of somebody; off unless people.breakGlass is set',
    )
    .option('--comment <text>', 'goes into the audit log; needed with --accept')
    .addHelpText(
      'after',
      '\nWhat is missing is not written again by itself: have it sent again from Procore.\n\n' +
        'Example:\n  tieback restored --connection acme\n  tieback restored --connection acme --accept --comment "backup of Sunday, agreed with Dana"',
    )
    .action((options: Options) =>
      withStore(cli, async (store, config) => {
        const compared = await compareAll(cli, store, config, options);
        if (options.accept) for (const one of compared) await accept(cli, store, config, one, options);
        else if (compared.some(({ lost }) => lost.length > 0)) cli.exitCode = EXIT.failed;
        cli.result({ connections: compared, accepted: options.accept === true }, () =>
          compared.map((one) => render(cli, one, options.accept === true)).join('\n\n'),
        );
      }),
    );
};

async function compareAll(
  cli: Cli,
  store: Store,
  config: Config,
  { connection }: Options,
): Promise<readonly Compared[]> {
  const wanted = config.connections.filter(({ id }) => connection === undefined || id === connection);
  if (wanted.length === 0) {
    throw new CliError(`There is no connection "${connection ?? ''}" in ${config.file}.`, {
      hint: `Connections: ${config.connections.map(({ id }) => id).join(', ') || 'none'}.`,
      code: 'CONNECTION_UNKNOWN',
    });
  }
  const parts = await buildWithoutStore(config, cli.logger(config));
  try {
    const compared: Compared[] = [];
    for (const { id } of wanted) {
      const own = parts.connections.get(id);
      if (own) compared.push(await compare(store, own));
    }
    return compared;
  } finally {
    await parts.close();
  }
}

async function compare(store: Store, { id, erp }: ConnectionParts): Promise<Compared> {
  const pages = await store.read('restored.written', async (t) => {
    const all: (readonly ErpWritten[])[] = [];
    for await (const page of t.plans.erpWrites(id)) all.push(page);
    return all;
  });
  const lost: ErpWritten[] = [];
  for (const page of pages) lost.push(...(await lostWrites(erp.ledger, page)));
  return { connection: id, written: pages.reduce((sum, { length }) => sum + length, 0), lost };
}

async function accept(
  cli: Cli,
  store: Store,
  config: Config,
  { connection, lost }: Compared,
  { as, comment: said = '' }: Options,
): Promise<void> {
  if (lost.length === 0) return;
  const decider = await whoAccepts(cli, store, config, as);
  assertMay(
    config.connections.find(({ id }) => id === connection),
    decider.by,
  );
  const by = actorOf(decider);
  const comment = commentOf(said);
  if (comment === '') throw new CliError('Say why: --comment "which backup, agreed with whom".');
  const now = cli.now().toISOString();
  await store.transaction('restored.accept', async (t) => {
    const moved: RecordLink[] = [];
    for (const write of lost) {
      await t.plans.noteLost(write, `The ERP does not know it any more; accepted by ${by}: ${comment}`);
      const kind = write.recordId.split('/')[0] ?? '';
      if (!isKind(kind) || write.erpKey === null) continue;
      const [link] = await t.links.byErpKeys(connection, kind, [write.erpKey]);
      if (link?.state !== 'linked') continue;
      const given = { ...link, state: 'unlinked' as const, generation: link.generation + 1 };
      moved.push(...(await t.links.advance(connection, [given], now)));
    }
    const [first] = lost;
    const about = { at: now, actor: by, planHash: null };
    const of = (requestId: string) => ({
      requestId,
      workflowId: workflowIdOf({ connectionId: connection, id: requestId }),
    });
    await t.audit.append(connection, [
      ...lost.map(({ requestId, recordId, erpKey, operationKey }) => ({
        ...about,
        ...of(requestId),
        action: 'erp.restored' as const,
        subject: recordId,
        detail: { erpKey, operation: operationKey, comment },
      })),
      ...moved.map(({ id, kind, erpKey, procoreId, state, generation, erpRevision }) => ({
        ...about,
        ...of(first?.requestId ?? ''),
        action: 'link.changed' as const,
        subject: recordIdOf(kind, procoreId ?? `erp:${erpKey}`),
        detail: { link: id, erpKey, procoreId, state, generation, erpRevision },
      })),
    ]);
  });
}

async function whoAccepts(
  cli: Cli,
  store: Store,
  config: Config,
  as: string | undefined,
): Promise<Pick<Decider, 'by' | 'account'>> {
  if (as !== undefined) {
    assertBreakGlass(config);
    return { by: as, account: cli.account() };
  }
  const { id } = await whoIs(registerOf(cli, store, config), ownToken(cli, config).token);
  return { by: id, account: null };
}

function assertMay(connection: ConnectionConfig | undefined, by: string): void {
  const message =
    connection &&
    whyNotApprover({ ...connection.policy, requireSecondPerson: false }, { by, requestedBy: null });
  if (message)
    throw new CliError(message, {
      hint: 'Only an approver of the connection may let Tieback write again.',
      code: 'NotAllowed',
    });
}

function render(cli: Cli, { connection, written, lost }: Compared, accepted: boolean): string {
  const { paint } = cli;
  const head = `${paint.bold(connection)}: ${plural(written, 'write')} of ours, `;
  if (lost.length === 0) return `${head}${paint.green('the ERP knows all of them')}`;
  const rows = lost.map(({ at, recordId, erpKey, requestId }) => [
    time(at),
    recordId,
    erpKey ?? '',
    requestId,
  ]);
  const cells = table(['written', 'record', 'as', 'request'], rows, { ...cli.tableOptions, indent: 2 });
  const verdict = accepted
    ? 'Accepted: their links are given up, and Tieback writes again. Have these records sent again from Procore.'
    : 'Nothing more is written to this ERP until somebody accepts it: `tieback restored --accept --comment "..."`.';
  return `${head}${paint.red(plural(lost.length, 'of them is', 'of them are'))} not known to the ERP\n${cells}\n\n${verdict}`;
}
