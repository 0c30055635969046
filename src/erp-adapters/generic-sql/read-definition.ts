import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { issueWords } from '../../domain/base/issue-words';
import type { FieldDefinition, Kind } from '../../domain/kinds';
import { definitionOf, isKind, KINDS } from '../../domain/kinds';
import type { Definition, FieldPart, Path } from './definition';
import { DEFINITION } from './definition';
import { secretsNamed } from './names';

/** A definition that was read: what it says, and where. */
export interface ReadDefinition {
  readonly definition: Definition;
  /** `acme.yaml:12: kinds.vendor.table`. */
  readonly at: (path: Path) => string;
}

export type DefinitionReading =
  | { readonly ok: true; readonly read: ReadDefinition }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads a definition file. The database is not asked: see `catalogue.ts`. */
export function readDefinition(file: string): DefinitionReading {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { ok: false, problems: [`${file} cannot be read: ${(error as Error).message}`] };
  }
  return parseDefinition(file, text);
}

export function parseDefinition(file: string, text: string): DefinitionReading {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken)
    return {
      ok: false,
      problems: [`${file}:${lines.linePos(broken.pos[0]).line}: it is not valid YAML: ${broken.message}`],
    };
  const at = (path: Path): string => {
    const line = lineOf(path, (part) => document.getIn(part, true), lines);
    return `${file}${line === null ? '' : `:${line}`}: ${path.join('.') || 'top level'}`;
  };
  const given: unknown = document.toJS() ?? {};
  const result = DEFINITION.safeParse(given);
  if (!result.success)
    return {
      ok: false,
      problems: result.error.issues.flatMap((issue) =>
        issueWords(issue, given).map(({ path, words }) => `${at(path)}: ${words}`),
      ),
    };
  const problems = [...problemsOf(result.data), ...secretsNamed(result.data)].map(
    ([path, message]) => `${at(path)}: ${message}`,
  );
  return problems.length > 0 ? { ok: false, problems } : { ok: true, read: { definition: result.data, at } };
}

/** The line of the path, or of the nearest thing above it that is there. */
function lineOf(path: Path, find: (path: Path) => unknown, lines: LineCounter): number | null {
  for (let length = path.length; length > 0; length -= 1) {
    const node = find(path.slice(0, length)) as { range?: readonly number[] } | undefined;
    const [start] = node?.range ?? [];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return null;
}

type Problem = readonly [path: Path, message: string];

function* problemsOf({ kinds, masks }: Definition): Iterable<Problem> {
  const owners = new Map<string, string>();
  for (const [kind, part] of Object.entries(kinds)) {
    const path = ['kinds', kind];
    if (!isKind(kind)) {
      yield [path, `there is no such kind${didYouMean(kind, KINDS)} (kinds: ${KINDS.join(', ')})`];
      continue;
    }
    const { column, value } = part.owner;
    const known = owners.get(column);
    if (known !== undefined && known !== String(value))
      yield [
        [...path, 'owner'],
        `${column} is ${known} elsewhere and ${value} here: one column has one value for the company`,
      ];
    owners.set(column, String(value));
    yield* ofFields(path, part, definitionOf(kind).fields, masks);
    yield* ofNumber(path, kind, part);
    if (part.taxId !== undefined && kind !== 'vendor')
      yield [[...path, 'taxId'], 'only vendors are paired by tax ids'];
    yield* ofLines(path, kind, part, masks);
  }
}

function* ofLines(
  path: Path,
  kind: Kind,
  { lines }: Definition['kinds'][string],
  masks: Definition['masks'],
): Iterable<Problem> {
  const known = definitionOf(kind).lines as Readonly<
    Record<string, { readonly fields: Readonly<Record<string, FieldDefinition>> }>
  >;
  for (const [name, line] of Object.entries(lines)) {
    const here = [...path, 'lines', name];
    const definition = known[name];
    if (definition === undefined) {
      const names = Object.keys(known);
      yield [
        here,
        `a ${kind} has no such lines${didYouMean(name, names)} (lines: ${names.join(', ') || 'none'})`,
      ];
      continue;
    }
    yield* ofFields(here, line, definition.fields, masks);
    if (line.numberField !== undefined && line.fields[line.numberField] === undefined)
      yield [[...here, 'numberField'], `there is no field ${line.numberField} under \`fields\``];
  }
}

function* ofNumber(
  path: Path,
  kind: Kind,
  { fields, same, numbering, readOnly, key, write }: Definition['kinds'][string],
): Iterable<Problem> {
  for (const [index, field] of same.entries())
    if (fields[field] === undefined)
      yield [
        [...path, 'same', index],
        `there is no field ${field} under \`fields\` of ${kind}: name what makes its number, or \`same: []\``,
      ];
  if (numbering !== undefined && fields[numbering.field]?.column !== key)
    yield [
      [...path, 'numbering', 'field'],
      `${numbering.field} must be in the column ${key}, the key: only such numbers are given out`,
    ];
  if (!readOnly && same.length === 0 && numbering === undefined && write?.returns === undefined)
    yield [
      [...path, 'same'],
      'a new record could not be found again: name the fields of its number, `numbering`, or what a procedure `returns`',
    ];
}

function* ofFields(
  path: Path,
  { key, fields }: { readonly key: string; readonly fields: Readonly<Record<string, FieldPart>> },
  definitions: Readonly<Record<string, FieldDefinition>>,
  masks: Definition['masks'],
): Iterable<Problem> {
  const taken = new Map<string, string>();
  for (const [name, part] of Object.entries(fields)) {
    const here = [...path, 'fields', name];
    const definition = definitions[name];
    const names = Object.keys(definitions);
    if (definition === undefined) {
      yield [here, `there is no such field${didYouMean(name, names)} (fields: ${names.join(', ')})`];
      continue;
    }
    const other = taken.get(part.column);
    if (other !== undefined) yield [here, `${part.column} is already the column of ${other}`];
    taken.set(part.column, name);
    if (part.number && part.column !== key)
      yield [here, `\`number\` is for the column ${key}, the key; leave it out`];
    for (const message of fieldProblems(part, definition, masks)) yield [here, message];
  }
  for (const [name, { required }] of Object.entries(definitions))
    if (required && fields[name] === undefined)
      yield [[...path, 'fields'], `${name} is missing: it is required`];
}

const NUMBERS = new Set(['money', 'quantity', 'unit_cost', 'percent']);

function* fieldProblems(
  { decimals, number, yes, no, codes, by, mask }: FieldPart,
  { type }: FieldDefinition,
  masks: Definition['masks'],
): Iterable<string> {
  if (type === 'flag' && (yes === undefined || no === undefined))
    yield 'a flag needs the values that mean `yes` and `no`';
  if (type !== 'flag' && (yes !== undefined || no !== undefined)) yield '`yes` and `no` are for flags';
  if (by !== undefined && type !== 'reference') yield '`by` is for references';
  if (decimals !== undefined && !NUMBERS.has(type)) yield '`decimals` is for amounts and quantities';
  const forms = [number || undefined, codes, mask].filter((given) => given !== undefined);
  if (forms.length > 0 && type !== 'text') yield '`number`, `codes` and `mask` are for texts';
  if (forms.length > 1) yield 'one of `number`, `codes` and `mask`';
  if (mask !== undefined && masks[mask] === undefined)
    yield `there is no mask ${mask} under \`masks\`${didYouMean(mask, Object.keys(masks))}`;
}

/** `; did you mean "trade_name"?`, where one is close. */
export function didYouMean(given: string, known: readonly string[]): string {
  const ranked = known
    .map((name) => [distance(given.toLowerCase(), name.toLowerCase()), name] as const)
    .sort(([a], [b]) => a - b);
  const [[away, name] = [Infinity, '']] = ranked;
  return away <= Math.max(2, Math.floor(given.length / 3)) ? `; did you mean "${name}"?` : '';
}

/** Letters to change, add or leave out (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
