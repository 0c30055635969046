import { readRules } from './config/rules';
import { untold } from './domain/notify/concerns';
import type { PolicyRule } from './domain/request/policy';
import { RECONCILE_EVENT } from './domain/request/own-request';
import type { ConnectionParts } from './activities';
import type { Config, ConnectionConfig, ProcoreAppConfig } from './config/load';
import { ConfigError } from './config/load';
import { guardedErp } from './guarded-erp';
import { mappedErp } from './mapped-erp';
import type { Io } from './erp-adapters/registry';
import { columnNamesOf } from './domain/kinds/custom-fields';
import { ERP_ADAPTERS } from './erp-adapters/registry';
import { knownEvent } from './procore/erp-tool/events';
import type { ProcoreApp } from './procore/app';
import { createProcoreApp } from './procore/app';
import { procoreSettings } from './procore/client/settings';
import type { IoHook } from './store/store';
import { Store } from './store/store';
import type { Logger } from './telemetry/logger';
import { taskQueues } from './temporal/task-queues';

/** Everything that is built from the configuration and closed again, without Temporal. */
export interface Parts {
  readonly store: Store;
  readonly connections: ReadonlyMap<string, ConnectionParts>;
  /** By name; the calls of each share one limiter in this process. */
  readonly apps: ReadonlyMap<string, Pick<ProcoreApp, 'limits'>>;
  close(): Promise<void>;
}

/** Seams for fault injection; production passes none. */
export interface Hooks {
  readonly store?: IoHook;
  readonly erp?: Io;
  readonly procore?: (company: ConnectionParts['procore']) => ConnectionParts['procore'];
}

/** Opens the store and builds one Procore app per entry and one adapter per connection. Nothing is sent before the first call. */
export async function buildParts(config: Config, logger: Logger, hooks: Hooks = {}): Promise<Parts> {
  const store = await Store.open(config.store, {
    auditKeys: config.audit.keys,
    ...(hooks.store ? { io: hooks.store } : {}),
  });
  const apps = new Map<string, ProcoreApp>(config.apps.map((app) => [app.name, procoreApp(app, logger)]));
  const connections = new Map(
    config.connections.map((connection) => {
      const parts = connectionParts(connection, apps, logger, hooks);
      const erp = guardedErp(parts.erp, { store, connectionId: connection.id });
      const { mapping = {} } = connection.reconcile;
      return [
        connection.id,
        { ...parts, erp: Object.keys(mapping).length === 0 ? erp : mappedErp(erp, mapping) },
      ];
    }),
  );
  return {
    store,
    connections,
    apps,
    close: async () => {
      for (const { erp } of connections.values()) await erp.close();
      for (const app of apps.values()) app.close();
      await store.close();
    },
  };
}

function procoreApp(app: ProcoreAppConfig, logger: Logger): ProcoreApp {
  const settings = procoreSettings({
    apiUrl: app.apiUrl,
    loginUrl: app.loginUrl,
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    paths: app.paths,
    detailCloseMethod: app.detailCloseMethod,
    unlinkBy: app.unlinkBy,
    invoicePaymentFields: app.invoicePaymentFields,
    limiter: { maxConcurrent: app.concurrency, maxInlineWaitMs: app.maxInlineWaitMs },
  });
  return createProcoreApp(settings, { logger: logger.child({ part: 'procore', app: app.name }) });
}

function connectionParts(
  connection: ConnectionConfig,
  apps: ReadonlyMap<string, ProcoreApp>,
  logger: Logger,
  hooks: Hooks,
): ConnectionParts {
  const adapter = ERP_ADAPTERS[connection.adapter];
  assertEvents(connection);
  const key = `connections.${connection.id}.erp`;
  if (!adapter) {
    throw new ConfigError(
      `${key}.adapter: there is no ERP adapter "${connection.adapter}". Adapters: ${Object.keys(ERP_ADAPTERS).join(', ')}.`,
    );
  }
  const reading = adapter.readSettings(connection.adapterSettings);
  if (!reading.ok) {
    throw new ConfigError(reading.problems.map((problem) => `${key}.settings.${problem}`).join('\n'));
  }
  const app = apps.get(connection.app);
  if (!app) throw new ConfigError(`${key}: Procore app "${connection.app}" is not configured.`);
  const company = app.company(connection.companyId, {
    labels: connection.erpTool.labels,
    openDoor: connection.openDoor,
    timeZone: connection.timeZone,
    customFields: connection.customFields,
  });
  const { matchTaxIds } = connection.reconcile;
  const erp = adapter.create({
    connectionId: connection.id,
    settings: reading.settings,
    customColumns: columnNamesOf(connection.customFields),
    ...(matchTaxIds === undefined ? {} : { taxIds: matchTaxIds }),
    logger: logger.child({ part: 'erp', connection: connection.id }),
    ...(hooks.erp ? { io: hooks.erp } : {}),
  });
  if (matchTaxIds === true && erp.kinds.vendor?.taxIdHashes === undefined)
    throw new ConfigError(
      `connections.${connection.id}.reconcile.matchTaxIds: the ERP adapter "${connection.adapter}" reads no tax ids; leave it out.`,
    );
  return {
    id: connection.id,
    policy: connection.policy,
    procore: hooks.procore ? hooks.procore(company) : company,
    erp,
    procoreQueue: taskQueues.procore(connection.app),
    erpQueue: taskQueues.erp(connection.id),
    pageSize: connection.pageSize,
    pollOverlap: connection.pollOverlap,
    openDoor: connection.openDoor,
    reconcile: connection.reconcile,
    ...(connection.payroll && { payroll: connection.payroll }),
    acceptForeignOrigins: connection.acceptForeignOrigins,
  };
}

function assertEvents({ id, policy }: ConnectionConfig): void {
  const [unknown] = unknownEvents(policy.rules);
  if (unknown !== undefined) throw new ConfigError(`connections.${id}.policy: ${unknown}`);
}

/** What somebody proposes in the Desk, checked as the configuration is. */
export function readCheckedRules(
  given: unknown,
  receivers: Parameters<typeof untold>[1] = [],
): ReturnType<typeof readRules> {
  const read = readRules(given);
  if ('problems' in read) return read;
  const problems = [...unknownEvents(read.body.rules), ...untold(read.body.deadlines, receivers)];
  return problems.length === 0 ? read : { problems };
}

/** A rule about an event that does not exist would never match, and nobody would notice: a sentence for each. */
export const unknownEvents = (rules: readonly PolicyRule[]): readonly string[] =>
  rules.flatMap(({ name, when: { events = [] } }) =>
    events
      .filter((event) => event !== RECONCILE_EVENT && knownEvent(event) === null)
      .map(
        (event) =>
          `rule "${name}" names the event "${event}", which does not exist; docs/events.md lists them all.`,
      ),
  );
