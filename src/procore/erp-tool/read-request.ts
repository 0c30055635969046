import type { ProcoreId, ReadErpRequest } from '../../domain/request/intent';
import type { JsonObject } from '../json';
import { isObject, toId } from '../json';
import type { RawErpRequest } from '../port';
import { describe } from '../read-problems';
import { findDetailIds } from './detail-ids';
import { ALL_EVENTS, knownEvent } from './events';
import type { Reading } from './reader';
import { READERS } from './readers';

/**
 * Reads an ERP request ("ERP Technical Guide", "ERP Events Dictionary"): an envelope with `request_name` and `request_data`, with or
 * without the fields around them. Never throws; what cannot be read is `malformed` and says why. Detail ids are always kept.
 */
export function readRequest(raw: RawErpRequest, companyId: ProcoreId): ReadErpRequest {
  const body = isObject(raw.body) ? raw.body : null;
  const name = body?.['request_name'];
  const eventName = typeof name === 'string' && name.trim() !== '' ? name.trim() : '(none)';
  return { requestId: raw.id, eventName, ...read(raw, body, eventName, companyId) };
}

function read(raw: RawErpRequest, body: JsonObject | null, eventName: string, companyId: ProcoreId): Reading {
  const detailIds = findDetailIds(raw.body);
  const malformed = (problems: readonly string[], subject = 'an unreadable request'): Reading => ({
    subject,
    intent: { kind: 'malformed', problems, detailIds },
  });
  if (body === null) return malformed([`body: expected an object, got ${describe(raw.body)}`]);
  if (eventName === '(none)') {
    return malformed([`request_name: expected text, got ${describe(body['request_name'])}`]);
  }
  const event = knownEvent(eventName);
  if (event === null) return { subject: eventName, intent: { kind: 'unsupported', known: false, detailIds } };

  const subject = subjectOf(body, ALL_EVENTS[event].entity);
  const problems = [...idProblems(body, raw.id), ...companyProblems(body, companyId)];
  if (problems.length > 0) return malformed(problems, subject);
  return READERS[event]({ ...dataOf(body), detailIds, subject });
}

/** Some samples have no wrapper around the data. */
const dataOf = (body: JsonObject): { data: unknown; at: string } =>
  'request_data' in body ? { data: body['request_data'], at: 'request_data' } : { data: body, at: '' };

/** The answer to another question, e.g. from a cache in between. Without the wrapper, `id` may be that of the record. */
function idProblems(body: JsonObject, requestId: ProcoreId): readonly string[] {
  const { id } = body;
  if (!('request_data' in body) || id === undefined || toId(id) === requestId) return [];
  return [`id: expected ${requestId}, got ${describe(id)}`];
}

/** A request of another company must never reach our ERP. A missing company id says nothing. */
function companyProblems(body: JsonObject, companyId: ProcoreId): readonly string[] {
  const data = body['request_data'];
  const stated: readonly [string, unknown][] = [
    ['company_id', body['company_id']],
    ['request_data.company_id', isObject(data) ? data['company_id'] : undefined],
  ];
  return stated
    .filter(([, value]) => value !== undefined && value !== null && toId(value) !== companyId)
    .map(([path, value]) => `${path}: expected ${companyId}, got ${describe(value)}`);
}

/** The first name or title inside the request, else the kind of record. */
function subjectOf(body: JsonObject, entity: string): string {
  const data = isObject(body['request_data']) ? body['request_data'] : body;
  const records = Object.values(data).filter(isObject);
  const names = records.flatMap((record) => [record['name'], record['title'], record['number']]);
  const name = names.find((value) => typeof value === 'string' && value.trim() !== '');
  return typeof name === 'string' ? name.normalize('NFC').trim().slice(0, 200) : entity.replaceAll('_', ' ');
}
