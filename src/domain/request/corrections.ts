import type { CorrectableField } from './flow';
import { PAY_ANSWERS } from '../payroll/decisions';
import type { Intent } from './intent';
import type { FieldDefinition } from '../kinds';
import { definitionOfDraft } from './draft-definition';

/**
 * What a person may enter instead of what Procore sent: fields of the header by their name, fields of lines as `commitment_line[3].description`
 * (kind of line, number of the line, field). References may not: they would tie a record to another one.
 */
const LINE_FIELD = /^([a-z_]+)\[(.+)\]\.(\w+)$/u;

/** The fields of the one record of an export; those of its lines stand once for all lines, as `commitment_line[*].description`. */
export function correctable(intent: Intent): readonly CorrectableField[] {
  if (intent.way === 'payroll') return PAY_DECISIONS;
  const [only, second] = intent.way === 'export' ? intent.records : [];
  if (!only || second) return [];
  const { fields, lines } = definitionOfDraft(only);
  const kinds = new Set(only.lines.map(({ kind }) => kind));
  return [
    ...fieldsOf(fields, '', ''),
    ...[...kinds].flatMap((kind) => {
      const line = lines[kind];
      return line === undefined ? [] : fieldsOf(line.fields, `${kind}[*].`, `${line.label} · `);
    }),
  ];
}

/** Answers to what stops in a pay period, as its exceptions tell them (`PayDecisions`). */
const PAY_DECISIONS: readonly CorrectableField[] = Object.keys(PAY_ANSWERS).map((what) => ({
  name: `${what}[*].decision`,
  label: 'Decision',
  type: 'text',
  required: true,
}));

const fieldsOf = (
  definitions: Readonly<Record<string, FieldDefinition>>,
  prefix: string,
  words: string,
): readonly CorrectableField[] =>
  Object.entries(definitions)
    .filter(([, { type }]) => type !== 'reference')
    .map(([name, { type, label, required }]) => ({
      name: `${prefix}${name}`,
      label: `${words}${label}`,
      type: type === 'flag' ? 'flag' : 'text',
      required: required === true,
    }));

/** What may be entered under this name. Whether there is such a line, only the request itself can say: see `missingLine`. */
export function fieldFor(name: string, fields: readonly CorrectableField[]): CorrectableField | undefined {
  const [, kind, , field] = LINE_FIELD.exec(name) ?? [];
  const wanted = kind === undefined ? name : `${kind}[*].${field}`;
  return fields.find((candidate) => candidate.name === wanted);
}

/** Why there is no line that one of these names could be about; null: there is one for each. */
export function missingLine(names: readonly string[], intent: Intent): string | null {
  // What a decision of payroll is about stands in the ERP or in Procore, and was named by an exception.
  if (intent.way === 'payroll') return null;
  const lines = intent.way === 'export' ? (intent.records[0]?.lines ?? []) : [];
  for (const name of names) {
    const [, kind, number] = LINE_FIELD.exec(name) ?? [];
    if (kind === undefined) continue;
    const numbers = lines.filter((line) => line.kind === kind).map((line) => line.number);
    if (numbers.includes(number ?? '')) continue;
    const known = numbers.slice(0, MOST_NAMED).join(', ');
    const more = numbers.length > MOST_NAMED ? ` and ${numbers.length - MOST_NAMED} more` : '';
    return `There is no line "${number}" for "${name}". Lines: ${known}${more}.`;
  }
  return null;
}

const MOST_NAMED = 20;
