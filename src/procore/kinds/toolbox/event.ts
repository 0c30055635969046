import type * as z from 'zod';
import { definitionOf } from '../../../domain/kinds';
import type { Kind, RefTarget } from '../../../domain/kinds';
import type { CustomFields } from '../../../domain/kinds/custom-fields';
import type {
  Answers,
  IntentOf,
  LinkNotice,
  NoticedRecord,
  ProcoreId,
  ReadRequest,
  ReleaseItem,
} from '../../../domain/request/intent';
import { isObject, toId } from '../../client/json';
import type { EventName } from '../../erp-tool/events';
import { Asking } from './asking';
import type { ReadDraft } from './custom-fields';
import { notCarried } from './not-carried';
import * as s from './schemas';

/** What a reader of one event gets. */
export interface EventBody {
  readonly event: EventName;
  /** `request_data`, or the whole body where the wrapper is missing. */
  readonly data: unknown;
  /** Where `data` is, for problems. */
  readonly at: string;
  readonly detailIds: readonly ProcoreId[];
  /** What the request is about, as far as that can be told without reading it. */
  readonly subject: string;
  /** What Procore answered to the questions of an earlier reading. */
  readonly answers: Answers;
  /** IANA name of the zone where Procore says none. */
  readonly timeZone: string;
  /** What custom fields are carried, and where to. */
  readonly customFields: CustomFields;
}

export type Reading = Pick<ReadRequest, 'intent' | 'subject'> & Partial<Pick<ReadRequest, 'questions'>>;
export type EventReader = (body: EventBody) => Reading;
export type EventReaders = Readonly<Partial<Record<EventName, EventReader>>>;

/** A reader that checks `data` with a schema first; what does not fit is `malformed`. */
export function readWith<S extends z.ZodType>(
  schema: S,
  make: (data: z.output<S>, body: EventBody) => Reading,
): EventReader {
  return (body) => {
    const result = schema.safeParse(body.data);
    const problems = result.success ? [] : s.problemsOf(result.error, body.data, body.at);
    const all = [...problems, ...detailIdProblems(body)];
    if (result.success && all.length === 0) return named(make(result.data, body), schema, body);
    return { subject: body.subject, intent: { way: 'malformed', problems: all, detailIds: body.detailIds } };
  };
}

/** What is written to the ERP says what of the body is not. */
function named(reading: Reading, schema: z.ZodType, { event, data, customFields }: EventBody): Reading {
  const { intent } = reading;
  if (intent.way !== 'export') return reading;
  const names = notCarried(event, schema, data, customFields);
  return names.length === 0 ? reading : { ...reading, intent: { ...intent, notCarried: names } };
}

/** A detail id that is missing is looked up by its item; one that is there must be an id. */
function detailIdProblems({ data, at }: EventBody): readonly string[] {
  if (!isObject(data)) return [];
  return ['request_detail_id', 'erp_request_detail_id']
    .filter((key) => data[key] !== undefined && data[key] !== null && toId(data[key]) === null)
    .map((key) => `${at === '' ? key : `${at}.${key}`}: expected an id, got ${s.describe(data[key])}`);
}

/** What a reading leaves open, to be handed to `exported`. */
export const askingOf = ({ answers, timeZone, customFields }: EventBody): Asking =>
  new Asking(answers, timeZone, customFields);

/** An export of records; details that belong to one record stay with it. */
export function exported(
  body: EventBody,
  drafts: readonly ReadDraft[],
  asking: Asking = askingOf(body),
): Reading {
  const records = drafts.map(asking.finished);
  const [only, ...others] = records;
  const theirs = new Set(records.flatMap(({ detailIds }) => detailIds));
  const plural = only === undefined ? 'records' : definitionOf(only.kind).plural;
  return {
    subject: only !== undefined && others.length === 0 ? only.label : `${records.length} ${plural}`,
    intent: { way: 'export', detailIds: body.detailIds.filter((id) => !theirs.has(id)), records },
    questions: asking.questions,
  };
}

const syncSchema = s.object({ standard_cost_code_list_id: s.optionalId });

/** Reads "bring what changed in the ERP": the event names the kind of record, and standard cost codes their list. */
export const syncReader = (kind: Kind): EventReader =>
  readWith(syncSchema, ({ standard_cost_code_list_id: listId }, { detailIds }) => ({
    subject: `all ${definitionOf(kind).plural}`,
    intent: { way: 'sync', kind, detailIds, listId },
  }));

/** Brings one project or sub job up to date. */
export const refresh = (intent: Omit<IntentOf<'refresh'>, 'way'>): Reading => ({
  subject: intent.label,
  intent: { way: 'refresh', ...intent },
});

/** Procore did it already; our links follow. */
export const notice = (
  how: LinkNotice['how'],
  label: string,
  records: readonly NoticedRecord[],
  more: Partial<Pick<LinkNotice, 'master' | 'wholeProjectId'>> = {},
): Reading => ({
  subject: label,
  intent: { way: 'links', how, label, records, master: null, wholeProjectId: null, ...more },
});

export const noticed = (
  target: RefTarget,
  procoreId: ProcoreId | null,
  originId: string | null,
): NoticedRecord => ({ target, procoreId, originId, projectOriginId: null, title: null });

type Asked = Pick<ReleaseItem, 'target' | 'itemType' | 'procoreId' | 'originId' | 'projectId' | 'lines'>;

/** One record that a user wants to unlink: its detail is that of the request. */
export function unlinkAsked(
  { detailIds }: EventBody,
  asked: Asked & { readonly words: string; readonly name?: string | null },
): Reading {
  const { words, name, ...record } = asked;
  const label = `${words} ${name ?? record.originId ?? String(record.procoreId)}`;
  const item = { ...record, subJobId: null, detailId: null, label, assignment: null };
  return { subject: label, intent: { way: 'release', about: 'unlink', detailIds, items: [item] } };
}

/** Records that a user wants to delete; each has a detail of its own. */
export function deletionsAsked(
  { detailIds }: EventBody,
  words: string,
  items: readonly Omit<ReleaseItem, 'lines'>[],
): Reading {
  const theirs = new Set(items.map(({ detailId }) => detailId));
  const others = detailIds.filter((id) => !theirs.has(id));
  return {
    subject: counted(items.length, words),
    intent: {
      way: 'release',
      about: 'delete',
      detailIds: others,
      items: items.map((item) => ({ ...item, lines: [] })),
    },
  };
}

export const counted = (count: number, singular: string): string =>
  `${count} ${singular}${count === 1 ? '' : 's'}`;
