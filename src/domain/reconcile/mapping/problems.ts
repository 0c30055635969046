import type { Kind } from '../../kinds';
import { definitionOf } from '../../kinds';
import type { CanonicalRecord } from '../../kinds/record';
import type { RecordLink } from '../../kinds/record-link';
import type { Ownership } from '../ownership';
import { ownerOf } from '../ownership';
import type { FieldMapping } from './field';
import { isNamed, isNamedInErp, roundTripProblem } from './field';
import type { KindMapping } from './mapping';
import { maskProblem } from './mask';

/** What is wrong with a mapping: where, below the mapping of its kind (`fields.stateCode`), and a sentence. */
export interface MappingProblem {
  readonly path: readonly string[];
  readonly words: string;
}

/** Fields of a kind that can be mapped: texts. Flags and references mean the same on both sides. */
export const mappableFields = (kind: Kind): readonly string[] =>
  Object.entries(definitionOf(kind).fields).flatMap(([field, { type }]) => (type === 'text' ? [field] : []));

/** Why a mapping of a kind cannot be used; empty: it can. */
export function problemsOf(
  kind: Kind,
  { fields, only }: KindMapping,
  ownership: Ownership,
): readonly MappingProblem[] {
  const mappable = mappableFields(kind);
  const all = Object.keys(definitionOf(kind).fields);
  return [
    ...Object.entries(fields).flatMap(([field, mapping]) => {
      const path = ['fields', field];
      if (!mappable.includes(field))
        return [
          {
            path,
            words: `${kind} has no text field "${field}"; fields that can be mapped: ${mappable.join(', ')}`,
          },
        ];
      const isErps = ownerOf({ kind, line: null, field }, ownership) === 'erp';
      return fieldProblems(mapping, isErps).map((words) => ({ path, words }));
    }),
    ...Object.keys(only)
      .filter((field) => !all.includes(field) || definitionOf(kind).fields[field]?.type === 'flag')
      .map((field) => ({
        path: ['only', field],
        words: `records of the ERP cannot be chosen by "${field}"; fields of ${kind}: ${all.filter((name) => definitionOf(kind).fields[name]?.type !== 'flag').join(', ')}`,
      })),
  ];
}

function fieldProblems({ pairs, table, mask }: FieldMapping, isErps: boolean): readonly string[] {
  const problems: string[] = [];
  const [there, back] = [new Map<string, string>(), new Map<string, string>()];
  for (const { erp, procore } of pairs) {
    const before = there.get(erp);
    if (before !== undefined)
      problems.push(
        before === procore
          ? `the ERP value "${erp}" stands there twice; take one row out`
          : `the ERP value "${erp}" cannot be both "${before}" and "${procore}" in Procore; take one row out`,
      );
    there.set(erp, procore);
    const other = back.get(procore);
    if (other !== undefined && other !== erp && !isErps)
      problems.push(
        `the ERP values "${other}" and "${erp}" are both "${procore}" in Procore, and nobody could tell which one a change in Procore means: ` +
          'only a field that the ERP owns may be mapped so; give each its own value, or make the ERP its owner (ownership)',
      );
    back.set(procore, erp);
  }
  if (mask !== undefined) {
    if (pairs.length > 0 || table !== undefined)
      problems.push('a mask stands alone; leave out values, file and table');
    const words = maskProblem(mask);
    if (words !== null) problems.push(words);
  }
  return problems;
}

/** What stands in records and has no place in the mapping, by field, a value with how often. */
export interface ValueCount {
  readonly field: string;
  readonly value: string;
  readonly count: number;
}

/** Values of linked records, on either side, that the mapping of their kind does not name. */
export function unmappedIn(
  mapping: KindMapping,
  side: 'erp' | 'procore',
  links: readonly Pick<RecordLink, 'erp' | 'procore'>[],
): readonly ValueCount[] {
  return counted(
    Object.entries(mapping.fields).flatMap(([field, one]) =>
      links.flatMap((link) => {
        const value = link[side]?.fields[field];
        return typeof value === 'string' && !isNamed(one, value) ? [[field, value] as const] : [];
      }),
    ),
  );
}

/** What values of the ERP, as it holds them, say about the mapping of their field. */
export interface FieldJudged {
  /** The mapping does not name them: they pass as they are. */
  readonly unmapped: readonly ValueCount[];
  /** They would come back as another value: a sentence each. */
  readonly lost: readonly (ValueCount & { readonly problem: string })[];
  /** Rows of the cross reference whose value the ERP neither holds nor lists. */
  readonly unknown: readonly string[];
}

/** Holds the mapping of a field against what is in the ERP. `listed`: what its column allows. */
export function judgeField(
  field: string,
  mapping: FieldMapping,
  { records, listed }: { readonly records: readonly CanonicalRecord[]; readonly listed: readonly string[] },
): FieldJudged {
  const values = counted(
    records.flatMap(({ fields }) => {
      const value = fields[field];
      return typeof value === 'string' && value !== '' ? [[field, value] as const] : [];
    }),
  );
  const there = new Set([...listed, ...values.map(({ value }) => value)]);
  return {
    unmapped: values.filter(({ value }) => !isNamedInErp(mapping, value)),
    lost: values.flatMap((one) => {
      const problem = roundTripProblem(mapping, one.value);
      return problem === null ? [] : [{ ...one, problem }];
    }),
    unknown: mapping.pairs.map(({ erp }) => erp).filter((erp) => !there.has(erp)),
  };
}

function counted(values: readonly (readonly [field: string, value: string])[]): readonly ValueCount[] {
  const counts = new Map<string, ValueCount>();
  for (const [field, value] of values) {
    const key = `${field}\n${value}`;
    counts.set(key, { field, value, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}
