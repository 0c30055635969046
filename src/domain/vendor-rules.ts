import { foldText, lengthIn, shorten } from './text';
import type { Vendor, VendorField } from './vendor';
import { VENDOR_FIELD_LABELS, VENDOR_FIELDS } from './vendor';

/** What a planner must know about one column; the ERP adapter reads it from the live system. */
export interface ColumnRule {
  /** Longest value, counted in `unit`. */
  readonly maxLength: number;
  readonly unit: 'characters' | 'bytes';
  /** Characters the column can hold; `null` = any Unicode. */
  readonly charset: 'ascii' | 'cp1252' | null;
  readonly required: boolean;
  readonly upperCase?: boolean;
  /** Regular expression source a whole value must match, and the sentence that explains it. */
  readonly pattern?: { readonly source: string; readonly explains: string };
  /** Closed list of valid values, e.g. state codes or vendor types. */
  readonly allowed?: readonly string[];
  /** Fixed decimals for number columns, e.g. 2. */
  readonly decimals?: number;
}

export interface VendorColumns {
  /** Fields that are absent have no column in this ERP: they are not carried, and the plan says so. */
  readonly fields: Readonly<Partial<Record<VendorField, ColumnRule>>>;
  /** Vendor numbers that may be given out. */
  readonly codeRange: { readonly from: number; readonly to: number } | null;
  readonly sortNameUnique: boolean;
}

export interface FittedVendor {
  readonly vendor: Vendor;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Fits a vendor to the columns of the ERP. Nothing is cut: what does not fit is a problem that names the field, the value's
 * length and the limit. Characters with an agreed plain form are replaced, with a warning. Fields without a column are noted.
 */
export function fitVendor(vendor: Vendor, columns: VendorColumns): FittedVendor {
  const fitted: Record<string, string | boolean | null> = { ...vendor };
  const problems: string[] = [];
  const warnings: string[] = [];
  const notes: string[] = [];
  for (const field of VENDOR_FIELDS) {
    const label = VENDOR_FIELD_LABELS[field];
    const value = vendor[field];
    if (typeof value === 'boolean') continue;
    const rule = columns.fields[field];
    if (!rule) {
      if (value !== null) notes.push(`${label} "${value}" is not carried: the ERP has no such field.`);
      fitted[field] = null;
      continue;
    }
    if (value === null) {
      if (rule.required && field !== 'code' && field !== 'sortName')
        problems.push(`${label} is missing; the ERP requires it.`);
      continue;
    }
    const result = fitText(label, value, rule);
    fitted[field] = result.text;
    problems.push(...result.problems);
    warnings.push(...result.warnings);
  }
  problems.push(...codeProblems(vendor.code, columns));
  return { vendor: fitted as unknown as Vendor, problems, warnings, notes };
}

function fitText(
  label: string,
  value: string,
  rule: ColumnRule,
): { text: string; problems: string[]; warnings: string[] } {
  const problems: string[] = [];
  const warnings: string[] = [];
  if (rule.decimals !== undefined) {
    const decimal = fitDecimal(value, rule.decimals);
    if (decimal === null)
      problems.push(`${label} "${shown(value)}" is not a number with at most ${rule.decimals} decimals.`);
    return { text: decimal ?? value, problems, warnings };
  }
  const folded = foldText(rule.upperCase === true ? value.toUpperCase() : value, rule.charset);
  const text = folded.text;
  if (folded.impossible.length > 0) {
    problems.push(
      `${label} "${shown(value)}" has characters the ERP cannot store: ${listCharacters(folded.impossible)}.`,
    );
  } else if (text !== (rule.upperCase === true ? value.toUpperCase() : value)) {
    warnings.push(`${label} is written as "${text}": the ERP cannot store every character of "${value}".`);
  }
  const length = lengthIn(text, rule.unit, rule.charset);
  if (length > rule.maxLength) {
    problems.push(
      `${label} "${shown(value)}" is ${length} ${rule.unit} long; the ERP takes ${rule.maxLength}.`,
    );
  }
  if (rule.allowed && !rule.allowed.includes(text)) {
    problems.push(`${label} "${shown(text)}" is not in the ERP's list${listHint(rule.allowed)}.`);
  }
  if (rule.pattern && !new RegExp(rule.pattern.source, 'u').test(text)) {
    problems.push(`${label} "${shown(text)}" is not valid in the ERP: ${rule.pattern.explains}.`);
  }
  return { text, problems, warnings };
}

/** A value inside a sentence: long enough to recognise it, short enough to read, and without characters that nobody sees. */
const shown = (value: string): string => shorten(value, 100).replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');

const MOST_CHARACTERS = 10;

function listCharacters(characters: readonly string[]): string {
  const more = characters.length - MOST_CHARACTERS;
  const list = characters.slice(0, MOST_CHARACTERS).map(showCharacter).join(', ');
  return more > 0 ? `${list} and ${more} more` : list;
}

function showCharacter(character: string): string {
  const name = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /[\p{C}\p{Z}\p{M}]/u.test(character) ? name : `"${character}" (${name})`;
}

const listHint = (allowed: readonly string[]): string =>
  allowed.length <= 12 ? ` (${allowed.join(', ')})` : '';

/** Exactly `decimals` places, as the ERP stores it; null when that would need rounding or is no number. */
export function fitDecimal(value: string, decimals: number): string | null {
  const match = /^(-?)0*(\d+)(?:\.(\d+))?$/.exec(value.trim());
  if (!match) return null;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > decimals) return null;
  return `${match[1]}${match[2]}${decimals > 0 ? `.${fraction.padEnd(decimals, '0')}` : ''}`;
}

function codeProblems(code: string | null, { codeRange }: VendorColumns): readonly string[] {
  if (code === null || codeRange === null) return [];
  const number = /^\d+$/.test(code) ? Number(code) : NaN;
  if (number >= codeRange.from && number <= codeRange.to) return [];
  return [`Vendor code "${shown(code)}" is outside the ERP's range ${codeRange.from} to ${codeRange.to}.`];
}
