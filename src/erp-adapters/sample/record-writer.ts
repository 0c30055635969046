import type Database from 'better-sqlite3';
import type { EntityDefinition, FieldDefinition, RefTarget } from '../../domain/kinds/entity';
import { definitionOf } from '../../domain/kinds/entity';
import { TiebackError } from '../../domain/base/errors';
import { isDecimal, sameAmount, sum } from '../../domain/base/money';
import type { CanonicalRecord, Fields, FieldValue, RecordLine } from '../../domain/kinds/record';
import type { RecordWrite, WriteResult } from '../contract/adapter';
import type { SampleConnection, Step } from './connection';
import { RETRY_AFTER_PERSON_MS } from './errors';
import type { SampleLedger } from './ledger';
import { refExists } from './look-up';
import { OperationWriter } from './operation-writer';
import type { FieldSpec, Scope, Value } from './record-fields';
import { keyOf } from './record-fields';
import type { ReadHeader, ReadLine } from './record-reader';
import { headersOfKeys, readKeys, readLines } from './record-reader';
import type { EntitySpec, LineSpec } from './record-tables';
import { specOf } from './record-tables';

/** Who we are in the columns of the ERP that ask for a person. */
const US = 'tieback';

/** Values of one row by column, and SQL for those that are made of others. */
interface RowValues {
  readonly values: Readonly<Record<string, Value>>;
  readonly made: Readonly<Record<string, string>>;
}

/** Writes the records of one kind into the tables that `record-tables.ts` names. */
export class RecordWriter extends OperationWriter<RecordWrite, CanonicalRecord> {
  private readonly definition: EntityDefinition;

  constructor(
    connection: SampleConnection,
    ledger: SampleLedger,
    private readonly spec: EntitySpec,
    private readonly scope: Scope,
  ) {
    super(connection, ledger, spec.entity, `erp.${spec.entity}.write`);
    this.definition = definitionOf(spec.entity);
  }

  /** The file, the record, and what its header refers to: nobody may have any of them on the screen. Vendors only guard themselves. */
  protected override locksOf({ erpKey, record }: RecordWrite): readonly string[] {
    const { table, owner, fields } = this.spec;
    const file = `${table}|${owner === 'PhaseGroup' ? this.scope.phaseGroup : this.scope.company}`;
    const parents = Object.entries(fields).flatMap(([field, { refersTo }]) => {
      const key = record.fields[field];
      const parent = refersTo && specOf(refersTo);
      return parent && typeof key === 'string' ? [`${parent.table}|${key}`] : [];
    });
    return [file, ...(erpKey === null ? [] : [`${table}|${erpKey}`]), ...parents];
  }

  protected override movedSince(
    step: Step,
    { action, erpKey, expected }: RecordWrite,
  ): WriteResult<CanonicalRecord> | null {
    if (action === 'create') return null;
    const held = step('readCurrent', (db) => this.header(db, erpKey));
    if (held === undefined)
      return { status: 'moved', reason: `${this.nameOf(erpKey ?? '')} is not in the ERP any more.` };
    for (const [field, value] of Object.entries(expected ?? {})) {
      const spec = this.spec.fields[field];
      const now = held.fields[field] ?? null;
      if (spec === undefined || this.isSame(spec, now, value)) continue;
      const label = this.definition.fields[field]?.label ?? field;
      const reason = `${label} of ${this.nameOf(erpKey ?? '')} is now "${String(now ?? '')}"; the plan saw "${String(value ?? '')}".`;
      return { status: 'moved', reason };
    }
    return null;
  }

  protected override put(step: Step, operation: RecordWrite): string {
    if (this.spec.readOnly) this.refuse(`${this.definition.plural} are entered in the ERP only`);
    const id = operation.action === 'create' ? this.insert(step, operation) : this.update(step, operation);
    return keyOf(this.spec.entity, id, this.scope);
  }

  protected override find(db: Database.Database, erpKey: string): CanonicalRecord | null {
    return readKeys(db, this.spec, this.scope, [erpKey])[0]?.record ?? null;
  }

  /** The ERP recomputes nothing: a header that is not the sum of its lines would stay so. */
  protected override verify({ record: sent }: RecordWrite, { fields, lines }: CanonicalRecord): void {
    const { total } = this.definition;
    if (total === undefined) return;
    const counted = lines.filter(({ kind }) => total.lines.includes(kind));
    const isTouched = sent.lines.length > 0 || total.field in sent.fields;
    if (counted.length === 0 || !isTouched) return;
    const amounts = counted.map((line) => line.fields[total.lineField] ?? '0');
    const stated = fields[total.field] ?? '0';
    const isKnown = [stated, ...amounts].every((amount) => typeof amount === 'string' && isDecimal(amount));
    const ofLines = isKnown ? sum(amounts.map(String)) : '';
    if (isKnown && sameAmount(String(stated), ofLines)) return;
    const label = this.definition.fields[total.field]?.label ?? total.field;
    this.refuse(`${label} is ${String(stated)}, but the lines come to ${ofLines}`);
  }

  protected override nameOf(erpKey: string): string {
    return `${this.spec.noun} ${erpKey}`;
  }

  private insert(step: Step, { record }: RecordWrite): number {
    const { table, owner, fixed = {}, derived = {}, fields, lines } = this.spec;
    this.checkRequired('', this.definition.fields, record.fields);
    this.checkRefs(step, '', fields, record.fields);
    const { values, made } = this.rowOf('', fields, this.definition.fields, notNull(record.fields));
    const company = owner === 'PhaseGroup' ? this.scope.phaseGroup : this.scope.company;
    const batch = this.spec.batch === undefined ? {} : this.placeInBatch(step, record.fields);
    const id = step('insert', (db) =>
      insertRow(
        db,
        table,
        { values: { [owner]: company, ...fixed, ...batch, ...values }, made: { ...made, ...derived } },
        { vendorGroup: this.scope.vendorGroup },
      ),
    );
    for (const line of this.inOrder(record.lines)) this.insertLine(step, line, id);
    if (lines.length === 0 && record.lines.length > 0) this.refuse(`a ${this.spec.noun} has no lines`);
    return id;
  }

  private update(step: Step, { erpKey, record }: RecordWrite): number {
    const held = step('readHeader', (db) => this.header(db, erpKey));
    if (held === undefined) return this.refuse(`${this.nameOf(erpKey ?? '')} is not there`);
    const { fields, table, batch } = this.spec;
    if (batch !== undefined) this.checkBatch(step, held, record.fields);
    const changed = this.changedFields(fields, held.fields, record.fields);
    this.checkRefs(step, '', fields, changed);
    const row = this.rowOf('', fields, this.definition.fields, changed);
    step('update', (db) => updateRow(db, table, held.id, row, held.id));
    const lines = step('readLines', (db) => this.linesOf(db, held.id));
    for (const line of this.inOrder(record.lines)) {
      const known = lines.get(`${line.kind}/${line.number}`);
      if (known === undefined) this.insertLine(step, line, held.id);
      else this.updateLine(step, line, known);
    }
    return held.id;
  }

  private insertLine(step: Step, line: RecordLine, parent: number): void {
    const { spec, definitions, where } = this.lineSpec(line);
    this.checkRequired(where, definitions, line.fields);
    this.checkRefs(step, where, spec.fields, line.fields);
    const { values, made } = this.rowOf(where, spec.fields, definitions, notNull(line.fields));
    const number = spec.numberColumn === undefined ? {} : { [spec.numberColumn]: line.number };
    const all = { ...values, [spec.parent]: parent, ...spec.fixed, ...number };
    step(`insert.${line.kind}`, (db) => insertRow(db, spec.table, { values: all, made }, { parent }));
  }

  private updateLine(step: Step, line: RecordLine, held: ReadLine): void {
    const { spec, definitions, where } = this.lineSpec(line);
    const changed = this.changedFields(spec.fields, held.line.fields, line.fields);
    this.checkRefs(step, where, spec.fields, changed);
    const row = this.rowOf(where, spec.fields, definitions, changed);
    step(`update.${line.kind}`, (db) => updateRow(db, spec.table, held.id, row, held.parentId));
  }

  private lineSpec({ kind, number }: RecordLine): {
    readonly spec: LineSpec;
    readonly definitions: Readonly<Record<string, FieldDefinition>>;
    readonly where: string;
  } {
    const spec = this.spec.lines.find((candidate) => candidate.kind === kind);
    const definition = this.definition.lines[kind];
    if (!spec || !definition) return this.refuse(`a ${this.spec.noun} has no lines of kind ${kind}`);
    if (spec.readOnly) this.refuse(`${definition.label} ${number}: only the ERP itself makes such lines`);
    return { spec, definitions: definition.fields, where: `${definition.label} ${number}: ` };
  }

  /** Phases before the cost types that go on them, whatever order the lines came in. */
  private inOrder(lines: readonly RecordLine[]): readonly RecordLine[] {
    const rank = new Map(this.spec.lines.map(({ kind }, index) => [kind, index]));
    return [...lines].sort((a, b) => (rank.get(a.kind) ?? 0) - (rank.get(b.kind) ?? 0));
  }

  private linesOf(db: Database.Database, id: number): ReadonlyMap<string, ReadLine> {
    const lines = this.spec.lines.flatMap((spec) =>
      readLines(db, spec, this.scope, `t.${spec.parent} = ?`, [id]),
    );
    return new Map(lines.map((read) => [`${read.line.kind}/${read.line.number}`, read]));
  }

  private header(db: Database.Database, erpKey: string | null): ReadHeader | undefined {
    return erpKey === null ? undefined : headersOfKeys(db, this.spec, this.scope, [erpKey])[0];
  }

  /** The given fields whose value is another one in the ERP. */
  private changedFields(specs: Readonly<Record<string, FieldSpec>>, held: Fields, given: Fields): Fields {
    return Object.fromEntries(
      Object.entries(given).filter(([field, value]) => {
        const spec = specs[field];
        return spec === undefined ? value !== null : !this.isSame(spec, held[field] ?? null, value);
      }),
    );
  }

  /** Compared as the ERP would store it. */
  private isSame(spec: FieldSpec, a: FieldValue, b: FieldValue): boolean {
    const stored = (value: FieldValue): Value => (value === null ? null : spec.write(value, this.scope));
    return stored(a) === stored(b);
  }

  /** A value without a column is refused: dropping it in silence would not be what was approved. */
  private rowOf(
    where: string,
    specs: Readonly<Record<string, FieldSpec>>,
    definitions: Readonly<Record<string, FieldDefinition>>,
    fields: Fields,
  ): RowValues {
    const values: Record<string, Value> = {};
    const made: Record<string, string> = {};
    for (const [field, value] of Object.entries(fields)) {
      const spec = specs[field];
      if (spec === undefined)
        return this.refuse(`${where}the ERP has no field for ${definitions[field]?.label ?? field}`);
      values[spec.column] = value === null ? null : spec.write(value, this.scope);
      if (spec.into) made[spec.column] = spec.into(`@${spec.column}`);
    }
    return { values, made };
  }

  private checkRequired(
    where: string,
    definitions: Readonly<Record<string, FieldDefinition>>,
    fields: Fields,
  ): void {
    for (const [field, { label, required }] of Object.entries(definitions)) {
      if (required && (fields[field] ?? null) === null) this.refuse(`${where}${label} is missing`);
    }
  }

  /** The ERP knows rows, not what we call them: that a reference is a job and not a sub job, and of this company, we must look ourselves. */
  private checkRefs(
    step: Step,
    where: string,
    specs: Readonly<Record<string, FieldSpec>>,
    fields: Fields,
  ): void {
    const refs = Object.entries(fields).flatMap(([field, key]): [RefTarget, string][] => {
      const target = specs[field]?.refersTo;
      return target && typeof key === 'string' ? [[target, key]] : [];
    });
    if (refs.length === 0) return;
    const missing = step('findReferences', (db) =>
      refs.find(([target, key]) => !refExists(db, this.scope, target, key)),
    );
    if (missing === undefined) return;
    const [target, key] = missing;
    this.refuse(`${where}there is no ${target.replace(/_/g, ' ')} ${key} in the ERP`);
  }

  /** A place in our own open batch of the month; there is a new one when there is none. */
  private placeInBatch(step: Step, fields: Fields): Readonly<Record<string, Value>> {
    const { source, dateField } = this.spec.batch ?? { source: '', dateField: null };
    const Mth = dateField === null ? this.firstOpenMonth(step, source) : this.monthOf(fields, dateField);
    const Co = this.scope.company;
    const open = step('findBatch', (db) =>
      db
        .prepare<[number, string, string, string], { BatchId: number; InUseBy: string | null }>(
          'SELECT BatchId, InUseBy FROM HQBC WHERE Co = ? AND Mth = ? AND Source = ? AND CreatedBy = ? AND Status = 0 ORDER BY BatchId LIMIT 1',
        )
        .get(Co, Mth, source, US),
    );
    if (open !== undefined && open.InUseBy !== null && open.InUseBy !== US) {
      throw new TiebackError(
        'ERP_BUSY',
        { reason: `batch ${open.BatchId} of ${Mth} (${source}) is in use by ${open.InUseBy}` },
        { retryAfterMs: RETRY_AFTER_PERSON_MS },
      );
    }
    const BatchId = open?.BatchId ?? step('openBatch', (db) => openBatch(db, Co, Mth, source));
    const Seq = step('nextSeq', (db) => nextSeq(db, this.spec.table, Co, Mth, BatchId));
    return { Mth, BatchId, Seq, EnteredBy: US };
  }

  private monthOf(fields: Fields, dateField: string): string {
    const date = fields[dateField];
    const label = this.definition.fields[dateField]?.label ?? dateField;
    if (typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date)) return date.slice(0, 7);
    return this.refuse(`${label} is missing: enter the date that decides the month of the ${this.spec.noun}`);
  }

  private firstOpenMonth(step: Step, source: string): string {
    const module = source.slice(0, 2);
    const row = step('findMonth', (db) =>
      db
        .prepare<[number, string], { Mth: string | null }>(
          "SELECT min(Mth) AS Mth FROM GLPD WHERE GLCo = ? AND Module = ? AND Status = 'open'",
        )
        .get(this.scope.company, module),
    );
    if (row?.Mth) return row.Mth;
    throw new TiebackError(
      'ERP_BUSY',
      { reason: `no month is open for ${module} in company ${this.scope.company}` },
      { retryAfterMs: RETRY_AFTER_PERSON_MS },
    );
  }

  /** Only what we entered ourselves, and only within its month: batches of other people are theirs. */
  private checkBatch(step: Step, { id }: ReadHeader, fields: Fields): void {
    const held = step('readBatch', (db) =>
      db
        .prepare<[number], { Mth: string; BatchId: number; CreatedBy: string }>(
          `SELECT b.Mth, b.BatchId, b.CreatedBy FROM ${this.spec.table} t
             JOIN HQBC b ON b.Co = t.Co AND b.Mth = t.Mth AND b.BatchId = t.BatchId WHERE t.KeyID = ?`,
        )
        .get(id),
    );
    if (held === undefined) return this.refuse('its batch is gone');
    if (held.CreatedBy !== US) {
      this.refuse(`it is in batch ${held.BatchId} of ${held.Mth}, which belongs to ${held.CreatedBy}`);
    }
    const { dateField } = this.spec.batch ?? { dateField: null };
    const date = dateField === null ? null : (fields[dateField] ?? null);
    if (typeof date === 'string' && date.slice(0, 7) !== held.Mth)
      this.refuse(`it is in a batch of ${held.Mth} and cannot move to ${date.slice(0, 7)}`);
  }

  private refuse(reason: string): never {
    throw new TiebackError('ERP_REFUSED', { reason });
  }
}

/** On a new row there is nothing to clear: null and absent both mean the ERP's own default. */
const notNull = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

function insertRow(
  db: Database.Database,
  table: string,
  { values, made }: RowValues,
  more: Readonly<Record<string, Value>>,
): number {
  const columns = [...new Set([...Object.keys(values), ...Object.keys(made)])];
  const places = columns.map((column) => made[column] ?? `@${column}`);
  const { lastInsertRowid } = db
    .prepare<[Readonly<Record<string, Value>>]>(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places.join(', ')})`,
    )
    .run({ ...more, ...values });
  return Number(lastInsertRowid);
}

function updateRow(
  db: Database.Database,
  table: string,
  id: number,
  { values, made }: RowValues,
  parent: number,
): void {
  const columns = Object.keys(values);
  if (columns.length === 0) return;
  const set = columns.map((column) => `${column} = ${made[column] ?? `@${column}`}`).join(', ');
  db.prepare<[Readonly<Record<string, Value>>]>(`UPDATE ${table} SET ${set} WHERE KeyID = @id`).run({
    ...values,
    id,
    parent,
  });
}

function openBatch(db: Database.Database, co: number, mth: string, source: string): number {
  const { next } = db
    .prepare<[number, string], { next: number }>(
      'SELECT coalesce(max(BatchId), 0) + 1 AS next FROM HQBC WHERE Co = ? AND Mth = ?',
    )
    .get(co, mth) ?? { next: 1 };
  db.prepare('INSERT INTO HQBC (Co, Mth, BatchId, Source, CreatedBy) VALUES (?, ?, ?, ?, ?)').run(
    co,
    mth,
    next,
    source,
    US,
  );
  return next;
}

function nextSeq(db: Database.Database, table: string, co: number, mth: string, batch: number): number {
  const row = db
    .prepare<[number, string, number], { next: number }>(
      `SELECT coalesce(max(Seq), 0) + 1 AS next FROM ${table} WHERE Co = ? AND Mth = ? AND BatchId = ?`,
    )
    .get(co, mth, batch);
  return row?.next ?? 1;
}
