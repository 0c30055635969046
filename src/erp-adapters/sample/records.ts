import type Database from 'better-sqlite3';
import type { CanonicalRecord, FieldValue } from '../../domain/kinds/record';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import type {
  ErpRecord,
  FieldRule,
  RecordCapability,
  RecordEntity,
  RecordPage,
  RecordWrite,
  WriteResult,
} from '../contract/adapter';
import type { AdapterLogger } from '../contract/definition';
import type { SampleConnection } from './connection';
import { scopeOf } from './health';
import type { SampleLedger } from './ledger';
import type { FieldSpec, Scope, Value } from './record-fields';
import { readHeaders, readKeys, withLines } from './record-reader';
import type { EntitySpec } from './record-tables';
import { RECORD_SPECS } from './record-tables';
import { RecordWriter } from './record-writer';
import { readTableRules } from './rules';

/** The records of one kind in one company, as `record-tables.ts` describes them. */
export class SampleRecords implements RecordCapability {
  constructor(
    private readonly spec: EntitySpec,
    private readonly connection: SampleConnection,
    private readonly company: number,
    private readonly ledger: SampleLedger,
    private readonly logger?: AdapterLogger,
  ) {}

  async rules(): Promise<RecordColumns> {
    const scope = this.scope();
    const { table, fields, lines } = this.spec;
    return this.ask('rules', (db) => ({
      fields: rulesOf(db, table, fields, scope),
      lines: Object.fromEntries(
        lines.map((line) => [line.kind, rulesOf(db, line.table, line.fields, scope)]),
      ),
    }));
  }

  async read(keys: readonly string[]): Promise<readonly ErpRecord[]> {
    const scope = this.scope();
    return this.ask('read', (db) => readKeys(db, this.spec, scope, keys));
  }

  /** Nothing has the same number where a part of the number is missing or no column could hold it. */
  async findSame({ fields }: CanonicalRecord): Promise<readonly ErpRecord[]> {
    const { same } = this.spec;
    if (same === undefined) return [];
    const scope = this.scope();
    const bound: Record<string, Value> = {};
    for (const field of same.fields) {
      const value = columnOf(this.spec.fields[field], fields[field] ?? null, scope);
      if (value === null) return [];
      bound[field] = value;
    }
    return this.ask('findSame', (db) =>
      withLines(db, this.spec, scope, readHeaders(db, this.spec, scope, same.sql, bound)),
    );
  }

  /** Pages by row version, as `SampleVendors.readChanged`; the ERP touches the row of a record whenever one of its lines changes. */
  async *readChanged(cursor: string | null, pageSize: number): AsyncIterable<RecordPage> {
    if (!Number.isInteger(pageSize) || pageSize < 1)
      throw new RangeError('pageSize must be a whole number above 0');
    const scope = this.scope();
    let after = this.startAfter(cursor);
    for (;;) {
      const since = after;
      // Header and lines in one transaction: a page never shows half of somebody's change.
      const { headers, records } = this.ask('readChanged', (db) =>
        db.transaction(() => {
          const page = readHeaders(
            db,
            this.spec,
            scope,
            't.RowVer > @since ORDER BY t.RowVer LIMIT @pageSize',
            { since, pageSize },
          );
          return { headers: page, records: withLines(db, this.spec, scope, page) };
        })(),
      );
      after = headers.at(-1)?.version ?? after;
      yield { records, cursor: `rv:${after}` };
      if (headers.length < pageSize) return;
    }
  }

  async write(operations: readonly RecordWrite[]): Promise<readonly WriteResult<CanonicalRecord>[]> {
    const writer = new RecordWriter(this.connection, this.ledger, this.spec, this.scope());
    return operations.map((operation) => writer.write(operation));
  }

  /** A cursor ahead of the ERP's counter comes from before a restored backup: then everything is read again. */
  private startAfter(cursor: string | null): number {
    if (cursor === null) return 0;
    const version = Number(/^rv:(\d+)$/.exec(cursor)?.[1] ?? NaN);
    const newest = this.ask('newest', (db) =>
      db.prepare<[], { Value: number }>('SELECT Value FROM HQRV').get(),
    );
    if (version <= (newest?.Value ?? 0)) return version;
    this.logger?.warn(`The ERP does not know the ${this.spec.noun} cursor; everything is read again`, {
      cursor,
    });
    return 0;
  }

  private ask<T>(name: string, call: (db: Database.Database) => T): T {
    return this.connection.read(`erp.${this.spec.entity}.${name}`, call);
  }

  private scope(): Scope {
    return scopeOf(this.connection, this.company);
  }
}

/** A capability for every kind of record. */
export const sampleRecords = (
  ...parts: [SampleConnection, number, SampleLedger, AdapterLogger | undefined]
): Readonly<Partial<Record<RecordEntity, RecordCapability>>> =>
  Object.fromEntries(RECORD_SPECS.map((spec) => [spec.entity, new SampleRecords(spec, ...parts)]));

function rulesOf(
  db: Database.Database,
  table: string,
  fields: Readonly<Record<string, FieldSpec>>,
  scope: Scope,
): Readonly<Record<string, FieldRule>> {
  const tables = new Map<string, ReadonlyMap<string, FieldRule>>();
  const columnRule = (of: string, column: string): FieldRule | undefined => {
    const rules = tables.get(of) ?? readTableRules(db, of);
    tables.set(of, rules);
    return rules.get(column);
  };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([field, spec]) => {
      const [of, column] = spec.ruleOf ?? [table, spec.column];
      const rule = spec.rule(columnRule(of, column), scope);
      return rule === null ? [] : [[field, rule] as const];
    }),
  );
}

function columnOf(spec: FieldSpec | undefined, value: FieldValue, scope: Scope): Value {
  if (spec === undefined || value === null) return null;
  try {
    return spec.write(value, scope);
  } catch {
    return null;
  }
}
