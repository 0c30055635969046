import type { Parts } from '../composition';
import type { Config } from '../config/load';
import { contentHash } from '../domain/base/identity';
import { commentOf } from '../desk/decide';
import { definitionOf } from '../domain/kinds';
import { actorOf } from '../domain/people/decision';
import type { SchemaState } from '../guarded-erp';
import type { Store } from '../store/store';
import { assertMayAccept, whoAccepts } from './accepting';
import type { Cli, Register } from './cli';
import { CliError, EXIT } from './errors';
import { plural } from './format';
import { lazy } from './lazy';
import { buildWithoutStore } from './parts';
import { table } from './print-table';
import { withStore } from './store';

interface Options {
  readonly connection?: string;
  readonly accept?: string;
  readonly as?: string;
  readonly comment?: string;
}

interface Looked {
  readonly connection: string;
  readonly kinds: readonly SchemaState[];
  /** Names what may be accepted, as it was shown: accepted is this and nothing that came afterwards. Null: nothing can be. */
  readonly seen: string | null;
}

export const registerSchema: Register = (program, cli) => {
  program
    .command('schema')
    .description(
      'compare the tables of the ERP with what Tieback needs and with what was accepted last, as after an upgrade of the ERP',
    )
    .option('--connection <name>', 'only one connection')
    .option(
      '--accept <seen>',
      'let the kinds whose tables moved be read and written again, as they were shown',
    )
    .option(
      '--as <person>',
      'break-glass: accept in the name of somebody; off unless people.breakGlass is set',
    )
    .option('--comment <text>', 'goes into the audit log; needed with --accept')
    .addHelpText(
      'after',
      '\nWhat is missing cannot be accepted: the adapter has to be adapted first.\n\n' +
        'Example:\n  tieback schema\n  tieback schema --connection acme --accept 3f9c02a41b77 --comment "upgrade of Saturday, tried in the test company"',
    )
    .action((options: Options) =>
      withStore(cli, async (store, config) => {
        const parts = await buildWithoutStore(config, cli.logger(config));
        try {
          const looked = await lookAt(store, parts, config, options);
          const taken = options.accept === undefined ? undefined : chosen(looked, options.accept);
          if (taken !== undefined) await accept({ cli, store, config, options }, taken);
          const isOpen = looked.some((one) => one.kinds.some((state) => waits(state, one === taken)));
          if (isOpen) cli.exitCode = EXIT.failed;
          cli.result({ connections: looked, accepted: taken !== undefined }, () =>
            looked.map((one) => render(cli, one, one === taken)).join('\n\n'),
          );
        } finally {
          await parts.close();
        }
      }),
    );
};

async function lookAt(
  store: Store,
  parts: Parts,
  config: Config,
  { connection }: Options,
): Promise<readonly Looked[]> {
  const wanted = [...parts.connections.values()].filter(
    ({ id }) => connection === undefined || id === connection,
  );
  if (wanted.length === 0)
    throw new CliError(`There is no connection "${connection ?? ''}" in ${config.file}.`, {
      hint: `Connections: ${config.connections.map(({ id }) => id).join(', ') || 'none'}.`,
      code: 'CONNECTION_UNKNOWN',
    });
  const looked: Looked[] = [];
  for (const { id, erp } of wanted) {
    const kinds = await lazy.guardedErp().schemaStates(store, id, erp);
    looked.push({ connection: id, kinds, seen: seenOf(id, kinds) });
  }
  return looked;
}

/** What a person can accept: nothing of it is missing, and it is not as it was accepted. */
const acceptable = (kinds: readonly SchemaState[]): readonly SchemaState[] =>
  kinds.filter(
    ({ accepted, moved, problems }) => problems.length === 0 && (accepted === null || moved.length > 0),
  );

function seenOf(connection: string, kinds: readonly SchemaState[]): string | null {
  const open = acceptable(kinds).map(({ kind, columns }) => ({ kind, columns }));
  return open.length === 0 ? null : contentHash({ connection, open }).slice(0, 12);
}

/** The connection whose tables are still what was shown under this name. */
function chosen(looked: readonly Looked[], seen: string): Looked {
  const found = looked.find((one) => one.seen === seen);
  if (found === undefined)
    throw new CliError(
      `Nothing that can be accepted is named "${seen}": the tables are not as they were shown.`,
      {
        hint: 'Look again with `tieback schema`; it shows what moved, and its name.',
        code: 'SCHEMA_CHANGED',
      },
    );
  return found;
}

async function accept(
  {
    cli,
    store,
    config,
    options: { as, comment: said = '' },
  }: { readonly cli: Cli; readonly store: Store; readonly config: Config; readonly options: Options },
  { connection, kinds }: Looked,
): Promise<void> {
  const decider = await whoAccepts(cli, store, config, as);
  assertMayAccept(
    config.connections.find(({ id }) => id === connection),
    decider.by,
  );
  const comment = commentOf(said);
  if (comment === '') throw new CliError('Say why: --comment "which upgrade, tried where".');
  const about = { by: actorOf(decider), comment, at: cli.now().toISOString() };
  await lazy.guardedErp().acceptSchema(store, connection, acceptable(kinds), about);
}

const waits = ({ problems, moved }: SchemaState, isAccepted: boolean): boolean =>
  problems.length > 0 || (moved.length > 0 && !isAccepted);

function render(cli: Cli, { connection, kinds, seen }: Looked, isAccepted: boolean): string {
  const { paint } = cli;
  const head = paint.bold(connection);
  if (kinds.length === 0) return `${head}: this ERP has no tables that could be compared`;
  const rows = kinds.flatMap(({ kind, problems, moved, accepted }) => {
    const { plural: name } = definitionOf(kind);
    const differences = [
      ...problems.map((text) => ['missing', text]),
      ...moved.map((text) => [isAccepted ? 'accepted' : 'moved', text]),
    ];
    if (differences.length > 0) return differences.map(([what = '', text = '']) => [name, what, text]);
    return accepted === null ? [[name, 'new', 'nobody has looked at these tables yet']] : [];
  });
  if (rows.length === 0)
    return `${head}: ${paint.green(`the tables of ${plural(kinds.length, 'kind')} are as they were accepted`)}`;
  const open = kinds.filter((state) => waits(state, isAccepted));
  const verdict =
    open.length === 0
      ? 'All of them are read and written.'
      : `${plural(open.length, 'kind waits', 'kinds wait')}: neither read nor written until it is settled.${seen === null ? '' : ` \`tieback schema --accept ${seen} --comment "..."\` accepts what moved.`}`;
  return `${head}\n${table(['records', '', 'what'], rows, { ...cli.tableOptions, indent: 2 })}\n\n${verdict}`;
}
