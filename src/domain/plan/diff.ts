import type { FieldDefinition, KindDefinition } from '../kinds';
import type { CanonicalRecord, Fields, FieldValue, RecordLine } from '../kinds/record';
import type { FieldChange } from './operation';
import { lineLabel } from './references';
import type { RefState } from './references';

/** Nothing at all: what a record is compared with before it was ever there. */
export const NOTHING: CanonicalRecord = { fields: {}, lines: [] };

/** One field on which somebody moved since the base. */
export interface Difference {
  /** The line it is in; null: the header. */
  readonly line: Pick<RecordLine, 'kind' | 'number'> | null;
  readonly field: string;
  readonly base: FieldValue;
  readonly mine: FieldValue;
  readonly theirs: FieldValue;
  /** `alike`: both moved to the same value; `both`: to different ones. */
  readonly moved: 'mine' | 'theirs' | 'alike' | 'both';
}

/** How lines of two records find each other: by number unless said otherwise. */
export type LineIdentity = (line: RecordLine) => string;
const byNumber = ({ kind, number }: Pick<RecordLine, 'kind' | 'number'>): string => `${kind}/${number}`;
/** For lines that both records know from the ERP. */
export const byErpKey: LineIdentity = ({ kind, erpKey, number }) =>
  erpKey === null ? `${kind} ${number}` : `${kind}/${erpKey}`;

/** The three sides of a comparison. `theirs` absent: they did not move. */
export interface Sides {
  readonly base: CanonicalRecord | null;
  readonly mine: CanonicalRecord;
  readonly theirs?: CanonicalRecord | null;
}

/**
 * Field by field, what moved since the base and on which side: header first, then the lines of `mine`, then those that only `theirs` has.
 * A field that a side does not name is one it has not moved. Export, sync, refresh and reconcile all compare through this.
 */
export function diff(
  { base, mine, theirs }: Sides,
  identity: LineIdentity = byNumber,
): readonly Difference[] {
  const before = base ?? NOTHING;
  const other = theirs ?? before;
  const header = inFields(null, before.fields, mine.fields, other.fields);
  if (mine.lines.length + other.lines.length === 0) return header;
  const heldBefore = new Map(before.lines.map((line) => [identity(line), line]));
  const heldThere = new Map(other.lines.map((line) => [identity(line), line]));
  const own = new Set(mine.lines.map(identity));
  const others = other.lines.filter((line) => !own.has(identity(line)));
  return [
    ...header,
    ...mine.lines.flatMap((line) => {
      const key = identity(line);
      const was = heldBefore.get(key)?.fields ?? {};
      return inFields(line, was, line.fields, heldThere.get(key)?.fields ?? was);
    }),
    ...others.flatMap((line) => {
      const was = heldBefore.get(identity(line))?.fields ?? {};
      return inFields(line, was, was, line.fields);
    }),
  ];
}

function inFields(
  line: RecordLine | null,
  base: Fields,
  mine: Fields,
  theirs: Fields,
): readonly Difference[] {
  const place = line === null ? null : { kind: line.kind, number: line.number };
  const found: Difference[] = [];
  const compare = (field: string): void => {
    const was = base[field] ?? null;
    const here = field in mine ? (mine[field] ?? null) : was;
    const there = field in theirs ? (theirs[field] ?? null) : was;
    if (here === was && there === was) return;
    const moved = there === was ? 'mine' : here === was ? 'theirs' : here === there ? 'alike' : 'both';
    found.push({ line: place, field, base: was, mine: here, theirs: there, moved });
  };
  for (const field in mine) compare(field);
  for (const field in theirs) if (!(field in mine)) compare(field);
  return found;
}

/** Differences as people read them: in the order and words of the kind. Keys get words where the ERP told any. */
export function changesOf(
  definition: KindDefinition,
  differences: readonly Difference[],
  states: readonly RefState[] = [],
): readonly FieldChange[] {
  const words = new Map(states.map((state) => [`${state.target}:${state.key}`, wordsOf(state)]));
  const groups = new Map<string, Map<string, Difference>>();
  for (const difference of differences) {
    const key = difference.line === null ? '' : byNumber(difference.line);
    const group = groups.get(key) ?? new Map<string, Difference>();
    groups.set(key, group.set(difference.field, difference));
  }
  const changes: FieldChange[] = [];
  for (const group of groups.values()) {
    const line = [...group.values()][0]?.line ?? null;
    const fields = line === null ? definition.fields : (definition.lines[line.kind]?.fields ?? {});
    for (const field in fields) {
      const difference = group.get(field);
      const definitionOfField = fields[field];
      if (difference !== undefined && definitionOfField !== undefined)
        changes.push(changeOf(difference, definitionOfField, words));
    }
  }
  return changes;
}

/** `23-050 HVAC`, where the ERP tells number and name. */
const wordsOf = ({ code = null, name = null, label }: RefState): string =>
  name === null ? label : [code, name].filter((part) => part !== null).join(' ');

function changeOf(
  { line, field, base, mine }: Difference,
  { label, refersTo }: FieldDefinition,
  words: ReadonlyMap<string, string>,
): FieldChange {
  const change: FieldChange = {
    field: line === null ? field : `${line.kind}[${line.number}].${field}`,
    label: line === null ? label : `${lineLabel(line)} · ${label}`,
    new: mine,
    old: base,
  };
  const meaning =
    typeof mine === 'string' && refersTo !== undefined ? words.get(`${refersTo}:${mine}`) : undefined;
  return meaning === undefined ? change : { ...change, words: meaning };
}
