import { TiebackError, isTiebackError } from '../../../src/domain/base/errors';
import { isDecimal, sameAmount, sum } from '../../../src/domain/base/money';
import type { Kind, LineKind, RefTarget } from '../../../src/domain/kinds';
import { definitionOf, isKind } from '../../../src/domain/kinds';
import type { ColumnRule } from '../../../src/domain/kinds/column-rules';
import { fitDecimal } from '../../../src/domain/kinds/column-rules';
import { likenessOf, sharedText } from '../../../src/domain/kinds/likeness';
import type { CanonicalRecord, Fields, FieldValue, RecordLine } from '../../../src/domain/kinds/record';
import { textIn } from '../../../src/domain/kinds/record';
import type {
  ErpAdapter,
  ErpRecord,
  ErpRef,
  ErpRefState,
  KindCapability,
  LedgerEntry,
  OperationLedger,
  RecordWrite,
  WriteResult,
} from '../../../src/erp-adapters/contract/adapter';
import type { AdapterContext, AdapterDefinition, Io, SettingsReading } from '../../../src/erp-adapters/contract/definition';
import type { SqliteDatabase } from '../../../src/sqlite';
import { openSqlite } from '../../../src/sqlite';

type Value = string | number | null;
type Row = Readonly<Record<string, Value>>;
type Bound = Readonly<Record<string, Value>>;

const refused = (reason: string): never => {
  throw new TiebackError('ERP_REFUSED', { reason });
};

/** How a field lies in its column. */
interface Codec {
  readonly column: string;
  readonly refersTo?: RefTarget;
  read(value: Value): FieldValue;
  write(value: string | boolean): Value;
  rule(type: string): ColumnRule | null;
}

const TEXT_RULE = { unit: 'characters', charset: null, required: false } as const;
const inType = (type: string): readonly number[] => (/\((.*)\)/.exec(type)?.[1] ?? '').split(',').map(Number);

const text = (column: string, more: Partial<ColumnRule> = {}): Codec => ({
  column,
  read: (value) => (value === null ? null : String(value).trim() || null),
  write: (value) => String(value),
  rule: (type) => ({ ...TEXT_RULE, maxLength: inType(type)[0] ?? 0, ...more }),
});

const fixed = (column: string, decimals: number): Codec => ({
  column,
  read(value) {
    if (value === null) return null;
    const digits = String(Math.abs(Number(value))).padStart(decimals + 1, '0');
    return `${Number(value) < 0 ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  },
  write(value) {
    const decimal = fitDecimal(String(value), decimals);
    return decimal === null ? refused(`"${String(value)}" does not fit ${column}`) : Number(decimal.replace('.', ''));
  },
  rule: (type) => ({ ...TEXT_RULE, charset: 'ascii', maxLength: inType(type)[0] ?? 0, decimals }),
});

const date = (column: string): Codec => ({
  column,
  read: (value) => (value === null ? null : String(value).replace(/^(....)(..)(..)$/, '$1-$2-$3')),
  write: (value) => Number(String(value).replaceAll('-', '')),
  rule: () => ({ ...TEXT_RULE, maxLength: 10 }),
});

const words = (column: string, codes: Readonly<Record<string, Value>>): Codec => ({
  column,
  read: (value) => Object.keys(codes).find((word) => codes[word] === value) ?? null,
  write: (value) => codes[String(value)] ?? refused(`"${String(value)}" is none of ${Object.keys(codes).join(', ')}`),
  rule: () => ({ ...TEXT_RULE, maxLength: 20, allowed: Object.keys(codes) }),
});

const isOpen: Codec = {
  column: 'standing',
  read: (value) => value === 'OPEN',
  write: (value) => (value === true ? 'OPEN' : 'STOP'),
  rule: () => null,
};

const SITE = 'WEST';
const keyOf = (id: Value): string => `${SITE}|${String(id)}`;

/** The number of a record, or `<record>.<line>`; null: no key of ours. */
const idOf = (key: string): string | null => /^WEST\|([1-9]\d{0,14}(\..+)?)$/.exec(key)?.[1] ?? null;

const ref = (column: string, refersTo: RefTarget): Codec => ({
  column,
  refersTo,
  read: (value) => (value === null ? null : keyOf(value)),
  write: (value) => idOf(String(value)) ?? refused(`"${String(value)}" is no key of this company`),
  rule: () => null,
});

interface Part {
  readonly table: string;
  readonly fields: Readonly<Record<string, Codec>>;
}

interface Table extends Part {
  readonly state: string;
  readonly line?: Part & { readonly kind: LineKind };
}

const STANDING = "CASE t.standing WHEN 'OPEN' THEN 'active' ELSE 'inactive' END";

const TABLES: Readonly<Partial<Record<Kind, Table>>> = {
  vendor: {
    table: 'supplier',
    state: STANDING,
    fields: {
      code: text('supplier_no', {
        assigned: true,
        pattern: { source: '^S-[0-9]{5}$', explains: 'a supplier number such as S-00017' },
      }),
      name: text('trade_name'),
      sortName: text('alias', { unique: true }),
      email: text('mail'),
      phone: text('tel'),
      isActive: isOpen,
    },
  },
  line_item_type: {
    table: 'resource',
    state: STANDING,
    fields: { code: text('resource_code'), name: text('title'), isActive: isOpen },
  },
  project: {
    table: 'job',
    state: STANDING,
    fields: { code: text('job_no'), name: text('title'), isActive: isOpen },
    line: {
      kind: 'cost_code',
      table: 'activity',
      fields: { code: text('line'), name: text('title'), isActive: isOpen },
    },
  },
  commitment: {
    table: 'purchase_order',
    state: "CASE t.stage WHEN 90 THEN 'void' ELSE 'active' END",
    fields: {
      code: text('order_no'),
      name: text('title'),
      job: ref('job', 'project'),
      vendor: ref('supplier', 'vendor'),
      status: words('stage', { Draft: 10, Approved: 20, Void: 90 }),
      date: date('signed'),
      retainagePercent: fixed('held_back', 2),
      amount: fixed('total', 2),
    },
    line: {
      kind: 'commitment_line',
      table: 'order_item',
      fields: {
        description: text('wording'),
        costCode: ref('activity', 'cost_code'),
        costType: ref('resource', 'line_item_type'),
        amount: fixed('net', 2),
      },
    },
  },
};

const LINE_OWNERS = Object.entries(TABLES).flatMap(([kind, table]) => (table.line ? [{ kind, table, line: table.line }] : []));

/** The database, opened on first use; every call goes through the hook. */
class Database {
  private open: SqliteDatabase | null = null;
  constructor(
    private readonly file: string,
    private readonly io: Io,
  ) {}

  call<T>(name: string, call: (db: SqliteDatabase) => T): T {
    try {
      const db = (this.open ??= this.io('erp.open', () => openSqlite(this.file, { fileMustExist: true, timeout: 0 })));
      return this.io(name, () => call(db));
    } catch (error) {
      throw ours(error);
    }
  }

  /** One transaction that holds its lock from the first statement; null: nothing is kept. */
  write(name: string, work: (step: Database['call']) => WriteResult & { keep?: boolean }): WriteResult {
    const step: Database['call'] = (part, call) => this.call(`${name}.${part}`, call);
    try {
      step('begin', (db) => db.exec('BEGIN IMMEDIATE'));
      const { keep = false, ...result } = work(step);
      if (keep) this.commit(name);
      return result as WriteResult;
    } catch (error) {
      if (isTiebackError(error) && error.code === 'ERP_REFUSED') return { status: 'refused', error: error.toShape() };
      if (isTiebackError(error) && error.code === 'ERP_BUSY') return { status: 'busy', reason: error.message, retryAfterMs: 1_000 };
      throw error;
    } finally {
      if (this.open?.inTransaction) this.open.exec('ROLLBACK');
    }
  }

  private commit(name: string): void {
    try {
      this.io(`${name}.commit`, () => this.open?.exec('COMMIT'));
    } catch (error) {
      throw new TiebackError('ERP_OUTCOME_UNKNOWN', { reason: String(error) }, { cause: error });
    }
  }

  close(): void {
    this.open?.close();
    this.open = null;
  }
}

function ours(error: unknown): unknown {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (isTiebackError(error) || !code.startsWith('SQLITE_')) return error;
  if (/BUSY|LOCKED/.test(code)) return new TiebackError('ERP_BUSY', { reason: message }, { cause: error });
  return new TiebackError(code.includes('CONSTRAINT') ? 'ERP_REFUSED' : 'ERP_CONFIG', { reason: message }, { cause: error });
}

const all = (db: SqliteDatabase, sql: string, bound: Bound = {}): readonly Row[] => db.prepare<[Bound], Row>(sql).all(bound);

const IN = '(SELECT value FROM json_each(@ids))';
const fieldsOf = ({ fields }: Part, row: Row): Fields =>
  Object.fromEntries(Object.entries(fields).map(([field, codec]) => [field, codec.read(row[codec.column] ?? null)]));
const columnsOf = ({ fields }: Part): string => Object.values(fields).map(({ column }) => `t.${column}`).join(', ');

/** Records with all their lines: one statement for the headers, one for the lines. */
function readRecords(db: SqliteDatabase, table: Table, where: string, bound: Bound): readonly (ErpRecord & { tick: number })[] {
  const rows = all(db, `SELECT t.id, t.tick, ${table.state} AS state, ${columnsOf(table)} FROM ${table.table} t WHERE ${where}`, bound);
  const { line } = table;
  const ids = JSON.stringify(rows.map(({ id }) => id));
  const lines = line
    ? all(db, `SELECT t.parent, t.line, ${columnsOf(line)} FROM ${line.table} t WHERE t.parent IN ${IN} ORDER BY t.parent, t.line`, { ids })
    : [];
  return rows.map((row) => ({
    key: keyOf(row['id'] ?? null),
    tick: Number(row['tick']),
    state: row['state'] as ErpRecord['state'],
    record: {
      fields: fieldsOf(table, row),
      lines: lines
        .filter(({ parent }) => parent === row['id'])
        .map((of): RecordLine => ({
          kind: line?.kind ?? 'cost_code',
          number: String(of['line']),
          fields: line ? fieldsOf(line, of) : {},
          erpKey: keyOf(`${String(of['parent'])}.${String(of['line'])}`),
          procoreId: null,
        })),
    },
  }));
}

const readKeys = (db: SqliteDatabase, table: Table, keys: readonly string[]): readonly ErpRecord[] =>
  readRecords(db, table, `t.id IN ${IN}`, { ids: JSON.stringify(keys.map(idOf).filter((id) => id !== null && !id.includes('.')).map(Number)) })
    .map(({ tick: _tick, ...record }) => record);

function lookUpOne(db: SqliteDatabase, { target, key }: ErpRef): ErpRefState {
  const none = { target, key, state: 'absent' as const, label: `${target} ${key}`, parentKey: null, number: null };
  const owner = LINE_OWNERS.find(({ line }) => line.kind === target);
  const table = owner?.table ?? (isKind(target) ? TABLES[target] : undefined);
  if (!table) return none;
  const [record] = readKeys(db, table, [owner ? (key.split('.')[0] ?? '') : key]);
  if (!record) return none;
  const line = owner && record.record.lines.find(({ erpKey }) => erpKey === key);
  if (owner && !line) return none;
  const part = line ?? record.record;
  const code = textIn(part, 'code') || null;
  const number = line?.number ?? code;
  return {
    target,
    key,
    state: record.state,
    label: `${target} ${number ?? key}`,
    parentKey: line ? record.key : null,
    number,
    code,
    name: textIn(part, 'name') || null,
  };
}

class Ledger implements OperationLedger {
  constructor(
    private readonly database: Database,
    private readonly connection: string,
  ) {}
  private select(where: string, bound: Bound): readonly LedgerEntry[] {
    return this.database.call('erp.ledger', (db) => this.selectIn(db, where, bound));
  }
  selectIn(db: SqliteDatabase, where: string, bound: Bound): readonly LedgerEntry[] {
    const sql = `SELECT rowid, entry FROM tieback_ledger WHERE connection = @connection AND ${where}`;
    return all(db, sql, { ...bound, connection: this.connection }).map(({ entry }) => JSON.parse(String(entry)) as LedgerEntry);
  }
  async find(keys: readonly string[]): Promise<readonly LedgerEntry[]> {
    return this.select(`operation_key IN ${IN}`, { ids: JSON.stringify(keys) });
  }
  async head(kind: Kind, recordId: string): Promise<LedgerEntry | null> {
    return this.select('kind = @kind AND record_id = @recordId ORDER BY generation DESC', { kind, recordId })[0] ?? null;
  }
  async entries(after: string | null, size: number) {
    const found = this.database.call('erp.ledger', (db) =>
      all(db, 'SELECT rowid AS at, entry FROM tieback_ledger WHERE connection = @connection AND rowid > @after ORDER BY rowid LIMIT @size', {
        connection: this.connection,
        after: Number(after ?? 0),
        size,
      }),
    );
    return {
      entries: found.map(({ entry }) => JSON.parse(String(entry)) as LedgerEntry),
      cursor: found.length < size ? null : String(found.at(-1)?.['at']),
    };
  }
  addIn(db: SqliteDatabase, entry: LedgerEntry): void {
    db.prepare('INSERT INTO tieback_ledger VALUES (@connection, @kind, @recordId, @generation, @operationKey, @entry)').run({
      ...entry,
      connection: this.connection,
      entry: JSON.stringify(entry),
    });
  }
}

const GRANTS = `-- Tieback in Ledgerline.
CREATE TABLE IF NOT EXISTS tieback_ledger (
  connection TEXT NOT NULL, kind TEXT NOT NULL, record_id TEXT NOT NULL, generation INTEGER NOT NULL, operation_key TEXT NOT NULL UNIQUE,
  entry TEXT NOT NULL, UNIQUE (connection, kind, record_id, generation));
CREATE TRIGGER IF NOT EXISTS tieback_ledger_keep BEFORE DELETE ON tieback_ledger BEGIN SELECT RAISE(ABORT, 'never deleted'); END;
CREATE TRIGGER IF NOT EXISTS tieback_ledger_same BEFORE UPDATE ON tieback_ledger BEGIN SELECT RAISE(ABORT, 'never changed'); END;
`;

class Records implements KindCapability {
  constructor(
    private readonly kind: Kind,
    private readonly table: Table,
    private readonly database: Database,
    private readonly ledger: Ledger,
  ) {}

  private ask<T>(name: string, call: (db: SqliteDatabase) => T): T {
    return this.database.call(`erp.${this.kind}.${name}`, call);
  }

  async rules() {
    return this.ask('rules', (db) => this.rulesIn(db));
  }

  private rulesIn(db: SqliteDatabase) {
    const of = ({ table, fields }: Part): Record<string, ColumnRule> => {
      const types = new Map(all(db, 'SELECT name, type FROM pragma_table_info(@table)', { table }).map(({ name, type }) => [name, String(type)]));
      return Object.fromEntries(
        Object.entries(fields).flatMap(([field, codec]) => {
          const rule = codec.rule(types.get(codec.column) ?? '');
          return rule ? [[field, rule] as const] : [];
        }),
      );
    };
    const { line } = this.table;
    return { fields: of(this.table), lines: line ? { [line.kind]: of(line) } : {}, currency: 'USD' };
  }

  async read(keys: readonly string[]) {
    return this.ask('read', (db) => readKeys(db, this.table, keys));
  }

  async *readChanged(cursor: string | null, pageSize: number) {
    let after = Number(cursor ?? 0);
    for (;;) {
      const found = this.ask('readChanged', (db) => {
        if (after > Number(all(db, 'SELECT n FROM tick')[0]?.['n'])) after = 0;
        return readRecords(db, this.table, 't.tick > @after ORDER BY t.tick LIMIT @pageSize', { after, pageSize });
      });
      after = found.at(-1)?.tick ?? after;
      yield { records: found.map(({ tick: _tick, ...record }) => record), cursor: String(after) };
      if (found.length < pageSize) return;
    }
  }

  async findSame(record: CanonicalRecord) {
    const code = this.table.fields['code']?.column ?? '';
    return this.ask('findSame', (db) => readRecords(db, this.table, `t.${code} = @code`, { code: textIn(record, 'code') }));
  }

  async write(operations: readonly RecordWrite[]) {
    return operations.map((operation) =>
      this.database.write(`erp.${this.kind}.write`, (step) => this.writeOne(step, operation)),
    );
  }

  private writeOne(step: Database['call'], operation: RecordWrite): WriteResult & { keep?: boolean } {
    const { kind, table } = this;
    const { operationKey, recordId, generation, targetRevision, planHash, action, expected, record } = operation;
    const known = step('look', (db): WriteResult | Row[] | null => {
      const entries = this.ledger.selectIn(db, '(operation_key = @operationKey OR (kind = @kind AND record_id = @recordId AND generation = @generation))', { operationKey, kind, recordId, generation });
      const own = entries.find((entry) => entry.operationKey === operationKey);
      if (own) {
        const [held] = readKeys(db, table, [own.erpKey]);
        if (!held) return refused(`${own.erpKey} is gone`);
        return { status: 'written', erpKey: own.erpKey, record: held.record, replayed: true };
      }
      if (entries[0]) return { status: 'taken', by: entries[0] };
      const [lock] = all(db, 'SELECT who, since FROM clerk WHERE tbl = @table', { table: table.table });
      if (lock) return { status: 'busy', reason: `${String(lock['who'])} since ${String(lock['since'])}`, retryAfterMs: 60_000 };
      if (action === 'update') {
        const [held] = readKeys(db, table, [operation.erpKey ?? '']);
        if (!held) return { status: 'moved', reason: `${String(operation.erpKey)} is not there` };
        const moved = Object.entries(expected ?? {}).find(([field, value]) => (held.record.fields[field] ?? null) !== value);
        if (moved) return { status: 'moved', reason: `${moved[0]} is now ${String(held.record.fields[moved[0]])}` };
      }
      const refs = [record, ...record.lines].flatMap(({ fields }) =>
        Object.entries(fields).flatMap(([field, key]) => {
          const target = (table.fields[field] ?? table.line?.fields[field])?.refersTo;
          return target && typeof key === 'string' ? [lookUpOne(db, { target, key })] : [];
        }),
      );
      const gone = refs.find(({ state }) => state === 'absent');
      return gone ? refused(`there is no ${gone.label}`) : null;
    });
    if (known !== null) return known as WriteResult;
    if (kind !== 'vendor' && kind !== 'commitment') return refused('entered in Ledgerline only');
    const id = step('insert', (db) => this.rowsIn(db, operation));
    const erpKey = keyOf(id);
    const [held] = step('readBack', (db) => readKeys(db, table, [erpKey]));
    if (!held) return refused(`${erpKey} is not there after writing it`);
    this.checkTotal(held.record);
    step('ledger', (db) =>
      this.ledger.addIn(db, { operationKey, kind, recordId, generation, targetRevision, planHash, erpKey, writtenAt: new Date().toISOString() }),
    );
    return { status: 'written', erpKey, record: held.record, replayed: false, keep: true };
  }

  private rowsIn(db: SqliteDatabase, { erpKey, record }: RecordWrite): string {
    const { table } = this;
    const values = this.valuesOf(table, record.fields);
    let id = erpKey === null ? null : idOf(erpKey);
    if (id === null) {
      if (this.kind === 'vendor' && !values['supplier_no']) {
        const next = Number(all(db, "UPDATE series SET next = next + 1 WHERE name = 'supplier' RETURNING next - 1 AS n")[0]?.['n']);
        values['supplier_no'] = `S-${String(next).padStart(5, '0')}`;
      }
      for (const column of Object.keys(values)) if (values[column] === null) delete values[column];
      id = String(insert(db, table.table, values));
    } else if (Object.keys(values).length > 0) {
      const set = Object.keys(values).map((column) => `${column} = @${column}`);
      db.prepare(`UPDATE ${table.table} SET ${set.join(', ')} WHERE id = @id`).run({ ...values, id });
    }
    for (const { number, fields } of record.lines) {
      if (!table.line) return refused('no lines');
      insert(db, table.line.table, { ...this.valuesOf(table.line, fields), parent: Number(id), line: Number(number) });
    }
    return id;
  }

  private valuesOf({ fields: codecs }: Part, fields: Fields): Record<string, Value> {
    return Object.fromEntries(
      Object.entries(fields).map(([field, value]) => {
        const codec = codecs[field] ?? refused(`Ledgerline has no ${field}`);
        return [codec.column, value === null ? null : codec.write(value)];
      }),
    );
  }

  private checkTotal({ fields, lines }: CanonicalRecord): void {
    const { total } = definitionOf(this.kind);
    if (!total || lines.length === 0) return;
    const stated = String(fields[total.field]);
    const ofLines = sum(lines.map((line) => String(line.fields[total.lineField])));
    if (!isDecimal(stated) || !sameAmount(stated, ofLines)) refused(`the total is ${stated}, the lines come to ${ofLines}`);
  }

  async findSimilar(record: CanonicalRecord) {
    const definition = definitionOf(this.kind);
    return this.ask('findSimilar', (db) =>
      readRecords(db, this.table, '1 = 1', {}).filter(
        (other) =>
          likenessOf(definition, record, other.record).length > 0 ||
          (sharedText(textIn(record, 'sortName')) !== null && sharedText(textIn(record, 'sortName')) === sharedText(textIn(other.record, 'sortName'))),
      ).slice(0, 50),
    );
  }
}

function insert(db: SqliteDatabase, table: string, values: Row): number {
  const columns = Object.keys(values);
  return Number(db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((c) => `@${c}`).join(', ')})`).run(values).lastInsertRowid);
}

const readSettings = (raw: unknown): SettingsReading<{ file: string }> => {
  const file = (raw as { file?: unknown } | null)?.file;
  return typeof file === 'string' ? { ok: true, settings: { file } } : { ok: false, problems: ['file: a path is missing'] };
};

export const ledgerline: AdapterDefinition = {
  name: 'ledgerline',
  summary: 'Ledgerline, a made-up ERP (SQLite)',
  readSettings,
  create({ settings, connectionId, io }: AdapterContext): ErpAdapter {
    const reading = readSettings(settings);
    if (!reading.ok) throw new TiebackError('ERP_CONFIG', { reason: reading.problems.join('; ') });
    const database = new Database(reading.settings.file, io ?? ((_name, call) => call()));
    const ledger = new Ledger(database, connectionId);
    const kinds = Object.entries(TABLES).map(([kind, table]) => [kind, new Records(kind as Kind, table, database, ledger)] as const);
    const describe = async () => {
      const [row = {}] = database.call('erp.describe', (db) => all(db, 'SELECT title, version FROM site WHERE code = @site', { site: SITE }));
      return { system: 'ledgerline', version: `Ledgerline ${String(row['version'])}`, company: SITE, companyName: String(row['title']), kinds: Object.keys(TABLES) as Kind[] };
    };
    return {
      describe,
      check: async () => {
        try {
          return [{ name: 'reachable', ok: true, detail: `${(await describe()).version} answers` }];
        } catch (error) {
          return [{ name: 'reachable', ok: false, detail: String(error), hint: 'Check `settings.file`.' }];
        }
      },
      grantScript: () => GRANTS,
      ledger,
      kinds: Object.fromEntries(kinds),
      lookUp: async (refs) => database.call('erp.lookUp', (db) => refs.map((one) => lookUpOne(db, one))),
      close: async () => database.close(),
    };
  },
};
