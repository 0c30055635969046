import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { LineCounter, parseDocument } from 'yaml';
import type { Weekday } from '../domain/base/local-date';
import type { PayrollSettings } from '../domain/payroll/settings';
import type { ReconcileSettings } from '../domain/reconcile/settings';
import type { WebPage } from '../domain/request/web-link';
import type { z } from 'zod';
import type { AuditKey } from '../domain/audit/keys';
import { issueWords } from '../domain/base/issue-words';
import { Secret } from '../domain/base/secret';
import { machineZone } from '../domain/base/time-zone';
import type { CustomFields } from '../domain/kinds/custom-fields';
import type { PersonGrant } from '../domain/people/grants';
import { peopleIn } from '../domain/people/grants';
import type { SessionLimits } from '../domain/people/session';
import type { SigningKey } from '../domain/people/signing-keys';
import { untold } from '../domain/notify/concerns';
import type { Receiver } from '../domain/notify/due';
import type { Approver, ConnectionPolicy } from '../domain/request/connection-policy';
import type { RulesBody } from '../domain/rules/body';
import { problemsOfRules } from '../domain/rules/body';
import type { OpenDoorSettings } from '../domain/request/open-door';
import type { StoreSettings } from '../store/store';
import { registerSecret } from '../telemetry/redaction';
import type { PayloadKey } from '../temporal/payload-codec';
import type { TemporalSettings } from '../temporal/connect';
import { grpcProxy } from './grpc-proxy';
import type { CrossReferenceFile } from './mapping';
import { readMapping } from './mapping';
import type { ConfigFile, SecretSource } from './schema';
import { configSchema, secret, WEEKDAYS } from './schema';

/** The configuration cannot be used. The message names file, key, what was expected and what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface ProcoreAppConfig {
  readonly name: string;
  readonly apiUrl: string;
  readonly loginUrl: string;
  /** Null: it follows from `apiUrl`, where that is known. */
  readonly webUrl: string | null;
  readonly webPaths: Readonly<Partial<Record<WebPage, string>>>;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly paths: Readonly<Record<string, string>>;
  readonly detailCloseMethod: 'PATCH' | 'PUT';
  readonly unlinkBy: 'external_data' | 'status_management';
  readonly invoicePaymentFields: Readonly<Partial<Record<'amount' | 'date' | 'method', string>>>;
  readonly concurrency: number;
  readonly maxInlineWaitMs: number;
}

export interface WebhookConfig {
  readonly publicUrl: string;
  /** Accepted values of the Authorization header; the first is the one Procore is told. */
  readonly authorizations: readonly [string, ...string[]];
  readonly namespace: string;
}

/** How the ERP appears in Procore's ERP tool. */
export interface ErpToolConfig {
  /** Null: there is no address to give. */
  readonly serviceUrl: string | null;
  /** What is absent follows from the ERP itself. */
  readonly labels: { readonly name?: string; readonly idName?: string; readonly shortName?: string };
}

export interface ConnectionConfig {
  readonly id: string;
  readonly app: string;
  readonly companyId: number;
  readonly adapter: string;
  readonly adapterSettings: Readonly<Record<string, unknown>>;
  readonly erpSlots: number;
  readonly policy: ConnectionPolicy;
  readonly pollEveryMs: number;
  readonly pollOverlap: number;
  /** Time of the day at which the ERP is swept, by the clocks of `timeZone`; null: never by itself. */
  readonly sweepAt: { readonly hour: number; readonly minute: number } | null;
  readonly reconcile: ReconcileSettings;
  /** How its payroll is worked; absent: it is not. */
  readonly payroll?: PayrollSettings;
  /** Files of the cross references of `reconcile.mapping`. */
  readonly crossReferences?: readonly CrossReferenceFile[];
  readonly webhook: WebhookConfig | null;
  readonly erpTool: ErpToolConfig;
  /** What to look for without Procore's ERP tool; null: the ERP tool sends requests. */
  readonly openDoor: OpenDoorSettings | null;
  readonly acceptForeignOrigins: boolean;
  /** IANA name of the zone in which moments become dates where Procore names none. */
  readonly timeZone: string;
  /** What custom fields of Procore are carried, and to which columns of the ERP. */
  readonly customFields: CustomFields;
  readonly pageSize: number;
}

/** A key, and the file it lies in. */
export interface KeyFile {
  readonly id: string;
  readonly file: string;
}

/** A file that holds a secret. */
export interface SecretFile {
  /** The key of the configuration that names it, e.g. `procoreApps.main.clientSecret`. */
  readonly key: string;
  readonly file: string;
}

/** How the audit log is made proof against those who may write to our database. */
export interface AuditConfig {
  /** The first one signs, all of them verify. */
  readonly keys: readonly AuditKey[];
  /** Least time between two anchors of a log. */
  readonly anchorEveryMs: number;
  /** Where anchors are appended to; null: nowhere. */
  readonly anchorFile: string | null;
  /** Where anchors are sent to; null: nowhere. */
  readonly anchorUrl: string | null;
  /** Files of keys that are not there yet: only where that was allowed. */
  readonly keysToMake: readonly KeyFile[];
}

/** How people show who they are when they decide. */
export interface PeopleConfig {
  /** Where the signing keys lie; `readSigningKeys` reads them, for those few who need them. */
  readonly signingKeys: readonly { readonly id: string; readonly key: SecretSource }[];
  readonly tokenDays: number;
  readonly breakGlass: boolean;
  /** Null: in the home of who logs in. */
  readonly credentialsFile: string | null;
}

/** Somebody who is told, and where: an address of e-mail, or a channel's webhook. */
export type NoticeReceiver = Receiver & {
  readonly address:
    | { readonly kind: 'mail'; readonly to: string }
    | { readonly kind: 'teams' | 'slack'; readonly url: Secret };
};

/** Who is told of what waits for people, and the way there. */
export interface NotifyConfig {
  /** Null: there is no mail server. */
  readonly smtp: {
    readonly host: string;
    readonly port: number;
    readonly secure: boolean;
    readonly user: string | null;
    readonly password: Secret | null;
    readonly from: string;
  } | null;
  readonly amounts: boolean;
  readonly receivers: readonly NoticeReceiver[];
}

/** Where people log in. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly emailClaim: string;
  readonly trustEmail: boolean;
}

/** The web page of finance: where it is, who is let in, and how they log in. */
export interface DeskConfig {
  /** Null: none was given; see `deskUrl`. */
  readonly url: string | null;
  readonly grants: readonly PersonGrant[];
  /** Null: people log in with passkeys. */
  readonly oidc: OidcConfig | null;
  readonly session: SessionLimits;
  readonly loginAs: string | null;
  readonly hsts: boolean;
  /** Null: nobody is told anything. */
  readonly notify: NotifyConfig | null;
}

/** Everything the daemon and the CLI need to know, checked, with secrets read, and frozen. */
export interface Config {
  readonly file: string;
  readonly dataDir: string;
  readonly store: StoreSettings;
  readonly temporal: TemporalSettings & {
    readonly retentionDays: number;
    readonly taskQueue: string;
    readonly webUi: string | null;
    readonly searchNames: boolean;
    readonly payloadKeys: readonly PayloadKey[];
    /** Files of payload keys that are not there yet: only where that was allowed. */
    readonly payloadKeysToMake: readonly KeyFile[];
  };
  readonly audit: AuditConfig;
  readonly people: PeopleConfig;
  readonly desk: DeskConfig;
  readonly http: { readonly host: string; readonly port: number };
  readonly log: ConfigFile['log'];
  readonly apps: readonly ProcoreAppConfig[];
  readonly connections: readonly ConnectionConfig[];
  /** Every file with a secret that was read, or will be. */
  readonly secretFiles: readonly SecretFile[];
}

/** The variables of the process; a parameter, so that this is the only place that touches them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the demo writes its configuration. */
const DEMO_CONFIG = join('.tieback', 'demo', 'tieback.yaml');

/** `--config`, else TIEBACK_CONFIG, else `tieback.yaml` here, else the configuration of a demo that was started here. */
export function configPath(given: string | undefined, env: Environment = process.env): string {
  const named = given ?? env['TIEBACK_CONFIG'];
  if (named !== undefined) return resolve(named);
  return resolve(!existsSync('tieback.yaml') && existsSync(DEMO_CONFIG) ? DEMO_CONFIG : 'tieback.yaml');
}

/** Address of the daemon: TIEBACK_URL, else where the configuration lets it listen. */
export function daemonUrl({ http }: Pick<Config, 'http'>, env: Environment = process.env): string {
  const host = ['0.0.0.0', '::', ''].includes(http.host) ? '127.0.0.1' : http.host;
  const own = `http://${host.includes(':') ? `[${host}]` : host}:${http.port}`;
  return withoutSlash(env['TIEBACK_URL'] ?? own);
}

const LOOPBACK = ['127.0.0.1', 'localhost', '::1', '[::1]'];

/**
 * Address under which people open the Desk, without a slash at its end; null: nobody can, because it was not said and others than this machine reach the daemon.
 * `port`: the one it listens on, where the configuration lets it pick one.
 */
export function deskUrl(
  { desk, http }: Pick<Config, 'desk' | 'http'>,
  port: number = http.port,
): string | null {
  if (desk.url !== null) return desk.url;
  return LOOPBACK.includes(http.host) && port !== 0 ? `http://localhost:${port}` : null;
}

/** Where `tieback login` keeps tokens: TIEBACK_CREDENTIALS, else as configured, else in the home of the person. */
export function credentialsFile({ people }: Pick<Config, 'people'>, env: Environment = process.env): string {
  const configured = env['TIEBACK_CREDENTIALS'] ?? people.credentialsFile;
  if (configured !== null) return resolve(configured);
  const base = env['XDG_CONFIG_HOME'] ?? env['APPDATA'] ?? join(homedir(), '.config');
  return join(base, 'tieback', 'credentials.json');
}

/** The file of certificates that Node trusts beside its own: NODE_EXTRA_CA_CERTS. */
export const extraCertificates = (env: Environment = process.env): string | undefined =>
  env['NODE_EXTRA_CA_CERTS'] || undefined;

/** A token that was handed over with the environment, for programs. */
export const tokenOf = (env: Environment = process.env): string | undefined => env['TIEBACK_TOKEN'];

/**
 * Reads, checks and freezes the configuration. Throws `ConfigError`. `keysMayBeMissing`: a key of the audit log whose file is not there is no
 * error, but named: for provisioning, which makes it.
 */
export function loadConfig(
  file: string,
  env: Environment = process.env,
  { keysMayBeMissing = false }: { readonly keysMayBeMissing?: boolean } = {},
): Config {
  if (!existsSync(file)) {
    throw new ConfigError(
      `There is no configuration file ${file}. Copy docs/tieback.example.yaml there, name another with --config or TIEBACK_CONFIG, ` +
        'or see everything run without one: npm run demo',
    );
  }
  const parsed = parse(file);
  const secretFiles: SecretFile[] = [];
  const context: Context = { file, env, base: dirname(file), secretFiles };
  const dataDir = within(context.base, parsed.dataDir);
  const apps = Object.entries(parsed.procoreApps).map(([appName, app]): ProcoreAppConfig => {
    const { maxInlineWaitSeconds, clientSecret, webUrl = null, ...rest } = app;
    const secret = readSecret(context, `procoreApps.${appName}.clientSecret`, clientSecret);
    return {
      ...rest,
      name: appName,
      webUrl,
      clientSecret: secret,
      maxInlineWaitMs: maxInlineWaitSeconds * 1000,
    };
  });
  const connections = Object.entries(parsed.connections).map(([id, item]) =>
    connectionConfig(context, id, item, apps),
  );
  assertOneConnectionPerCompany(file, connections, apps);
  const { store } = parsed;
  return deepFreeze({
    file,
    dataDir,
    store:
      store.type === 'better-sqlite3'
        ? { ...store, file: within(dataDir, store.file) }
        : (withSecrets(context, 'store', store) as StoreSettings),
    temporal: temporalConfig(context, parsed.temporal, keysMayBeMissing),
    audit: auditConfig(context, parsed.audit, keysMayBeMissing),
    people: peopleConfig(context, dataDir, parsed.people),
    desk: deskConfig(context, parsed, connections),
    secretFiles,
    http: parsed.http,
    log: parsed.log,
    apps,
    connections,
  });
}

type ConnectionSection = ConfigFile['connections'][string];

interface Context {
  readonly file: string;
  readonly env: Environment;
  readonly base: string;
  /** Filled in while secrets are read. */
  readonly secretFiles: SecretFile[];
}

function parse(file: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: true });
  const [broken] = document.errors;
  if (broken) throw new ConfigError(`${file} is not valid YAML: ${broken.message}`);
  const given: unknown = document.toJS() ?? {};
  const result = configSchema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) =>
    describe(issue, given, (path) => {
      const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined;
      return node?.range ? lines.linePos(node.range[0]).line : null;
    }),
  );
  throw new ConfigError(`${file} cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
}

function describe(
  issue: z.core.$ZodIssue,
  given: unknown,
  lineOf: (path: PropertyKey[]) => number | null,
): string[] {
  const line = lineOf(issue.path);
  const at = `${issue.path.length === 0 ? 'top level' : issue.path.join('.')}${line === null ? '' : ` (line ${line})`}`;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${at}: there is no key "${key}"; check the spelling`);
  }
  return issueWords(issue, given).map(({ words }) => `${at}: ${words}`);
}

function readSecret({ file, env, base, secretFiles }: Context, key: string, source: SecretSource): string {
  if ('file' in source) secretFiles.push({ key, file: within(base, source.file) });
  const value = 'env' in source ? env[source.env] : readSecretFile(file, key, within(base, source.file));
  if (value === undefined || value === '') {
    const where = 'env' in source ? `environment variable ${source.env}` : `file ${source.file}`;
    throw new ConfigError(`${file}: ${key} is empty: set ${where}.`);
  }
  registerSecret(value);
  return value;
}

/** Keys whose value is a secret, in the store and in the settings of adapters. Under others `{ file: path }` means what the adapter says. */
const SECRET_KEYS: ReadonlySet<string> = new Set(['password', 'clientSecret', 'secret', 'token', 'apiKey']);

/** The same, in which every secret is read: what says `{ env: NAME }` or `{ file: path }` under one of those keys. */
function withSecrets(
  context: Context,
  key: string,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const read = (path: string, name: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => read(`${path}[${index}]`, name, item));
    if (typeof value !== 'object' || value === null) return value;
    const source = SECRET_KEYS.has(name) ? secret.safeParse(value) : null;
    return source?.success === true
      ? new Secret(readSecret(context, path, source.data))
      : withSecrets(context, path, value as Readonly<Record<string, unknown>>);
  };
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, read(`${key}.${name}`, name, value)]),
  );
}

/** Settings of adapters that are paths. */
const PATHS = ['definition', 'file', 'folder'];

/** What an adapter reads lies relative to the configuration, wherever the program is started. */
const withPaths = (
  { base }: Context,
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      PATHS.includes(name) && typeof value === 'string' && value !== '' ? within(base, value) : value,
    ]),
  );

function readSecretFile(file: string, key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(
      `${file}: ${key}: the secret file ${path} cannot be read (${(error as Error).message}).`,
      { cause: error },
    );
  }
}

function connectionConfig(
  context: Context,
  id: string,
  item: ConnectionSection,
  apps: readonly ProcoreAppConfig[],
): ConnectionConfig {
  const key = `connections.${id}`;
  if (!apps.some((app) => app.name === item.procore.app)) {
    const known = apps.map((app) => app.name).join(', ') || 'none';
    throw new ConfigError(
      `${context.file}: ${key}.procore.app: there is no "${item.procore.app}" under procoreApps (${known}).`,
    );
  }
  const hook = item.webhook;
  const isOpen = item.door === 'open';
  if (isOpen && hook) {
    throw new ConfigError(
      `${context.file}: ${key}.webhook: with "door: open" there are no ERP requests that Procore could tell of; leave it out.`,
    );
  }
  assertSecondPerson(context.file, key, item);
  assertRules(context.file, key, item);
  const ownership = item.reconcile.ownership as ReconcileSettings['ownership'];
  const { mapping, files, problems } = readMapping(item.reconcile.mapping, {
    ownership,
    pathOf: (file) => within(context.base, file),
  });
  if (problems.length > 0) {
    const list = problems.map((problem) => `  - ${key}.reconcile.mapping.${problem}`).join('\n');
    throw new ConfigError(`${context.file} cannot be used:\n${list}`);
  }
  return {
    id,
    app: item.procore.app,
    companyId: item.procore.companyId,
    adapter: item.erp.adapter,
    adapterSettings: withPaths(context, withSecrets(context, `${key}.erp.settings`, item.erp.settings)),
    erpSlots: item.erp.slots,
    policy: {
      rules: item.policy as ConnectionPolicy['rules'],
      approvers: item.approvers as ConnectionPolicy['approvers'],
      requireSecondPerson: item.requireSecondPerson,
      openDetailHours: item.openDetailHours ?? (isOpen ? 0 : 24),
      undoSeconds: item.undoSeconds,
      delegations: item.delegations as ConnectionPolicy['delegations'] & {},
      deadlines: item.deadlines,
      timeZone: item.timeZone ?? machineZone(),
    },
    pollEveryMs: (item.poll.everySeconds ?? (isOpen ? 900 : 60)) * 1000,
    pollOverlap: item.poll.overlap,
    sweepAt: timeOfDay(item.sweep.at),
    reconcile: {
      kinds: Object.fromEntries(
        item.reconcile.kinds.map((kind) => [
          kind,
          { everySeconds: item.reconcile.everySeconds, freshSeconds: item.reconcile.freshSeconds },
        ]),
      ),
      ownership,
      mapping,
      ...(item.reconcile.matchTaxIds ? { matchTaxIds: true as const } : {}),
    },
    ...(item.payroll && { payroll: payrollSettings(item.payroll, item.timeZone) }),
    crossReferences: files,
    webhook: hook
      ? {
          publicUrl: withoutSlash(hook.publicUrl),
          authorizations: authorizations(context, `${key}.webhook`, hook),
          namespace: hook.namespace,
        }
      : null,
    erpTool: erpToolConfig(item),
    openDoor: isOpen ? item.openDoor : null,
    acceptForeignOrigins: item.acceptForeignOrigins,
    timeZone: item.timeZone ?? machineZone(),
    customFields: item.customFields,
    pageSize: item.pageSize,
  };
}

function timeOfDay(at: string): ConnectionConfig['sweepAt'] {
  if (at === 'never') return null;
  const [hour = 0, minute = 0] = at.split(':').map(Number);
  return { hour, minute };
}

/** Four eyes that nobody can check are worse than none: everybody believes in them. */
function assertSecondPerson(
  file: string,
  key: string,
  { requireSecondPerson, approvers }: ConnectionSection,
): void {
  if (!requireSecondPerson || approvers.length === 0) return;
  const turnOff = `or say that one person is enough: ${key}.requireSecondPerson: false.`;
  const unknown = approvers.filter(({ procoreUserId }) => procoreUserId === undefined).map(({ id }) => id);
  if (unknown.length > 0) {
    throw new ConfigError(
      `${file}: ${key}.requireSecondPerson cannot work: nobody could tell whether ${unknown.join(', ')} approved a request of their own. ` +
        `Give ${unknown.length === 1 ? 'this approver' : 'these approvers'} a procoreUserId, ${turnOff}`,
    );
  }
  if (approvers.length === 1) {
    throw new ConfigError(
      `${file}: ${key}.requireSecondPerson cannot work with one approver: what ${approvers[0]?.id ?? ''} asks for in Procore nobody could ` +
        `approve. Name a second approver, ${turnOff}`,
    );
  }
}

/** What nobody could keep to, such as a delegation of what somebody may not do. */
function assertRules(
  file: string,
  key: string,
  { policy, requireSecondPerson, delegations, deadlines, approvers }: ConnectionSection,
): void {
  const body = { rules: policy, requireSecondPerson, delegations, deadlines } as RulesBody;
  const problems = problemsOfRules(body, approvers as readonly Approver[]);
  if (problems.length === 0) return;
  throw new ConfigError(`${file} cannot be used:\n${problems.map((one) => `  - ${key}: ${one}`).join('\n')}`);
}

/** Shorter than this, a token can be guessed. */
const TOKEN_LENGTH = 20;

/** As they stand in examples and in first drafts. */
const WELL_KNOWN =
  /change.?me|example|your.?(token|secret|password)|password|secret.?token|1234567|abcdefg|qwert/i;

function authorizations(
  context: Context,
  key: string,
  hook: NonNullable<ConnectionSection['webhook']>,
): WebhookConfig['authorizations'] {
  const read = (name: 'authorization' | 'previousAuthorization', source: SecretSource): string => {
    const value = readSecret(context, `${key}.${name}`, source);
    assertStrong(context.file, `${key}.${name}`, value);
    return value;
  };
  const current = read('authorization', hook.authorization);
  return hook.previousAuthorization
    ? [current, read('previousAuthorization', hook.previousAuthorization)]
    : [current];
}

/** Procore signs nothing: who knows this value can announce what they like. */
function assertStrong(file: string, key: string, value: string): void {
  // The scheme in front is no secret.
  const token = value.replace(/^\S+\s+/, '');
  const weakness =
    token.length < TOKEN_LENGTH
      ? `is too short (${token.length} characters after the scheme; at least ${TOKEN_LENGTH})`
      : WELL_KNOWN.test(token)
        ? 'is well known, or close to it'
        : new Set(token).size < 8
          ? 'repeats a few characters'
          : null;
  if (weakness === null) return;
  throw new ConfigError(
    `${file}: ${key} ${weakness}: it is the only proof that a delivery comes from Procore. ` +
      'Make one with: echo "Bearer $(openssl rand -hex 24)"',
  );
}

/** Two connections would answer the same requests, and each would take the other's origin_ids for its own. */
function assertOneConnectionPerCompany(
  file: string,
  connections: readonly ConnectionConfig[],
  apps: readonly ProcoreAppConfig[],
): void {
  const owners = new Map<string, string>();
  for (const { id, app, companyId } of connections) {
    // Numbers of companies repeat from one environment of Procore to the next: a sandbox is a copy of production.
    const host = withoutSlash(apps.find(({ name }) => name === app)?.apiUrl ?? '');
    const company = `${companyId} at ${host.toLowerCase()}`;
    const owner = owners.get(company);
    if (owner !== undefined) {
      throw new ConfigError(
        `${file}: connections.${id}.procore.companyId: Procore company ${company} is that of connection "${owner}" already, and a company ` +
          `has one connection: give "${id}" a company of its own, or take "${id}" or "${owner}" out.`,
      );
    }
    owners.set(company, id);
  }
}

function erpToolConfig({ erpTool, webhook }: ConnectionSection): ErpToolConfig {
  const { label, idName, shortName } = erpTool;
  return {
    serviceUrl: withoutSlash(erpTool.serviceUrl ?? webhook?.publicUrl ?? null),
    labels: {
      ...(label === undefined ? {} : { name: label }),
      ...(idName === undefined ? {} : { idName }),
      ...(shortName === undefined ? {} : { shortName }),
    },
  };
}

function withoutSlash<T extends string | null>(address: T): T {
  return (address?.replace(/\/+$/, '') ?? null) as T;
}

/** Throws `ConfigError` where a file that they name cannot be read, or the profile is not there. */
function temporalProfile({ file, env }: Context): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig({ overrideEnvVars: env as Record<string, string> });
  } catch (error) {
    throw new ConfigError(
      `${file}: the settings of Temporal that stand in the environment (TEMPORAL_*) or in its profile file cannot be used: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

function temporalConfig(
  context: Context,
  section: ConfigFile['temporal'],
  keysMayBeMissing: boolean,
): Config['temporal'] {
  // TEMPORAL_* variables and Temporal's own profile files, as every Temporal tool reads them.
  const profile = temporalProfile(context);
  const { tls, apiKey } = profile.connectionOptions;
  const payloadKeys = keysOf(context, 'temporal.payloadKeys', section.payloadKeys, keysMayBeMissing);
  const address = section.address ?? profile.connectionOptions.address ?? '127.0.0.1:7233';
  const proxy = grpcProxy(address, context.env);
  registerSecret(proxy?.basicAuth?.password);
  const keyFile = context.env['TEMPORAL_TLS_CLIENT_KEY_PATH'];
  if (keyFile) context.secretFiles.push({ key: 'TEMPORAL_TLS_CLIENT_KEY_PATH', file: resolve(keyFile) });
  return {
    address,
    ...(proxy === null ? {} : { proxy }),
    namespace: section.namespace ?? profile.namespace ?? 'tieback',
    ...(tls === undefined || tls === null ? {} : { tls }),
    ...(typeof apiKey === 'string' ? { apiKey } : {}),
    retentionDays: section.retentionDays,
    taskQueue: section.taskQueue,
    webUi: section.webUi ?? null,
    searchNames: section.searchNames,
    payloadKeys: payloadKeys.found,
    payloadKeysToMake: payloadKeys.toMake,
  };
}

function auditConfig(
  context: Context,
  { keys, anchorEveryMinutes, anchorFile, anchorUrl }: ConfigFile['audit'],
  keysMayBeMissing: boolean,
): AuditConfig {
  const ids = keys.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined)
    throw new ConfigError(`${context.file}: audit.keys: two keys have the id "${twice}"; give each its own.`);
  const { found, toMake } = keysOf(context, 'audit.keys', keys, keysMayBeMissing);
  return {
    keys: found,
    keysToMake: toMake,
    anchorEveryMs: anchorEveryMinutes * 60_000,
    anchorFile: anchorFile === undefined ? null : within(context.base, anchorFile),
    anchorUrl: anchorUrl ?? null,
  };
}

/** The keys of a list, and the files of those that are still to be made, where that is allowed. */
function keysOf(
  context: Context,
  name: string,
  keys: readonly { readonly id: string; readonly key: SecretSource }[],
  mayBeMissing: boolean,
): {
  readonly found: readonly { readonly id: string; readonly key: string }[];
  readonly toMake: readonly KeyFile[];
} {
  const found: { id: string; key: string }[] = [];
  const toMake: KeyFile[] = [];
  for (const [index, { id, key }] of keys.entries()) {
    const path = `${name}[${index}].key`;
    const file = 'file' in key ? within(context.base, key.file) : null;
    if (file === null || existsSync(file)) found.push({ id, key: keyOf32(context, path, key) });
    else if (mayBeMissing) toMake.push({ id, file });
    else
      throw new ConfigError(
        `${context.file}: ${path}: there is no file ${file}; \`tieback provision\` makes it.`,
      );
  }
  return { found, toMake };
}

function peopleConfig(
  { base, secretFiles }: Context,
  dataDir: string,
  { signingKeys, credentialsFile: file, ...rest }: ConfigFile['people'],
): PeopleConfig {
  const own = [{ id: 'first', key: { file: join(dataDir, 'signing.key') } }];
  const keys = (signingKeys ?? own).map(({ id, key }) => ({
    id,
    key: 'file' in key ? { file: within(base, key.file) } : key,
  }));
  for (const [index, { key }] of keys.entries())
    if ('file' in key) secretFiles.push({ key: `people.signingKeys[${index}].key`, file: key.file });
  return {
    ...rest,
    signingKeys: keys,
    credentialsFile: file === undefined ? null : within(base, file),
  };
}

function notifyConfig(
  context: Context,
  { smtp, amounts, receivers }: NonNullable<ConfigFile['desk']['notify']>,
  {
    url,
    connections,
    grants,
  }: {
    readonly url: string | null;
    readonly connections: readonly ConnectionConfig[];
    readonly grants: readonly PersonGrant[];
  },
): NotifyConfig {
  const known = peopleIn({ connections, desk: { grants } });
  const fail = (key: string, why: string): never => {
    throw new ConfigError(`${context.file}: desk.${key}: ${why}`);
  };
  if (url === null) fail('url', 'messages lead to the Desk: say under which address people open it.');
  const secretAt = (key: string, source: SecretSource): Secret =>
    new Secret(readSecret(context, `desk.notify.${key}`, source));
  return {
    smtp:
      smtp === undefined
        ? null
        : {
            ...smtp,
            user: smtp.user ?? null,
            password: smtp.password === undefined ? null : secretAt('smtp.password', smtp.password),
          },
    amounts,
    receivers: receivers.map(({ to, at, timeZone, after, person, connections: named, ...rest }, index) => {
      const key = `receivers[${index}]`;
      const unknown = named?.find((id) => !connections.some((connection) => connection.id === id));
      if (unknown !== undefined) fail(`notify.${key}.connections`, `there is no connection "${unknown}".`);
      if (typeof to === 'string' && smtp === undefined)
        fail(`notify.${key}.to`, 'an e-mail address needs a mail server: desk.notify.smtp.');
      if (person !== undefined && !known.includes(person))
        fail(
          `notify.${key}.person`,
          `nobody is let in as "${person}": name an approver or somebody under desk.grants.`,
        );
      return {
        ...rest,
        person: person ?? null,
        connections: named ?? null,
        at: timeOfDay(at) ?? { hour: 0, minute: 0 },
        timeZone: timeZone ?? machineZone(),
        afterHours: after,
        address:
          typeof to === 'string'
            ? { kind: 'mail', to }
            : { kind: to.kind, url: secretAt(`${key}.to.url`, to.url) },
      };
    }),
  };
}

/** Throws `ConfigError` where nobody could log in as it says, or everybody could. */
function deskConfig(
  context: Context,
  { desk, http }: ConfigFile,
  connections: readonly ConnectionConfig[],
): DeskConfig {
  const { oidc, session, loginAs = null, hsts } = desk;
  const fail = (key: string, why: string): never => {
    throw new ConfigError(`${context.file}: desk.${key}: ${why}`);
  };
  const grants = desk.grants.map(({ connections: named = null, projects = null, ...rest }, index) => {
    const unknown = named?.find((id) => !connections.some((connection) => connection.id === id));
    if (unknown !== undefined) fail(`grants[${index}].connections`, `there is no connection "${unknown}".`);
    return { ...rest, connections: named, projects };
  });
  const url = desk.url === undefined ? null : deskAddress(desk.url, fail);
  const notify =
    desk.notify === undefined ? null : notifyConfig(context, desk.notify, { url, connections, grants });
  for (const { id, policy } of connections)
    for (const problem of untold(policy.deadlines ?? [], notify?.receivers ?? []))
      throw new ConfigError(`${context.file}: connections.${id}.deadlines: ${problem}.`);
  const isLocal = LOOPBACK.includes(http.host);
  if (url !== null && oidc === undefined && isIP(new URL(url).hostname.replace(/^\[|\]$/g, '')) !== 0)
    fail(
      'url',
      'passkeys are made for a name, and browsers refuse them for an IP address: give the host a name, or log in at a provider (desk.oidc).',
    );
  if (oidc !== undefined && url === null && !isLocal)
    fail(
      'url',
      'the provider must be told where to send people back to: give the address under which they open the Desk.',
    );
  if (oidc !== undefined && !isSafe(oidc.issuer))
    fail('oidc.issuer', 'over http anybody on the way could log in as anybody: it must be https.');
  if (loginAs !== null && !isLocal)
    fail(
      'loginAs',
      `everybody who reaches ${http.host} would be ${loginAs}: it is for http.host 127.0.0.1 alone.`,
    );
  if (loginAs !== null && !peopleIn({ connections, desk: { grants } }).includes(loginAs))
    fail('loginAs', `nothing is granted to "${loginAs}": name them under approvers or desk.grants.`);
  return {
    url,
    grants,
    oidc:
      oidc === undefined
        ? null
        : { ...oidc, clientSecret: readSecret(context, 'desk.oidc.clientSecret', oidc.clientSecret) },
    session: { idleMs: session.idleMinutes * 60_000, absoluteMs: session.absoluteHours * 3_600_000 },
    loginAs,
    hsts,
    notify,
  };
}

/** Encrypted, or without a network between. */
const isSafe = (address: string): boolean => {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || LOOPBACK.includes(hostname);
};

function deskAddress(given: string, fail: (key: string, why: string) => never): string {
  const { origin, pathname, search, hash } = new URL(given);
  if (pathname !== '/' || search !== '' || hash !== '')
    fail('url', `the Desk has a host of its own: leave out what follows ${origin}.`);
  if (!isSafe(origin))
    fail('url', 'browsers keep no login over plain http, except on the machine itself: it must be https.');
  return origin;
}

/** Signing keys whose files are not there. */
export const missingSigningKeys = ({
  people,
}: Pick<Config, 'people'>): readonly { id: string; file: string }[] =>
  people.signingKeys.flatMap(({ id, key }) =>
    'file' in key && !existsSync(key.file) ? [{ id, file: key.file }] : [],
  );

/** Throws `ConfigError` where one is missing, unreadable or no key. */
export function readSigningKeys(
  { file, people }: Pick<Config, 'file' | 'people'>,
  env: Environment = process.env,
): readonly SigningKey[] {
  const context: Context = { file, env, base: dirname(file), secretFiles: [] };
  return people.signingKeys.map(({ id, key }, index) => ({
    id,
    key: keyOf32(context, `people.signingKeys[${index}].key`, key),
  }));
}

function keyOf32(context: Context, path: string, source: SecretSource): string {
  const text = readSecret(context, path, source);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 32 && bytes.toString('base64') === text) return text;
  throw new ConfigError(
    `${context.file}: ${path} is not 32 bytes in base64: make one with \`openssl rand -base64 32\`.`,
  );
}

const within = (base: string, path: string): string => (isAbsolute(path) ? path : resolve(base, path));

/** Bytes (certificates of Temporal, say) cannot be frozen. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

function payrollSettings(
  given: NonNullable<ConfigFile['connections'][string]['payroll']>,
  timeZone: string | undefined,
): PayrollSettings {
  const { statuses, rounding, workweeks, overtimeOwners, overtime, mapping, groups } = given;
  const days = Object.entries(workweeks).map(
    ([group, day]) => [group, WEEKDAYS.indexOf(day) as Weekday] as const,
  );
  return {
    payable: statuses,
    rounding,
    workweeks: Object.fromEntries(days),
    overtimeOwners,
    overtime: overtime ?? null,
    timeZone: timeZone ?? machineZone(),
    mapping: mapping as PayrollSettings['mapping'],
    groups: groups ?? null,
    everySeconds: given.everySeconds,
    cutOffDays: given.cutOffDays,
    lookBackDays: given.lookBackDays,
    completes: given.complete,
  };
}
