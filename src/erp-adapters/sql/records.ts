import type { KindDefinition } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import type { CanonicalRecord, FieldValue } from '../../domain/kinds/record';
import type { TaxIdHash, TaxIdHashes } from '../../domain/reconcile/match';
import type {
  ErpAdapter,
  ErpRecord,
  KindCapability,
  RecordPage,
  RecordWrite,
  WriteResult,
} from '../contract/adapter';
import type { AdapterLogger } from '../contract/definition';
import { feedReader, keysOf } from './changes';
import type { FieldSpec, KindSpec, Moment, ReadHeader, Surroundings } from './model';
import type { Condition } from './reader';
import { headersQuery, idsIn, inOrder, taxIdsQuery, toHeaders, withIds, withLines } from './reader';
import { readRules } from './rules';
import type { Bound, SqlSession, Value } from './session';
import { SimilarRecords } from './similar';
import { VariantRecords } from './variants';
import type { SqlParts } from './writer';
import { RecordWriter } from './writer';

/** The records of one kind in one company, as the spec of the kind describes them. */
class SqlRecords implements KindCapability {
  /** There where the kind says what makes two records alike. */
  readonly findSimilar?: NonNullable<KindCapability['findSimilar']>;
  readonly repeatsNewest?: true;
  /** There where the connection wants tax ids, and the ERP has them. */
  readonly taxIdHashes?: NonNullable<KindCapability['taxIdHashes']>;

  constructor(
    private readonly spec: KindSpec,
    private readonly parts: SqlParts,
    private readonly logger: AdapterLogger | undefined,
  ) {
    if ((spec.changes ?? parts.model.changes).repeatsNewest) this.repeatsNewest = true;
    const { taxId } = spec;
    if (taxId !== undefined)
      this.taxIdHashes = (keys, hash) =>
        this.ask('taxIds', (session) => this.hashed(session, { ...spec, taxId }, keys, hash));
    const definition: KindDefinition = definitionOf(spec.kind);
    if (definition.likeness === undefined) return;
    const similar = new SimilarRecords(spec, definition, parts);
    this.findSimilar = (record) => this.ask('findSimilar', (session) => similar.search(session, record));
  }

  rules(): Promise<RecordColumns> {
    return this.ask('rules', (session) => readRules(session, this.parts, this.spec));
  }

  async read(keys: readonly string[]): Promise<readonly ErpRecord[]> {
    if (keys.length === 0) return [];
    const { catalogue } = this.parts;
    return this.ask('read', async (session) => {
      const { moment, ids, headers } = await this.headers(session, (around) => {
        const ids = idsIn(catalogue, this.spec, keys, around.scope);
        return { ids, condition: withIds(session, this.spec, ids) };
      });
      return withLines(moment, this.spec, inOrder(headers, ids));
    });
  }

  async findSame(record: CanonicalRecord): Promise<readonly ErpRecord[]> {
    const { same } = this.spec;
    if (same === undefined) return [];
    return this.ask('findSame', async (session) => {
      const { moment, headers } = await this.headers(session, (around) => {
        const bound = this.boundOf(same.fields, record, around);
        return { ids: [], condition: bound === null ? NOTHING : { sql: same.sql, bound } };
      });
      return withLines(moment, this.spec, headers);
    });
  }

  async *readChanged(cursor: string | null, pageSize: number): AsyncIterable<RecordPage> {
    if (!Number.isInteger(pageSize) || pageSize < 1)
      throw new RangeError('pageSize must be a whole number above 0');
    const { spec, logger } = this;
    const { model, database, scopes, catalogue } = this.parts;
    const read = feedReader(database, scopes, catalogue, spec);
    yield* (spec.changes ?? model.changes).pages({ spec, pageSize, logger, read }, cursor);
  }

  async *keys(pageSize: number): AsyncIterable<readonly string[]> {
    const { database, scopes, catalogue } = this.parts;
    const spec: KindSpec = { ...this.spec, fields: {}, lines: [] };
    const read = feedReader(database, scopes, catalogue, spec);
    yield* keysOf({ spec, pageSize, logger: this.logger, read });
  }

  write(operations: readonly RecordWrite[]): Promise<readonly WriteResult[]> {
    return new RecordWriter(this.spec, this.parts).write(operations);
  }

  /** Nothing but hashes leaves here. */
  private async hashed(
    session: SqlSession,
    spec: KindSpec & { readonly taxId: string },
    keys: readonly string[],
    hash: TaxIdHash,
  ): Promise<TaxIdHashes> {
    if (keys.length === 0) return new Map();
    const { scopes, catalogue } = this.parts;
    const { value } = await scopes.ask(session, 'taxIds', (scope, asking) => {
      const rows = asking.add(taxIdsQuery(session, scope, spec, idsIn(catalogue, spec, keys, scope)));
      return () =>
        new Map(
          rows().flatMap(({ id = null, tax }): readonly (readonly [string, string])[] => {
            const hashed = typeof tax === 'string' ? hash(tax) : null;
            return hashed === null ? [] : [[catalogue.keyOf(spec.kind, id, scope), hashed]];
          }),
        );
    });
    return value;
  }

  /** Null where a part of the number is missing or no column could hold it: nothing has such a number. */
  private boundOf(fields: readonly string[], record: CanonicalRecord, around: Surroundings): Bound | null {
    const bound: Record<string, Value> = {};
    for (const field of fields) {
      const value = columnValue(this.spec.fields[field], record.fields[field] ?? null, around);
      if (value === null) return null;
      bound[field] = value;
    }
    return bound;
  }

  private async headers(
    session: SqlSession,
    prepare: (around: Surroundings) => { readonly ids: readonly string[]; readonly condition: Condition },
  ): Promise<{
    readonly moment: Moment;
    readonly ids: readonly string[];
    readonly headers: readonly ReadHeader[];
  }> {
    const { scopes, catalogue } = this.parts;
    const { spec } = this;
    const { scope, value } = await scopes.ask(session, 'headers', (scope, asking) => {
      const around = { scope, catalogue };
      const { ids, condition } = prepare(around);
      const rows = asking.add(headersQuery(session, scope, { spec, condition }));
      return () => ({ ids, headers: toHeaders(around, spec, rows()) });
    });
    return { moment: { session, scope, catalogue }, ...value };
  }

  private ask<T>(name: string, call: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.parts.database.read(`erp.${this.spec.kind}.${name}`, call);
  }
}

const NOTHING: Condition = { sql: '1 = 0' };

/** A capability for every kind of record. */
export const sqlKinds = (
  parts: SqlParts,
  specs: readonly KindSpec[],
  logger: AdapterLogger | undefined,
): ErpAdapter['kinds'] =>
  Object.fromEntries(
    [...new Set(specs.map(({ kind }) => kind))].map((kind) => {
      const variants = specs
        .filter((spec) => spec.kind === kind)
        .map((spec) => ({ spec, records: new SqlRecords(spec, parts, logger) }));
      const [only] = variants;
      return [kind, variants.length === 1 && only ? only.records : new VariantRecords(variants)] as const;
    }),
  );

function columnValue(spec: FieldSpec | undefined, value: FieldValue, around: Surroundings): Value {
  if (spec === undefined || value === null) return null;
  try {
    return spec.write(value, around);
  } catch {
    return null;
  }
}
