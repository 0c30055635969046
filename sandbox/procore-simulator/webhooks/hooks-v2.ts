import { isoSeconds } from '../clock';
import { ActionRefused, refusedV2 } from '../errors';
import { created, NO_CONTENT, ok, type Call, type Handler, type Reply } from '../http-kit';
import { asInt, isObject, type JsonObject } from '../json';
import { paginateV2 } from '../pagination';
import type { Delivery, DeliveryEngine } from './delivery';
import { masked, type Hook, type HookFields, type HookStore, type Trigger } from './hook-store';
import { WEBHOOK_RESOURCES } from './resources';

/** The company-level webhook endpoints of API v2.0: string ids, `data` envelope, hook status. */
export class HooksV2 {
  constructor(
    private readonly store: HookStore,
    private readonly engine: DeliveryEngine,
  ) {}

  handlers(): Record<string, Handler> {
    const hooks = 'RestV20CompaniesCompanyIdWebhooksHooks';
    return {
      [`${hooks}Get`]: (call) => {
        const namespace = call.query.get('namespace');
        const version = call.query.get('payload_version');
        const found = this.owned(call).filter(
          (h) =>
            (namespace === undefined || h.namespace === namespace) &&
            (version === undefined || versionOf(h) === version),
        );
        return paginateV2(found, call, hookView);
      },
      [`${hooks}Post`]: (call) => {
        const hook = asApi(() =>
          this.store.create(
            { companyId: call.company.id, projectId: null },
            call.token.userId,
            fields(call.body, true),
          ),
        );
        return created({ data: hookView(hook) });
      },
      [`${hooks}IdPatch`]: (call) => {
        const hook = this.find(call, 'id');
        asApi(() => this.store.update(hook, fields(call.body, false)));
        const status = isObject(call.body) ? call.body['status'] : undefined;
        if (status === 'active' || status === 'disabled') hook.status = status;
        if (status === 'active') hook.failuresInARow = 0;
        return ok({ data: hookView(hook) });
      },
      [`${hooks}IdDelete`]: (call) => {
        this.store.hooks.delete(this.find(call, 'id').id);
        return NO_CONTENT;
      },
      [`${hooks}HookIdTriggersGet`]: (call) => {
        const hook = this.find(call);
        return paginateV2(hook.triggers, call, (t) => triggerView(hook, t));
      },
      [`${hooks}HookIdTriggersPost`]: (call) => {
        const hook = this.find(call);
        return created({ data: asApi(() => this.addTrigger(call, hook, call.body)) });
      },
      [`${hooks}HookIdTriggersIdDelete`]: (call) => {
        if (!this.store.removeTrigger(this.find(call), asInt(call.params['id']) ?? -1)) {
          throw refusedV2(404, 'NOT_FOUND', 'Trigger not found');
        }
        return NO_CONTENT;
      },
      [`${hooks}HookIdTriggersBulkPost`]: (call) => this.bulkCreate(call),
      [`${hooks}HookIdDeliveriesGet`]: (call) => this.deliveries(call),
      RestV20CompaniesCompanyIdWebhooksResourcesGet: (call) => {
        const version = call.query.get('payload_version') ?? 'v2.0';
        return paginateV2(WEBHOOK_RESOURCES, call, (r) => ({
          category: r.category,
          tool: r.tool,
          name: r.name,
          payload_version: version,
          actions: r.actions,
        }));
      },
    };
  }

  private owned(call: Call): Hook[] {
    return this.store.owned({ companyId: call.company.id, projectId: null });
  }

  private find(call: Call, param = 'hook_id'): Hook {
    const hook = this.owned(call).find((h) => String(h.id) === call.params[param]);
    if (!hook) throw refusedV2(404, 'NOT_FOUND', 'Webhook not found');
    return hook;
  }

  private addTrigger(call: Call, hook: Hook, item: unknown): JsonObject {
    const { resource_name, event_type } = isObject(item) ? item : {};
    return triggerView(hook, this.store.addTrigger(hook, resource_name, event_type, call.token.userId));
  }

  private bulkCreate(call: Call): Reply {
    const hook = this.find(call);
    const items: unknown[] = Array.isArray(call.body) ? call.body : [];
    const success: JsonObject[] = [];
    const failed: JsonObject[] = [];
    for (const item of items) {
      try {
        success.push(this.addTrigger(call, hook, item));
      } catch (error) {
        if (!(error instanceof ActionRefused)) throw error;
        failed.push({ code: 'UNPROCESSABLE', message: error.message, trigger: item });
      }
    }
    return { status: failed.length === 0 ? 201 : 207, body: { data: { success, failed } } };
  }

  private deliveries(call: Call): Reply {
    const hook = this.find(call);
    const get = (name: string): string | undefined => call.query.get(`filter[${name}]`);
    const status = get('status') === 'succeeded' ? 'delivered' : get('status');
    const resource = get('resource_name');
    const type = get('event_type');
    const start = Date.parse(get('start') ?? '');
    const end = Date.parse(get('end') ?? '');
    const found = this.engine.log.filter(
      (d) =>
        d.hook === hook &&
        (status === undefined || d.state === status) &&
        (resource === undefined || d.event.resourceName === resource) &&
        (type === undefined || d.event.eventType === type.toLowerCase()) &&
        (Number.isNaN(start) || d.enqueuedAt >= start) &&
        (Number.isNaN(end) || d.enqueuedAt <= end),
    );
    return paginateV2(found, call, deliveryView);
  }
}

function fields(body: unknown, creating: boolean): HookFields {
  const { payload_version, namespace, destination_url, destination_headers } = isObject(body) ? body : {};
  const version = creating || payload_version !== undefined ? { api_version: payload_version } : {};
  return { ...version, namespace, destination_url, destination_headers };
}

function asApi<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ActionRefused) throw refusedV2(400, 'BAD_REQUEST', error.message);
    throw error;
  }
}

function versionOf(hook: Hook): string {
  return hook.api_version.includes('.') ? hook.api_version : `${hook.api_version}.0`;
}

function hookView(hook: Hook): JsonObject {
  return {
    id: String(hook.id),
    status: hook.status,
    payload_version: versionOf(hook),
    namespace: hook.namespace,
    destination_url: hook.destination_url,
    destination_headers: masked(hook.destination_headers),
    trigger_count: hook.triggers.length,
    company_id: String(hook.company_id),
    project_id: null,
    created_at: isoSeconds(hook.created_at),
    updated_at: isoSeconds(hook.updated_at),
  };
}

function triggerView(hook: Hook, trigger: Trigger): JsonObject {
  return {
    id: String(trigger.id),
    webhook_hook_id: String(hook.id),
    resource_name: trigger.resource_name,
    event_type: trigger.event_type,
    company_id: String(hook.company_id),
    project_id: null,
  };
}

function deliveryView(delivery: Delivery): JsonObject {
  return {
    id: delivery.event.ulid,
    status: delivery.state,
    payload: delivery.payload,
    delivery_attempts: delivery.attempts.map((a) => ({
      started_at: isoSeconds(a.started_at),
      completed_at: isoSeconds(a.completed_at),
      response_status: a.status,
      response_headers: a.response_headers,
      response_body: a.response_body,
      response_error: a.error,
    })),
  };
}
