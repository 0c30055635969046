import { contentHash } from '../../base/identity';
import type { Kind } from '../../kinds';
import type { FieldMapping } from './field';
import type { Mapping } from './mapping';
import { isMapped } from './mapping';

/** Goes up whenever adapters read the same row as another record than before: then every shadow of a link is taken anew. */
export const NORMALISER = 1;

const LENGTH = 10;
/** Names of a fingerprint that are no field. */
const [FORM, ONLY] = ['*', '?'];

/**
 * What a mapping of a kind does, in short: a part for each field, `stateCode=1f0c…`. Two that are equal lead every value to the same; the order of rows
 * says nothing.
 */
export function fingerprintOf(mapping: Mapping, kind: Kind): string {
  const { fields = {}, only = {} } = mapping[kind] ?? {};
  const codes =
    kind === 'project' || kind === 'sub_job' ? mapping.standard_cost_code?.fields['code'] : undefined;
  const parts: [string, unknown][] = [[FORM ?? '', NORMALISER]];
  if (Object.keys(only).length > 0)
    parts.push([
      ONLY ?? '',
      Object.entries(only)
        .map(([field, values]) => [field, [...values].sort()] as const)
        .sort(byName),
    ]);
  if (codes !== undefined) parts.push(['cost_code', sorted(codes)]);
  for (const [field, one] of Object.entries(fields).sort(byName)) parts.push([field, sorted(one)]);
  return parts.map(([name, what]) => `${name}=${contentHash(what).slice(0, LENGTH)}`).join(' ');
}

/** The same, where anything is mapped; else undefined. */
export const mappedAs = (mapping: Mapping | undefined, kind: Kind): string | undefined =>
  mapping !== undefined && isMapped(mapping, kind) ? fingerprintOf(mapping, kind) : undefined;

/** What is new against the fingerprint under which the shadows of the links were taken; null: nothing. Before the first there was no mapping. */
export function rebasedBy(
  mapping: Mapping,
  kind: Kind,
  before: string | null,
): { readonly to: string; readonly fields: Rebased } | null {
  const to = fingerprintOf(mapping, kind);
  const from = before ?? fingerprintOf({}, kind);
  if (to === from) return null;
  const [then, now] = [partsOf(from), partsOf(to)];
  const moved = [...new Set([...then.keys(), ...now.keys()])].filter(
    (name) => then.get(name) !== now.get(name),
  );
  return { to, fields: moved.includes(FORM ?? '') ? 'all' : moved.filter((name) => name !== ONLY) };
}

/** Fields whose mapping is another: names of a kind's fields, `cost_code` for the codes of jobs, or all of them. */
export type Rebased = readonly string[] | 'all';

/** What was rebased before and is rebased now. */
export const alsoRebased = (before: Rebased | undefined, now: Rebased): Rebased =>
  before === 'all' || now === 'all' ? 'all' : [...new Set([...(before ?? []), ...now])];

const partsOf = (fingerprint: string): ReadonlyMap<string, string> =>
  new Map(fingerprint.split(' ').map((part) => part.split('=', 2) as [string, string]));

const byName = ([one]: readonly [string, unknown], [two]: readonly [string, unknown]): number =>
  one < two ? -1 : 1;

const sorted = ({ pairs, ...rest }: FieldMapping): unknown => ({
  ...rest,
  pairs: pairs.map(({ erp, procore }) => `${erp}\n${procore}`).sort(),
});
