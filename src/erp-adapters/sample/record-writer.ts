import { isTiebackError } from '../../domain/base/errors';
import { parting } from '../../domain/base/text';
import type { KindDefinition } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { CanonicalRecord, Fields, RecordLine } from '../../domain/kinds/record';
import { lineKeyOf } from '../../domain/kinds/record';
import { totalProblem } from '../../domain/kinds/total';
import type { RecordWrite, WriteResult } from '../contract/adapter';
import type { AdapterLogger } from '../contract/definition';
import type { BatchPlace } from './batches';
import { checkBatch, findPlace, openBatch, placeColumns } from './batches';
import type { Outcome, SampleDatabase, Step } from './database';
import { inList } from './database';
import { refused, RETRY_AFTER_PERSON_MS, RETRY_AFTER_TRANSACTION_MS } from './errors';
import { lookUp, nameOf } from './look-up';
import type { SampleLedger } from './operation-ledger';
import type { Moment, ReadHeader, ReadLine } from './record-reader';
import { among, headersOfKeys, readKeys, readLines } from './record-reader';
import type { KindSpec, LineSpec } from './record-tables';
import { keyColumn, specOf } from './record-tables';
import type { Part, RowValues } from './write-rows';
import {
  changedFields,
  checkRequired,
  insertRow,
  isSame,
  notNull,
  refsOf,
  rowOf,
  takeNumber,
  updateRow,
} from './write-rows';
import type { Scope } from './scope';
import { keyOf, ownerIn, scopeOf } from './scope';

/** What every kind of record in one company is read and written with. */
export interface SampleParts {
  readonly database: SampleDatabase;
  readonly company: number;
  readonly ledger: SampleLedger;
  readonly logger: AdapterLogger | undefined;
  /** Where records lie, with the mapped columns. */
  readonly specs: readonly KindSpec[];
}

interface LinePart extends Part {
  readonly spec: LineSpec;
}

/** One row to write: new, or what changes of one that is there. */
interface LineRow {
  readonly part: LinePart;
  readonly row: RowValues;
  readonly held: ReadLine | null;
}

/** Everything a write needs, found in one moment under the write lock. */
interface Work {
  readonly scope: Scope;
  readonly header: RowValues;
  /** The record that is updated; null for a new one. */
  readonly held: ReadHeader | null;
  readonly place: BatchPlace | null;
  readonly lines: readonly LineRow[];
}

/**
 * Writes the records of one kind into the tables that `record-tables.ts` names, one transaction each: look (ledger, people's locks, what
 * the plan saw, what it refers to), write, read back, add the ledger entry, commit. Either all of it is there afterwards or nothing.
 */
export class RecordWriter {
  private readonly definition: KindDefinition;

  constructor(
    private readonly spec: KindSpec,
    private readonly parts: SampleParts,
  ) {
    this.definition = definitionOf(spec.kind);
  }

  write(operation: RecordWrite): WriteResult {
    try {
      return this.parts.database.transaction(`erp.${this.spec.kind}.write`, (step) =>
        this.writeWithin(step, operation),
      );
    } catch (error) {
      // Raised from inside the transaction, so it is rolled back: these two are answers, the rest is for the caller.
      if (!isTiebackError(error)) throw error;
      if (error.code === 'ERP_REFUSED') return { status: 'refused', error: error.toShape() };
      if (error.code !== 'ERP_BUSY') throw error;
      const retryAfterMs = error.retryAfterMs ?? RETRY_AFTER_TRANSACTION_MS;
      return { status: 'busy', reason: error.message, retryAfterMs };
    }
  }

  private writeWithin(step: Step, operation: RecordWrite): Outcome<WriteResult> {
    const seen = step('look', (db) => this.look({ db, scope: scopeOf(db, this.parts.company) }, operation));
    if ('status' in seen) return { keep: false, value: seen };
    const { kind, noun } = this.spec;
    const { scope } = seen;
    const erpKey = keyOf(
      kind,
      seen.held === null ? this.insert(step, seen) : this.update(step, seen, seen.held),
      scope,
    );
    // Read back what the ERP made of it: its defaults and its triggers have had their say.
    const [found] = step('readBack', (db) => readKeys({ db, scope }, this.spec, [erpKey]));
    if (found === undefined) return refused(`${noun} ${erpKey} is not there after writing it`);
    const { record } = found;
    this.verify(operation.record, record);
    const { operationKey, recordId, generation, targetRevision, planHash } = operation;
    const writtenAt = new Date().toISOString();
    step('ledger', (db) =>
      this.parts.ledger.addIn(db, {
        operationKey,
        kind,
        recordId,
        generation,
        targetRevision,
        planHash,
        erpKey,
        writtenAt,
      }),
    );
    return { keep: true, value: { status: 'written', erpKey, record, replayed: false } };
  }

  /** All that is to be known before the first row is written; an answer where none is to be written. */
  private look(moment: Moment, operation: RecordWrite): Work | WriteResult {
    const answer = this.writtenBefore(moment, operation) ?? this.lockedBy(moment, operation);
    if (answer !== null) return answer;
    const { action, erpKey, record } = operation;
    if (action === 'create') {
      if (this.spec.readOnly) refused(`${this.definition.plural} are entered in the ERP only`);
      return this.newRows(moment, record);
    }
    const [held] = erpKey === null ? [] : headersOfKeys(moment, this.spec, [erpKey]);
    if (held === undefined)
      return { status: 'moved', reason: `${this.spec.noun} ${erpKey ?? ''} is not in the ERP any more.` };
    const moved = this.movedSince(moment, operation, held);
    if (moved !== null) return moved;
    if (this.spec.readOnly) refused(`${this.definition.plural} are entered in the ERP only`);
    return this.changedRows(moment, record, held);
  }

  /** The same operation again is answered, not repeated; another operation of the same generation has lost the race. */
  private writtenBefore(moment: Moment, operation: RecordWrite): WriteResult | null {
    const entries = this.parts.ledger.findIn(moment.db, this.spec.kind, operation);
    const own = entries.find(({ operationKey }) => operationKey === operation.operationKey);
    if (own === undefined) return entries[0] === undefined ? null : { status: 'taken', by: entries[0] };
    const { erpKey, writtenAt } = own;
    const [found] = readKeys(moment, this.spec, [erpKey]);
    if (found === undefined)
      return refused(`${this.spec.noun} ${erpKey} was written on ${writtenAt} and has been deleted since`);
    return { status: 'written', erpKey, record: found.record, replayed: true };
  }

  /**
   * Locks are agreements between programs: the database would let us write past them, so we must look ourselves. Nobody may have the
   * file, the record, or what its header refers to on the screen.
   */
  private lockedBy({ db, scope }: Moment, { erpKey, record }: RecordWrite): WriteResult | null {
    const { table, owner, fields } = this.spec;
    const parents = Object.entries(fields).flatMap(([field, { refersTo }]) => {
      const key = record.fields[field];
      const parent = refersTo && specOf(refersTo);
      return parent && !parent.guardsItselfOnly && typeof key === 'string' ? [`${parent.table}|${key}`] : [];
    });
    const own = erpKey === null ? [] : [`${table}|${erpKey}`];
    const lock = db.get(
      `SELECT Screen, HeldBy, Since FROM HQLK WHERE Resource ${inList('resources')} ORDER BY Resource LIMIT 1`,
      { resources: JSON.stringify([`${table}|${ownerIn(owner, scope)}`, ...own, ...parents]) },
    );
    if (lock === undefined) return null;
    const reason = `${String(lock['HeldBy'])} has "${String(lock['Screen'])}" open since ${String(lock['Since'])}`;
    return { status: 'busy', reason, retryAfterMs: RETRY_AFTER_PERSON_MS };
  }

  private movedSince({ scope }: Moment, { expected }: RecordWrite, held: ReadHeader): WriteResult | null {
    for (const [field, value] of Object.entries(expected ?? {})) {
      const spec = this.spec.fields[field];
      const now = held.fields[field] ?? null;
      if (spec === undefined || isSame(spec, now, value, scope)) continue;
      const label = this.definition.fields[field]?.label ?? field;
      const [is, was] = [String(now ?? ''), String(value ?? '')];
      const reason = `${label} of ${nameOf(this.spec, held, scope)} is now "${is}"; the plan saw "${was}"${parting(is, was)}.`;
      return { status: 'moved', reason };
    }
    return null;
  }

  private newRows(moment: Moment, { fields, lines }: CanonicalRecord): Work {
    const { scope } = moment;
    const { owner, fixed = {}, derived = {}, noun } = this.spec;
    if (this.spec.lines.length === 0 && lines.length > 0) refused(`a ${noun} has no lines`);
    const part = this.headerPart();
    checkRequired(part, fields);
    const parts = this.inOrder(lines);
    for (const [line, { fields: given }] of parts) checkRequired(line, given);
    checkRefs(moment, [[part, fields], ...parts.map(([line, { fields: given }]) => [line, given] as const)]);
    const { values, made } = rowOf(part, notNull(fields), scope);
    const place = findPlace(moment, this.spec, fields);
    const header = {
      values: { [owner]: ownerIn(owner, scope), ...fixed, ...placeColumns(place), ...values },
      made: { ...made, ...derived },
    };
    return { scope, header, held: null, place, lines: parts.map(([of, line]) => newLine(of, line, scope)) };
  }

  private changedRows(moment: Moment, { fields, lines }: CanonicalRecord, held: ReadHeader): Work {
    const { scope } = moment;
    checkBatch(moment, this.spec, held.id, fields);
    const part = this.headerPart();
    const changed = changedFields(part, held.fields, fields, scope);
    const known = lines.length === 0 ? new Map<string, ReadLine>() : this.linesOf(moment, held.id);
    const parts = this.inOrder(lines).map(([of, line]) => {
      const there = known.get(lineKeyOf(line)) ?? null;
      if (there === null) checkRequired(of, line.fields);
      const given = there === null ? line.fields : changedFields(of, there.line.fields, line.fields, scope);
      return { of, line: { ...line, fields: given }, there };
    });
    checkRefs(moment, [[part, changed], ...parts.map(({ of, line }) => [of, line.fields] as const)]);
    return {
      scope,
      header: rowOf(part, changed, scope),
      held,
      place: null,
      lines: parts.map(({ of, line, there }) =>
        there === null
          ? newLine(of, line, scope)
          : { part: of, row: rowOf(of, line.fields, scope), held: there },
      ),
    };
  }

  private insert(step: Step, { scope, header, place, lines }: Work): number {
    const { table, numbering } = this.spec;
    if (place?.isNew) step('openBatch', (db) => openBatch(db, place));
    const key = keyColumn(this.spec);
    const isNumbered = numbering !== undefined && (header.values[key] ?? null) === null;
    const number = isNumbered
      ? { [key]: step('nextNumber', (db) => takeNumber(db, this.spec, numbering, scope)) }
      : {};
    const row = { ...header, values: { ...header.values, ...number } };
    const { vendorGroup } = scope;
    const rowId = step('insert', (db) => insertRow(db, table, row, { vendorGroup }));
    const id = Number(row.values[key] ?? rowId);
    for (const line of lines) insertLine(step, line, id);
    return id;
  }

  private update(step: Step, { scope, header, lines }: Work, { id }: ReadHeader): number {
    const { table, owner } = this.spec;
    const key = `${owner} = @owner AND ${keyColumn(this.spec)} = @id`;
    const bound = { owner: ownerIn(owner, scope), id, vendorGroup: scope.vendorGroup };
    if (Object.keys(header.values).length > 0)
      step('update', (db) => updateRow(db, table, header, { key, bound }));
    for (const line of lines) {
      const { part, row, held } = line;
      if (held === null) insertLine(step, line, id);
      else if (Object.keys(row.values).length > 0)
        step(`update.${part.kind}`, (db) =>
          updateRow(db, part.table, row, { key: 'KeyID = @id', bound: { id: held.id, parent: id } }),
        );
    }
    return id;
  }

  /** The ERP recomputes nothing: a header that is not the sum of its lines would stay so. */
  private verify(sent: CanonicalRecord, written: CanonicalRecord): void {
    const isTouched = sent.lines.length > 0 || (this.definition.total?.field ?? '') in sent.fields;
    const problem = isTouched ? totalProblem(this.definition, written) : null;
    if (problem !== null) refused(problem);
  }

  private headerPart(): Part {
    const { kind, table, fields } = this.spec;
    return { kind, table, specs: fields, definitions: this.definition.fields, where: '' };
  }

  private linePart({ kind, number }: RecordLine): LinePart {
    const spec = this.spec.lines.find((candidate) => candidate.kind === kind);
    const definition = this.definition.lines[kind];
    if (!spec || !definition) return refused(`a ${this.spec.noun} has no lines of kind ${kind}`);
    if (spec.readOnly) refused(`${definition.label} ${number}: only the ERP itself makes such lines`);
    const { table, fields: specs } = spec;
    const where = `${definition.label} ${number}: `;
    return { kind, table, specs, definitions: definition.fields, where, spec };
  }

  /** Phases before the cost types that go on them, whatever order the lines came in. */
  private inOrder(lines: readonly RecordLine[]): readonly (readonly [LinePart, RecordLine])[] {
    const rank = new Map(this.spec.lines.map(({ kind }, index) => [kind, index]));
    return [...lines]
      .sort((a, b) => (rank.get(a.kind) ?? 0) - (rank.get(b.kind) ?? 0))
      .map((line) => [this.linePart(line), line] as const);
  }

  private linesOf(moment: Moment, id: number): ReadonlyMap<string, ReadLine> {
    const lines = this.spec.lines.flatMap((spec) => readLines(moment, spec, among(spec.parent, [id])));
    return new Map(lines.map((read) => [lineKeyOf(read.line), read]));
  }
}

/** The ERP knows rows, not what we call them: that a reference is a job and not a sub job, and of this company, we must look ourselves. */
function checkRefs(moment: Moment, parts: readonly (readonly [Part, Fields])[]): void {
  const refs = parts.flatMap(([part, fields]) => refsOf(part, fields).map((ref) => ({ ...ref, part })));
  const missing = lookUp(moment, refs).findIndex(({ state }) => state === 'absent');
  const ref = refs[missing];
  if (ref === undefined) return;
  refused(`${ref.part.where}there is no ${ref.target.replace(/_/g, ' ')} ${ref.key} in the ERP`);
}

function newLine(part: LinePart, { fields, number }: RecordLine, scope: Scope): LineRow {
  const { values, made } = rowOf(part, notNull(fields), scope);
  const { fixed, numberColumn } = part.spec;
  const own = numberColumn === undefined ? {} : { [numberColumn]: number };
  return { part, row: { values: { ...values, ...fixed, ...own }, made }, held: null };
}

function insertLine(step: Step, { part, row }: LineRow, parent: number): void {
  const values = { ...row.values, [part.spec.parent]: parent };
  step(`insert.${part.kind}`, (db) => insertRow(db, part.table, { ...row, values }, { parent }));
}
