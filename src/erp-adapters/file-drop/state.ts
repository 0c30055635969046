import type { Kind, LineKind, RefTarget } from '../../domain/kinds';
import { definitionOf, KINDS } from '../../domain/kinds';
import type { CanonicalRecord, Fields, FieldValue, RecordLine } from '../../domain/kinds/record';
import { lineKeyOf, textIn } from '../../domain/kinds/record';
import type { ErpRecord, LateOutcome } from '../contract/adapter';
import { keyOfLine } from './keys';
import { fieldsOf, lineKindsOf } from './layout';
import { PLACES } from './folder';
import type { Answer, Answered, Exported, Handed, LogEntry } from './log';
import { CardState } from './payroll/state';
import type { FileDropSettings } from './settings';

/** One record: what the ERP last exported of it, what we handed over since, and what comes of both. */
export interface Row extends ErpRecord {
  readonly kind: Kind;
  readonly base: CanonicalRecord | null;
  /** Handed over, and not seen in an export yet. */
  readonly pending: readonly Handed[];
  /** Given by an acknowledgement. */
  readonly number: string | null;
  /** Entry of the log that changed what is seen of it. */
  readonly changed: number;
}

/** A document and what the ERP said of it. */
export interface Operation {
  readonly entry: Handed;
  readonly sequence: number;
  readonly answer: HeardAnswer | null;
}

/** An answer, and where it came from. */
interface HeardAnswer extends Answer {
  readonly heardAt: string;
  readonly file: string;
  readonly sequence: number;
}

/** An answer by its place: the entry of the log, and its position there. */
interface Heard {
  readonly outcome: LateOutcome;
  readonly connection: string;
  readonly entry: number;
  readonly index: number;
}

/** The names of the fields that a kind has columns for, in any of its layouts. */
interface Columns {
  readonly fields: readonly string[];
  readonly lines: ReadonlyMap<LineKind, readonly string[]>;
  /** Kinds of lines that exports hold. */
  readonly exported: readonly LineKind[];
}

/** What the log comes to: the same on every machine that reads the same entries. */
export class State {
  readonly rows = new Map<Kind, Map<string, Row>>();
  readonly lines = new Map<RefTarget, Map<string, { readonly row: Row; readonly line: RecordLine }>>();
  readonly operations = new Map<string, Operation>();
  readonly byReference = new Map<string, string>();
  readonly bySequence = new Map<number, string>();
  readonly timecards = new CardState();
  /** Every answer, in the order in which it came. */
  private readonly heard: Heard[] = [];
  /** The export of a kind that was read last. */
  readonly newest = new Map<Kind, Exported>();
  private readonly columns = new Map<Kind, Columns>();

  constructor(settings: FileDropSettings) {
    for (const kind of KINDS) {
      const layouts = settings.layouts[kind];
      if (layouts === undefined) continue;
      const definition = definitionOf(kind);
      const all = [layouts.incoming, layouts.outgoing].flatMap((one) =>
        one === undefined ? [] : fieldsOf(one, definition),
      );
      const lines = new Map<LineKind, readonly string[]>();
      for (const line of Object.keys(definition.lines) as LineKind[])
        lines.set(line, [
          ...new Set(all.flatMap(({ at, isHeader, name }) => (at === line && !isHeader ? [name] : []))),
        ]);
      const fields = [...new Set(all.flatMap(({ isHeader, name }) => (isHeader ? [name] : [])))];
      this.columns.set(kind, { fields, lines, exported: lineKindsOf(layouts.incoming) });
      this.rows.set(kind, new Map());
    }
  }

  clear(): void {
    this.heard.length = 0;
    this.timecards.clear();
    for (const map of [
      ...this.rows.values(),
      this.lines,
      this.operations,
      this.byReference,
      this.bySequence,
      this.newest,
    ])
      map.clear();
  }

  row(kind: Kind, key: string): Row | undefined {
    return this.rows.get(kind)?.get(key);
  }

  all(kind: Kind): readonly Row[] {
    return [...(this.rows.get(kind)?.values() ?? [])];
  }

  operationOf(connection: string, operationKey: string): Operation | undefined {
    const operation = this.operations.get(operationKey);
    return operation?.entry.connection === connection ? operation : undefined;
  }

  /** Creations that the ERP has not answered. */
  unanswered(kind: Kind): readonly Operation[] {
    return [...this.operations.values()].filter(
      ({ entry, answer }) => entry.kind === kind && answer === null,
    );
  }

  apply(entry: LogEntry): void {
    this.timecards.apply(entry);
    if (entry.type === 'document') {
      this.operations.set(entry.operationKey, { entry, sequence: entry.sequence, answer: null });
      this.byReference.set(entry.reference, entry.operationKey);
      this.bySequence.set(entry.sequence, entry.operationKey);
      const row = this.row(entry.kind, entry.erpKey);
      this.put(entry.kind, entry.erpKey, entry.sequence, {
        base: row?.base ?? null,
        pending: [...(row?.pending ?? []), entry],
        number: row?.number ?? null,
      });
    } else if (entry.type === 'export') {
      this.newest.set(entry.kind, entry);
      for (const { key, fields, lines } of entry.records) this.applyExported(entry, key, { fields, lines });
      for (const key of entry.gone) this.applyGone(entry, key);
    } else if (entry.type === 'answers') {
      entry.answers.forEach((answer, index) => this.applyAnswer(entry, answer, index));
    }
  }

  /** Answers to operations of a connection that came after this place, at most so many. */
  answersAfter(
    connection: string,
    [entry, index]: readonly [number, number],
    size: number,
  ): readonly Heard[] {
    return this.heard
      .filter(
        (one) =>
          one.connection === connection && (one.entry > entry || (one.entry === entry && one.index > index)),
      )
      .slice(0, size);
  }

  private applyAnswer(entry: Answered & { sequence: number }, answer: Answer, index: number): void {
    const operation = this.operations.get(answer.operationKey);
    if (operation === undefined) return;
    const { sequence, readAt: heardAt, file } = entry;
    const now = { ...answer, heardAt, file, sequence };
    this.operations.set(answer.operationKey, { ...operation, answer: now });
    const { operationKey, kind, recordId, generation, erpKey, connection } = operation.entry;
    const outcome: LateOutcome = {
      operationKey,
      kind,
      recordId,
      generation,
      erpKey,
      at: heardAt,
      outcome: answer.verdict === 'rejected' ? 'rejected' : 'taken',
      words: answer.message,
      contradiction: contradicting(operation.answer, now),
    };
    this.heard.push({ outcome, connection, entry: sequence, index });
    const row = this.row(kind, erpKey);
    if (row !== undefined) this.put(kind, erpKey, sequence, { ...row, number: answer.number ?? row.number });
  }

  /** Whether what the ERP shows of a record would change what we know of it. */
  isNews(kind: Kind, key: string, shown: CanonicalRecord): boolean {
    const row = this.row(kind, key);
    if (row === undefined || row.base === null || row.pending.some((one) => this.isAnswered(one)))
      return true;
    return JSON.stringify(this.merged(kind, key, row.base, shown)) !== JSON.stringify(row.base);
  }

  private applyExported(
    { kind, sequence }: Exported & { sequence: number },
    key: string,
    shown: CanonicalRecord,
  ): void {
    const row = this.row(kind, key);
    const before = row?.base ?? row?.record ?? { fields: {}, lines: [] };
    this.put(kind, key, sequence, {
      base: this.merged(kind, key, before, shown),
      // What was answered before this export is in it.
      pending: (row?.pending ?? []).filter((one) => !this.isAnswered(one)),
      number: row?.number ?? null,
    });
  }

  private applyGone({ kind, sequence }: Exported & { sequence: number }, key: string): void {
    const row = this.row(kind, key);
    if (row === undefined) return;
    const pending = row.pending.filter((one) => !this.isAnswered(one));
    this.put(kind, key, sequence, { base: null, pending, number: row.number });
  }

  private isAnswered({ operationKey }: Handed): boolean {
    return (this.operations.get(operationKey)?.answer ?? null) !== null;
  }

  private isRejected({ operationKey }: Handed): boolean {
    return this.operations.get(operationKey)?.answer?.verdict === 'rejected';
  }

  /** What an export shows over what was known: columns that it has not stay as they were. */
  private merged(kind: Kind, key: string, before: CanonicalRecord, shown: CanonicalRecord): CanonicalRecord {
    const { exported = [] } = this.columns.get(kind) ?? {};
    const known = new Map(before.lines.map((line) => [lineKeyOf(line), line]));
    const lines = shown.lines.map((line) => ({
      ...line,
      fields: { ...known.get(lineKeyOf(line))?.fields, ...line.fields },
    }));
    const others = before.lines.filter((line) => !exported.includes(line.kind));
    return this.whole(kind, key, {
      fields: { ...before.fields, ...shown.fields },
      lines: [...others, ...lines],
    });
  }

  /** With every column, in their order, and the keys of the lines. */
  private whole(kind: Kind, key: string, { fields, lines }: CanonicalRecord): CanonicalRecord {
    const columns = this.columns.get(kind);
    const definition = definitionOf(kind);
    return {
      fields: complete(columns?.fields ?? [], fields, definition.fields),
      lines: lines.map((line) => ({
        kind: line.kind,
        number: line.number,
        fields: complete(
          columns?.lines.get(line.kind) ?? [],
          line.fields,
          definition.lines[line.kind]?.fields ?? {},
        ),
        erpKey: lineKey(key, line),
        procoreId: null,
      })),
    };
  }

  private put(
    kind: Kind,
    key: string,
    sequence: number,
    parts: Pick<Row, 'base' | 'pending' | 'number'>,
  ): void {
    const rows = this.rows.get(kind);
    if (rows === undefined) return;
    const before = rows.get(key);
    const valid = parts.pending.filter((one) => !this.isRejected(one));
    const isThere = parts.base !== null || valid.some(({ action }) => action === 'create');
    for (const line of before?.record.lines ?? []) this.lines.get(line.kind)?.delete(line.erpKey ?? '');
    if (!isThere && parts.pending.length === 0) {
      rows.delete(key);
      return;
    }
    const record = this.seen(kind, key, parts, isThere ? valid : parts.pending);
    const state = !isThere ? 'void' : record.fields['isActive'] === false ? 'inactive' : 'active';
    const isSame = before?.state === state && JSON.stringify(before.record) === JSON.stringify(record);
    const row: Row = { key, kind, ...parts, record, state, changed: isSame ? before.changed : sequence };
    rows.set(key, row);
    for (const line of record.lines) {
      const index = this.lines.get(line.kind) ?? new Map<string, { row: Row; line: RecordLine }>();
      this.lines.set(line.kind, index.set(line.erpKey ?? '', { row, line }));
    }
  }

  private seen(
    kind: Kind,
    key: string,
    { base, number }: Pick<Row, 'base' | 'number'>,
    pending: readonly Handed[],
  ): CanonicalRecord {
    let fields: Fields = base?.fields ?? {};
    const lines = new Map((base?.lines ?? []).map((line) => [lineKeyOf(line), line]));
    for (const one of pending) {
      fields = { ...fields, ...one.fields };
      for (const line of one.lines) {
        const known = lines.get(lineKeyOf(line));
        lines.set(lineKeyOf(line), { ...line, fields: { ...known?.fields, ...line.fields } });
      }
    }
    if (
      number !== null &&
      textIn({ fields }, 'code') === '' &&
      definitionOf(kind).fields['code'] !== undefined
    )
      fields = { ...fields, code: number };
    return this.whole(kind, key, { fields, lines: [...lines.values()] });
  }
}

/** Null: the answer before said the same, or there was none. */
function contradicting(before: HeardAnswer | null, now: HeardAnswer): string | null {
  if (before === null) return null;
  const isRenumbered = before.number !== null && now.number !== null && before.number !== now.number;
  if (before.verdict === now.verdict && !isRenumbered) return null;
  const told = ({ verdict, number, file, heardAt }: HeardAnswer): string =>
    `${PLACES[verdict]}/${file} ${verdict} it${isRenumbered ? ` as ${number}` : ''} (read ${heardAt})`;
  return `${told(before)}, ${told(now)}`;
}

function complete(
  names: readonly string[],
  fields: Fields,
  definitions: Readonly<Record<string, { readonly type: string }>>,
): Fields {
  const values: Record<string, FieldValue> = {};
  for (const name of names) {
    const value = fields[name] ?? null;
    // Nobody knows of a flag that was never told: neither yes nor no.
    if (value !== null || definitions[name]?.type !== 'flag') values[name] = value;
  }
  return values;
}

/** A cost type assignment has no key of its own: it is that of the cost code and that of the cost type. */
function lineKey(
  recordKey: string,
  { kind, number, fields }: Pick<RecordLine, 'kind' | 'number' | 'fields'>,
): string {
  if (kind !== 'cost_type_assignment') return keyOfLine(recordKey, kind, number);
  return `${keyOfLine(recordKey, 'cost_code', String(fields['costCode'] ?? ''))}/${String(fields['costType'] ?? '')}`;
}
