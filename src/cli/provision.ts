import { RECONCILED_KINDS } from '../domain/request/id';
import type { Config, ConnectionConfig } from '../config/load';
import { missingSigningKeys } from '../config/load';
import { isTiebackError } from '../domain/base/errors';
import type { Parts } from '../composition';
import type { ProvisionedItem } from '../provision';
import type { ScheduleChanges } from '../temporal/schedules';
import type { Cli, Register } from './cli';
import { CliError, EXIT, explain, reasonOf } from './errors';
import { lazy } from './lazy';
import type { Paint } from './paint';
import { buildWithoutStore } from './parts';
import { openStore, storeName } from './store';
import { fold, table } from './print-table';
import { withClient } from './temporal';

const AREAS = ['store', 'temporal', 'procore'] as const;
type Area = (typeof AREAS)[number];

function partNamed(name: string | undefined): Area | null {
  const area = AREAS.find((known) => known === name);
  if (name === undefined || area !== undefined) return area ?? null;
  throw new CliError(`There is no part "${name}".`, { hint: `Parts: ${AREAS.join(', ')}` });
}

interface Part {
  readonly area: Area;
  readonly name: string;
  /** What is looked at, for `--dry-run`. */
  readonly looksAt: readonly { readonly kind: string; readonly name: string }[];
  /** What to do when this part cannot be done. */
  readonly hint: string;
  run(): Promise<readonly ProvisionedItem[]>;
}

interface Failure {
  readonly part: string;
  readonly reason: string;
  readonly hint: string;
}

interface Options {
  readonly dryRun?: true;
  readonly again?: true;
  readonly takeOver?: true;
  readonly newStore?: true;
  readonly newSigningKey?: true;
}

export const registerProvision: Register = (program, cli) => {
  program
    .command('provision')
    .argument('[part]', 'only one part: `store`, `temporal` or `procore`')
    .description(
      'create what Tieback needs: store, Temporal namespace, schedules, Procore ERP connection, metadata and hooks; safe to repeat',
    )
    .option('--dry-run', 'only say what would be looked at')
    .option(
      '--take-over',
      'take the place of another installation in the Temporal namespace: its schedules become ours or are deleted',
    )
    .option('--new-store', 'make an empty store where the file of the one before is gone for good')
    .option(
      '--new-signing-key',
      'make another signing key where the file of the one before is gone for good: everybody needs a new token',
    )
    .option('--again', 'also send to the ERP tool what Procore should have, for a company that lost it')
    .addHelpText(
      'after',
      '\nExamples:\n  tieback provision --dry-run\n  tieback provision\n  tieback provision procore\n  tieback provision temporal --take-over',
    )
    .action(async (part: string | undefined, options: Options) => {
      const only = partNamed(part);
      if (options.takeOver && only !== null && only !== 'temporal') {
        throw new CliError(`--take-over is about the part "temporal", not "${only}".`);
      }
      if (options.newStore && only !== null && only !== 'store') {
        throw new CliError(`--new-store is about the part "store", not "${only}".`);
      }
      const config = cli.configToProvision();
      const parts = await buildWithoutStore(config, cli.logger(config));
      try {
        const plan = partsOf(cli, config, parts, options).filter(
          ({ area }) => only === null || area === only,
        );
        if (options.dryRun) dryRun(cli, plan);
        else await provision(cli, plan);
      } finally {
        await parts.close();
      }
    });
};

function dryRun(cli: Cli, parts: readonly Part[]): void {
  const items = parts.flatMap(({ looksAt }) => looksAt);
  cli.result({ wouldLookAt: items }, () => {
    const rows = items.map(({ kind, name }) => [kind, name]);
    return `${table(['would look at', ''], rows, cli.tableOptions)}\n\n${cli.paint.dim('Nothing was changed.')}`;
  });
}

/** Every part is tried: what cannot be reached does not keep the others waiting. */
async function provision(cli: Cli, parts: readonly Part[]): Promise<void> {
  const items: ProvisionedItem[] = [];
  const failures: Failure[] = [];
  for (const part of parts) {
    try {
      items.push(...(await part.run()));
    } catch (error) {
      const { message, hint, unexpected } = explain(error);
      failures.push({
        part: part.name,
        reason: unexpected ? reasonOf(error) : message,
        hint: hint ?? part.hint,
      });
    }
  }
  if (failures.length > 0) cli.exitCode = EXIT.failed;
  cli.result({ items, failures }, () => render(cli, items, failures));
}

function render(cli: Cli, items: readonly ProvisionedItem[], failures: readonly Failure[]): string {
  const { paint, width } = cli;
  const rows = items.map(({ kind, name, outcome }) => [kind, name, paintOutcome(paint, outcome)]);
  const failed = failures.map(({ part, reason, hint }) =>
    [
      `${paint.red('✗')} ${paint.bold(part)}: ${fold(reason, width)}`,
      `  ${paint.dim(fold(hint, width - 2).replaceAll('\n', '\n  '))}`,
    ].join('\n'),
  );
  const changed = items.filter(({ outcome }) => outcome !== 'already there').length;
  const done =
    changed === 0 ? 'Everything was there already: nothing to do.' : `${changed} created or changed.`;
  return [
    ...(items.length === 0
      ? []
      : [table(['what', 'name', 'outcome'], rows, { ...cli.tableOptions, flex: 1 })]),
    ...(failed.length === 0 ? [paint.dim(done)] : failed),
  ].join('\n\n');
}

const paintOutcome = (paint: Paint, outcome: ProvisionedItem['outcome']): string =>
  outcome === 'already there' ? paint.dim(outcome) : paint.green(outcome);

function partsOf(cli: Cli, config: Config, parts: Parts, options: Options): readonly Part[] {
  return [
    storePart(cli, config, parts, options),
    temporalPart(cli, config),
    schedulesPart(cli, config, options),
    ...erpToolParts(config, parts, options),
    ...hookParts(config, parts),
  ];
}

function storePart(cli: Cli, config: Config, parts: Parts, { newStore, newSigningKey }: Options): Part {
  return {
    area: 'store',
    name: 'Store',
    looksAt: [
      { kind: 'store', name: storeName(config) },
      ...config.audit.keysToMake.map(({ id, file }) => ({ kind: 'audit key', name: `${id} in ${file}` })),
      ...config.temporal.payloadKeysToMake.map(({ id, file }) => ({
        kind: 'payload key',
        name: `${id} in ${file}`,
      })),
      ...missingSigningKeys(config).map(({ id, file }) => ({
        kind: 'signing key',
        name: `${id} in ${file}`,
      })),
      ...config.connections.map(({ id }) => ({ kind: 'connection', name: id })),
    ],
    hint: `Check the section "store" in ${config.file} and that the database can be reached.`,
    async run() {
      const { Store } = lazy.store();
      const bare = await Store.open(config.store, { migrate: false, anew: newStore === true });
      const items: ProvisionedItem[] = [];
      try {
        const done = await bare.migrate();
        if (done.length === 0)
          items.push({ kind: 'store', name: storeName(config), outcome: 'already there' });
        items.push(...done.map((name) => ({ kind: 'migration', name, outcome: 'created' as const })));
        items.push(...(await lazy.provision().makeAuditKeys(bare, config)));
        items.push(...lazy.provision().makePayloadKeys(config));
        items.push(
          ...(await lazy.provision().makeSigningKeys(bare, config, { anew: newSigningKey === true })),
        );
      } finally {
        await bare.close();
      }
      // Read again: the keys that were made now sign what is registered now.
      const whole = cli.config();
      const store = await Store.open(whole.store, { migrate: false, auditKeys: whole.audit.keys });
      try {
        const now = cli.now().toISOString();
        items.push(...(await lazy.provision().registerConnections({ ...parts, store }, whole, now)));
      } finally {
        await store.close();
      }
      return items;
    },
  };
}

/** The server's parts may take this long to learn what was made. */
const CATCH_UP_MS = 60_000;

function temporalPart(cli: Cli, config: Config): Part {
  const { namespace, address, retentionDays } = config.temporal;
  return {
    area: 'temporal',
    name: 'Temporal',
    looksAt: [
      { kind: 'Temporal namespace', name: `${namespace} on ${address}` },
      { kind: 'search attributes', name: `of namespace ${namespace}` },
    ],
    hint: `Check that Temporal runs at ${address} and the section "temporal" in ${config.file}.`,
    run: () =>
      withClient(config, async (client) => {
        const steps = await lazy.provisionTemporal().provisionTemporal(client.connection, {
          namespace,
          retentionDays,
          timeoutMs: CATCH_UP_MS,
          say: (message) => cli.print(cli.paint.dim(message)),
        });
        return steps.map((step) => ({ ...step, kind: `Temporal ${step.kind}` }));
      }),
  };
}

/** The store says whose the schedules are, so it has to be there. */
function schedulesPart(cli: Cli, config: Config, { takeOver }: Options): Part {
  const { namespace, address } = config.temporal;
  return {
    area: 'temporal',
    name: 'Schedules',
    looksAt: lazy
      .provision()
      .scheduleIdsOf(config)
      .map((name) => ({ kind: 'schedule', name })),
    hint: `Check that Temporal runs at ${address}, that namespace ${namespace} is there, and that \`tieback provision store\` ran.`,
    run: () => {
      // Read again: what schedules start is encrypted with the keys that were made now.
      const whole = cli.config();
      return withClient(whole, async (client) => {
        const installation = await installationOf(cli, whole);
        const catchUp = {
          limitMs: CATCH_UP_MS,
          say: (message: string): void => cli.print(cli.paint.dim(message)),
        };
        const owner = { installation, takeOver: takeOver === true, catchUp };
        return scheduleItems(await lazy.provision().reconcileIntake(client, whole, owner));
      });
    },
  };
}

async function installationOf(cli: Cli, config: Config): Promise<string> {
  const store = await openStore(config);
  try {
    return await lazy.provision().identifyInstallation(store, cli.now().toISOString());
  } finally {
    await store.close();
  }
}

const scheduleItems = ({ created, updated, deleted, unchanged }: ScheduleChanges): ProvisionedItem[] => {
  const item =
    (outcome: ProvisionedItem['outcome']) =>
    (name: string): ProvisionedItem => ({
      kind: 'schedule',
      name,
      outcome,
    });
  return [
    ...created.map(item('created')),
    ...updated.map(item('updated')),
    ...deleted.map(item('deleted')),
    ...unchanged.map(item('already there')),
  ];
};

/** The open door has no ERP tool, and without an address the company cannot be marked as ours. */
function erpToolParts(config: Config, parts: Parts, { again }: Options): readonly Part[] {
  return config.connections.flatMap(({ id, app, companyId, erpTool, openDoor }) => {
    const connection = parts.connections.get(id);
    const { serviceUrl } = erpTool;
    if (openDoor !== null || serviceUrl === null || !connection) return [];
    return [
      {
        area: 'procore' as const,
        name: `Procore ERP tool of ${id}`,
        looksAt: [
          { kind: 'ERP connection', name: serviceUrl },
          { kind: 'ERP metadata', name: `of connection ${id}` },
        ],
        hint: `Check connections.${id} in ${config.file}, and that \`tieback provision store\` ran.`,
        async run() {
          const store = await openStore(config);
          try {
            return await lazy
              .provision()
              .provisionErpTool(store, connection, serviceUrl, { again: again === true });
          } catch (error) {
            throw notInvited(error, { id, app, companyId }, config.file);
          } finally {
            await store.close();
          }
        },
      },
    ];
  });
}

/** Procore answers 403 or 404 to an app that it did not let into the ERP tool; any other error says what it is by itself. */
function notInvited(
  error: unknown,
  { id, app, companyId }: Pick<ConnectionConfig, 'id' | 'app' | 'companyId'>,
  file: string,
): unknown {
  if (!isTiebackError(error) || !['PROCORE_FORBIDDEN', 'PROCORE_NOT_FOUND'].includes(error.code))
    return error;
  return new CliError(`Procore does not let app "${app}" use the ERP tool of company ${companyId}.`, {
    hint: [
      'The ERP tool is open to partners that Procore invited. What to do:',
      "1. Join Procore's ERP partner onboarding: apps are let in there, not in the developer portal.",
      `2. Let Procore support switch on "ERP Integrations" for company ${companyId}, and give the service account Admin on it.`,
      `3. If both are done, Procore may have this elsewhere: procoreApps.${app}.paths."connection.create" and "metadata.update".`,
      `Without an invitation, set connections.${id}.door to "open" in ${file}.`,
      `Procore said: ${error.message}`,
    ].join('\n'),
    exitCode: EXIT.failed,
    code: error.code,
    cause: error,
  });
}

function hookParts({ connections, file }: Config, parts: Parts): readonly Part[] {
  return connections.flatMap(({ id, webhook, reconcile }) => {
    const procore = parts.connections.get(id)?.procore;
    if (webhook === null || !procore) return [];
    return [
      {
        area: 'procore' as const,
        name: `Procore hook of ${id}`,
        looksAt: [{ kind: 'Procore hook', name: `${webhook.publicUrl}/webhooks/${id}` }],
        hint: `Check connections.${id} in ${file}; without a webhook, requests are found by polling.`,
        run: () =>
          lazy.provision().provisionHook(
            procore,
            id,
            webhook,
            RECONCILED_KINDS.filter((kind) => reconcile.kinds[kind] !== undefined),
          ),
      },
    ];
  });
}
