/** Creates what Tieback needs in Temporal: its namespace and its search attributes. Safe to repeat. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { temporal } from '@temporalio/proto';
import { caughtUp, ProvisionError } from './catching-up';
import { SEARCH_ATTRIBUTES } from './search-attributes';

export { ProvisionError };

export interface ProvisionOptions {
  namespace: string;
  /** How long closed workflows stay readable in the Web UI. Default: 30 days. Only for a new namespace. */
  retentionDays?: number;
  /** Receives what is being done, one line each. */
  log?: (message: string) => void;
  /** Receives what is waited for, where something has to be waited for. */
  say?: (message: string) => void;
  /** How long to wait until what was created can be used. Default: 60 000 ms. */
  timeoutMs?: number;
}

/** One thing that is needed. */
export interface ProvisionStep {
  readonly kind: 'namespace' | 'search attribute';
  readonly name: string;
  readonly outcome: 'created' | 'already there';
}

type Service = Pick<Connection, 'workflowService' | 'operatorService'>;

/** gRPC status codes, as sent by the server. */
const STATUS = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  UNIMPLEMENTED: 12,
  UNAUTHENTICATED: 16,
};
const NOT_ALLOWED = [STATUS.PERMISSION_DENIED, STATUS.UNIMPLEMENTED, STATUS.UNAUTHENTICATED];
const { IndexedValueType } = temporal.api.enums.v1;

/** Creates what is missing and waits until it can be used. Returns what was done and what was there already. */
export async function provisionTemporal(
  connection: Service,
  options: ProvisionOptions,
): Promise<ProvisionStep[]> {
  const log = options.log ?? (() => undefined);
  const deadline = Date.now() + (options.timeoutMs ?? 60_000);
  const steps = [
    await provisionNamespace(connection, options, deadline),
    ...(await provisionSearchAttributes(connection, options.namespace, deadline)),
  ];
  await caughtUp(
    { limitMs: Math.max(1, deadline - Date.now()), ...(options.say ? { say: options.say } : {}) },
    'the search attributes can be used in queries',
    async () => {
      try {
        await queryAll(connection, options.namespace);
      } catch (error) {
        // Who may not look may still have made everything.
        if (!hasStatus(error, NOT_ALLOWED)) throw error;
      }
    },
  );
  for (const { kind, name, outcome } of steps) log(`Temporal ${kind} ${name}: ${outcome}`);
  return steps;
}

async function provisionNamespace(
  connection: Service,
  { namespace, retentionDays = 30 }: ProvisionOptions,
  deadline: number,
): Promise<ProvisionStep> {
  const isThere = await namespaceIsThere(connection, namespace);
  const outcome = isThere ? 'already there' : await createNamespace(connection, namespace, retentionDays);
  // Somebody else may have created it a moment ago.
  await until(deadline, `the namespace ${namespace}`, () => namespaceIsUsable(connection, namespace));
  return { kind: 'namespace', name: namespace, outcome };
}

async function createNamespace(
  connection: Service,
  namespace: string,
  retentionDays: number,
): Promise<ProvisionStep['outcome']> {
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(retentionDays * 86_400_000),
    });
  } catch (error) {
    if (hasStatus(error, [STATUS.ALREADY_EXISTS])) return 'already there';
    if (hasStatus(error, NOT_ALLOWED))
      throw byHand(error, `create the namespace ${namespace}`, namespaceCommand(namespace, retentionDays));
    throw error;
  }
  return 'created';
}

async function namespaceIsThere(connection: Service, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    // Who may not look may still be allowed to create, or the namespace is there and usable: go on and see.
    if (hasStatus(error, [STATUS.NOT_FOUND, ...NOT_ALLOWED])) return false;
    throw error;
  }
}

/** The server's parts learn of a namespace one after the other: ask those that have to know it. */
async function namespaceIsUsable(connection: Service, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 });
    await connection.operatorService.listSearchAttributes({ namespace });
    return true;
  } catch (error) {
    if (hasStatus(error, [STATUS.NOT_FOUND])) return false;
    // Who may not look finds out at the next step.
    if (hasStatus(error, NOT_ALLOWED)) return true;
    throw error;
  }
}

async function provisionSearchAttributes(
  connection: Service,
  namespace: string,
  deadline: number,
): Promise<ProvisionStep[]> {
  const existing = async () => {
    const found = await connection.operatorService.listSearchAttributes({ namespace });
    return { ...found.systemAttributes, ...found.customAttributes };
  };

  let before: Awaited<ReturnType<typeof existing>>;
  try {
    before = await existing();
  } catch (error) {
    if (!hasStatus(error, NOT_ALLOWED)) throw error;
    // On Temporal Cloud nobody may ask for the list. A query with all of them tells whether they are there.
    if (await searchAttributesWork(connection, namespace)) return steps([]);
    throw searchAttributesByHand(error, namespace);
  }
  for (const { name, type } of SEARCH_ATTRIBUTES) {
    const is = before[name];
    if (is !== undefined && is !== valueType(type)) {
      throw new ProvisionError(
        `The search attribute ${name} of namespace ${namespace} has type ${typeName(is)}, and Tieback needs ${type}. ` +
          `Remove it (\`temporal operator search-attribute remove --namespace ${namespace} --name ${name}\`) ` +
          'or use another namespace.',
      );
    }
  }
  const missing = SEARCH_ATTRIBUTES.filter(({ name }) => before[name] === undefined);
  if (missing.length > 0) {
    await addSearchAttributes(connection, namespace, missing);
    await until(deadline, 'the search attributes', async () => {
      const now = await existing();
      return missing.every(({ name }) => now[name] !== undefined);
    });
  }
  return steps(missing);
}

type Attribute = (typeof SEARCH_ATTRIBUTES)[number];

const steps = (created: readonly Attribute[]): ProvisionStep[] =>
  SEARCH_ATTRIBUTES.map((attribute) => ({
    kind: 'search attribute',
    name: attribute.name,
    outcome: created.includes(attribute) ? 'created' : 'already there',
  }));

async function queryAll(connection: Service, namespace: string): Promise<void> {
  const query = SEARCH_ATTRIBUTES.map(({ name }) => `${name} = 'x'`).join(' AND ');
  await connection.workflowService.countWorkflowExecutions({ namespace, query });
}

async function searchAttributesWork(connection: Service, namespace: string): Promise<boolean> {
  try {
    await queryAll(connection, namespace);
    return true;
  } catch (error) {
    if (hasStatus(error, [STATUS.INVALID_ARGUMENT, ...NOT_ALLOWED])) return false;
    throw error;
  }
}

function searchAttributesByHand(cause: unknown, namespace: string): ProvisionError {
  const commands = SEARCH_ATTRIBUTES.map(({ name, type }) => searchAttributeCommand(namespace, name, type));
  return byHand(cause, 'add the search attributes', commands.join('\n  '));
}

async function addSearchAttributes(
  connection: Service,
  namespace: string,
  missing: readonly Attribute[],
): Promise<void> {
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, valueType(type)])),
    });
  } catch (error) {
    // Another process provisioned at the same time; the wait that follows sees what it added.
    if (hasStatus(error, NOT_ALLOWED)) throw searchAttributesByHand(error, namespace);
    if (!hasStatus(error, [STATUS.ALREADY_EXISTS])) throw error;
  }
}

const valueType = (type: Attribute['type']) => IndexedValueType[`INDEXED_VALUE_TYPE_${type}`];

const typeName = (type: temporal.api.enums.v1.IndexedValueType): string =>
  (IndexedValueType[type] ?? String(type)).replace('INDEXED_VALUE_TYPE_', '');

/** Asks until the answer is yes. */
async function until(deadline: number, what: string, isReady: () => Promise<boolean>): Promise<void> {
  while (!(await isReady())) {
    if (Date.now() >= deadline) {
      throw new ProvisionError(
        `Temporal accepted ${what}, but it cannot be used yet. Run the command again later.`,
      );
    }
    await sleep(100);
  }
}

function hasStatus(error: unknown, codes: readonly number[]): boolean {
  return isGrpcServiceError(error) && codes.includes(error.code);
}

function byHand(cause: unknown, what: string, command: string): ProvisionError {
  return new ProvisionError(
    `This Temporal server does not let us ${what}. Somebody who may has to run, once:\n  ${command}\n` +
      'On Temporal Cloud use `tcld` or the Cloud console with the same names.',
    { cause },
  );
}

const namespaceCommand = (namespace: string, retentionDays: number): string =>
  `temporal operator namespace create --namespace ${namespace} --retention ${retentionDays}d`;

const CLI_TYPES: Readonly<Record<string, string>> = { KEYWORD: 'Keyword', INT: 'Int' };

const searchAttributeCommand = (namespace: string, name: string, type: string): string =>
  `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${CLI_TYPES[type] ?? type}`;
