import type { ProcoreId } from '../../domain/request/intent';
import type { Call, ProcoreHttp } from '../http';
import type { JsonObject } from '../json';
import { isObject, rowsOf, textOrNull, toId } from '../json';
import type { Hook } from '../port';

/*
 * Hooks and triggers, API v1.0 at company level ("Webhooks API"). The ERP guide uses payload format "v2". All calls are urgent: without
 * a working hook nothing arrives.
 */

const PATH = '/rest/v1.0/webhooks/hooks';
const API_VERSION = 'v2';

export interface HookTarget {
  readonly destinationUrl: string;
  readonly authorization: string;
}

export interface Trigger {
  readonly id: ProcoreId;
  readonly resourceName: string;
  /** `create`, `update` or `delete`; Procore answers in upper case and wants lower case. */
  readonly eventType: string;
}

/** Our hooks; those of other namespaces are left out. */
export async function listHooks(http: ProcoreHttp, namespace: string): Promise<readonly Hook[]> {
  const rows = await readList(http, 'hooks.list', PATH, { namespace, api_version: API_VERSION });
  return rows.flatMap(readHook).filter((hook) => hook.namespace === namespace);
}

/** Not repeatable: after `PROCORE_OUTCOME_UNKNOWN` list the hooks first. */
export async function createHook(
  http: ProcoreHttp,
  { namespace, destinationUrl, authorization }: HookTarget & { readonly namespace: string },
): Promise<Hook> {
  http.hide(authorization);
  const hook = { api_version: API_VERSION, namespace, ...encode({ destinationUrl, authorization }) };
  const call: Call = {
    operation: 'hooks.create',
    method: 'POST',
    path: PATH,
    body: { company_id: http.companyId, hook },
    urgent: true,
  };
  const { body } = await http.send(call);
  const [created] = isObject(body) ? readHook(body) : [];
  if (created === undefined) throw http.invalid(call, 'a hook was expected');
  return created;
}

export async function updateHook(http: ProcoreHttp, id: ProcoreId, target: HookTarget): Promise<void> {
  http.hide(target.authorization);
  await http.send({
    operation: 'hooks.update',
    method: 'PATCH',
    path: `${PATH}/${id}`,
    body: { company_id: http.companyId, hook: encode(target) },
    repeatable: true,
    urgent: true,
  });
}

export async function listTriggers(http: ProcoreHttp, hookId: ProcoreId): Promise<readonly Trigger[]> {
  const path = `${PATH}/${hookId}/triggers`;
  return (await readList(http, 'triggers.list', path, { api_version: API_VERSION })).flatMap(readTrigger);
}

/** Not repeatable: after `PROCORE_OUTCOME_UNKNOWN` list the triggers first. */
export async function createTrigger(
  http: ProcoreHttp,
  hookId: ProcoreId,
  trigger: { readonly resourceName: string; readonly eventType: string },
): Promise<void> {
  await http.send({
    operation: 'triggers.create',
    method: 'POST',
    path: `${PATH}/${hookId}/triggers`,
    body: {
      company_id: http.companyId,
      api_version: API_VERSION,
      trigger: { resource_name: trigger.resourceName, event_type: trigger.eventType.toLowerCase() },
    },
    urgent: true,
  });
}

const encode = ({ destinationUrl, authorization }: HookTarget): JsonObject => ({
  destination_url: destinationUrl,
  destination_headers: { Authorization: authorization },
});

async function readList(
  http: ProcoreHttp,
  operation: string,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly JsonObject[]> {
  const scoped = { company_id: http.companyId, ...query };
  const call: Call = { operation, method: 'GET', path, query: scoped, urgent: true };
  const rows = rowsOf((await http.send(call)).body);
  if (rows === null) throw http.invalid(call, 'a list was expected');
  return rows.filter(isObject);
}

function readHook(raw: JsonObject): Hook[] {
  const id = toId(raw['id']);
  const destinationUrl = textOrNull(raw['destination_url']) ?? '';
  return id === null ? [] : [{ id, destinationUrl, namespace: textOrNull(raw['namespace']) ?? '' }];
}

function readTrigger(raw: JsonObject): Trigger[] {
  const id = toId(raw['id']);
  const resourceName = textOrNull(raw['resource_name']);
  const eventType = textOrNull(raw['event_type']);
  if (id === null || resourceName === null || eventType === null) return [];
  return [{ id, resourceName, eventType: eventType.toLowerCase() }];
}
