import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Previewed } from '../activities/reconcile/preview';
import type { Config, ConnectionConfig } from '../config/load';
import type { ProjectKind } from '../desk/look-at-projects';
import { lookAtProjects, PROJECT_KINDS } from '../desk/look-at-projects';
import { pauseReconcile } from '../desk/pause-reconcile';
import type { ReconcileProgress } from '../desk/reconcile-progress';
import { progressOf } from '../desk/reconcile-progress';
import { definitionOf } from '../domain/kinds';
import { paceWords } from '../domain/reconcile/pace';
import type { ReconcileResult, ReconcileStanding } from '../domain/request/flow';
import { RECONCILE_STANDING_QUERY } from '../domain/request/flow';
import type { ReconciledKind } from '../domain/request/id';
import { isReconciled, RECONCILED, RECONCILED_KINDS, reconcileIdOf } from '../domain/request/id';
import type { Store } from '../store/store';
import type { Cli, Register } from './cli';
import { connectionsOf, onlyConnection } from './connections';
import { CliError, EXIT } from './errors';
import { lazy } from './lazy';
import { assertDaemonRuns } from './needs-daemon';
import { buildWithoutStore } from './parts';
import type { PlanView } from './plan-view';
import { EVERYTHING, FIRST } from './plan-view';
import { table } from './print-table';
import { renderPlan } from './render-plan';
import { withStore } from './store';
import { withClient } from './temporal';

interface Options {
  readonly connection?: string;
  readonly full?: boolean;
  readonly project?: readonly string[];
}

const KINDS_HELP = `Kinds: ${RECONCILED_KINDS.join(', ')}.`;

export const registerReconcile: Register = (program, cli) => {
  const command = program
    .command('reconcile')
    .description('keep vendors, projects, codes and cost types of both sides equal');
  command
    .command('run [kind]', { isDefault: true })
    .description('bring both sides together now, as every few minutes: all kinds, or one')
    .option('--connection <name>', 'only one connection')
    .option('--full', 'read everything again, and not only what moved')
    .option(
      '--project <projects...>',
      'look at these as a whole, with their codes and sub jobs: ids of Procore, or numbers of the ERP',
    )
    .addHelpText(
      'after',
      `\n${KINDS_HELP}\nA running daemon does it; it goes on when this command is ended, and another one shows how far it is. What it could not carry: ` +
        '`tieback exceptions`, `tieback conflicts`. What it would do: `tieback plan`.\n\nExamples:\n  tieback reconcile\n  tieback reconcile vendor --full\n  tieback reconcile --project 24-017',
    )
    .action((kind: string | undefined, options: Options) =>
      withStore(cli, async (store, config) => {
        const kinds = options.project === undefined ? kindsOf(kind) : projectKindsOf(kind);
        await assertDaemonRuns(cli, store, 'reconcile');
        if (options.project !== undefined) {
          const { id, reconcile } = onlyConnection(config, options.connection);
          const own = projectKindsOf(kind).filter((name) => reconcile.kinds[name] !== undefined);
          const of = { connectionId: id, kinds: own, projects: options.project };
          await lookAtProjects(store, of, cli.now());
        }
        const done: (ReconcileResult & { readonly connection: string })[] = [];
        await withClient(config, async (client) => {
          for (const connection of connectionsOf(config, options.connection))
            for (const one of kinds.filter(
              (name) => kind !== undefined || connection.reconcile.kinds[name] !== undefined,
            ))
              done.push({
                connection: connection.id,
                ...(await runOne(cli, { store, config, client }, connection, one, options)),
              });
        });
        if (done.some(({ problem }) => problem !== null)) cli.exitCode = EXIT.failed;
        cli.result({ reconciled: done }, () => render(cli, done));
      }),
    );
  for (const [name, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    command
      .command(`${name} <kind>`)
      .description(
        paused
          ? 'stop at the next page boundary until it is resumed; nothing is lost'
          : 'let a paused reconcile go on where it stopped',
      )
      .option('--connection <name>', 'which connection, where there are several')
      .option('--comment <text>', 'why')
      .action((kind: string, options: Options & { readonly comment?: string }) =>
        withStore(cli, async (store, config) => {
          const { id } = onlyConnection(config, options.connection);
          const [one] = kindsOf(kind);
          if (one === undefined) return;
          const why = { by: cli.account(), comment: options.comment ?? '' };
          await pauseReconcile(store, { connectionId: id, kind: one, paused, ...why }, cli.now());
          const words = `${definitionOf(one).plural} of ${id}`;
          cli.result({ connection: id, kind: one, paused }, () =>
            paused
              ? `${cli.paint.yellow('Paused')}: the ${words}. \`tieback reconcile resume ${one}\` lets them go on.`
              : `${cli.paint.green('Resumed')}: the ${words}.`,
          );
        }),
      );
  }
};

export const registerPlan: Register = (program, cli) => {
  program
    .command('plan <kind>')
    .description('what a reconcile would do now, field by field; nothing is written')
    .option('--connection <name>', 'which connection, where there are several')
    .option('--full', 'read everything again, and not only what moved')
    .option('--all', 'every operation, and not only the first ones')
    .addHelpText(
      'after',
      `\n${KINDS_HELP}\n\nExamples:\n  tieback plan vendor\n  tieback plan project --full --all`,
    )
    .action((kind: string, options: Options & { readonly all?: boolean }) =>
      withStore(cli, async (store, config) => {
        const [one] = kindsOf(kind);
        const { id } = onlyConnection(config, options.connection);
        const parts = await buildWithoutStore(config, cli.logger(config));
        try {
          const connection = parts.connections.get(id);
          if (connection === undefined || one === undefined) return;
          const pages: Previewed[] = [];
          const deps = { store, now: () => cli.now().toISOString() };
          const look = { kind: one, full: options.full === true };
          for await (const page of lazy.activities().previewReconcile(deps, connection, look))
            pages.push(page);
          cli.result({ connection: id, kind: one, pages }, () =>
            renderPreview(cli, one, pages, options.all === true),
          );
        } finally {
          await parts.close();
        }
      }),
    );
};

function kindsOf(given: string | undefined): readonly ReconciledKind[] {
  if (given === undefined) return RECONCILED_KINDS;
  if (isReconciled(given)) return [given];
  throw new CliError(`"${given}" is not a kind that is reconciled.`, {
    hint: KINDS_HELP,
    code: 'KIND_UNKNOWN',
  });
}

function projectKindsOf(given: string | undefined): readonly ProjectKind[] {
  const kinds = PROJECT_KINDS.filter((kind) => given === undefined || kind === given);
  if (kinds.length > 0) return kinds;
  throw new CliError(`"${given ?? ''}" is not read project by project.`, {
    hint: `With --project: ${PROJECT_KINDS.join(', ')}.`,
    code: 'KIND_UNKNOWN',
  });
}

interface Tools {
  readonly store: Store;
  readonly config: Config;
  readonly client: Client;
}

async function runOne(
  cli: Cli,
  { store, config, client }: Tools,
  { id, reconcile, pageSize }: ConnectionConfig,
  kind: ReconciledKind,
  { full = false }: Options,
): Promise<ReconcileResult> {
  const words = `${definitionOf(kind).plural} of ${id}`;
  cli.print(cli.paint.dim(`Reconciling the ${words} (${reconcileIdOf(id, kind)} in the Web UI) ...`));
  if (reconcile.kinds[kind] === undefined)
    throw new CliError(`The ${words} are not reconciled.`, {
      hint: `Add ${kind} to connections.${id}.reconcile.kinds in ${config.file}, and restart the daemon.`,
      code: 'NOT_RECONCILED',
    });
  if (full) await store.transaction('desk.full', id, (t) => t.connections.askFull(id, [kind]));
  const handle = await lazy.starter().triggerReconcile(client, { connectionId: id, kind });
  const over = handle.result() as Promise<ReconcileResult>;
  let result: ReconcileResult | null = null;
  void over.then(
    (value) => (result = value),
    () => undefined,
  );
  const started = Date.now();
  for (let told = ''; result === null;) {
    await Promise.race([over.catch(() => null), delay(1_000)]);
    const [progress, standing] = await Promise.all([
      progressOf(store, id, RECONCILED[kind], new Date(started).toISOString()),
      // A worker that is busy or away answers later.
      handle.query<ReconcileStanding>(RECONCILE_STANDING_QUERY).catch(() => null),
    ]);
    const at = JSON.stringify([progress, standing?.read]);
    const pace = standing === null ? '' : paceWords(standing, Date.now());
    const line = [pace, progressLine(progress, pageSize)].filter(Boolean).join(' · ');
    if (at !== told && line !== '' && result === null) cli.print(cli.paint.dim(`  ${line}`));
    told = at;
  }
  return over;
}

/** `12 of 50 pages done (up to 1,000 records each)`. */
const progressLine = ({ done, open }: ReconcileProgress, pageSize: number): string =>
  done + open === 0
    ? ''
    : `${done} of ${done + open} pages done (up to ${pageSize.toLocaleString('en')} records each)`;

function render(cli: Cli, done: readonly (ReconcileResult & { readonly connection: string })[]): string {
  const rows = done.map(({ connection, kind, read, moved, requests, problem }) => [
    connection,
    definitionOf(kind).plural,
    String(read.erp),
    String(read.procore),
    String(moved.erp),
    String(moved.procore),
    problem !== null
      ? cli.paint.red(problem)
      : requests.length === 0
        ? cli.paint.green('nothing had to be done, nothing was written')
        : requests.join(', '),
  ]);
  const head = ['connection', 'records', 'read: ERP', 'Procore', 'moved: ERP', 'Procore', 'worked as'];
  return table(head, rows, { ...cli.tableOptions, wrap: true });
}

function renderPreview(cli: Cli, kind: ReconciledKind, pages: readonly Previewed[], all: boolean): string {
  const read = pages.reduce((sum, one) => sum + one.read, 0);
  const plans = pages.flatMap(({ plan }) => (plan === null ? [] : [plan]));
  const busy = plans.filter(
    ({ operations, leftOut, conflicts }) =>
      operations.some(({ side }) => side !== 'tieback') || leftOut.length > 0 || (conflicts?.length ?? 0) > 0,
  );
  const { plural: words } = definitionOf(kind);
  const head = `${read} ${words} read; nothing is written by this command.`;
  if (busy.length === 0)
    return `${head}\n${cli.paint.green('Both sides agree: a reconcile would write nothing.')}`;
  const view = {
    paint: cli.paint,
    width: cli.tableOptions.width,
    most: all ? EVERYTHING : FIRST,
    all: '`--all`',
    time: (at: string) => at,
  } satisfies PlanView;
  const shown = busy.map(({ hash, ...body }, page) => {
    const operations = body.operations.filter(({ side }) => side !== 'tieback');
    const row = {
      connectionId: '',
      requestId: '',
      page,
      version: 1,
      hash,
      body: { ...body, operations },
      state: 'built' as const,
      builtAt: 'just now',
    };
    return renderPlan(row, busy.length, view);
  });
  return [head, ...shown].join('\n\n');
}
