import * as z from 'zod';
import { contentHash } from '../../domain/base/identity';
import { machineZone } from '../../domain/base/time-zone';
import type { CustomFields } from '../../domain/kinds/custom-fields';
import type { Answers, IntentOf, ProcoreId, ReadRequest } from '../../domain/request/intent';
import type { JsonObject } from '../client/json';
import { isObject, toId } from '../client/json';
import { KIND_ROOMS } from '../kinds';
import { findDetailIds } from './detail-ids';
import type { EventName } from './events';
import { ALL_EVENTS, knownEvent } from './events';
import type { EventReader, Reading } from '../kinds/toolbox/event';
import { readWith } from '../kinds/toolbox/event';
import * as s from '../kinds/toolbox/schemas';

/** Moves with every change of what readers answer: stored bodies are read again then. A test compares the answers with this number. */
export const READER_VERSION = '4';

/** The same with the custom fields that readers carry, which the configuration may change. */
export const readerVersionOf = (customFields: CustomFields): string =>
  Object.keys(customFields).length === 0
    ? READER_VERSION
    : `${READER_VERSION}+${contentHash(customFields).slice(0, 16)}`;

/** The reader of every event of the dictionary: one that is missing does not compile. */
const READERS = {
  ...KIND_ROOMS.vendor.events,
  ...KIND_ROOMS.standard_cost_code.events,
  ...KIND_ROOMS.line_item_type.events,
  ...KIND_ROOMS.project.events,
  ...KIND_ROOMS.sub_job.events,
  ...KIND_ROOMS.cost_code.events,
  ...KIND_ROOMS.cost_type_assignment.events,
  ...KIND_ROOMS.budget.events,
  ...KIND_ROOMS.commitment.events,
  ...KIND_ROOMS.commitment_change_order.events,
  ...KIND_ROOMS.requisition.events,
  ...KIND_ROOMS.contract_payment.events,
  ...KIND_ROOMS.invoice_payment.events,
  ...KIND_ROOMS.payment_application.events,
  ...KIND_ROOMS.prime_contract.events,
  ...KIND_ROOMS.prime_contract_change_order.events,
  ...KIND_ROOMS.company_level_direct_cost.events,
  // Whatever the request carries, the answer is the whole configuration.
  sync_metadata: readWith(z.unknown(), () => ({
    subject: 'metadata configuration',
    intent: { way: 'metadata' },
  })),
} as const satisfies Readonly<Record<EventName, EventReader>>;

/** Whose request it is: of which company, and the number that Procore gave it; null for requests of our own. */
export interface RequestOrigin {
  readonly companyId: ProcoreId;
  readonly erpRequestId: ProcoreId | null;
  /** IANA name of the zone in which instants become dates where Procore says none; absent: that of this machine. */
  readonly timeZone?: string;
  /** What custom fields are carried, and where to; absent: none. */
  readonly customFields?: CustomFields;
}

/**
 * Reads an ERP request ("ERP Technical Guide", "ERP Events Dictionary"): an envelope with `request_name` and `request_data`, with or
 * without the fields around them. Never throws; what cannot be read is `malformed` and says why. Detail ids are always kept. `answers`: to the
 * questions of an earlier reading.
 */
export function readRequest(raw: unknown, origin: RequestOrigin, answers: Answers = {}): ReadRequest {
  const body = isObject(raw) ? raw : null;
  const name = body?.['request_name'];
  const eventName = typeof name === 'string' && name.trim() !== '' ? name.trim() : '(none)';
  const detailIds = findDetailIds(raw);
  const malformed = (
    problems: IntentOf<'malformed'>['problems'],
    subject = 'an unreadable request',
  ): Reading => ({ subject, intent: { way: 'malformed', problems, detailIds } });
  const read = (): Reading => {
    if (body === null) return malformed([`body: expected an object, got ${s.describe(raw)}`]);
    if (eventName === '(none)') return malformed([`request_name: expected text, got ${s.describe(name)}`]);
    const event = knownEvent(eventName);
    if (event === null)
      return { subject: eventName, intent: { way: 'unsupported', known: false, detailIds } };
    const subject = subjectOf(body, ALL_EVENTS[event].entity);
    const problems = [...idProblems(body, origin), ...companyProblems(body, origin)];
    if (problems.length > 0) return malformed(problems, subject);
    const { timeZone = machineZone(), customFields = {} } = origin;
    return READERS[event]({
      event,
      ...dataOf(body),
      detailIds,
      subject,
      answers,
      timeZone,
      customFields,
    });
  };
  return { eventName, questions: [], ...read() };
}

/** Some samples have no wrapper around the data. */
const dataOf = (body: JsonObject): { data: unknown; at: string } =>
  'request_data' in body ? { data: body['request_data'], at: 'request_data' } : { data: body, at: '' };

/** The answer to another question, e.g. from a cache in between. Without the wrapper, `id` may be that of the record. */
function idProblems(body: JsonObject, { erpRequestId }: RequestOrigin): readonly string[] {
  const { id } = body;
  if (erpRequestId === null || !('request_data' in body) || id === undefined || toId(id) === erpRequestId)
    return [];
  return [`id: expected ${erpRequestId}, got ${s.describe(id)}`];
}

/** A request of another company must never reach our ERP. A missing company id says nothing. */
function companyProblems(body: JsonObject, { companyId }: RequestOrigin): readonly string[] {
  const data = body['request_data'];
  const stated: readonly [string, unknown][] = [
    ['company_id', body['company_id']],
    ['request_data.company_id', isObject(data) ? data['company_id'] : undefined],
  ];
  return stated
    .filter(([, value]) => value !== undefined && value !== null && toId(value) !== companyId)
    .map(([path, value]) => `${path}: expected ${companyId}, got ${s.describe(value)}`);
}

/** The first name or title inside the request, else the kind of record. */
function subjectOf(body: JsonObject, entity: string): string {
  const data = isObject(body['request_data']) ? body['request_data'] : body;
  const records = Object.values(data).filter(isObject);
  const names = records.flatMap((record) => [record['name'], record['title'], record['number']]);
  const name = names.find((value) => typeof value === 'string' && value.trim() !== '');
  return typeof name === 'string' ? name.normalize('NFC').trim().slice(0, 200) : entity.replaceAll('_', ' ');
}
