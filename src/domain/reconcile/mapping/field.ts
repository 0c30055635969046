import type { FieldValue } from '../../kinds/record';
import type { MaskPair } from './mask';
import { convertCode } from './mask';
import type { PlaceTable } from './places';
import { codeOfPlace, nameOfPlace } from './places';

/** One row of a cross reference. */
export interface CrossReference {
  readonly erp: string;
  readonly procore: string;
}

/** How the values of one field of both sides are led into each other. What it does not name passes as it is. */
export interface FieldMapping {
  /** Rows of the cross reference, in any order; they come before the table. */
  readonly pairs: readonly CrossReference[];
  /** A table that comes with Tieback: read in every usual form, written to the ERP as codes or as names. */
  readonly table?: { readonly name: PlaceTable; readonly erp: 'codes' | 'names' };
  readonly mask?: MaskPair;
  /** What an empty field of the ERP means. It is never written to the ERP for that. */
  readonly default?: string;
}

/** A value of the ERP in the form in which both sides are compared: Procore's. */
export function canonicalValue(mapping: FieldMapping, value: FieldValue): FieldValue {
  if (value === null || value === '') return mapping.default ?? value;
  return (typeof value === 'string' ? known(mapping, value) : null) ?? value;
}

/** What a value of the ERP is mapped to; null: nothing names it. */
function known({ pairs, table, mask }: FieldMapping, value: string): string | null {
  const pair = pairs.find(({ erp }) => erp === value);
  if (pair !== undefined) return pair.procore;
  if (table !== undefined) return codeOfPlace(table.name, value);
  return mask === undefined ? null : convertCode(value, mask.erp, mask.procore);
}

/** The way back, or why there is none: a sentence. */
export type WayBack = { readonly value: FieldValue } | { readonly problem: string };

/** A compared value as the ERP is to hold it. */
export function erpValue(mapping: FieldMapping, value: FieldValue): WayBack {
  const { pairs, table, mask } = mapping;
  if (typeof value !== 'string' || value === '') return { value };
  const [first, second] = pairs
    .filter(({ procore }) => procore === value)
    .map(({ erp }) => erp)
    .sort();
  if (first !== undefined && second !== undefined)
    return {
      problem: `"${value}" stands for several values of the ERP ("${first}", "${second}"): which one is meant nobody can tell.`,
    };
  if (first !== undefined) return { value: first };
  if (table !== undefined) {
    const code = codeOfPlace(table.name, value);
    if (code === null) return { value };
    return { value: table.erp === 'names' ? (nameOfPlace(table.name, code) ?? code) : code };
  }
  return { value: (mask === undefined ? null : convertCode(value, mask.procore, mask.erp)) ?? value };
}

/** Why a value of the ERP, as it stands there, does not come back from the other side as it was; null: it does. */
export function roundTripProblem(mapping: FieldMapping, value: FieldValue): string | null {
  if (typeof value !== 'string' || value === '') return null;
  const { pairs, table } = mapping;
  // What is mapped on purpose, or read in another usual form, is no loss.
  if (pairs.some(({ erp }) => erp === value) || (table && codeOfPlace(table.name, value) !== null))
    return null;
  const there = canonicalValue(mapping, value);
  const back = erpValue(mapping, there);
  if ('problem' in back) return back.problem;
  if (back.value === value) return null;
  return `"${value}" of the ERP becomes "${String(there)}" in Procore, and that would come back as "${String(back.value)}".`;
}

/** Whether the mapping has anything beside a default: then every value should have its place. */
const names = ({ pairs, table, mask }: FieldMapping): boolean =>
  pairs.length > 0 || table !== undefined || mask !== undefined;

/** Whether a value of the ERP, as it stands there, is one that the mapping names. Where it has only a default every value is. */
export const isNamedInErp = (mapping: FieldMapping, value: FieldValue): boolean =>
  typeof value !== 'string' || value === '' || !names(mapping) || known(mapping, value) !== null;

/** The same of a compared value. */
export function isNamed(mapping: FieldMapping, value: FieldValue): boolean {
  const { pairs, table, mask } = mapping;
  if (typeof value !== 'string' || value === '' || !names(mapping)) return true;
  return (
    pairs.some(({ procore }) => procore === value) ||
    (table !== undefined && codeOfPlace(table.name, value) !== null) ||
    (mask !== undefined && convertCode(value, mask.procore, mask.erp) !== null)
  );
}
