import { isTiebackError, TiebackError } from '../../domain/base/errors';
import { definitionOf } from '../../domain/kinds';
import { isDecimal, sameAmount } from '../../domain/base/money';
import type { CanonicalRecord, Fields, FieldValue } from '../../domain/kinds/record';
import { lineKeyOf } from '../../domain/kinds/record';
import { totalProblem } from '../../domain/kinds/total';
import type { ErpRecord, LedgerEntry, RecordWrite, WriteResult } from '../contract/adapter';
import { APP_LOCK_TAKEN } from './dialect';
import type { SqlLedger } from './ledger';
import { entryOf } from './ledger';
import { askExisting } from './look-up';
import type { BatchBook, Catalogue, KindSpec, LineRow, LineSpec, Moment, SqlModel, Work } from './model';
import { keyColumn } from './model';
import { askNumbers, writerLock } from './numbers';
import { askLines, headersQuery, idsIn, toHeaders, toRecord, withIds } from './reader';
import { refused } from './refusals';
import type { Scopes } from './scope';
import type { Outcome, Row, SqlDatabase, SqlSession, Statement, Value } from './session';
import { Asking, query } from './session';
import type { Seen } from './work';
import { WorkDesk } from './work';
import type { NewRow } from './write-rows';
import { callProcedure, insertRows, scopeValues, updateRows } from './write-rows';

/** What the records of one company are read and written with. */
export interface SqlParts {
  readonly model: SqlModel;
  readonly database: SqlDatabase;
  readonly connection: string;
  readonly ledger: SqlLedger;
  readonly scopes: Scopes;
  readonly catalogue: Catalogue;
  /** Rows are not really there after they were written: see `rehearsal.ts`. */
  readonly isRehearsal?: true;
}

/** The id of a record that is not there. */
const NEW = '(new)';

/** One record that is there, but not read back yet. */
interface Written extends Work {
  readonly id: string;
  readonly erpKey: string;
}

/** What is to be written, and what is answered already. */
interface Placed {
  readonly work: readonly Work[];
  readonly answered: readonly Answered[];
}

type Answered = readonly [operation: RecordWrite, answer: WriteResult];

/** So many operations share a transaction at most: its locks are held until the last of them is written. */
const TOGETHER = 1_000;

/**
 * Writes the records of one kind into the tables that its spec names: look (ledger, what the plans saw, what they refer to), write, read back, add the
 * ledger entries, commit. The operations of a transaction are there afterwards all together, or none is. Where the ERP refuses one of them, the
 * transaction is rolled back and its halves are tried apart, until the one that is refused stands alone.
 */
export class RecordWriter {
  private readonly desk: WorkDesk;

  constructor(
    private readonly spec: KindSpec,
    private readonly parts: SqlParts,
  ) {
    this.desk = new WorkDesk(spec, parts.model.passes);
  }

  async write(operations: readonly RecordWrite[]): Promise<readonly WriteResult[]> {
    const results: WriteResult[] = [];
    for (const together of independent(operations)) results.push(...(await this.writeTogether(together)));
    return results;
  }

  private async writeTogether(operations: readonly RecordWrite[]): Promise<readonly WriteResult[]> {
    try {
      return await this.parts.database.transaction(`erp.${this.spec.kind}.write`, (session) =>
        this.writeWithin(session, operations),
      );
    } catch (error) {
      // Raised from inside the transaction, so it is rolled back: a refusal and a wait are answers, the rest is for the caller.
      if (!isTiebackError(error) || (error.code !== 'ERP_REFUSED' && error.code !== 'ERP_BUSY')) throw error;
      if (isLockTaken(error)) return operations.map(() => this.desk.answerTo(othersWrite()));
      if (error.code === 'ERP_BUSY' || operations.length === 1)
        return operations.map(() => this.desk.answerTo(error));
      const half = Math.ceil(operations.length / 2);
      const first = await this.writeTogether(operations.slice(0, half));
      return [...first, ...(await this.writeTogether(operations.slice(half)))];
    }
  }

  private async writeWithin(
    session: SqlSession,
    operations: readonly RecordWrite[],
  ): Promise<Outcome<readonly WriteResult[]>> {
    const seen = await this.look(session, operations);
    const held = await this.heldBack(seen, operations);
    const decided = operations.map((operation, index) =>
      this.desk.decide(seen, operation, held[index] ?? null),
    );
    const placed = await this.place(
      seen,
      decided.flatMap((each) => ('work' in each ? [each.work] : [])),
    );
    const { work, answered } = await this.prepare(seen, placed);
    const written = await this.writeRows(seen, work);
    const replayed = decided.flatMap((each) => ('replays' in each ? [each.replays.erpKey] : []));
    const records = await this.readBack(seen.moment, replayed, written);
    const answers = new Map<RecordWrite, WriteResult>([
      ...answered,
      ...written.map((each) => [each.operation, this.verified(each, records)] as const),
    ]);
    return {
      keep: written.length > 0,
      value: operations.map((operation, index) => {
        const decision = decided[index];
        if (decision !== undefined && 'answer' in decision) return decision.answer;
        if (decision !== undefined && 'replays' in decision) return this.replay(decision.replays, records);
        return answers.get(operation) ?? refused('it was not written');
      }),
    };
  }

  /** All that is to be known before the first row is written, in one round trip. */
  private async look(session: SqlSession, operations: readonly RecordWrite[]): Promise<Seen> {
    const { ledger, catalogue, scopes, connection } = this.parts;
    const { spec } = this;
    const lock = session.dialect.appLock(writerLock(connection));
    const { scope, value } = await scopes.ask(session, 'look', (scope, asking) => {
      const moment: Moment = { session, scope, catalogue };
      if (lock !== null) asking.add(query(`${lock.sql}; SELECT @got AS got`, lock.bound));
      const entries = asking.add(ledger.ofOperations(spec.kind, operations));
      const changing = operations.flatMap(({ action, erpKey }) =>
        action === 'update' && erpKey !== null ? [erpKey] : [],
      );
      const ids = idsIn(catalogue, spec, changing, scope);
      const condition = withIds(session, spec, ids);
      const headers =
        ids.length === 0
          ? () => []
          : asking.add(headersQuery(session, scope, { spec, condition, held: true }));
      const hasLines = operations.some(
        ({ action, record }) => action === 'update' && record.lines.length > 0,
      );
      const lines = askLines(moment, asking, spec, hasLines ? ids : []);
      const existing = askExisting(moment, asking, this.desk.refsIn(operations));
      const free = spec.numbering && askNumbers(session, asking, scope, spec, spec.numbering);
      return () => ({
        ledger: entries().map(entryOf),
        headers: new Map(toHeaders(moment, spec, headers()).map((header) => [header.id, header])),
        lines: lines(),
        existing: existing(),
        free: free ?? (() => refused(`a ${spec.noun} gets no number`)),
      });
    });
    return { moment: { session, scope, catalogue }, ...value };
  }

  private async heldBack(
    { moment }: Seen,
    operations: readonly RecordWrite[],
  ): Promise<readonly (string | null)[]> {
    const { model } = this.parts;
    if (model.held === undefined) return [];
    const documents = operations.map((operation) => this.desk.documentOf(moment, operation));
    return model.held(moment.session, moment.scope, this.spec, documents);
  }

  /** Finds places in batches for those that need them; those that get none are answered. */
  private async place(seen: Seen, work: readonly Work[]): Promise<Placed> {
    const { batches } = this.parts.model;
    if (this.spec.batch === undefined || batches === undefined || work.length === 0)
      return { work, answered: [] };
    const places = await this.placesFor(seen, batches, work);
    const answered: Answered[] = [];
    const placed = work.flatMap((each): readonly Work[] => {
      const place = places.get(each) ?? null;
      if (isTiebackError(place)) {
        answered.push([each.operation, this.desk.answerTo(place)]);
        return [];
      }
      return [place === null ? each : { ...withValues(each, place), place }];
    });
    return { work: placed, answered };
  }

  /** Lets the adapter have its last look; what it turns away is answered. */
  private async prepare({ moment }: Seen, { work, answered }: Placed): Promise<Placed> {
    const { model } = this.parts;
    if (model.prepare === undefined || work.length === 0) return { work, answered };
    const prepared = await model.prepare(moment, this.spec, work);
    const turnedAway = prepared.flatMap((each, index): readonly Answered[] => {
      const operation = work[index]?.operation;
      return isTiebackError(each) && operation ? [[operation, this.desk.answerTo(each)]] : [];
    });
    return {
      work: prepared.flatMap((each) => (isTiebackError(each) ? [] : [each])),
      answered: [...answered, ...turnedAway],
    };
  }

  private async placesFor(
    { moment: { session, scope } }: Seen,
    batches: BatchBook,
    work: readonly Work[],
  ): Promise<ReadonlyMap<Work, Row | TiebackError | null>> {
    const documentsOf = (some: readonly Work[]) =>
      some.map(({ held, operation }) => ({ id: held?.id ?? null, fields: operation.record.fields }));
    const changed = work.filter(({ held }) => held !== null);
    const added = work.filter(({ held }) => held === null);
    const whyNot =
      changed.length === 0 ? [] : await batches.whyNot(session, scope, this.spec, documentsOf(changed));
    const places =
      added.length === 0 ? [] : await batches.places(session, scope, this.spec, documentsOf(added));
    return new Map([
      ...changed.map((each, index) => [each, whyNot[index] ?? null] as const),
      ...added.map((each, index) => [each, places[index] ?? null] as const),
    ]);
  }

  /** Headers in one round trip, lines in another, however many there are. */
  private async writeRows(seen: Seen, placed: readonly Work[]): Promise<readonly Written[]> {
    if (placed.length === 0) return [];
    const { session, scope } = seen.moment;
    const { work, after } = this.numbered(seen, placed);
    const added = work.filter(({ held }) => held === null);
    const asking = new Asking();
    const more = scopeValues(scope);
    const { table, owner, procedure } = this.spec;
    const rows = this.spec.inLines ? [] : added.map(({ header }) => ({ ...header, more }));
    const inserts =
      procedure === undefined ? insertRows(session, table, rows) : callProcedure(session, procedure, rows);
    const answers = inserts.map((statement) => asking.add(statement));
    const ids =
      procedure?.returns !== undefined && session.dialect.name === 'tsql'
        ? (): ReadonlyMap<Work, string> =>
            new Map(
              added.flatMap((each, index) => {
                const id = answers[index]?.()[0]?.['id'] ?? null;
                return id === null ? [] : [[each, String(id)] as const];
              }),
            )
        : this.askIds(session, asking, added);
    const updates = work.flatMap(({ held, header }): readonly NewRow[] =>
      held === null
        ? []
        : [{ ...header, more: { ...more, tieback_id: held.id, tieback_owner: scope.owners[owner] ?? null } }],
    );
    const on = `t.${owner} = ${session.dialect.collated('j.tieback_owner')} AND ${foundBy(session, this.spec)}`;
    for (const statement of updateRows(session, table, updates, on)) asking.add(statement);
    if (after !== null) asking.add(after);
    await asking.run(session, 'write');
    const found = ids();
    const written = work.map((each): Written => {
      const id = each.held?.id ?? found.get(each) ?? this.newId();
      return { ...each, id, erpKey: seen.moment.catalogue.keyOf(this.spec.kind, id, scope) };
    });
    await this.writeLines(seen, written);
    const places = written.flatMap(({ place }) => (place === null ? [] : [place]));
    if (places.length > 0) await this.parts.model.batches?.release?.(session, scope, places);
    return written;
  }

  private newId(): string {
    return this.parts.isRehearsal ? NEW : refused('it is not there after writing it');
  }

  private async writeLines({ moment: { session, scope } }: Seen, written: readonly Written[]): Promise<void> {
    const asking = new Asking();
    for (const spec of this.spec.lines) {
      const rows = written.flatMap(({ id, lines }) =>
        lines.filter(({ part }) => part.spec === spec).map((line) => ({ id, line })),
      );
      const row = ({ id, line }: { readonly id: string; readonly line: LineRow }): NewRow => ({
        ...line.row,
        more: {
          ...scopeValues(scope),
          parent: id,
          ...(line.held === null ? {} : { tieback_id: line.held.id }),
        },
      });
      const added = rows.filter(({ line }) => line.held === null).map(row);
      const changed = rows.filter(({ line }) => line.held !== null).map(row);
      const on = foundBy(session, spec);
      for (const statement of insertRows(session, spec.table, added)) asking.add(statement);
      for (const statement of updateRows(session, spec.table, changed, on)) asking.add(statement);
    }
    await asking.run(session, 'lines');
  }

  private numbered(
    seen: Seen,
    work: readonly Work[],
  ): { readonly work: readonly Work[]; readonly after: Statement | null } {
    const key = keyColumn(this.spec);
    const needs = ({ held, header }: Work): boolean =>
      this.spec.numbering !== undefined && held === null && (header.values[key] ?? null) === null;
    const count = work.filter(needs).length;
    if (count === 0) return { work, after: null };
    const { numbers, after } = seen.free(count);
    const left = [...numbers];
    return {
      work: work.map((each) => (needs(each) ? withValues(each, { [key]: left.shift() ?? null }) : each)),
      after,
    };
  }

  /** Ids of new records: given with the row, else asked for by what tells the row from all others. */
  private askIds(
    session: SqlSession,
    asking: Asking,
    added: readonly Work[],
  ): () => ReadonlyMap<Work, string> {
    const key = keyColumn(this.spec);
    const idOf = ({ newId, header }: Work): Value => newId ?? header.values[key] ?? null;
    const given = added.flatMap((each) => {
      const id = idOf(each);
      return id === null ? [] : [[each, String(id)] as const];
    });
    const without = added.filter((each) => idOf(each) === null);
    if (without.length === 0) return () => new Map(given);
    const columns = this.identity();
    const rows = without.map(({ header }, index) => ({
      ...Object.fromEntries(columns.map((column) => [column, header.values[column] ?? null])),
      tieback_n: String(index),
    }));
    const { dialect } = session;
    const on = columns.map((column) => `t.${column} = ${dialect.collated(`j.${column}`)}`).join(' AND ');
    const found = asking.add(
      query(
        `SELECT ${dialect.read(`t.${key}`, 'text')} AS id, j.tieback_n AS n
           FROM ${this.spec.table} t JOIN ${dialect.rowsOf('rows', [...columns, 'tieback_n'])} j ON ${on}`,
        { rows: JSON.stringify(rows) },
      ),
    );
    return () => {
      const asked = new Map<Work, string>();
      for (const { id, n } of found()) {
        const each = without[Number(n)];
        if (each === undefined) continue;
        // Where the database keeps no number unique, another record may have it: lines would go to one of both.
        if (asked.has(each)) refused(`another ${this.spec.noun} has the same ${columns.join(', ')}`);
        asked.set(each, String(id));
      }
      return new Map([...given, ...asked]);
    };
  }

  private identity(): readonly string[] {
    const { identity, owner, same, fields } = this.spec;
    return identity ?? [owner, ...(same?.fields ?? []).flatMap((field) => fields[field]?.column ?? [])];
  }

  /** What the ERP made of it, when its defaults and its triggers have had their say; and the ledger entries, in the same round trip. */
  private async readBack(
    moment: Moment,
    replayed: readonly string[],
    written: readonly Written[],
  ): Promise<ReadonlyMap<string, ErpRecord>> {
    const { session, scope, catalogue } = moment;
    const keys = [...replayed, ...written.map(({ erpKey }) => erpKey)];
    const ids = idsIn(catalogue, this.spec, keys, scope);
    if (ids.length === 0) return new Map();
    const asking = new Asking();
    const condition = withIds(session, this.spec, ids);
    const headers = asking.add(headersQuery(session, scope, { spec: this.spec, condition }));
    const lines = askLines(moment, asking, this.spec, ids);
    if (written.length > 0) asking.add(this.parts.ledger.add(this.entriesOf(written)));
    await asking.run(session, 'readBack');
    const byId = lines();
    const records = toHeaders(moment, this.spec, headers()).map((header) =>
      toRecord(moment, this.spec, header, byId.get(header.id) ?? []),
    );
    const byKey = new Map(records.map((record) => [record.key, record]));
    if (byKey.size < records.length)
      refused(`a ${this.spec.noun} is there twice with the same ${keyColumn(this.spec)}`);
    return byKey;
  }

  private entriesOf(written: readonly Written[]): readonly LedgerEntry[] {
    const writtenAt = new Date().toISOString();
    return written.map(({ erpKey, operation }) => {
      const { operationKey, recordId, generation, targetRevision, planHash } = operation;
      const { kind } = this.spec;
      return { operationKey, kind, recordId, generation, targetRevision, planHash, erpKey, writtenAt };
    });
  }

  private verified({ operation, erpKey }: Written, records: ReadonlyMap<string, ErpRecord>): WriteResult {
    const found = records.get(erpKey);
    if (found === undefined) return refused(`${this.spec.noun} ${erpKey} is not there after writing it`);
    const { record } = found;
    this.verify(operation.record, record);
    this.verifyComputed(operation.record, record);
    return { status: 'written', erpKey, record, replayed: false };
  }

  /** What the ERP makes of other values must come to what was sent; what it does not keep stays unsaid. */
  private verifyComputed(sent: CanonicalRecord, written: CanonicalRecord): void {
    const definition = definitionOf(this.spec.kind);
    const compare = (where: string, specs: KindSpec['fields'], given: Fields, held: Fields): void => {
      for (const [field, value] of Object.entries(given)) {
        const now = held[field] ?? null;
        if (!specs[field]?.computed || value === null || now === null || isAlike(value, now)) continue;
        const label = definition.fields[field]?.label ?? field;
        refused(`${where}${label} comes to ${String(now)} in the ERP, not to ${String(value)}`);
      }
    };
    compare('', this.spec.fields, sent.fields, written.fields);
    for (const line of sent.lines) {
      const held = written.lines.find((other) => lineKeyOf(other) === lineKeyOf(line));
      const specs = this.spec.lines.find(({ kind }) => kind === line.kind)?.fields ?? {};
      const where = `${definition.lines[line.kind]?.label ?? line.kind} ${line.number}: `;
      if (held !== undefined) compare(where, specs, line.fields, held.fields);
    }
  }

  /** The ERP recomputes nothing: a header that is not the sum of its lines would stay so. */
  private verify(sent: CanonicalRecord, written: CanonicalRecord): void {
    const definition = definitionOf(this.spec.kind);
    const isTouched = sent.lines.length > 0 || (definition.total?.field ?? '') in sent.fields;
    const problem = isTouched ? totalProblem(definition, written) : null;
    if (problem !== null) refused(problem);
  }

  private replay({ erpKey, writtenAt }: LedgerEntry, records: ReadonlyMap<string, ErpRecord>): WriteResult {
    const found = records.get(erpKey);
    if (found !== undefined) return { status: 'written', erpKey, record: found.record, replayed: true };
    const reason = `${this.spec.noun} ${erpKey} was written on ${writtenAt} and has been deleted since`;
    return { status: 'refused', error: new TiebackError('ERP_REFUSED', { reason }).toShape() };
  }
}

/** Groups in the order given; in a group no two operations are about one record, so that none needs to see what another wrote. */
function independent(operations: readonly RecordWrite[]): readonly (readonly RecordWrite[])[] {
  const groups: RecordWrite[][] = [];
  let about = new Set<string>();
  for (const operation of operations) {
    const { recordId, erpKey, operationKey } = operation;
    const names = [
      `record ${recordId}`,
      `operation ${operationKey}`,
      ...(erpKey === null ? [] : [`key ${erpKey}`]),
    ];
    const group = groups.at(-1);
    if (group === undefined || group.length === TOGETHER || names.some((name) => about.has(name))) {
      groups.push([operation]);
      about = new Set(names);
    } else {
      group.push(operation);
      for (const name of names) about.add(name);
    }
  }
  return groups;
}

/** `10` and `10.00` are one amount. */
const isAlike = (a: FieldValue, b: FieldValue): boolean =>
  a === b ||
  (typeof a === 'string' && typeof b === 'string' && isDecimal(a) && isDecimal(b) && sameAmount(a, b));

/** How the row of an id is found in its table. */
const foundBy = ({ dialect }: SqlSession, spec: KindSpec | LineSpec): string =>
  spec.match ?? `t.${keyColumn(spec)} = ${dialect.collated('j.tieback_id')}`;

const withValues = (work: Work, values: Row): Work => ({
  ...work,
  header: { ...work.header, values: { ...work.header.values, ...values } },
});

const isLockTaken = ({ message }: TiebackError): boolean => message.includes(APP_LOCK_TAKEN);

const othersWrite = (): TiebackError =>
  new TiebackError(
    'ERP_BUSY',
    { reason: 'another daemon of Tieback is writing to this ERP' },
    { retryAfterMs: 1_000 },
  );
