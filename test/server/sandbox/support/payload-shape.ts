import { loadEvents } from '../../../../sandbox/procore-simulator/data';
import type { EmitResult } from '../../../../sandbox/procore-simulator/types';

const FREE = ['custom_fields', 'erp_custom_fields'];
/** The envelope around every request; the dictionary shows it once. */
const ENVELOPE = ['id', 'company_id', 'created_at', 'updated_at', 'integration_app_name'];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All paths of a JSON tree, list items merged; empty objects and lists and nulls are leaves. */
function paths(value: unknown, at: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => paths(item, `${at}[]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    `${at}.${key}`,
    ...(FREE.includes(key) ? [] : paths(item, `${at}.${key}`)),
  ]);
}

/** Where a tree ends although the other one might go on: null, `{}` and `[]`. */
function ends(value: unknown, at: string): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [at] : value.flatMap((item) => ends(item, `${at}[]`));
  if (!isObject(value)) return value === null ? [at] : [];
  const entries = Object.entries(value);
  return entries.length === 0 ? [at] : entries.flatMap(([key, item]) => ends(item, `${at}.${key}`));
}

function difference(from: unknown, other: unknown): string[] {
  const known = new Set(paths(other, '$'));
  const open = ends(other, '$');
  return [...new Set(paths(from, '$'))].filter(
    (path) =>
      !known.has(path) && !open.some((end) => path.startsWith(`${end}.`) || path.startsWith(`${end}[]`)),
  );
}

/** Fields of the documented example that an event lacks, and fields that it has beyond it. */
export function shapeDifference(
  result: EmitResult,
  requestName: string,
): { missing: string[]; extra: string[] } {
  const event = loadEvents().find((e) => e.requestName === requestName);
  const example: unknown =
    event?.payloadShape === 'bare' ? { request_data: event.examplePayload } : event?.examplePayload;
  const inEnvelope = (path: string): boolean => ENVELOPE.some((key) => path === `$.${key}`);
  const wrapper = (path: string): boolean => path === '$.request_name';
  return {
    missing: difference(example, result.body).filter((path) => !inEnvelope(path)),
    extra: difference(result.body, example).filter((path) => !inEnvelope(path) && !wrapper(path)),
  };
}
