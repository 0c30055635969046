import type { Call, ProcoreHttp } from '../client/http';
import type { JsonObject } from '../client/json';
import { isObject, rowsOf, textOrNull, toId } from '../client/json';
import type { Hook, HooksPort } from '../port';

/*
 * Hooks and triggers, API v1.0 at company level ("Webhooks API"). The ERP guide uses payload format "v2". All calls are urgent: without
 * a working hook nothing arrives.
 */

const PATH = '/rest/v1.0/webhooks/hooks';
const API_VERSION = 'v2';

type HookTarget = Parameters<HooksPort['update']>[1];
type Trigger = Awaited<ReturnType<HooksPort['listTriggers']>>[number];

/**
 * The hooks of one company. Those of other namespaces are left out; Procore answers event types in upper case and wants lower case. Creating
 * is not repeatable: after `PROCORE_OUTCOME_UNKNOWN` list first.
 */
export const hooksOf = (http: ProcoreHttp): HooksPort => ({
  list: async (namespace) => {
    const rows = await readList(http, 'hooks.list', PATH, { namespace, api_version: API_VERSION });
    return rows.flatMap(readHook).filter((hook) => hook.namespace === namespace);
  },
  create: async ({ namespace, ...target }) => {
    http.hide(target.authorization);
    const hook = { api_version: API_VERSION, namespace, ...encode(target) };
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
  },
  update: async (id, target) => {
    http.hide(target.authorization);
    await http.send({
      operation: 'hooks.update',
      method: 'PATCH',
      path: `${PATH}/${id}`,
      body: { company_id: http.companyId, hook: encode(target) },
      repeatable: true,
      urgent: true,
    });
  },
  listTriggers: async (hookId) => {
    const path = `${PATH}/${hookId}/triggers`;
    return (await readList(http, 'triggers.list', path, { api_version: API_VERSION })).flatMap(readTrigger);
  },
  createTrigger: async (hookId, { resourceName, eventType }) => {
    const trigger = { resource_name: resourceName, event_type: eventType.toLowerCase() };
    await http.send({
      operation: 'triggers.create',
      method: 'POST',
      path: `${PATH}/${hookId}/triggers`,
      body: { company_id: http.companyId, api_version: API_VERSION, trigger },
      urgent: true,
    });
  },
});

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
