import { COUNTRIES } from './countries';
import { STATES } from './states';

/** Tables that come with Tieback, of what an ERP may hold and the code that stands for it. */
export const PLACE_TABLES = ['states', 'countries'] as const;
export type PlaceTable = (typeof PLACE_TABLES)[number];

interface Table {
  /** By what may be written, in its plain form. */
  readonly codes: ReadonlyMap<string, string>;
  /** By code. */
  readonly names: ReadonlyMap<string, string>;
}

/** Codes that are none of ISO, or no longer, and other usual names. */
const USUAL: Readonly<Record<string, string>> = {
  UK: 'GB',
  'Great Britain': 'GB',
  England: 'GB',
  Scotland: 'GB',
  Wales: 'GB',
  'U.S.': 'US',
  'U.S.A.': 'US',
  'United States of America': 'US',
  America: 'US',
  CDN: 'CA',
  Holland: 'NL',
  Turkey: 'TR',
  'Czech Republic': 'CZ',
  'Republic of Korea': 'KR',
  Korea: 'KR',
  GER: 'DE',
  MEX: 'MX',
};

/** Without case, accents, and what people write between letters. */
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toUpperCase();

function tableOf(
  rows: readonly (readonly [code: string, name: string, others: readonly string[]])[],
  more: Readonly<Record<string, string>> = {},
): Table {
  const codes = new Map<string, string>();
  const names = new Map<string, string>();
  for (const [code, name, others] of rows) {
    names.set(code, name);
    for (const text of [name, ...others]) codes.set(plain(text), code);
  }
  for (const [text, code] of Object.entries(more)) codes.set(plain(text), code);
  // A code is always itself, whatever a name or an old abbreviation says.
  for (const [code] of rows) codes.set(code, code);
  return { codes, names };
}

const rowsOf = (text: string): readonly (readonly string[])[] =>
  text
    .split(/[;\n]/u)
    .map((row) => row.trim())
    .filter((row) => row !== '')
    .map((row) => row.split(' '));

const TABLES: Readonly<Record<PlaceTable, Table>> = {
  states: tableOf(
    rowsOf(STATES).map(([code = '', ...rest]) => {
      const [name = '', ...others] = rest.join(' ').split('=');
      return [code, name, others] as const;
    }),
  ),
  countries: tableOf(
    rowsOf(COUNTRIES).map(([code = '', long = '', ...name]) => [code, name.join(' '), [long]] as const),
    USUAL,
  ),
};

/** The code of a place, `WA` or `US`, however it is written; null: the table does not know it. */
export const codeOfPlace = (table: PlaceTable, text: string): string | null =>
  TABLES[table].codes.get(plain(text)) ?? null;

/** `Washington` of `WA`. */
export const nameOfPlace = (table: PlaceTable, code: string): string | null =>
  TABLES[table].names.get(code) ?? null;

/** All codes of a table. */
export const placesIn = (table: PlaceTable): readonly string[] => [...TABLES[table].names.keys()];
