import type { Kind } from '../kinds';
import { definitionOf, isKind } from '../kinds';
import { amountsIn, totalOf } from '../kinds/amounts';
import { isErpWrite } from '../plan/operation';
import type { Plan } from '../plan/plan';
import type { Intent, ProcoreId, ReadRequest, RecordDraft } from './intent';
import type { RecordPlace } from './web-link';

/** What people tell a request by in a list. Null: it has none, or several of them have nothing in common. */
export interface RequestAbout {
  /** Number and name of the one record, as documents show them: `SC-2417-008 HVAC - Eastgate`. */
  readonly title: string | null;
  /** `2417-001 Eastgate Parking`, or as much as is known. */
  readonly project: string | null;
  /** `10442 Cobalt Mechanical LLC`, or as much as is known. */
  readonly vendor: string | null;
  /** Sum of its documents, each with its sign: exact decimal. */
  readonly amount: string | null;
  /** Of that amount, ISO 4217; null: nobody says, or there are several. */
  readonly currency: string | null;
  /** Where Procore keeps the one record; of several, the project that they share. */
  readonly place: RecordPlace | null;
}

/** The project that a request is about, as far as it says so itself: what it reaches once it is planned says its plan. */
export const placesOf = (about: RequestAbout | null): readonly (ProcoreId | null)[] => [
  about?.place?.projectId ?? null,
];

const NOTHING: RequestAbout = {
  title: null,
  project: null,
  vendor: null,
  amount: null,
  currency: null,
  place: null,
};

/** The kind of the records that a request is about; null: of none, or of lines alone. */
export function kindIn(intent: Intent): Kind | null {
  switch (intent.way) {
    case 'export':
      return intent.records[0]?.kind ?? null;
    case 'sync':
    case 'refresh':
      return intent.kind;
    case 'release':
      return kindOf(intent.items[0]?.target);
    case 'links':
      return kindOf((intent.records[0] ?? intent.master)?.target);
    default:
      return null;
  }
}

const kindOf = (target: string | undefined): Kind | null =>
  target !== undefined && isKind(target) ? target : null;

/** What the request itself says. */
export function aboutOf({ intent }: Pick<ReadRequest, 'intent'>): RequestAbout {
  if (intent.way === 'release') return { ...NOTHING, place: placeOf(intent.items) };
  if (intent.way === 'refresh') {
    const { label, projectId } = intent;
    return { ...NOTHING, project: label, place: { itemType: 'project', id: projectId, projectId } };
  }
  if (intent.way !== 'export') return NOTHING;
  const { records } = intent;
  const [only, second] = records;
  return {
    title: only === undefined || second !== undefined ? null : titleOf(only),
    project: inCommon(records.map((draft) => named(draft, 'job'))),
    vendor: inCommon(records.map((draft) => named(draft, 'vendor'))),
    amount: totalOf(records.flatMap((draft) => amountsIn(definitionOf(draft.kind), draft))),
    currency: inCommon(records.flatMap(({ currencies = [] }) => currencies.map(({ code }) => code))),
    place: placeOf(records),
  };
}

function placeOf(
  items: readonly { itemType: string | null; procoreId: ProcoreId; projectId: ProcoreId | null }[],
): RecordPlace | null {
  const [first, second] = items;
  if (first === undefined) return null;
  const { itemType, procoreId: id, projectId } = first;
  if (second === undefined) return { itemType: itemType ?? 'project', id, projectId };
  const isShared = projectId !== null && items.every((item) => item.projectId === projectId);
  return isShared ? { itemType: 'project', id: projectId, projectId } : null;
}

const titleOf = ({ fields }: RecordDraft): string | null =>
  [fields['code'], fields['name']].filter((part) => typeof part === 'string' && part !== '').join(' ') ||
  null;

/** Labels of references begin with a word for what they refer to, which the column says already. */
const named = ({ refs }: RecordDraft, field: 'job' | 'vendor'): string | null =>
  refs[field]?.label.replace(/^(job|project|vendor) /, '') ?? null;

const inCommon = (words: readonly (string | null)[]): string | null => {
  const [first = null, ...others] = new Set(words);
  return others.length === 0 ? first : null;
};

/** The same once there is a plan: with the ERP's own numbers and names, and the amount that would be written. */
export function aboutPlan(before: RequestAbout | null, { operations, facts }: Plan): RequestAbout {
  const about = before ?? NOTHING;
  const writes = operations.filter(isErpWrite);
  const words = (field: string): string | null =>
    inCommon(writes.map(({ changes }) => changes.find((change) => change.field === field)?.words ?? null));
  return {
    ...about,
    project: words('job') ?? about.project,
    vendor: words('vendor') ?? about.vendor,
    amount: writtenAmount(operations) ?? about.amount,
    currency: facts.currency ?? about.currency,
  };
}

/** What a plan writes to the ERP, each document with its sign: exact decimal; null: no amount. */
export const writtenAmount = (operations: Plan['operations']): string | null =>
  totalOf(operations.filter(isErpWrite).flatMap(({ kind, record }) => amountsIn(definitionOf(kind), record)));
