import { isoSeconds } from '../clock';
import { ActionRefused, ApiError, notFound, refused } from '../errors';
import { created, ok, pathId, wrapped, type Call, type Handler, type Reply } from '../http-kit';
import { asInt, isObject, type JsonObject } from '../json';
import type { Delivery, DeliveryEngine } from './delivery';
import { masked, type Hook, type HookStore, type Owner, type Trigger } from './hook-store';
import { resourceV1, WEBHOOK_RESOURCES } from './resources';

const BULK_LIMIT = 500;

/** Hooks, triggers and the delivery log of API v1.0 (Procore guide "Webhooks API"). */
export class HooksV1 {
  constructor(
    private readonly store: HookStore,
    private readonly engine: DeliveryEngine,
  ) {}

  handlers(): Record<string, Handler> {
    const hooks = 'RestV10WebhooksHooks';
    return {
      [`${hooks}Get`]: (call) => ok(this.list(call).map(hookView)),
      [`${hooks}Post`]: (call) =>
        created(
          hookView(asApi(() => this.store.create(owner(call), call.token.userId, wrapped(call, 'hook')))),
        ),
      [`${hooks}IdPatch`]: (call) => {
        const hook = this.find(call, 'id');
        asApi(() => this.store.update(hook, wrapped(call, 'hook')));
        return ok(hookView(hook));
      },
      [`${hooks}IdDelete`]: (call) => {
        this.store.hooks.delete(this.find(call, 'id').id);
        return ok(undefined);
      },
      [`${hooks}HookIdTriggersGet`]: (call) => {
        const hook = this.find(call);
        return ok(hook.triggers.map((t) => triggerView(hook, t)));
      },
      [`${hooks}HookIdTriggersPost`]: (call) => {
        const hook = this.find(call);
        const { resource_name, event_type } = wrapped(call, 'trigger');
        const trigger = asApi(() =>
          this.store.addTrigger(hook, resource_name, event_type, call.token.userId),
        );
        return created(triggerView(hook, trigger));
      },
      [`${hooks}HookIdTriggersIdDelete`]: (call) => {
        if (!this.store.removeTrigger(this.find(call), pathId(call))) throw notFound("Couldn't find Trigger");
        return ok(undefined);
      },
      [`${hooks}HookIdTriggersBulkPost`]: (call) => this.bulkCreate(call),
      [`${hooks}HookIdTriggersBulkDelete`]: (call) => this.bulkDelete(call),
      [`${hooks}HookIdDeliveriesGet`]: (call) => this.deliveries(call),
      RestV10WebhooksResourcesGet: (call) => {
        const level = owner(call).projectId === null ? 'company' : 'project';
        return ok(WEBHOOK_RESOURCES.filter((r) => r.level === level).map(resourceV1));
      },
      RestV10WebhooksResourcesApiVersionsGet: () => ok(['v2', 'v3', 'v4']),
    };
  }

  private list(call: Call): Hook[] {
    const namespace = call.query.get('namespace');
    const version = call.query.get('api_version');
    return this.store
      .owned(owner(call))
      .filter(
        (h) =>
          (namespace === undefined || h.namespace === namespace) &&
          (version === undefined || h.api_version === version),
      );
  }

  private find(call: Call, param = 'hook_id'): Hook {
    const id = pathId(call, param);
    const hook = this.store.owned(owner(call)).find((h) => h.id === id);
    if (!hook) throw notFound("Couldn't find Webhooks::Hook");
    return hook;
  }

  private bulkCreate(call: Call): Reply {
    const hook = this.find(call);
    const success: JsonObject[] = [];
    const failed: JsonObject[] = [];
    for (const item of bulkItems(call)) {
      const { resource_name, event_type } = isObject(item) ? item : {};
      try {
        const trigger = this.store.addTrigger(hook, resource_name, event_type, call.token.userId);
        success.push(triggerView(hook, trigger));
      } catch (error) {
        if (!(error instanceof ActionRefused)) throw error;
        failed.push({ code: 422, message: error.message, trigger: item, errors: { base: [error.message] } });
      }
    }
    return failed.length === 0 ? ok({ success }) : { status: 207, body: { success, failed } };
  }

  private bulkDelete(call: Call): Reply {
    const hook = this.find(call);
    const success: unknown[] = [];
    const failed: JsonObject[] = [];
    for (const item of bulkItems(call)) {
      if (this.store.removeTrigger(hook, asInt(item) ?? -1)) success.push(item);
      else failed.push({ code: 404, message: 'Trigger not found', trigger: item, errors: {} });
    }
    return failed.length === 0 ? ok({ success }) : { status: 207, body: { success, failed } };
  }

  /** Pages with page_size and page_start, the last id seen. */
  private deliveries(call: Call): Reply {
    const hook = this.find(call);
    const { query } = call;
    const status = query.get('filters[status]') ?? query.get('filter[status]') ?? 'any';
    const wanted: Record<string, (outcome: string) => boolean> = {
      any: () => true,
      successful: (o) => o === 'ok',
      failing: (o) => o === 'retried' || o === 'failed',
      discarded: (o) => o === 'discarded',
    };
    const test = wanted[status];
    if (!test) throw refused(400, `unknown status ${status}`);
    const start = query.int('page_start') ?? 0;
    const rows = this.engine.log
      .filter((d) => d.hook === hook && (d.attempts.length > 0 || d.state === 'discarded') && d.id > start)
      .map(deliveryView)
      .filter((row) => test(String(row['outcome'])));
    return ok(rows.slice(0, query.int('page_size') ?? 100));
  }
}

function bulkItems(call: Call): unknown[] {
  const triggers = isObject(call.body) ? call.body['triggers'] : undefined;
  if (!Array.isArray(triggers)) throw refused(400, 'param is missing or the value is empty: triggers');
  if (triggers.length > BULK_LIMIT) throw refused(413, `At most ${BULK_LIMIT} triggers per call`);
  return triggers as unknown[];
}

/** `company_id` or `project_id`, in the query of reads and deletes, in the body of writes. */
function owner(call: Call): Owner {
  const body = isObject(call.body) ? call.body : {};
  const projectId = call.query.int('project_id') ?? asInt(body['project_id']) ?? null;
  if (projectId !== null) return { companyId: call.company.id, projectId };
  const companyId = call.query.int('company_id') ?? asInt(body['company_id']);
  if (companyId === undefined) throw refused(400, 'company_id or project_id is required');
  return { companyId, projectId: null };
}

function asApi<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ActionRefused) throw new ApiError(422, { errors: { base: [error.message] } });
    throw error;
  }
}

function hookView(hook: Hook): JsonObject {
  return {
    id: hook.id,
    api_version: hook.api_version,
    namespace: hook.namespace,
    destination_url: hook.destination_url,
    destination_headers: masked(hook.destination_headers),
    owned_by_company_id: hook.project_id === null ? hook.company_id : null,
    owned_by_project_id: hook.project_id,
    owned_by_user_id: hook.user_id,
  };
}

function triggerView(hook: Hook, trigger: Trigger): JsonObject {
  return {
    id: trigger.id,
    webhook_hook_id: hook.id,
    resource_name: trigger.resource_name,
    resource_id: null,
    event_type: trigger.event_type.toUpperCase(),
    company_id: hook.company_id,
    project_id: hook.project_id,
    user_id: trigger.user_id,
  };
}

const OUTCOMES: Record<Delivery['state'], string> = {
  enqueued: 'enqueued',
  delivered: 'ok',
  retrying: 'retried',
  failed: 'failed',
  discarded: 'discarded',
};

function deliveryView(delivery: Delivery): JsonObject {
  const last = delivery.attempts.at(-1);
  return {
    id: delivery.id,
    event_id: delivery.event.id,
    event: delivery.payload,
    outcome: OUTCOMES[delivery.state],
    started_at: last ? isoSeconds(last.started_at) : null,
    completed_at: last ? isoSeconds(last.completed_at) : null,
    response_status: last?.status ?? null,
    response_headers: last?.response_headers ?? {},
    response_body: last?.response_body ?? null,
    response_error: last?.error ?? null,
  };
}
