import { createHash, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';
import type { ProcoreId } from '../../domain/request/intent';
import { contentHash } from '../../domain/base/identity';
import type { JsonObject } from '../client/json';
import { isObject, textOrNull, toId } from '../client/json';

/** One delivery, whatever its payload format ("Webhook Payload Formats": v2.0, v3.0, v4.0). What cannot be read is null. */
export interface Delivery {
  /** `ulid` (v2, v3) or `id` (v4): the key for recognising a repeated delivery. `sha256:...` of the content when there is neither. */
  readonly eventId: string;
  /** E.g. `ERP Requests`; names are case-sensitive data. */
  readonly resourceName: string | null;
  readonly resourceId: ProcoreId | null;
  /** `create`, `update`, `delete`, in lower case; v4 also has other words. */
  readonly eventType: string | null;
  readonly companyId: ProcoreId | null;
  /** Who caused the event; null or missing for many events and always for some formats. */
  readonly userId: ProcoreId | null;
  /** As sent: ISO 8601, UTC, microseconds. */
  readonly timestamp: string | null;
}

/**
 * Reads a parsed body; null when it is not an object. Never throws: a delivery that is not answered with 2xx blocks all later ones to
 * this address.
 */
export function readDelivery(event: unknown): Delivery | null {
  if (!isObject(event)) return null;
  const metadata = isObject(event['metadata']) ? event['metadata'] : {};
  return {
    eventId: eventIdOf(event),
    resourceName: text(event, 'resource_name') ?? text(event, 'resource_type'),
    resourceId: toId(event['resource_id']),
    eventType: (text(event, 'event_type') ?? text(event, 'reason'))?.toLowerCase() ?? null,
    companyId: toId(event['company_id']) ?? toId(metadata['source_company_id']),
    userId: toId(event['user_id']) ?? toId(metadata['source_user_id']),
    timestamp: text(event, 'timestamp'),
  };
}

function eventIdOf(event: JsonObject): string {
  const id = event['id'];
  const named = text(event, 'ulid') ?? (typeof id === 'number' ? String(id) : text(event, 'id'));
  return named ?? fingerprint(event);
}

function fingerprint(body: JsonObject): string {
  try {
    return `sha256:${contentHash(body)}`;
  } catch {
    // Nested too deeply to be written as JSON again.
    return `sha256:${createHash('sha256').update(inspect(body)).digest('hex')}`;
  }
}

function text(event: JsonObject, key: string): string | null {
  const value = textOrNull(event[key])?.trim() ?? '';
  return value === '' ? null : value;
}

/**
 * Is this the header value we told Procore to send? It is the only proof a delivery carries. Takes the same time for every value;
 * several values are accepted while one replaces the other.
 */
export function authorizationMatches(header: string | undefined, accepted: readonly string[]): boolean {
  if (header === undefined || header === '') return false;
  const given = digest(header);
  let matches = false;
  for (const value of accepted) {
    const same = timingSafeEqual(given, digest(value));
    matches = (same && value !== '') || matches;
  }
  return matches;
}

const digest = (value: string): Buffer => createHash('sha256').update(value, 'utf8').digest();
