import type { IncomingMessage } from 'node:http';
import type { OperationRecord } from './data';
import { ApiError } from './errors';
import { asInt, isObject, type JsonObject } from './json';
import type { Token } from './oauth';
import type { Company } from './state';

/** Query parameters, with Rails' array names (`filters[id][]`). */
export class Query {
  private readonly values = new Map<string, string[]>();

  constructor(search: string) {
    for (const [name, value] of new URLSearchParams(search)) {
      const list = this.values.get(name);
      if (list) list.push(value);
      else this.values.set(name, [value]);
    }
  }

  names(): string[] {
    return [...this.values.keys()];
  }

  has(name: string): boolean {
    return this.values.has(name) || this.values.has(`${name}[]`);
  }

  get(name: string): string | undefined {
    return this.values.get(name)?.at(-1);
  }

  int(name: string): number | undefined {
    return asInt(this.get(name));
  }

  /** `filters[id][]=1&filters[id][]=2`, `filters[id]=[1,2]` or `filters[id]=1`. */
  list(name: string): string[] | undefined {
    const array = this.values.get(`${name}[]`);
    if (array) return array;
    const single = this.get(name);
    if (single === undefined) return undefined;
    return /^\[.*\]$/.test(single)
      ? single
          .slice(1, -1)
          .split(',')
          .map((v) => v.trim().replace(/^"|"$/g, ''))
      : [single];
  }

  toObject(): Record<string, string[]> {
    return Object.fromEntries(this.values);
  }
}

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** One authenticated REST call that has found its operation and its company. */
export interface Call {
  operation: OperationRecord;
  params: Record<string, string>;
  query: Query;
  body: unknown;
  company: Company;
  token: Token;
  /** Absolute URL of the call, for Link headers. */
  url: URL;
}

export type Handler = (call: Call) => Reply;

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

export function created(body: unknown): Reply {
  return { status: 201, body };
}

export const NO_CONTENT: Reply = { status: 204 };

export function pathId(call: Call, name = 'id'): number {
  const id = asInt(call.params[name]);
  if (id === undefined)
    throw new ApiError(404, { message: `${name} is not an id`, exception: 'RoutingError' });
  return id;
}

/** The object a write wraps in its singular name (Procore guide "RESTful API Concepts"). */
export function wrapped(call: Call, name: string): Record<string, unknown> {
  const value = isObject(call.body) ? call.body[name] : undefined;
  if (!isObject(value)) {
    throw new ApiError(400, { errors: `param is missing or the value is empty: ${name}` });
  }
  return value;
}

const MAX_BODY = 32 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const buffer = chunk as Buffer;
    size += buffer.length;
    if (size > MAX_BODY) throw new ApiError(413, { errors: 'Request Entity Too Large' });
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

/** JSON, or a form: the login host takes both kinds of form, and uploads come as multipart. */
export async function parseBody(body: Buffer, contentType: string): Promise<unknown> {
  if (body.length === 0) return undefined;
  if (/^(application\/x-www-form-urlencoded|multipart\/form-data)/i.test(contentType)) {
    return nested(await formFields(body, contentType));
  }
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new ApiError(400, { errors: 'There was a problem in the JSON you submitted' });
  }
}

async function formFields(body: Buffer, contentType: string): Promise<[string, unknown][]> {
  try {
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': contentType },
    }).formData();
    return [...form].map(([name, value]) => [
      name,
      typeof value === 'string'
        ? value
        : { filename: value.name, content_type: value.type, size: value.size },
    ]);
  } catch {
    throw new ApiError(400, { errors: 'There was a problem in the form you submitted' });
  }
}

/** Names of forms as Rails reads them: `direct_cost[vendor_id]`, `attachments[]`. */
function nested(fields: [string, unknown][]): JsonObject {
  const result: JsonObject = {};
  for (const [name, value] of fields) {
    const path = name.replaceAll(']', '').split('[');
    let inner = result;
    for (const [index, key] of path.entries()) {
      const isList = path[index + 1] === '';
      if (index === path.length - 1) inner[key] = value;
      else if (isList) {
        const before = inner[key];
        inner[key] = [...(Array.isArray(before) ? (before as unknown[]) : []), value];
        break;
      } else {
        const next: JsonObject = isObject(inner[key]) ? inner[key] : {};
        inner[key] = next;
        inner = next;
      }
    }
  }
  return result;
}
