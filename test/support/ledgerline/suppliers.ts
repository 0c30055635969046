import { writtenSince } from '../../../src/erp-adapters/contract/written-since';
import { isTiebackError, TiebackError } from '../../../src/domain/base/errors';
import { canonicalText, parting } from '../../../src/domain/base/text';
import { definitionOf } from '../../../src/domain/kinds';
import type { ColumnRule } from '../../../src/domain/kinds/column-rules';
import { fitDecimal, misfit } from '../../../src/domain/kinds/column-rules';
import { likenessOf, sharedText } from '../../../src/domain/kinds/likeness';
import type { CanonicalRecord, FieldValue } from '../../../src/domain/kinds/record';
import { textIn } from '../../../src/domain/kinds/record';
import type {
  ErpRecord,
  ErpRef,
  ErpRefState,
  KindCapability,
  RecordWrite,
  WriteResult,
} from '../../../src/erp-adapters/contract/adapter';
import type { SqliteDatabase } from '../../../src/sqlite';
import type { Database, Ledger, Outcome, Row, Step, Value } from './database';
import { all, IN } from './database';

const MOST_SIMILAR = 50;
const VENDOR = definitionOf('vendor');

/** One field in its column, in both directions; `rule`: null where none is needed, else from the sizes in the column's type. */
interface Field {
  readonly column: string;
  readonly read: (value: Value) => FieldValue;
  readonly write: (value: string | boolean) => Value;
  readonly rule: (sizes: readonly number[]) => Partial<ColumnRule> | null;
}

const text = (column: string, more: Partial<ColumnRule> = {}): Field => ({
  column,
  read: (value) => canonicalText(String(value ?? '')),
  write: String,
  rule: ([maxLength = 0]) => ({ maxLength, ...more }),
});

const SUPPLIER_NO = { source: '^S-[0-9]{5}$', explains: 'a supplier number looks like S-00017' };

const FIELDS: Readonly<Record<string, Field>> = {
  code: text('supplier_no', { assigned: true, pattern: SUPPLIER_NO }),
  name: text('trade_name', { required: true }),
  sortName: text('alias', { unique: true }),
  email: text('mail'),
  phone: text('tel'),
  retainagePercent: {
    column: 'held_back',
    read: (value) => (value === null ? null : String(value).padStart(3, '0').replace(/..$/, '.$&')),
    write: (value) => Number(fitDecimal(String(value), 2)?.replace('.', '')),
    rule: ([digits = 0, decimals = 0]) => ({ maxLength: digits + 1, decimals }),
  },
  isActive: {
    column: 'standing',
    read: (value) => value === 'OPEN',
    write: (value) => (value === true ? 'OPEN' : 'STOP'),
    rule: () => null,
  },
};

const keyOf = (id: Value): string => `WEST|${String(id)}`;
/** Null: no key of ours. */
const idOf = (key: string): number | null => Number(/^WEST\|([1-9]\d{0,14})$/.exec(key)?.[1] ?? 0) || null;

const COLUMNS = Object.values(FIELDS).map(({ column }) => column);

function find(db: SqliteDatabase, where: string, bound: Row = {}): readonly ErpRecord[] {
  const sql = `SELECT id, ${COLUMNS.join(', ')} FROM supplier WHERE ${where}`;
  return all(db, sql, bound).map((row) => {
    const read = ({ column, read: of }: Field): FieldValue => of(row[column] ?? null);
    const fields = Object.fromEntries(Object.entries(FIELDS).map(([name, field]) => [name, read(field)]));
    const state = fields['isActive'] === true ? 'active' : 'inactive';
    return { key: keyOf(row['id'] ?? null), state, record: { fields, lines: [] } };
  });
}

const findKeys = (db: SqliteDatabase, keys: readonly string[]): readonly ErpRecord[] =>
  find(db, `id ${IN}`, { list: JSON.stringify(keys.map(idOf)) });

function rulesOf(db: SqliteDatabase): Readonly<Record<string, ColumnRule>> {
  const types = all(db, "SELECT name, type FROM pragma_table_info('supplier')");
  const rules: Record<string, ColumnRule> = {};
  for (const [name, field] of Object.entries(FIELDS)) {
    const type = String(types.find((one) => one['name'] === field.column)?.['type']);
    const own = field.rule([...type.matchAll(/\d+/g)].map(Number));
    if (own) rules[name] = { maxLength: 0, unit: 'characters', charset: null, required: false, ...own };
  }
  return rules;
}

export function lookUp(db: SqliteDatabase, { target, key }: ErpRef): ErpRefState {
  const [found] = target === 'vendor' ? findKeys(db, [key]) : [];
  const own = { target, key, parentKey: null };
  if (found === undefined) return { ...own, state: 'absent', label: `${target} ${key}`, number: null };
  const [code, name] = [textIn(found.record, 'code'), textIn(found.record, 'name')];
  return { ...own, state: found.state, label: `vendor ${code}`, number: code, code, name };
}

/** Vendors, in Ledgerline's table of suppliers. */
export function suppliers(database: Database, ledger: Ledger): KindCapability {
  const ask = <T>(name: string, call: (db: SqliteDatabase) => T): T =>
    database.call(`erp.vendor.${name}`, call);
  return {
    rules: async () => ask('rules', (db) => ({ fields: rulesOf(db), lines: {}, currency: 'USD' })),
    read: async (keys) => ask('read', (db) => findKeys(db, keys)),
    findSame: async (record) =>
      ask('findSame', (db) => find(db, 'supplier_no = @code', { code: textIn(record, 'code') })),
    findSimilar: async (record) => ask('findSimilar', (db) => similar(record, find(db, 'true'))),
    async *readChanged(cursor, size) {
      for (let after = Number(cursor ?? 0); ;) {
        const { records, last } = ask('readChanged', (db) => {
          // Ahead of the ERP: it was restored from a backup.
          if (after > Number(all(db, 'SELECT changes FROM counter')[0]?.['changes'])) after = 0;
          const ids = 'SELECT id, changed FROM supplier WHERE changed > @after ORDER BY changed LIMIT @size';
          const page = all(db, ids, { after, size });
          return {
            records: findKeys(
              db,
              page.map(({ id = null }) => keyOf(id)),
            ),
            last: page.at(-1)?.['changed'],
          };
        });
        after = Number(last ?? after);
        yield { records, cursor: String(after) };
        if (records.length < size) return;
      }
    },
    write: async (operations) =>
      operations.map((operation): WriteResult => {
        try {
          return database.transaction('erp.vendor.write', (step) => writeIn(step, operation, ledger));
        } catch (error) {
          if (!isTiebackError(error)) throw error;
          if (error.code === 'ERP_REFUSED') return { status: 'refused', error: error.toShape() };
          if (error.code !== 'ERP_BUSY') throw error;
          return { status: 'busy', reason: error.message, retryAfterMs: 1_000 };
        }
      }),
  };
}

/** The surest first: the same short name, then what else is the same, then what is merely called alike. */
function similar(record: CanonicalRecord, others: readonly ErpRecord[]): readonly ErpRecord[] {
  const alias = (one: CanonicalRecord): string | null => sharedText(textIn(one, 'sortName'));
  const ranked = others.flatMap((other) => {
    const [reason] = likenessOf(VENDOR, record, other.record);
    const isSame = alias(record) !== null && alias(record) === alias(other.record);
    const rank = isSame ? 0 : reason === 'similar name' ? 2 : 1;
    return isSame || reason !== undefined ? [{ other, rank }] : [];
  });
  ranked.sort((a, b) => a.rank - b.rank);
  return ranked.slice(0, MOST_SIMILAR).map(({ other }) => other);
}

const refused = (reason: string): never => {
  throw new TiebackError('ERP_REFUSED', { reason });
};

function writeIn(step: Step, operation: RecordWrite, ledger: Ledger): Outcome<WriteResult> {
  const answer = step('look', (db) => look(db, operation, ledger));
  if (answer !== null) return { keep: false, value: answer };
  const erpKey = keyOf(step('row', (db) => writeRow(db, operation)));
  const [found] = step('readBack', (db) => findKeys(db, [erpKey]));
  const { record } = found ?? refused(`${erpKey} is not there after writing it`);
  const { operationKey, recordId, generation, targetRevision, planHash } = operation;
  const told = {
    operationKey,
    kind: 'vendor',
    recordId,
    generation,
    targetRevision,
    planHash,
    erpKey,
  } as const;
  step('ledger', (db) => ledger.addIn(db, { ...told, writtenAt: new Date().toISOString() }));
  return { keep: true, value: { status: 'written', erpKey, record, replayed: false } };
}

/** All that is to be known before the row is written; an answer where none is to be written. */
function look(db: SqliteDatabase, operation: RecordWrite, ledger: Ledger): WriteResult | null {
  const { operationKey, recordId, generation, action, expected, record } = operation;
  const same = "kind = 'vendor' AND recordId = @recordId AND generation >= @generation";
  const bound = { operationKey, recordId, generation };
  const entries = ledger.findIn(db, `(operationKey = @operationKey OR (${same}))`, bound);
  const own = entries.find((entry) => entry.operationKey === operationKey);
  const by = entries.find((entry) => entry.generation === generation);
  if (own === undefined && by !== undefined) return { status: 'taken', by };
  const [later] = entries;
  if (own === undefined && later !== undefined) return { status: 'moved', reason: writtenSince(later) };
  const erpKey = own?.erpKey ?? operation.erpKey ?? '';
  const [held] = findKeys(db, [erpKey]);
  if (own !== undefined) {
    const there = held ?? refused(`${erpKey} was written on ${own.writtenAt} and is gone`);
    return { status: 'written', erpKey, record: there.record, replayed: true };
  }
  const [clerk] = all(
    db,
    "SELECT who || ' has it open since ' || since AS says FROM clerk WHERE tbl = 'supplier'",
  );
  if (clerk !== undefined) return { status: 'busy', reason: String(clerk['says']), retryAfterMs: 60_000 };
  if (action === 'update' && held === undefined) return { status: 'moved', reason: `${erpKey} is gone` };
  for (const [field, value] of Object.entries(expected ?? {})) {
    const [now, then] = [String(held?.record.fields[field] ?? ''), String(value ?? '')];
    if (now === then) continue;
    return { status: 'moved', reason: `${field} is "${now}"; the plan saw "${then}"${parting(now, then)}` };
  }
  return record.lines.length > 0 ? refused('a supplier has no lines') : null;
}

/** Answers with the number of the row. */
function writeRow(db: SqliteDatabase, { erpKey, record }: RecordWrite): number {
  const rules = rulesOf(db);
  const values: Record<string, Value> = {};
  for (const [name, value] of Object.entries(record.fields)) {
    const field = FIELDS[name] ?? refused(`Ledgerline has no field for ${name}`);
    const rule = rules[name];
    // The database would take it.
    const problem = rule && typeof value === 'string' ? misfit(name, value, rule) : null;
    if (problem !== null) refused(problem);
    // Null empties a field, and leaves a new record the ERP's default.
    if (value !== null || erpKey !== null) values[field.column] = value === null ? null : field.write(value);
  }
  if (erpKey === null) values['supplier_no'] ??= nextNumber(db);
  const columns = Object.keys(values);
  const places = columns.map((column) => `@${column}`);
  const id = erpKey === null ? null : idOf(erpKey);
  const sql =
    id === null
      ? `INSERT INTO supplier (${columns.join(', ')}) VALUES (${places.join(', ')})`
      : `UPDATE supplier SET ${columns.map((column) => `${column} = @${column}`).join(', ')} WHERE id = @id`;
  const { lastInsertRowid } = db.prepare<[Row]>(sql).run({ ...values, id });
  return id ?? Number(lastInsertRowid);
}

/** We hold the write lock. Numbers that somebody typed ahead of the counter are passed over. */
function nextNumber(db: SqliteDatabase): string {
  const next = "UPDATE counter SET next = next + 1 RETURNING format('S-%05d', next - 1) AS number";
  for (;;) {
    const number = String(all(db, next)[0]?.['number']);
    if (find(db, 'supplier_no = @number', { number }).length === 0) return number;
  }
}
