import { definitionOf } from '../../domain/kinds';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import type { CanonicalRecord, FieldValue } from '../../domain/kinds/record';
import type {
  ErpAdapter,
  ErpRecord,
  KindCapability,
  RecordPage,
  RecordWrite,
  WriteResult,
} from '../contract/adapter';
import type { Value } from './database';
import type { FieldSpec } from './record-fields';
import type { Condition, Moment } from './record-reader';
import { readHeaders, readKeys, withLines } from './record-reader';
import type { KindSpec } from './record-tables';
import type { SampleParts } from './record-writer';
import { RecordWriter } from './record-writer';
import { rowVersion } from './row-version';
import { readRules } from './rules';
import type { Scope } from './scope';
import { scopeOf } from './scope';
import { SimilarRecords } from './similar';

/** The records of one kind in one company, as `record-tables.ts` describes them. */
class SampleRecords implements KindCapability {
  /** There where the kind says what makes two records alike. */
  readonly findSimilar?: NonNullable<KindCapability['findSimilar']>;

  constructor(
    private readonly spec: KindSpec,
    private readonly parts: SampleParts,
  ) {
    const definition = definitionOf(spec.kind);
    if (definition.likeness === undefined) return;
    const similar = new SimilarRecords(spec, definition);
    this.findSimilar = async (record) => this.ask('findSimilar', (moment) => similar.search(moment, record));
  }

  async rules(): Promise<RecordColumns> {
    return this.ask('rules', (moment) => readRules(moment, this.spec));
  }

  async read(keys: readonly string[]): Promise<readonly ErpRecord[]> {
    return keys.length === 0 ? [] : this.ask('read', (moment) => readKeys(moment, this.spec, keys));
  }

  async findSame(record: CanonicalRecord): Promise<readonly ErpRecord[]> {
    const { same } = this.spec;
    if (same === undefined) return [];
    return this.ask('findSame', (moment) => {
      const bound = this.boundOf(same.fields, record, moment.scope);
      return bound === null ? [] : this.found(moment, { sql: same.sql, bound });
    });
  }

  /**
   * Pages by row version. The ERP's change counter moves inside the transaction that makes the change, and SQLite has one writer at
   * a time, so versions become visible in order: everything up to the cursor has been seen, and no overlap is needed. (On SQL
   * Server, where transactions overlap, a reader must stop below `min_active_rowversion()`.) A row that changes while we read, or
   * one of whose lines does, gets a higher version and comes once more. Header and lines of a page are of one moment.
   */
  async *readChanged(cursor: string | null, pageSize: number): AsyncIterable<RecordPage> {
    if (!Number.isInteger(pageSize) || pageSize < 1)
      throw new RangeError('pageSize must be a whole number above 0');
    for (let after: number | null = null; ;) {
      const { headers, records, since } = this.ask('readChanged', (moment) => {
        const since: number = after ?? this.startAfter(moment, cursor);
        const sql = 't.RowVer > @since ORDER BY t.RowVer LIMIT @pageSize';
        const page = readHeaders(moment, this.spec, { sql, bound: { since, pageSize } });
        return { headers: page, records: withLines(moment, this.spec, page), since };
      });
      after = headers.at(-1)?.version ?? since;
      yield { records, cursor: `rv:${after}` };
      if (headers.length < pageSize) return;
    }
  }

  async write(operations: readonly RecordWrite[]): Promise<readonly WriteResult[]> {
    const writer = new RecordWriter(this.spec, this.parts);
    return operations.map((operation) => writer.write(operation));
  }

  /** A cursor ahead of the ERP's counter comes from before a restored backup: then everything is read again. */
  private startAfter({ db }: Moment, cursor: string | null): number {
    if (cursor === null) return 0;
    const version = Number(/^rv:(\d+)$/.exec(cursor)?.[1] ?? NaN);
    if (version <= rowVersion(db)) return version;
    const { logger } = this.parts;
    logger?.warn(`The ERP does not know the ${this.spec.noun} cursor; everything is read again`, { cursor });
    return 0;
  }

  /** Null where a part of the number is missing or no column could hold it: nothing has such a number. */
  private boundOf(
    fields: readonly string[],
    record: CanonicalRecord,
    scope: Scope,
  ): Readonly<Record<string, Value>> | null {
    const bound: Record<string, Value> = {};
    for (const field of fields) {
      const value = columnValue(this.spec.fields[field], record.fields[field] ?? null, scope);
      if (value === null) return null;
      bound[field] = value;
    }
    return bound;
  }

  private found(moment: Moment, condition: Condition): readonly ErpRecord[] {
    return withLines(moment, this.spec, readHeaders(moment, this.spec, condition));
  }

  private ask<T>(name: string, call: (moment: Moment) => T): T {
    const { database, company } = this.parts;
    return database.read(`erp.${this.spec.kind}.${name}`, (db) => call({ db, scope: scopeOf(db, company) }));
  }
}

/** A capability for every kind of record. */
export const sampleKinds = (parts: SampleParts): ErpAdapter['kinds'] =>
  Object.fromEntries(parts.specs.map((spec) => [spec.kind, new SampleRecords(spec, parts)]));

function columnValue(spec: FieldSpec | undefined, value: FieldValue, scope: Scope): Value {
  if (spec === undefined || value === null) return null;
  try {
    return spec.write(value, scope);
  } catch {
    return null;
  }
}
