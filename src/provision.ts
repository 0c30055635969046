import { isTiebackError } from './domain/base/errors';
import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Client } from '@temporalio/client';
import { definitionOf } from './domain/kinds';
import { MOVING } from './domain/request/intake';
import type { PayrollInput, ReconcileInput } from './domain/request/flow';
import type { ReconciledKind } from './domain/request/id';
import { intakeIdOf, payrollIdOf, RECONCILED_KINDS, reconcileIdOf, sweepIdOf } from './domain/request/id';
import type { ScheduleChanges, ScheduleOwner, ScheduleSpec } from './temporal/schedules';
import { assertOwnSchedules, reconcileSchedules } from './temporal/schedules';
import { TiebackConnection } from './temporal/search-attributes';
import { taskQueues } from './temporal/task-queues';
import type { Parts } from './composition';
import type { Config, WebhookConfig } from './config/load';
import { missingSigningKeys } from './config/load';
import type { ConnectionParts } from './activities';
import { readErpMetadata } from './activities';
import type { ProcoreCompany } from './procore/port';
import type { Store } from './store/store';

/** One thing that provisioning looked at. */
export interface ProvisionedItem {
  readonly kind: string;
  readonly name: string;
  readonly outcome: 'created' | 'updated' | 'deleted' | 'already there' | 'not offered';
}

/** The id of this installation: kept in our store, random, made once. Safe to repeat, and to ask from several processes at the same time. */
export async function identifyInstallation(store: Store, now: string): Promise<string> {
  try {
    return await store.transaction('installation.identify', null, (t) =>
      t.installation.identify(randomUUID(), now),
    );
  } catch (error) {
    // Another process was faster by a moment.
    const row = await store.read('installation.find', (t) => t.installation.find());
    if (row === null) throw error;
    return row.id;
  }
}

/** The log is signed with a key that the configuration does not have. The message says what to do. */
export class AuditKeyError extends Error {
  override readonly name = 'AuditKeyError';
}

/**
 * Makes the files of audit keys that are not there yet, readable by us alone. A key that the log was signed with is never made anew: what it
 * signed could not be verified any more. Throws `AuditKeyError`.
 */
export async function makeAuditKeys(store: Store, { audit }: Config): Promise<ProvisionedItem[]> {
  const items: ProvisionedItem[] = [];
  for (const { id, file } of audit.keysToMake) {
    const links = await store.read('audit.keyed', (t) => t.audit.countKeyed(id));
    if (links > 0) {
      throw new AuditKeyError(
        `The file ${file} of audit key "${id}" is gone, and ${links} links of the audit log were signed with it. Put the file back from a ` +
          'backup; if it is lost, put a key with another id in front and keep this one out of audit.keys.',
      );
    }
    items.push({
      kind: 'audit key',
      name: `${id} in ${file}`,
      outcome: writeKey(file) ? 'created' : 'already there',
    });
  }
  return items;
}

/** Makes the files of payload keys that are not there yet, readable by us alone. */
export const makePayloadKeys = ({ temporal }: Config): ProvisionedItem[] =>
  temporal.payloadKeysToMake.map(({ id, file }) => ({
    kind: 'payload key',
    name: `${id} in ${file}`,
    outcome: writeKey(file) ? 'created' : 'already there',
  }));

/** A signing key is gone. The message says what to do. */
export class SigningKeyError extends Error {
  override readonly name = 'SigningKeyError';
}

/**
 * Makes the files of signing keys that are not there yet, readable by us alone. A key that sealed tokens is never made anew: all who hold one
 * would be strangers without a word. Throws `SigningKeyError`. Safe to do from several processes at the same time.
 */
export async function makeSigningKeys(
  store: Store,
  config: Pick<Config, 'people'>,
  { anew = false }: { readonly anew?: boolean } = {},
): Promise<ProvisionedItem[]> {
  const missing = missingSigningKeys(config);
  if (missing.length === 0) return [];
  const tokens = await store.read('token.sealed', (t) => t.people.all());
  return missing.map(({ id, file }) => {
    const sealed = tokens.filter(
      ({ seal, revokedAt, expiresAt }) =>
        revokedAt === null && expiresAt > new Date().toISOString() && seal.some(({ keyId }) => keyId === id),
    );
    if (sealed.length > 0 && !anew) {
      const people = [...new Set(sealed.map(({ person }) => person))].join(', ');
      throw new SigningKeyError(
        `The file ${file} of signing key "${id}" is gone, and the tokens of ${people} were sealed with it. Put the file back from a ` +
          'backup; if it is lost, `tieback provision --new-signing-key` makes another one, and these people need new tokens.',
      );
    }
    return {
      kind: 'signing key',
      name: `${id} in ${file}`,
      outcome: writeKey(file) ? 'created' : 'already there',
    };
  });
}

/** False when somebody else was faster. There is never a file with half a key: another daemon may be starting, or the disk be full. */
function writeKey(file: string): boolean {
  mkdirSync(dirname(file), { recursive: true });
  const aside = `${file}.${randomUUID()}`;
  try {
    writeFileSync(aside, `${randomBytes(32).toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
    // Unlike a rename, it does not take the place of a key that is there.
    linkSync(aside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Gives every configured connection its row and the beginning of its audit chain. Safe to repeat. Throws `AuditKeyError` where keys were taken out of the configuration. */
export async function registerConnections(
  parts: Parts,
  config: Config,
  now: string,
): Promise<ProvisionedItem[]> {
  const items: ProvisionedItem[] = [];
  for (const { id, companyId, adapter, adapterSettings } of config.connections) {
    const company = adapterSettings['company'];
    const erpCompany = typeof company === 'string' || typeof company === 'number' ? String(company) : '';
    const added = await parts.store.transaction('connection.register', id, async (t) => {
      const known = await t.connections.find(id);
      if (known && known.companyId !== companyId) {
        throw new Error(
          `connection "${id}" belongs to Procore company ${known.companyId}; give company ${companyId} another connection name`,
        );
      }
      const keyId = await t.audit.keyOfNewest(id);
      if (keyId !== null && config.audit.keys.length === 0) {
        throw new AuditKeyError(
          `The audit log of "${id}" is signed with key "${keyId}", and the configuration has no audit.keys: what would be logged now could ` +
            'not be told from what somebody forged. Put the key back.',
        );
      }
      if (!(await t.connections.add({ id, companyId, erpAdapter: adapter, erpCompany, createdAt: now })))
        return false;
      const about = { subject: `connection/${id}`, requestId: null, planHash: null, workflowId: null };
      const detail = { companyId, adapter, erpCompany };
      await t.audit.append(id, [
        { at: now, actor: 'tieback', action: 'connection.registered', ...about, detail },
      ]);
      return true;
    });
    items.push({ kind: 'connection', name: id, outcome: added ? 'created' : 'already there' });
  }
  return items;
}

/**
 * Ties the Procore company to us in the ERP tool and sends the metadata configuration, where it is not what was sent last. Keeps the list
 * of standard cost codes that Procore makes with the connection. Safe to repeat; `again` also sends what Procore should have, for a
 * company that lost it; without the ERP tool there is nothing to do. Throws `PROCORE_FORBIDDEN` or `PROCORE_NOT_FOUND` when Procore did not open its ERP tool to this app.
 */
export async function provisionErpTool(
  store: Store,
  { id, procore, erp }: ConnectionParts,
  serviceUrl: string,
  { again = false }: { readonly again?: boolean } = {},
): Promise<ProvisionedItem[]> {
  const tool = procore.metadata;
  if (tool === undefined) return [];
  const row = await store.read('connection.erp-tool', (t) => t.connections.find(id));
  if (row === null) throw new Error(`connection "${id}" is not in the store yet`);
  const metadata = await readErpMetadata(erp);
  const revision = tool.revision(metadata);
  const isSent = row.metadataRevision !== null;
  // The call that ties the company carries the configuration too, so it is the first of all and never needs the other.
  const ties = again || row.standardCostCodeListId === null;
  const sends = ties || row.metadataRevision !== revision;
  let listId = row.standardCostCodeListId;
  if (ties) listId = (await tool.connect({ serviceUrl, metadata })).standardCostCodeListId;
  else if (sends) await tool.update(metadata);
  if (sends) {
    const state = { standardCostCodeListId: listId, metadataRevision: revision };
    await store.transaction('connection.erp-tool', id, (t) => t.connections.keepErpTool(id, state));
  }
  const moved = again || row.metadataRevision !== revision;
  return [
    {
      kind: 'ERP connection',
      name: serviceUrl,
      outcome: !isSent ? 'created' : again ? 'updated' : 'already there',
    },
    ...(listId === null
      ? []
      : [
          {
            kind: 'standard cost code list',
            name: String(listId),
            outcome:
              listId === row.standardCostCodeListId ? ('already there' as const) : ('created' as const),
          },
        ]),
    {
      kind: 'ERP metadata',
      name: `fields and limits of ${metadata.system}`,
      outcome: !isSent ? 'created' : moved ? 'updated' : 'already there',
    },
  ];
}

/** What Procore is asked to tell: new ERP requests, and what moves of the kinds that are reconciled. */
const triggersFor = (
  reconciled: readonly ReconciledKind[],
): readonly { readonly resourceName: string; readonly eventType: string; readonly isNeeded: boolean }[] => [
  { resourceName: 'ERP Requests', eventType: 'create', isNeeded: true },
  ...Object.entries(MOVING).flatMap(([resourceName, kind]) =>
    reconciled.includes(kind)
      ? ['create', 'update'].map((eventType) => ({ resourceName, eventType, isNeeded: false }))
      : [],
  ),
];

/** Path of the webhook receiver of a connection. */
export const webhookPath = (connectionId: string): string => `/webhooks/${connectionId}`;

/**
 * Makes our hook in Procore and its trigger on new ERP requests what the configuration says: creates or patches, never touches hooks of
 * other namespaces.
 */
export async function provisionHook(
  { hooks: port }: ProcoreCompany,
  connectionId: string,
  webhook: WebhookConfig,
  /** Kinds that are reconciled: Procore tells when one of their records moves. */
  reconciled: readonly ReconciledKind[] = [],
): Promise<ProvisionedItem[]> {
  const destinationUrl = `${webhook.publicUrl}${webhookPath(connectionId)}`;
  const [authorization] = webhook.authorizations;
  const hooks = await port.list(webhook.namespace);
  const own =
    hooks.find((hook) => hook.destinationUrl === destinationUrl) ??
    // The same receiver under an old address; another installation's hook has another path or host and stays alone.
    hooks.find((hook) => hook.destinationUrl.endsWith(webhookPath(connectionId)));
  const hook = own ?? (await port.create({ namespace: webhook.namespace, destinationUrl, authorization }));
  // Procore shows the header masked, so it cannot be compared: it is set again every time.
  if (own) await port.update(own.id, { destinationUrl, authorization });
  const outcome = own ? (own.destinationUrl === destinationUrl ? 'already there' : 'updated') : 'created';
  const triggers = await port.listTriggers(hook.id);
  const items: ProvisionedItem[] = [];
  for (const { resourceName, eventType, isNeeded } of triggersFor(reconciled)) {
    const isThere = triggers.some(
      (one) => one.resourceName === resourceName && one.eventType.toLowerCase() === eventType,
    );
    const name = `${resourceName} ${eventType}`;
    try {
      if (!isThere) await port.createTrigger(hook.id, { resourceName, eventType });
      items.push({ kind: 'Procore trigger', name, outcome: isThere ? 'already there' : 'created' });
    } catch (error) {
      // What moves is found by looking, too: only later.
      if (isNeeded || !isTiebackError(error) || error.class !== 'data') throw error;
      items.push({ kind: 'Procore trigger', name, outcome: 'not offered' });
    }
  }
  return [{ kind: 'Procore hook', name: destinationUrl, outcome }, ...items];
}

/** Prefixes of the schedules that belong to an installation. */
const PREFIXES = ['intake/', 'sweep/', 'reconcile/', 'payroll/'];

/** Time between two sweeps of an ERP, in milliseconds. */
export const SWEEP_EVERY_MS = 86_400_000;
/** Not all connections of a data center begin in the same minute. */
const SWEEP_JITTER_MS = 20 * 60_000;

/** Who works in a namespace, and whether it may take the place of another installation there. */
export type IntakeOwner = Omit<ScheduleOwner, 'prefixes'>;

/**
 * Makes the schedules what the configuration wants: of each connection one for its intake and, unless it is switched off, one for its sweep; none for
 * connections that are gone. Throws `ForeignSchedulesError` where another installation works in the namespace, unless its place is to be taken.
 */
export const reconcileIntake = (
  client: Client,
  config: Config,
  owner: IntakeOwner,
): Promise<ScheduleChanges> =>
  reconcileSchedules(client, { ...owner, prefixes: PREFIXES }, schedulesOf(config));

/** Throws `ForeignSchedulesError` where another installation works in the namespace. Changes nothing. */
export const assertOwnIntake = (client: Client, config: Config, installation: string): Promise<void> =>
  assertOwnSchedules(client, { installation, prefixes: PREFIXES }, scheduleIdsOf(config));

/** Every schedule that the configuration wants. */
export const scheduleIdsOf = (config: Config): readonly string[] => schedulesOf(config).map(({ id }) => id);

const reconcileOf = (
  { id, app }: Pick<Config['connections'][number], 'id' | 'app'>,
  kind: ReconciledKind,
): ReconcileInput => ({
  connectionId: id,
  kind,
  procoreQueue: taskQueues.procore(app),
  erpQueue: taskQueues.erp(id),
});

/** What a reconcile is started with by hand. The connection must be one of the configuration. */
export function reconcileInput(
  { connections }: Config,
  connectionId: string,
  kind: ReconciledKind,
): ReconcileInput {
  const connection = connections.find(({ id }) => id === connectionId);
  if (connection === undefined) throw new Error(`there is no connection "${connectionId}"`);
  return reconcileOf(connection, kind);
}

/** What a look for pay periods and timecards is started with. */
export const payrollInput = ({
  id,
  app,
}: Pick<Config['connections'][number], 'id' | 'app'>): PayrollInput => ({
  connectionId: id,
  procoreQueue: taskQueues.procore(app),
  erpQueue: taskQueues.erp(id),
});

const schedulesOf = ({ temporal: { taskQueue }, connections }: Config): readonly ScheduleSpec[] => [
  ...connections.map(({ id, app, pollEveryMs }) => ({
    id: intakeIdOf(id),
    everyMs: pollEveryMs,
    workflowType: 'intake',
    workflowId: intakeIdOf(id),
    taskQueue,
    args: [{ connectionId: id, procoreQueue: taskQueues.procore(app) }],
    summary: `Look for ERP requests of ${id}`,
    searchAttributes: [{ key: TiebackConnection, value: id }],
  })),
  ...connections.flatMap(({ id, app, reconcile }) =>
    RECONCILED_KINDS.flatMap((kind) => {
      const wanted = reconcile.kinds[kind];
      return wanted === undefined
        ? []
        : [
            {
              id: reconcileIdOf(id, kind),
              everyMs: wanted.everySeconds * 1000,
              workflowType: 'reconcile',
              workflowId: reconcileIdOf(id, kind),
              taskQueue,
              args: [reconcileOf({ id, app }, kind)],
              summary: `Keep the ${definitionOf(kind).plural} of ${id} equal on both sides`,
              searchAttributes: [{ key: TiebackConnection, value: id }],
            },
          ];
    }),
  ),
  ...connections.flatMap(({ id, app, payroll }) =>
    payroll === undefined
      ? []
      : [
          {
            id: payrollIdOf(id),
            everyMs: payroll.everySeconds * 1000,
            workflowType: 'payroll',
            workflowId: payrollIdOf(id),
            taskQueue,
            args: [payrollInput({ id, app })],
            summary: `Look for pay periods and timecards of ${id}`,
            searchAttributes: [{ key: TiebackConnection, value: id }],
          },
        ],
  ),
  ...connections.flatMap(({ id, sweepAt, timeZone }) =>
    sweepAt === null
      ? []
      : [
          {
            id: sweepIdOf(id),
            everyMs: SWEEP_EVERY_MS,
            dailyAt: { ...sweepAt, timeZone },
            jitterMs: SWEEP_JITTER_MS,
            workflowType: 'sweep',
            workflowId: sweepIdOf(id),
            taskQueue,
            args: [{ connectionId: id, erpQueue: taskQueues.erp(id) }],
            summary: `Compare all that the ERP of ${id} holds with what is linked`,
            searchAttributes: [{ key: TiebackConnection, value: id }],
          },
        ],
  ),
];
