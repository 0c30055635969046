import type { ConnectionParts } from '../activities';
import { compareWrites, untieLost } from '../activities/export/fence';
import type { Parts } from '../composition';
import type { Config } from '../config/load';
import { commentOf } from '../desk/decide';
import { recordIdOf } from '../domain/base/identity';
import { isKind } from '../domain/kinds';
import { actorOf } from '../domain/people/decision';
import type { RecordLink } from '../domain/kinds/record-link';
import { isTie } from '../domain/plan/operation';
import { workflowIdOf } from '../domain/request/id';
import type { ErpWritten } from '../store/repositories/plans';
import type { Store } from '../store/store';
import type { Cli, Register } from './cli';
import { assertMayAccept, whoAccepts } from './accepting';
import { CliError, EXIT } from './errors';
import { plural, time } from './format';
import { buildWithoutStore } from './parts';
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
  /** Ties that Procore did not let go of, each with its words. */
  readonly kept: readonly string[];
}

export const registerRestored: Register = (program, cli) => {
  program
    .command('restored')
    .description(
      'list what Tieback wrote to the ERP and the ERP does not know (any more), as after a restored backup',
    )
    .option('--connection <name>', 'only one connection')
    .option(
      '--accept',
      'let Tieback write to the ERP again: the links of what is missing are given up, here and in Procore',
    )
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
        const accepted = options.accept === true;
        const parts = await buildWithoutStore(config, cli.logger(config));
        const compared: Compared[] = [];
        try {
          for (const connection of wantedOf(parts, config, options)) {
            const found = await compare(store, connection);
            const may = { cli, store, config, options };
            compared.push(accepted ? await accept(may, connection, found) : found);
          }
        } finally {
          await parts.close();
        }
        const isOpen = compared.some(({ lost, kept }) => (accepted ? kept : lost).length > 0);
        if (isOpen) cli.exitCode = EXIT.failed;
        cli.result({ connections: compared, accepted }, () =>
          compared.map((one) => render(cli, one, accepted)).join('\n\n'),
        );
      }),
    );
};

function wantedOf(parts: Parts, config: Config, { connection }: Options): readonly ConnectionParts[] {
  const wanted = [...parts.connections.values()].filter(
    ({ id }) => connection === undefined || id === connection,
  );
  if (wanted.length > 0) return wanted;
  throw new CliError(`There is no connection "${connection ?? ''}" in ${config.file}.`, {
    hint: `Connections: ${config.connections.map(({ id }) => id).join(', ') || 'none'}.`,
    code: 'CONNECTION_UNKNOWN',
  });
}

const compare = async (store: Store, connection: ConnectionParts): Promise<Compared> => ({
  connection: connection.id,
  ...(await compareWrites(store, connection)),
  kept: [],
});

interface Accepting {
  readonly cli: Cli;
  readonly store: Store;
  readonly config: Config;
  readonly options: Options;
}

/** Procore first: where it cannot be reached nothing is accepted, and the whole may be repeated. */
async function accept(
  { cli, store, config, options: { as, comment: said = '' } }: Accepting,
  { procore }: ConnectionParts,
  compared: Compared,
): Promise<Compared> {
  const { connection, lost } = compared;
  if (lost.length === 0) return compared;
  const decider = await whoAccepts(cli, store, config, as);
  assertMayAccept(
    config.connections.find(({ id }) => id === connection),
    decider.by,
  );
  const by = actorOf(decider);
  const comment = commentOf(said);
  if (comment === '') throw new CliError('Say why: --comment "which backup, agreed with whom".');
  const kept: string[] = [];
  for (const write of lost) kept.push(...(await untie(store, procore, write)));
  const now = cli.now().toISOString();
  await store.transaction('restored.accept', connection, async (t) => {
    const moved: RecordLink[] = [];
    for (const write of lost) {
      await t.plans.noteLost(write, `The ERP does not know it any more; accepted by ${by}: ${comment}`);
      const kind = write.recordId.split('/')[0] ?? '';
      if (!isKind(kind) || write.erpKey === null) continue;
      const [link] = await t.links.byErpKeys(connection, kind, [write.erpKey]);
      if (link?.state !== 'linked') continue;
      // The key may be another record's by now: nothing may look there for this one again.
      const nowhere = { procoreId: null, procore: null, erp: null, erpRevision: null };
      const given = { ...link, ...nowhere, state: 'unlinked' as const, generation: link.generation + 1 };
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
  return { ...compared, kept };
}

/** Takes off in Procore what this write tied there; answers what Procore did not let go of. */
async function untie(
  store: Store,
  procore: ConnectionParts['procore'],
  { connectionId, requestId, recordId, erpKey }: ErpWritten,
): Promise<readonly string[]> {
  if (erpKey === null) return [];
  const page = { connectionId, id: requestId, page: 0 };
  const plan = await store.read('restored.plan', (t) => t.plans.latest(page));
  const ties = plan?.body.operations.filter(isTie).filter((one) => one.recordId === recordId) ?? [];
  const kept: string[] = [];
  for (const one of ties) {
    const errors = await untieLost(procore, one, erpKey);
    kept.push(...errors.map(({ key, messages }) => `${recordId} (${key}): ${messages.join('; ')}`));
  }
  return kept;
}

function render(cli: Cli, { connection, written, lost, kept }: Compared, accepted: boolean): string {
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
  const still =
    kept.length === 0
      ? ''
      : `\n\nProcore did not let go of these; unlink them there:\n  ${kept.join('\n  ')}`;
  return `${head}${paint.red(plural(lost.length, 'of them is', 'of them are'))} not known to the ERP\n${cells}\n\n${verdict}${still}`;
}
