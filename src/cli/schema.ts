import type { Parts } from '../composition';
import type { Config } from '../config/load';
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
  readonly accept?: true;
  readonly as?: string;
  readonly comment?: string;
}

interface Looked {
  readonly connection: string;
  readonly kinds: readonly SchemaState[];
}

export const registerSchema: Register = (program, cli) => {
  program
    .command('schema')
    .description(
      'compare the tables of the ERP with what Tieback needs and with what was accepted last, as after an upgrade of the ERP',
    )
    .option('--connection <name>', 'only one connection')
    .option('--accept', 'let the kinds whose tables moved be read and written again')
    .option(
      '--as <person>',
      'break-glass: accept in the name of somebody; off unless people.breakGlass is set',
    )
    .option('--comment <text>', 'goes into the audit log; needed with --accept')
    .addHelpText(
      'after',
      '\nWhat is missing cannot be accepted: the adapter has to be adapted first.\n\n' +
        'Example:\n  tieback schema\n  tieback schema --connection acme --accept --comment "upgrade of Saturday, tried in the test company"',
    )
    .action((options: Options) =>
      withStore(cli, async (store, config) => {
        const parts = await buildWithoutStore(config, cli.logger(config));
        try {
          const looked = await lookAt(store, parts, config, options);
          if (options.accept === true)
            for (const one of looked) await accept({ cli, store, config, options }, one);
          const isAccepted = options.accept === true;
          const isOpen = looked.some(({ kinds }) => kinds.some((state) => waits(state, isAccepted)));
          if (isOpen) cli.exitCode = EXIT.failed;
          cli.result({ connections: looked, accepted: isAccepted }, () =>
            looked.map((one) => render(cli, one, isAccepted)).join('\n\n'),
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
  for (const { id, erp } of wanted)
    looked.push({ connection: id, kinds: await lazy.guardedErp().schemaStates(store, id, erp) });
  return looked;
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
  const open = kinds.filter(
    ({ accepted, moved, problems }) => problems.length === 0 && (accepted === null || moved.length > 0),
  );
  if (open.length === 0) return;
  const decider = await whoAccepts(cli, store, config, as);
  assertMayAccept(
    config.connections.find(({ id }) => id === connection),
    decider.by,
  );
  const comment = commentOf(said);
  if (comment === '') throw new CliError('Say why: --comment "which upgrade, tried where".');
  const about = { by: actorOf(decider), comment, at: cli.now().toISOString() };
  await lazy.guardedErp().acceptSchema(store, connection, open, about);
}

const waits = ({ problems, moved }: SchemaState, isAccepted: boolean): boolean =>
  problems.length > 0 || (moved.length > 0 && !isAccepted);

function render(cli: Cli, { connection, kinds }: Looked, isAccepted: boolean): string {
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
      : `${plural(open.length, 'kind waits', 'kinds wait')}: neither read nor written until it is settled. \`tieback schema --accept --comment "..."\` accepts what moved.`;
  return `${head}\n${table(['records', '', 'what'], rows, { ...cli.tableOptions, indent: 2 })}\n\n${verdict}`;
}
