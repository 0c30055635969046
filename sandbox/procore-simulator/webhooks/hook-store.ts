import { ActionRefused } from '../errors';
import type { State } from '../state';
import type { HookView } from '../types';
import { EVENT_TYPES, WEBHOOK_RESOURCES } from './resources';

export interface Trigger {
  id: number;
  resource_name: string;
  /** Lowercase here; v1 answers print it uppercase. */
  event_type: string;
  user_id: number;
}

export interface Hook {
  id: number;
  company_id: number | null;
  project_id: number | null;
  user_id: number;
  api_version: string;
  namespace: string;
  destination_url: string;
  destination_headers: Record<string, string>;
  status: 'active' | 'disabled';
  created_at: number;
  updated_at: number;
  triggers: Trigger[];
  failuresInARow: number;
}

export interface HookFields {
  api_version?: unknown;
  namespace?: unknown;
  destination_url?: unknown;
  destination_headers?: unknown;
}

export interface Owner {
  companyId: number | null;
  projectId: number | null;
}

/** Hooks and triggers, whichever API generation made them. Throws `ActionRefused` with the reason. */
export class HookStore {
  readonly hooks = new Map<number, Hook>();

  constructor(
    private readonly state: State,
    private readonly requireHttps: () => boolean,
  ) {}

  create(owner: Owner, userId: number, fields: HookFields): Hook {
    const now = this.state.now();
    const hook: Hook = {
      id: this.state.nextId('hook'),
      company_id: owner.companyId,
      project_id: owner.projectId,
      user_id: userId,
      api_version: '',
      namespace: '',
      destination_url: '',
      destination_headers: {},
      status: 'active',
      created_at: now,
      updated_at: now,
      triggers: [],
      failuresInARow: 0,
    };
    this.assign(hook, fields, true);
    this.hooks.set(hook.id, hook);
    return hook;
  }

  update(hook: Hook, fields: HookFields): void {
    this.assign(hook, fields, false);
    hook.updated_at = this.state.now();
  }

  owned(owner: Owner): Hook[] {
    return [...this.hooks.values()].filter(
      (h) =>
        (owner.projectId !== null && h.project_id === owner.projectId) ||
        (owner.projectId === null && h.project_id === null && h.company_id === owner.companyId),
    );
  }

  addTrigger(hook: Hook, resourceName: unknown, eventType: unknown, userId: number): Trigger {
    const resource = WEBHOOK_RESOURCES.find((r) => r.name === resourceName);
    if (!resource) throw new ActionRefused(`resource_name ${String(resourceName)} is not supported`);
    const type = typeof eventType === 'string' ? eventType.toLowerCase() : '';
    if (!EVENT_TYPES.includes(type))
      throw new ActionRefused(`event_type ${String(eventType)} is not supported`);
    if (!resource.actions.includes(type)) {
      throw new ActionRefused(`event_type ${type} is not supported for ${resource.name}`);
    }
    if (hook.triggers.some((t) => t.resource_name === resource.name && t.event_type === type)) {
      throw new ActionRefused('trigger has already been taken');
    }
    const trigger = {
      id: this.state.nextId('trigger'),
      resource_name: resource.name,
      event_type: type,
      user_id: userId,
    };
    hook.triggers.push(trigger);
    return trigger;
  }

  removeTrigger(hook: Hook, id: number): boolean {
    const index = hook.triggers.findIndex((t) => t.id === id);
    if (index < 0) return false;
    hook.triggers.splice(index, 1);
    return true;
  }

  /** Hooks that want an event. A company event goes to company hooks, a project event to both. */
  subscribed(companyId: number, projectId: number | null, resourceName: string, eventType: string): Hook[] {
    return [...this.hooks.values()].filter(
      (h) =>
        h.status === 'active' &&
        (h.project_id === null ? h.company_id === companyId : h.project_id === projectId) &&
        h.triggers.some((t) => t.resource_name === resourceName && t.event_type === eventType),
    );
  }

  views(): HookView[] {
    return [...this.hooks.values()].map((h) => ({
      id: h.id,
      namespace: h.namespace,
      destination_url: h.destination_url,
      api_version: h.api_version,
      status: h.status,
      company_id: h.company_id,
      project_id: h.project_id,
      triggers: h.triggers.map(({ id, resource_name, event_type }) => ({ id, resource_name, event_type })),
    }));
  }

  private assign(hook: Hook, fields: HookFields, creating: boolean): void {
    const { api_version: version, namespace, destination_url: url, destination_headers: headers } = fields;
    if (version !== undefined || creating) {
      if (typeof version !== 'string' || !/^v[234](\.0)?$/.test(version)) {
        throw new ActionRefused('api_version is not included in the list');
      }
      hook.api_version = version;
    }
    if (namespace !== undefined || creating) {
      if (typeof namespace !== 'string' || !/^[a-z0-9-]+$/.test(namespace)) {
        throw new ActionRefused('namespace may only contain lowercase letters, digits and dashes');
      }
      hook.namespace = namespace;
    }
    if (url !== undefined || creating) {
      const allowed = this.requireHttps() ? /^https:\/\// : /^https?:\/\//;
      if (typeof url !== 'string' || !allowed.test(url) || !URL.canParse(url)) {
        throw new ActionRefused('destination_url is invalid');
      }
      hook.destination_url = url;
    }
    if (headers !== undefined && headers !== null) {
      if (typeof headers !== 'object' || Object.values(headers).some((v) => typeof v !== 'string')) {
        throw new ActionRefused('destination_headers is invalid');
      }
      hook.destination_headers = { ...(headers as Record<string, string>) };
    }
  }
}

/** On read only the last five characters of a header value are shown. */
export function masked(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      '*'.repeat(Math.max(5, value.length - 5)) + value.slice(-5),
    ]),
  );
}
