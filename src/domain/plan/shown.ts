import { sameAmount, subtract, sum } from '../base/money';
import type { FieldDefinition, LineKind } from '../kinds';
import { definitionOf } from '../kinds';
import { textIn } from '../kinds/record';
import type { FieldChange, Operation } from './operation';
import { isErpWrite } from './operation';

/** A plan as people look at it: headers apart from lines, lines as the table they are, and what they come to. */

export type FieldType = FieldDefinition['type'];

/** Where a change of an operation is: in the header, or in a line of this kind and number. */
export interface Place {
  readonly line: { readonly kind: string; readonly number: string } | null;
  /** Name of the field itself. */
  readonly name: string;
  /** Without the line it is in. */
  readonly label: string;
  readonly type: FieldType | undefined;
}

const LINE = /^(\w+)\[(.*)\]\.(\w+)$/;

/** `commitment_line[2].amount`, labelled `Line 2 · Amount`. */
export function placeOf({ kind }: Pick<Operation, 'kind'>, { field, label }: FieldChange): Place {
  const definition = kind === null ? undefined : definitionOf(kind);
  const [, lineKind = '', number = '', name = ''] = LINE.exec(field) ?? [];
  if (lineKind === '') return { line: null, name: field, label, type: definition?.fields[field]?.type };
  const fields = definition?.lines[lineKind as LineKind]?.fields;
  return {
    line: { kind: lineKind, number },
    name,
    label: fields?.[name]?.label ?? label.split(' · ').at(-1) ?? label,
    type: fields?.[name]?.type,
  };
}

/** A value that is written over another one; a missing type is text. */
export interface ShownValue {
  readonly old: FieldChange['old'];
  readonly new: FieldChange['new'];
  /** What the new value means, where it is a key. */
  readonly words: string | null;
}

export interface ShownField extends ShownValue {
  /** As it is named in the plan: what a correction names, too. */
  readonly field: string;
  readonly label: string;
  readonly type: FieldType | null;
}

/** Lines of one kind, a column for every field that any of them changes. */
export interface ShownLines {
  readonly kind: string;
  readonly label: string;
  readonly columns: readonly {
    readonly name: string;
    readonly label: string;
    readonly type: FieldType | null;
  }[];
  readonly lines: readonly {
    readonly number: string;
    readonly values: Readonly<Record<string, ShownValue>>;
  }[];
}

/** What the lines of a new document come to, beside what its header says. */
export interface ShownTotal {
  readonly lines: number;
  /** Exact decimal. */
  readonly ofLines: string;
  /** The figure of the header; null: it has none. */
  readonly header: { readonly label: string; readonly amount: string } | null;
  /** `0`: both are the same, or there is only one of them. */
  readonly difference: string;
}

/** Fields of the header that an operation writes. */
export const shownFields = (operation: Operation): readonly ShownField[] =>
  operation.changes.flatMap((change) => {
    const { line, label, type = null } = placeOf(operation, change);
    return line === null ? [{ field: change.field, label, type, ...valueOf(change) }] : [];
  });

/** Lines that an operation writes, by kind. */
export function shownLines(operation: Operation): readonly ShownLines[] {
  const kinds = new Map<string, Map<string, Map<string, FieldChange>>>();
  const columns = new Map<string, Map<string, Pick<Place, 'label' | 'type'>>>();
  for (const change of operation.changes) {
    const { line, name, label, type } = placeOf(operation, change);
    if (line === null) continue;
    const lines = got(kinds, line.kind, () => new Map<string, Map<string, FieldChange>>());
    got(lines, line.number, () => new Map<string, FieldChange>()).set(name, change);
    got(columns, line.kind, () => new Map<string, Pick<Place, 'label' | 'type'>>()).set(name, {
      label,
      type,
    });
  }
  const definition = operation.kind === null ? undefined : definitionOf(operation.kind);
  return [...kinds].map(([kind, lines]) => ({
    kind,
    label: definition?.lines[kind as LineKind]?.label ?? kind,
    columns: [...(columns.get(kind) ?? [])].map(([name, { label, type }]) => ({
      name,
      label,
      type: type ?? null,
    })),
    lines: [...lines].map(([number, fields]) => ({
      number,
      values: Object.fromEntries([...fields].map(([name, change]) => [name, valueOf(change)])),
    })),
  }));
}

/** Null: it is no new document, or has no amounts. */
export function shownTotal(operation: Operation): ShownTotal | null {
  if (!isErpWrite(operation) || operation.action !== 'create') return null;
  const { kind, record } = operation;
  const { total, fields } = definitionOf(kind);
  const counted =
    total === undefined ? record.lines : record.lines.filter((line) => total.lines.includes(line.kind));
  const amounts = counted
    .map((line) => textIn(line, total?.lineField ?? 'amount'))
    .filter((amount) => amount !== '');
  if (amounts.length === 0) return null;
  const ofLines = sum(amounts);
  const amount = total === undefined ? '' : textIn(record, total.field);
  if (total === undefined || amount === '')
    return { lines: counted.length, ofLines, header: null, difference: '0' };
  return {
    lines: counted.length,
    ofLines,
    header: { label: fields[total.field]?.label ?? total.field, amount },
    difference: sameAmount(amount, ofLines) ? '0' : subtract(amount, ofLines),
  };
}

const valueOf = ({ old, new: now, words }: FieldChange): ShownValue => ({
  old,
  new: now,
  words: words ?? null,
});

function got<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
