import type { EntitySchemaColumnOptions } from 'typeorm';
import type { StoreDialect } from '../column-types';
import type { TableDefinition } from '../entities';
import { snake } from '../entities';

/*
 * Reading and writing goes past TypeORM's repositories: building its queries and hydrating its entities took a third of the daemon's CPU. What
 * is left to TypeORM is connecting, pooling, transactions and migrations. Statements are made once per shape from the table
 * definitions, so that the driver keeps them prepared; lists travel as one JSON parameter, so that a shape does not depend on their length and
 * SQL Server's 2,100 parameters are never reached.
 */

/** Runs one statement; rows come as the driver gives them. */
export type RunSql = (sql: string, parameters: readonly unknown[]) => Promise<readonly RawRow[]>;
export type RawRow = Readonly<Record<string, unknown>>;

type Scalar = string | number | boolean;

/** A condition that is more than "equals". */
export type Test =
  | { readonly test: 'in' | 'not_in'; readonly values: readonly Scalar[] }
  | { readonly test: '<' | '>' | '>='; readonly value: Scalar }
  | { readonly test: 'like'; readonly value: string }
  | { readonly test: 'not_null' };

export const oneOf = (values: readonly Scalar[]): Test => ({ test: 'in', values });
export const noneOf = (values: readonly Scalar[]): Test => ({ test: 'not_in', values });
export const below = (value: Scalar): Test => ({ test: '<', value });
export const above = (value: Scalar): Test => ({ test: '>', value });
export const from = (value: Scalar): Test => ({ test: '>=', value });
export const like = (value: string): Test => ({ test: 'like', value });

/** All of it must hold. A plain value is equality, null is "is null". */
export type Where<Row> = { readonly [Key in keyof Row]?: Scalar | null | Test };

export interface Query<Row> {
  readonly where: Where<Row>;
  readonly order?: readonly (readonly [column: keyof Row & string, direction: 'ASC' | 'DESC'])[];
  readonly take?: number;
  readonly skip?: number;
}

/** Columns to read, where not all are needed: bodies are large. */
export type Only<Row> = readonly (keyof Row & string)[];

interface Column {
  readonly property: string;
  /** Quoted. */
  readonly name: string;
  /** As in the answer of the driver. */
  readonly key: string;
  readonly options: EntitySchemaColumnOptions;
  to(value: unknown): unknown;
  from(value: unknown): unknown;
}

/** The statements of one table on one database, made once per shape. */
export class TableSql<Row extends object> {
  readonly columns: readonly Column[];
  private readonly byProperty: ReadonlyMap<string, Column>;
  private readonly keys: readonly Column[];
  private readonly table: string;
  private readonly known = new Map<string, string>();

  constructor(
    definition: TableDefinition,
    readonly dialect: StoreDialect,
  ) {
    this.table = this.quote(definition.name);
    this.columns = Object.entries(definition.columns).map(([property, options]) =>
      columnOf(property, options, (name) => this.quote(name)),
    );
    this.byProperty = new Map(this.columns.map((column) => [column.property, column]));
    this.keys = this.columns.filter(({ options }) => options.primary === true);
  }

  on(run: RunSql): TableAccess<Row> {
    return new TableAccess(this, run);
  }

  select({ where, order = [], take, skip = 0 }: Query<Row>, only?: Only<Row>): Statement {
    const { sql, shape, parameters } = this.conditions(where);
    const sorting = order
      .map(([property, direction]) => `${this.column(property).name} ${direction}`)
      .join(', ');
    const page = [...(take === undefined ? [] : [take]), ...(skip === 0 ? [] : [skip])];
    const wanted = only ? only.map((property) => this.column(property)) : this.columns;
    const names = wanted.map(({ name }) => name).join(', ');
    const kind = `select ${only ? names : 'all'}`;
    const text = this.once(`${kind} ${shape} ${sorting} ${take !== undefined} ${skip !== 0}`, () => {
      const sorted = sorting === '' ? '' : ` ORDER BY ${sorting}`;
      return `SELECT ${names} FROM ${this.table}${sql}${sorted}${this.limit({ take, skip, at: parameters.length })}`;
    });
    return {
      sql: text,
      parameters: [...parameters, ...(this.dialect === 'mssql' ? [...page].reverse() : page)],
    };
  }

  insert(row: Row): Statement {
    const sql = this.once('insert', () => {
      const names = this.columns.map(({ name }) => name).join(', ');
      const places = this.columns.map((_, index) => this.place(index)).join(', ');
      return `INSERT INTO ${this.table} (${names}) VALUES (${places})`;
    });
    return { sql, parameters: this.columns.map((column) => column.to(valueOf(row, column.property))) };
  }

  update(where: Where<Row>, values: Partial<Row>): Statement {
    const set = Object.keys(values).map((property) => this.column(property));
    const { sql, shape, parameters } = this.conditions(where, set.length);
    const text = this.once(`update ${set.map(({ name }) => name).join(' ')} ${shape}`, () => {
      const assignments = set.map(({ name }, index) => `${name} = ${this.place(index)}`).join(', ');
      return `UPDATE ${this.table} SET ${assignments}${sql}`;
    });
    return {
      sql: text,
      parameters: [...set.map((column) => column.to(valueOf(values, column.property))), ...parameters],
    };
  }

  remove(where: Where<Row>): Statement {
    const { sql, shape, parameters } = this.conditions(where);
    return { sql: this.once(`delete ${shape}`, () => `DELETE FROM ${this.table}${sql}`), parameters };
  }

  /** Inserts a row, or replaces the values of the row with its key: two statements on SQL Server, where MERGE races. */
  put(row: Row): readonly Statement[] {
    const where = Object.fromEntries(
      this.keys.map(({ property }) => [property, valueOf(row, property)]),
    ) as Where<Row>;
    const rest = Object.fromEntries(
      Object.entries(row).filter(([property]) => !this.keys.some((key) => key.property === property)),
    ) as Partial<Row>;
    if (this.dialect === 'mssql') {
      const update = this.update(where, rest);
      const insert = this.insert(row);
      const sql = `${update.sql}; IF @@ROWCOUNT = 0 ${shifted(insert.sql, update.parameters.length)}`;
      return [{ sql, parameters: [...update.parameters, ...insert.parameters] }];
    }
    const insert = this.insert(row);
    const sql = this.once('put', () => {
      const keys = this.keys.map(({ name }) => name).join(', ');
      const set = this.columns
        .filter((column) => !this.keys.includes(column))
        .map(({ name }) => `${name} = excluded.${name}`)
        .join(', ');
      return `${insert.sql} ON CONFLICT (${keys}) DO UPDATE SET ${set}`;
    });
    return [{ sql, parameters: insert.parameters }];
  }

  /** Many rows in one round trip, where a round trip costs something. */
  insertMany(rows: readonly Row[]): readonly Statement[] {
    if (this.dialect !== 'mssql' || rows.length < 2) return rows.map((row) => this.insert(row));
    const sql = this.once('insert many', () => {
      const names = this.columns.map(({ name }) => name).join(', ');
      const shape = this.columns.map(
        ({ name, options }, index) => `${name} ${sqlServerType(options)} '$[${index}]'`,
      );
      return `INSERT INTO ${this.table} (${names}) SELECT ${names} FROM OPENJSON(@0) WITH (${shape.join(', ')})`;
    });
    const values = rows.map((row) => this.columns.map((column) => column.to(valueOf(row, column.property))));
    return [{ sql, parameters: [JSON.stringify(values)] }];
  }

  count(where: Where<Row>): Statement {
    const { sql, shape, parameters } = this.conditions(where);
    const text = this.once(`count ${shape}`, () => `SELECT COUNT(*) AS n FROM ${this.table}${sql}`);
    return { sql: text, parameters };
  }

  read(row: RawRow): Row {
    return this.valuesOf(row, this.columns) as Row;
  }

  private valuesOf(row: RawRow, columns: readonly Column[]): object {
    const values: Record<string, unknown> = {};
    for (const column of columns) values[column.property] = column.from(row[column.key]);
    return values;
  }

  readPart<Key extends keyof Row & string>(row: RawRow, only: readonly Key[]): Pick<Row, Key> {
    return this.valuesOf(
      row,
      only.map((property) => this.column(property)),
    ) as Pick<Row, Key>;
  }

  private conditions(
    where: Where<Row>,
    offset = 0,
  ): { readonly sql: string; readonly shape: string; readonly parameters: readonly unknown[] } {
    const parameters: unknown[] = [];
    const parts = Object.entries(where)
      .filter(([, value]) => value !== undefined)
      .map(([property, value]) => {
        const column = this.column(property);
        const { sql, given } = this.condition(
          column,
          value as Scalar | null | Test,
          offset + parameters.length,
        );
        parameters.push(...given);
        return sql;
      });
    const sql = parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`;
    return { sql, shape: sql, parameters };
  }

  private condition(
    column: Column,
    value: Scalar | null | Test,
    at: number,
  ): { readonly sql: string; readonly given: readonly unknown[] } {
    if (value === null) return { sql: `${column.name} IS NULL`, given: [] };
    if (typeof value !== 'object')
      return { sql: `${column.name} = ${this.place(at)}`, given: [column.to(value)] };
    switch (value.test) {
      case 'not_null':
        return { sql: `${column.name} IS NOT NULL`, given: [] };
      case 'in':
      case 'not_in': {
        const not = value.test === 'in' ? '' : 'NOT ';
        const list =
          this.dialect === 'mssql'
            ? `SELECT v FROM OPENJSON(${this.place(at)}) WITH (v ${sqlServerType(column.options)} '$')`
            : `SELECT value FROM json_each(${this.place(at)})`;
        return { sql: `${column.name} ${not}IN (${list})`, given: [JSON.stringify(value.values)] };
      }
      case 'like':
        return { sql: `${column.name} LIKE ${this.place(at)} ESCAPE '\\'`, given: [value.value] };
      default:
        return { sql: `${column.name} ${value.test} ${this.place(at)}`, given: [column.to(value.value)] };
    }
  }

  private limit({ take, skip, at }: { take: number | undefined; skip: number; at: number }): string {
    if (take === undefined) return '';
    if (this.dialect !== 'mssql')
      return ` LIMIT ${this.place(at)}${skip === 0 ? '' : ` OFFSET ${this.place(at + 1)}`}`;
    return skip === 0
      ? ` OFFSET 0 ROWS FETCH NEXT ${this.place(at)} ROWS ONLY`
      : ` OFFSET ${this.place(at)} ROWS FETCH NEXT ${this.place(at + 1)} ROWS ONLY`;
  }

  private column(property: string): Column {
    const column = this.byProperty.get(property);
    if (!column) throw new Error(`${this.table} has no column for ${property}`);
    return column;
  }

  private once(shape: string, make: () => string): string {
    const known = this.known.get(shape);
    if (known !== undefined) return known;
    const sql = make();
    this.known.set(shape, sql);
    return sql;
  }

  private place = (index: number): string => (this.dialect === 'mssql' ? `@${index}` : '?');
  private quote = (name: string): string => (this.dialect === 'mssql' ? `[${name}]` : `"${name}"`);
}

interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

const valueOf = (row: object, property: string): unknown => (row as Record<string, unknown>)[property];

/** `@0` of the second statement of a pair. */
const shifted = (sql: string, by: number): string =>
  sql.replace(/@(\d+)/g, (_, index: string) => `@${Number(index) + by}`);

function columnOf(
  property: string,
  options: EntitySchemaColumnOptions,
  quote: (name: string) => string,
): Column {
  const key = snake(property);
  const transformer = Array.isArray(options.transformer) ? undefined : options.transformer;
  const isFlag = options.type === 'boolean' || options.type === 'bit';
  const plain = (value: unknown): unknown => value ?? null;
  const transform = transformer && {
    to: (value: unknown): unknown => transformer.to(value) as unknown,
    from: (value: unknown): unknown => transformer.from(value) as unknown,
  };
  return {
    property,
    name: quote(key),
    key,
    options,
    to: transform?.to ?? plain,
    from: transform?.from ?? (isFlag ? Boolean : plain),
  };
}

const sqlServerType = ({ type, length }: EntitySchemaColumnOptions): string =>
  length === undefined ? String(type) : `${String(type)}(${length})`;

/** Typed access to one table, without change tracking: what is written is what the caller says. */
export class TableAccess<Row extends object> {
  constructor(
    private readonly sql: TableSql<Row>,
    private readonly run: RunSql,
  ) {}

  async find(query: Query<Row>): Promise<Row[]> {
    if (isEmptyList(query.where)) return [];
    const { sql, parameters } = this.sql.select(query);
    return (await this.run(sql, parameters)).map((row) => this.sql.read(row));
  }

  /** As `find`, but reads some columns only. */
  async findPart<Key extends keyof Row & string>(
    query: Query<Row>,
    only: readonly Key[],
  ): Promise<Pick<Row, Key>[]> {
    if (isEmptyList(query.where)) return [];
    const { sql, parameters } = this.sql.select(query, only);
    return (await this.run(sql, parameters)).map((row) => this.sql.readPart(row, only));
  }

  async findOne(where: Where<Row>): Promise<Row | null> {
    const [row] = await this.find({ where });
    return row ?? null;
  }

  async count(where: Where<Row>): Promise<number> {
    const { sql, parameters } = this.sql.count(where);
    const [row] = await this.run(sql, parameters);
    return Number(row?.['n'] ?? 0);
  }

  async insert(rows: readonly Row[]): Promise<void> {
    await this.all(this.sql.insertMany(rows));
  }

  /** How many rows were changed is not reported by every driver: read first where it matters. */
  async update(where: Where<Row>, values: Partial<Row>): Promise<void> {
    if (Object.keys(values).length > 0 && !isEmptyList(where))
      await this.all([this.sql.update(where, values)]);
  }

  async delete(where: Where<Row>): Promise<void> {
    await this.all([this.sql.remove(where)]);
  }

  /** Inserts the row, or replaces all its values when a row with its key is there. */
  async put(row: Row): Promise<void> {
    await this.all(this.sql.put(row));
  }

  private async all(statements: readonly Statement[]): Promise<void> {
    for (const { sql, parameters } of statements) await this.run(sql, parameters);
  }
}

const isEmptyList = (where: object): boolean =>
  Object.values(where).some(
    (value: unknown) =>
      typeof value === 'object' &&
      value !== null &&
      'test' in value &&
      value.test === 'in' &&
      'values' in value &&
      Array.isArray(value.values) &&
      value.values.length === 0,
  );
