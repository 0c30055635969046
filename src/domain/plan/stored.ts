import { textHash } from '../base/identity';
import type { CanonicalRecord } from '../kinds/record';
import { isSameRecord } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import { takenByProcore } from '../kinds/taken-by-procore';
import type { FieldChange, Operation } from './operation';
import { linkOf } from './operation';
import type { PlanBody } from './plan';

/*
 * How a plan lies in our store. A first import says the same of a record four times: what is written, how both sides hold it afterwards, and what
 * that changes. In the text it stands once, and is put back where it belongs when the text is read.
 */

/** Both shadows of a link may be the record of their operation. */
const RECORD = 'record';
/** That of Procore may be what Procore takes of it. */
const TAKEN = 'taken';

type StoredLink = Partial<Omit<RecordLink, 'procore' | 'erp'>> & {
  readonly procore: RecordLink['procore'] | typeof RECORD | typeof TAKEN;
  readonly erp: RecordLink['erp'] | typeof RECORD;
};

/** A change from nothing to what the record has: its place among the labels. */
type StoredChange = FieldChange | number;

type Label = readonly [field: string, label: string];

/** The text under which a plan is stored. */
export function planText(body: PlanBody): string {
  const labels: Label[] = [];
  const places = new Map<string, Map<string, number>>();
  const placeOf = ({ field, label }: FieldChange): number => {
    const ofField = places.get(field) ?? new Map<string, number>();
    const place = ofField.get(label) ?? labels.push([field, label]) - 1;
    places.set(field, ofField.set(label, place));
    return place;
  };
  const operations = body.operations.map((operation) => {
    const record = recordIn(operation);
    const link = linkOf(operation);
    return {
      ...operation,
      changes: operation.changes.map((change) => (isPlain(change, record) ? placeOf(change) : change)),
      ...(link === null ? {} : { link: linkText(link, operation, record) }),
    };
  });
  const { subject, warnings, notes, facts, leftOut, unchanged, conflicts, payroll } = body;
  const shown = { subject, operations, warnings, notes, facts, leftOut, unchanged, conflicts, payroll };
  return JSON.stringify({ ...shown, labels });
}

/** The plan in a text. What is no plan comes back as it is. */
export function planIn(text: string): PlanBody {
  const { labels, ...body } = JSON.parse(text) as PlanBody & { readonly labels?: readonly Label[] };
  if (labels === undefined) return body;
  return { ...body, operations: body.operations.map((operation) => operationIn(operation, labels)) };
}

/** What is sealed of a stored plan: all of its text, what is not part of its hash too. */
export const planSeal = (text: string): string => textHash(text);

function operationIn(stored: Operation, labels: readonly Label[]): Operation {
  const record = recordIn(stored);
  const changes = (stored.changes as readonly StoredChange[]).map((change): FieldChange => {
    if (typeof change !== 'number') return change;
    const [field = '', label = ''] = labels[change] ?? [];
    return { field, label, new: record?.fields[field] ?? null, old: null };
  });
  const link = linkOf(stored) as unknown as StoredLink | null;
  const whole = link === null ? {} : { link: linkIn(link, stored, record) };
  return { ...stored, changes, ...whole };
}

const recordIn = (operation: Operation): CanonicalRecord | null =>
  'record' in operation ? operation.record : null;

const takenIn = ({ kind }: Operation, record: CanonicalRecord | null): CanonicalRecord | null =>
  kind === null || record === null ? null : takenByProcore(kind, record);

const isPlain = (change: FieldChange, record: CanonicalRecord | null): boolean =>
  change.old === null &&
  change.new !== null &&
  change.words === undefined &&
  record?.fields[change.field] === change.new;

/** What a link has of its operation unless it says otherwise. */
const ownOf = ({ kind, erpKey, procoreId, generation, targetRevision }: Operation) => ({
  kind,
  erpKey,
  procoreId,
  generation,
  erpRevision: targetRevision,
});

function linkText(link: RecordLink, operation: Operation, record: CanonicalRecord | null): StoredLink {
  const own: Readonly<Record<string, unknown>> = ownOf(operation);
  const text: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(link)) if (own[name] !== value) text[name] = value;
  return {
    ...text,
    procore: isSameRecord(link.procore, record)
      ? RECORD
      : isSameRecord(link.procore, takenIn(operation, record))
        ? TAKEN
        : link.procore,
    erp: isSameRecord(link.erp, record) ? RECORD : link.erp,
  };
}

const linkIn = (stored: StoredLink, operation: Operation, record: CanonicalRecord | null): RecordLink =>
  ({
    ...ownOf(operation),
    ...stored,
    procore:
      stored.procore === RECORD
        ? record
        : stored.procore === TAKEN
          ? takenIn(operation, record)
          : stored.procore,
    erp: stored.erp === RECORD ? record : stored.erp,
  }) as RecordLink;
