import type * as z from 'zod';
import type { ProcoreId, ReadErpRequest } from '../../domain/request/intent';
import { isObject, toId } from '../json';
import { describe, problemsOf } from '../read-problems';

/** What a reader of one event gets. */
export interface EventBody {
  /** `request_data`, or the whole body where the wrapper is missing. */
  readonly data: unknown;
  /** Where `data` is, for problems. */
  readonly at: string;
  readonly detailIds: readonly ProcoreId[];
  /** What the request is about, as far as that can be told without reading it. */
  readonly subject: string;
}

export type Reading = Pick<ReadErpRequest, 'intent' | 'subject'>;
export type EventReader = (body: EventBody) => Reading;

/** A reader that checks `data` with a schema first; what does not fit is `malformed`. */
export function readWith<S extends z.ZodType>(
  schema: S,
  make: (data: z.output<S>, body: EventBody) => Reading,
): EventReader {
  return (body) => {
    const result = schema.safeParse(body.data);
    const problems = result.success ? [] : problemsOf(result.error, body.data, body.at);
    const all = [...problems, ...detailIdProblems(body)];
    return result.success && all.length === 0 ? make(result.data, body) : malformed(body, all);
  };
}

export const malformed = ({ detailIds, subject }: EventBody, problems: readonly string[]): Reading => ({
  subject,
  intent: { kind: 'malformed', problems, detailIds },
});

/** A detail id that is missing is looked up by its item; one that is there must be an id. */
export function detailIdProblems({ data, at }: EventBody): readonly string[] {
  if (!isObject(data)) return [];
  return ['request_detail_id', 'erp_request_detail_id']
    .filter((key) => data[key] !== undefined && data[key] !== null && toId(data[key]) === null)
    .map((key) => `${inside(at, key)}: expected an id, got ${describe(data[key])}`);
}

export const inside = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`);
