import { foldText, lengthIn, parting, shorten, showCharacter } from '../base/text';
import type { Warning } from '../base/warning';
import { warning } from '../base/warning';

/** What a planner must know about one column; the ERP adapter reads it from the live system. */
export interface ColumnRule {
  /** Longest value as canonical text, counted in `unit`: of a number digits, point and sign (`DECIMAL(12,2)`: 13), of a date 10. */
  readonly maxLength: number;
  readonly unit: 'characters' | 'bytes';
  /** Characters the column can hold; `null` = any Unicode. */
  readonly charset: 'ascii' | 'cp1252' | null;
  readonly required: boolean;
  /** It keeps line breaks (LF); elsewhere they become blanks. */
  readonly lineBreaks?: true;
  readonly upperCase?: boolean;
  /** Regular expression source a whole value must match, and the sentence that explains it. */
  readonly pattern?: { readonly source: string; readonly explains: string };
  /** Closed list of valid values, e.g. state codes or vendor types. */
  readonly allowed?: readonly string[];
  /** Fixed decimals for number columns, e.g. 2. */
  readonly decimals?: number;
  /** No two records may have the same value, whatever its case. */
  readonly unique?: true;
  /** The ERP gives out the next free value where none is entered. */
  readonly assigned?: true;
  /** Whole numbers that may be given out, both ends included. Numbers that are more than digits (`S-00017`) have a `pattern` instead. */
  readonly range?: { readonly from: number; readonly to: number };
}

/**
 * Fits one text to its column; what does not fit is a problem that names the value and the limit. `isFolded`: blanks stand for its line breaks
 * or tabs.
 */
export function fitText(
  label: string,
  value: string,
  rule: ColumnRule,
): { text: string; problems: string[]; warnings: Warning[]; isFolded: boolean } {
  const problems: string[] = [];
  const warnings: Warning[] = [];
  if (rule.decimals !== undefined) {
    const decimal = fitDecimal(value, rule.decimals);
    if (decimal === null)
      problems.push(`${label} "${shown(value)}" is not a number with at most ${rule.decimals} decimals.`);
    return { text: decimal ?? value, problems, warnings, isFolded: false };
  }
  const given = inLines(value, rule.lineBreaks === true);
  const isFolded = given !== normalBreaks(value);
  const lines = given
    .split('\n')
    .map((line) => foldText(rule.upperCase === true ? line.toUpperCase() : line, rule.charset));
  const text = lines.map((line) => line.text).join('\n');
  const folded = { impossible: [...new Set(lines.flatMap(({ impossible }) => impossible))] };
  if (folded.impossible.length > 0) {
    problems.push(
      `${label} "${shown(value)}" has characters the ERP cannot store: ${listCharacters(folded.impossible)}.`,
    );
  } else if (text !== (rule.upperCase === true ? given.toUpperCase() : given)) {
    const unseen = text === value.normalize('NFC') ? parting(value, text) : '';
    const words = `${label} is written as "${text}": the ERP cannot store every character of "${value}"${unseen}.`;
    warnings.push(warning('text_changed', words));
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
  if (rule.range && !isInRange(text, rule.range)) {
    problems.push(
      `${label} "${shown(text)}" is outside the ERP's range ${rule.range.from} to ${rule.range.to}.`,
    );
  }
  return { text, problems, warnings, isFolded };
}

/**
 * Why a column cannot hold this value exactly as it is; null: it can. Plans are fitted to the rules before they are written; the adapter of a
 * database that would cut, round or change in silence asks once more.
 */
export function misfit(label: string, value: string, rule: ColumnRule): string | null {
  const { text, problems } = fitText(label, value, rule);
  if (problems.length > 0) return problems.join(' ');
  if (rule.decimals === undefined && text !== value.normalize('NFC'))
    return `${label} "${shown(value)}" would be written as "${shown(text)}"${parting(value, text)}.`;
  return rule.decimals !== undefined && text.length > rule.maxLength
    ? `${label} ${text} is too large; the ERP takes ${rule.maxLength} characters.`
    : null;
}

const normalBreaks = (text: string): string => text.replace(/\r\n?|[\u2028\u2029\u0085\v\f]/gu, '\n');

/** Tabs are blanks everywhere, and line breaks where the column has none. */
const inLines = (text: string, keepsBreaks: boolean): string => {
  const lines = normalBreaks(text).replace(/\t+/gu, ' ').split('\n');
  if (keepsBreaks) return lines.join('\n');
  return lines.length === 1
    ? (lines[0] ?? '')
    : lines
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .join(' ');
};

const isInRange = (text: string, { from, to }: NonNullable<ColumnRule['range']>): boolean =>
  /^\d+$/.test(text) && Number(text) >= from && Number(text) <= to;

/** A value inside a sentence: long enough to recognise it, short enough to read, and without characters that nobody sees. */
export const shown = (value: string): string => shorten(value, 100).replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');

const MOST_CHARACTERS = 10;

function listCharacters(characters: readonly string[]): string {
  const more = characters.length - MOST_CHARACTERS;
  const list = characters.slice(0, MOST_CHARACTERS).map(showCharacter).join(', ');
  return more > 0 ? `${list} and ${more} more` : list;
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
