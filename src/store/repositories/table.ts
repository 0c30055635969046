import type { EntitySchemaColumnOptions } from 'typeorm';
import { TiebackError } from '../../domain/base/errors';
import type { StoreDialect } from '../column-types';
import { unfit } from '../column-types';
import type { TableDefinition } from '../entities';
import { snake } from '../entities';
import type { Guard, RawRow, Session, Statement } from '../session';

/*
 * Reading and writing goes past TypeORM's repositories: building its queries and hydrating its entities took a third of the daemon's CPU. What
 * is left to TypeORM is connecting, pooling, transactions and migrations. Statements are made once per shape from the table
 * definitions, so that the driver keeps them prepared; lists travel as one JSON parameter, so that a shape does not depend on their length and
 * SQL Server's 2,100 parameters are never reached. Rows for SQLite do not travel at all, and are inserted one after the other.
 */

export type Scalar = string | number | boolean;

/** A condition that is more than "equals". */
export type Test =
  | { readonly test: 'in' | 'not_in'; readonly values: readonly Scalar[] }
  | { readonly test: '<' | '<=' | '>' | '>='; readonly value: Scalar }
  | { readonly test: 'holding'; readonly value: string }
  | { readonly test: 'null' | 'not_null' }
  | { readonly test: 'chosen' | 'not_chosen'; readonly by: readonly Chosen[] }
  | { readonly test: 'both' | 'either'; readonly tests: readonly Test[] };

/** Values of another table: one of its columns, moved by so much, of the rows for which this holds. */
export interface Chosen {
  readonly from: TableSql<never>;
  readonly column: string;
  readonly plus: number;
  readonly where: Where<never>;
}

export const oneOf = (values: readonly Scalar[]): Test => ({ test: 'in', values });
export const noneOf = (values: readonly Scalar[]): Test => ({ test: 'not_in', values });
export const below = (value: Scalar): Test => ({ test: '<', value });
export const above = (value: Scalar): Test => ({ test: '>', value });
export const from = (value: Scalar): Test => ({ test: '>=', value });
/** One of the values that other tables hold: asked together with them, and not after them. */
export const chosenBy = <Row extends object>(
  table: TableAccess<Row>,
  column: keyof Row & string,
  where: Where<Row>,
  moved: readonly number[] = [0],
): Test => ({
  test: 'chosen',
  by: moved.map((plus) => ({
    from: table.sql as unknown as TableSql<never>,
    column,
    plus,
    where: where as Where<never>,
  })),
});
/** None of the values that another table holds, in a column that is never empty. */
export const noneChosenBy = <Row extends object>(
  table: TableAccess<Row>,
  column: keyof Row & string,
  where: Where<Row>,
): Test => ({ ...chosenBy(table, column, where), test: 'not_chosen' }) as Test;
/** It is empty, among other tests. */
export const EMPTY: Test = { test: 'null' };
export const both = (...tests: readonly Test[]): Test => ({ test: 'both', tests });
export const either = (...tests: readonly Test[]): Test => ({ test: 'either', tests });
export const upTo = (value: Scalar): Test => ({ test: '<=', value });
/** This text stands in it somewhere. */
export const holding = (value: string): Test => ({ test: 'holding', value });

/** All of it must hold. A plain value is equality, null is "is null". */
export type Where<Row> = { readonly [Key in keyof Row]?: Scalar | null | Test };

export interface Query<Row> {
  readonly where: Where<Row>;
  readonly order?: readonly (readonly [column: keyof Row & string, direction: 'ASC' | 'DESC'])[];
  readonly take?: number;
  readonly skip?: number;
  /** Only what comes after this place, and up to that one. */
  readonly after?: Bound;
  readonly upTo?: Bound;
}

/** A place in the order of a query: the values of its columns, none of them empty. */
export interface Bound {
  readonly values: readonly Scalar[];
  /** The row that stands there belongs to it. */
  readonly inclusive: boolean;
}

/** Columns to read, where not all are needed: bodies are large. */
export type Only<Row> = readonly (keyof Row & string)[];

/** What the rows of one value come to. */
export interface Total {
  readonly value: string;
  readonly count: number;
  /** How many of them have something to add. */
  readonly given: number;
  readonly high: string;
  readonly low: string;
}

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
  private readonly tableName: string;
  private readonly known = new Map<string, string>();

  constructor(
    definition: TableDefinition,
    readonly dialect: StoreDialect,
  ) {
    this.tableName = definition.name;
    this.table = this.quote(definition.name);
    this.columns = Object.entries(definition.columns).map(([property, options]) =>
      columnOf(definition.name, property, options, (name) => this.quote(name)),
    );
    this.byProperty = new Map(this.columns.map((column) => [column.property, column]));
    this.keys = this.columns.filter(({ options }) => options.primary === true);
  }

  on(session: Session): TableAccess<Row> {
    return new TableAccess(this, session);
  }

  select(query: Query<Row>, only?: Only<Row>): Statement {
    const { order = [], take, skip = 0 } = query;
    const { sql, shape, parameters } = this.chosen(query);
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
    return this.statement(text, [...parameters, ...(this.dialect === 'mssql' ? [...page].reverse() : page)]);
  }

  /**
   * Counts the rows of each value of a column, and adds up another column whose texts are empty or whole numbers of `2 * half` digits, half by half: a
   * row each with `value`, `n`, `given` (that are not empty), `high` and `low`, which are texts.
   */
  totals(
    query: Pick<Query<Row>, 'where' | 'order' | 'after' | 'upTo'>,
    {
      by,
      of,
      half,
    }: { readonly by: keyof Row & string; readonly of: keyof Row & string; readonly half: number },
  ): Statement {
    const { sql, shape, parameters } = this.chosen(query);
    const [value, text] = [this.column(by).name, this.column(of).name];
    const sumOf = (from: number): string =>
      `CAST(SUM(CAST(SUBSTRING(${text}, ${from}, ${half}) AS bigint)) AS ${this.dialect === 'mssql' ? 'nvarchar(40)' : 'text'})`;
    const statement = this.once(
      `totals ${by} ${of} ${shape}`,
      () =>
        `SELECT ${value} AS value, COUNT(*) AS n, SUM(CASE WHEN ${text} = '' THEN 0 ELSE 1 END) AS given, ` +
        `${sumOf(1)} AS high, ${sumOf(half + 1)} AS low FROM ${this.table}${sql} GROUP BY ${value}`,
    );
    return this.statement(statement, parameters);
  }

  /** The conditions of a query, with its place in an order. */
  private chosen({ where, order = [], after, upTo }: Query<Row>): ReturnType<TableSql<Row>['conditions']> {
    const { sql, parameters } = this.conditions(where);
    const bounds = [
      ...(after === undefined ? [] : [{ ...after, ahead: true }]),
      ...(upTo === undefined ? [] : [{ ...upTo, ahead: false }]),
    ];
    const given = [...parameters];
    const parts = bounds.map(({ values, inclusive, ahead }) => {
      const columns = order.map(([property, direction]) => ({
        column: this.column(property),
        sign: (direction === 'ASC') === ahead ? '>' : '<',
      }));
      const place = (at: number): string => {
        const column = columns[at]?.column;
        if (column === undefined)
          throw new Error(`${this.table}: a place has more values than the order has columns`);
        given.push(column.to(values[at]));
        return this.placeOf(column, given.length - 1);
      };
      const from = (at: number): string => {
        const one = columns[at];
        if (one === undefined) return inclusive ? '1 = 1' : '1 = 0';
        const { name } = one.column;
        const beyond = `${name} ${one.sign} ${place(at)}`;
        return `(${beyond} OR (${name} = ${place(at)} AND ${from(at + 1)}))`;
      };
      const [first] = columns;
      if (first === undefined || columns.length !== values.length)
        throw new Error(`${this.table}: a place has other columns than the order`);
      // Said on its own, it is where an index is entered.
      return `${first.column.name} ${first.sign}= ${place(0)} AND ${from(0)}`;
    });
    if (parts.length === 0) return { sql, shape: sql, parameters };
    const whole = `${sql === '' ? ' WHERE ' : `${sql} AND `}${parts.join(' AND ')}`;
    return { sql: whole, shape: whole, parameters: given };
  }

  insert(row: Row): Statement {
    return this.statement(this.insertOne(), this.valuesTo(row, this.columns));
  }

  private insertOne(): string {
    return this.once('insert', () => {
      const places = this.columns.map((column, index) => this.placeOf(column, index)).join(', ');
      return `INSERT INTO ${this.table} (${this.names()}) VALUES (${places})`;
    });
  }

  update(where: Where<Row>, values: Partial<Row>, guard?: Guard): Statement {
    const set = Object.keys(values).map((property) => this.column(property));
    const { sql, shape, parameters } = this.conditions(where, set.length);
    const text = this.once(`update ${set.map(({ name }) => name).join(' ')} ${shape}`, () => {
      const assignments = set
        .map((column, index) => `${column.name} = ${this.placeOf(column, index)}`)
        .join(', ');
      return `UPDATE ${this.table} SET ${assignments}${sql}`;
    });
    return this.statement(
      text,
      [...set.map((column) => column.to(valueOf(values, column.property))), ...parameters],
      guard,
    );
  }

  remove(where: Where<Row>): Statement {
    const { sql, shape, parameters } = this.conditions(where);
    return this.statement(
      this.once(`delete ${shape}`, () => `DELETE FROM ${this.table}${sql}`),
      parameters,
    );
  }

  /** Takes a row for this transaction, so that others wait for it, and gives its values. On SQLite the whole database is ours already. */
  take(where: Where<Row>): Statement {
    const { sql, shape, parameters } = this.conditions(where);
    const text = this.once(`take ${shape}`, () => {
      const select = `SELECT ${this.names()} FROM ${this.table}${sql}`;
      if (this.dialect !== 'mssql') return select;
      const [any] = this.columns.filter((column) => !this.keys.includes(column));
      // Not OUTPUT: another engine that speaks T-SQL answers it with the values from before the wait.
      return `UPDATE ${this.table} SET ${any?.name} = ${any?.name}${sql}; ${select}`;
    });
    return this.statement(text, parameters);
  }

  /** Inserts rows, however many, with one statement. */
  insertMany(rows: readonly Row[]): Statement {
    const [only] = rows;
    if (rows.length === 1 && only !== undefined) return this.insert(only);
    if (this.dialect !== 'mssql') return this.repeated(this.insertOne(), rows);
    const sql = this.once(
      'insert many',
      () =>
        `INSERT INTO ${this.table} (${this.names()}) SELECT ${this.names('s')} FROM ${this.given(this.columns)}`,
    );
    return this.statement(sql, [this.json(rows, this.columns)]);
  }

  /** Inserts rows, or replaces the values of the rows with their keys: one statement, on SQL Server two, because MERGE races there. */
  putMany(rows: readonly Row[]): readonly Statement[] {
    const rest = this.columns.filter((column) => !this.keys.includes(column));
    const all = this.columns;
    if (this.dialect !== 'mssql') {
      const sql = this.once('put many', () => {
        const keys = this.keys.map(({ name }) => name).join(', ');
        const set = rest.map(({ name }) => `${name} = excluded.${name}`).join(', ');
        return `${this.insertOne()} ON CONFLICT (${keys}) DO UPDATE SET ${set}`;
      });
      return [this.repeated(sql, rows)];
    }
    const json = [this.json(rows, all)];
    const update = this.once('put many: update', () => this.replacing(all, rest));
    const insert = this.once(
      'put many: insert',
      () =>
        `INSERT INTO ${this.table} (${this.names()}) SELECT ${this.names('s')} FROM ${this.given(all)} ` +
        `WHERE NOT EXISTS (SELECT 1 FROM ${this.table} t WHERE ${this.sameKeys()})`,
    );
    return [this.statement(update, json), this.statement(insert, json)];
  }

  /** Inserts those of these rows whose keys are not there. */
  insertMissing(rows: readonly Row[]): Statement {
    const all = this.columns;
    const sql = this.once('insert missing', () => {
      const insert = `INSERT INTO ${this.table} (${this.names()}) SELECT ${this.names('s')} FROM ${this.given(all)}`;
      const isThere = `SELECT 1 FROM ${this.table} t WHERE ${this.sameKeys()}`;
      return `${insert} WHERE NOT EXISTS (${isThere})`;
    });
    return this.statement(sql, [this.json(rows, all)]);
  }

  /** As `update`, and counts the change in that column. */
  advance(where: Where<Row>, values: Partial<Row>, counter: keyof Row & string): Statement {
    const { name } = this.column(counter);
    const { sql, ...rest } = this.update(where, values);
    return { ...rest, sql: sql.replace(' SET ', ` SET ${name} = ${name} + 1, `) };
  }

  /** Sets these columns of the rows with their keys, each to values of its own. With `newer`, only where that column grows; every row must change. */
  updateMany(
    rows: readonly Partial<Row>[],
    properties: readonly (keyof Row & string)[],
    { newer, guard }: { readonly newer?: keyof Row & string; readonly guard?: Guard } = {},
  ): Statement {
    const set = properties.map((property) => this.column(property));
    const all = [...this.keys, ...set];
    const sql = this.once(`update many ${properties.join(' ')} ${newer ?? ''}`, () => {
      const grows =
        newer === undefined ? '' : ` AND t.${this.column(newer).name} < s.${this.column(newer).name}`;
      return `${this.replacing(all, set)}${grows}`;
    });
    return this.statement(sql, [this.json(rows, all)], guard);
  }

  private replacing(all: readonly Column[], set: readonly Column[]): string {
    const assignments = set.map(({ name }) => `${name} = s.${name}`).join(', ');
    const [target, source] =
      this.dialect === 'mssql' ? ['t', `${this.table} t, `] : [`${this.table} AS t`, ''];
    return `UPDATE ${target} SET ${assignments} FROM ${source}${this.given(all)} WHERE ${this.sameKeys()}`;
  }

  private sameKeys(): string {
    return this.keys.map(({ name, options }) => `t.${name} = s.${name}${collated(options)}`).join(' AND ');
  }

  /** The rows of a JSON parameter as a table `s`. */
  private given(columns: readonly Column[]): string {
    if (this.dialect !== 'mssql') {
      const values = columns.map(({ name }, index) => `json_extract(value, '$[${index}]') AS ${name}`);
      return `(SELECT ${values.join(', ')} FROM json_each(?)) AS s`;
    }
    const shape = columns.map(
      ({ name, options }, index) => `${name} ${sqlServerType(options)} '$[${index}]'`,
    );
    return `OPENJSON(@0) WITH (${shape.join(', ')}) AS s`;
  }

  private json(rows: readonly object[], columns: readonly Column[]): string {
    return JSON.stringify(rows.map((row) => this.valuesTo(row, columns)));
  }

  private repeated(sql: string, rows: readonly Row[]): Statement {
    return { ...this.statement(sql, []), each: rows.map((row) => this.valuesTo(row, this.columns)) };
  }

  private valuesTo(row: object, columns: readonly Column[]): readonly unknown[] {
    return columns.map((column) => column.to(valueOf(row, column.property)));
  }

  private names(of?: string): string {
    return this.columns.map(({ name }) => (of === undefined ? name : `${of}.${name}`)).join(', ');
  }

  private statement(sql: string, parameters: readonly unknown[], guard?: Guard): Statement {
    return { sql, parameters, table: this.tableName, ...(guard === undefined ? {} : { guard }) };
  }

  count(where: Where<Row>): Statement {
    const { sql, shape, parameters } = this.conditions(where);
    const text = this.once(`count ${shape}`, () => `SELECT COUNT(*) AS n FROM ${this.table}${sql}`);
    return this.statement(text, parameters);
  }

  read(row: RawRow): Row {
    return this.valuesOf(row, this.columns) as Row;
  }

  private valuesOf(row: RawRow, columns: readonly Column[]): object {
    const values: Record<string, unknown> = {};
    for (const column of columns) values[column.property] = column.from(row[column.key]);
    return values;
  }

  /** Reads these columns of rows. */
  partReader<Key extends keyof Row & string>(only: readonly Key[]): (row: RawRow) => Pick<Row, Key> {
    const columns = only.map((property) => this.column(property));
    return (row) => this.valuesOf(row, columns) as Pick<Row, Key>;
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
      return { sql: `${column.name} = ${this.placeOf(column, at)}`, given: [column.to(value)] };
    switch (value.test) {
      case 'null':
        return { sql: `${column.name} IS NULL`, given: [] };
      case 'not_null':
        return { sql: `${column.name} IS NOT NULL`, given: [] };
      case 'in':
      case 'not_in': {
        const not = value.test === 'in' ? '' : 'NOT ';
        const list =
          this.dialect === 'mssql'
            ? `SELECT v${collated(column.options)} FROM OPENJSON(${this.place(at)}) WITH (v ${sqlServerType(column.options)} '$')`
            : `SELECT value FROM json_each(${this.place(at)})`;
        return { sql: `${column.name} ${not}IN (${list})`, given: [JSON.stringify(value.values)] };
      }
      case 'both':
      case 'either': {
        const given: unknown[] = [];
        const parts = value.tests.map((test) => {
          const part = this.condition(column, test, at + given.length);
          given.push(...part.given);
          return part.sql;
        });
        if (value.test === 'either') return { sql: `(${parts.join(' OR ') || '1 = 0'})`, given };
        return { sql: parts.length === 0 ? '1 = 1' : parts.join(' AND '), given };
      }
      case 'chosen':
      case 'not_chosen': {
        const given: unknown[] = [];
        const selects = value.by.map(({ from, column: name, plus, where }) => {
          const chosen = from.choose(name, plus, where, at + given.length);
          given.push(...chosen.given);
          return chosen.sql;
        });
        const not = value.test === 'chosen' ? '' : 'NOT ';
        return { sql: `${column.name} ${not}IN (${selects.join(' UNION ALL ')})`, given };
      }
      case 'holding': {
        const [text, place] = [column.name, this.place(at)];
        const sql =
          this.dialect === 'mssql' ? `CHARINDEX(${place}, ${text}) > 0` : `instr(${text}, ${place}) > 0`;
        return { sql, given: [value.value] };
      }
      default:
        return {
          sql: `${column.name} ${value.test} ${this.placeOf(column, at)}`,
          given: [column.to(value.value)],
        };
    }
  }

  /** One column, moved by so much, of the rows for which this holds; for use in another statement. */
  choose(
    property: string,
    plus: number,
    where: Where<Row>,
    at: number,
  ): { readonly sql: string; readonly given: readonly unknown[] } {
    const { sql, parameters } = this.conditions(where, at);
    const moved = plus === 0 ? '' : ` + ${plus}`;
    return {
      sql: `SELECT ${this.column(property).name}${moved} FROM ${this.table}${sql}`,
      given: parameters,
    };
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

  /** Instants travel as text: as a date the driver would round them. */
  private placeOf = ({ options }: Column, index: number): string =>
    options.type === 'datetimeoffset' ? `CAST(${this.place(index)} AS datetimeoffset)` : this.place(index);
  private place = (index: number): string => (this.dialect === 'mssql' ? `@${index}` : '?');
  private quote = (name: string): string => (this.dialect === 'mssql' ? `[${name}]` : `"${name}"`);
}

const valueOf = (row: object, property: string): unknown => (row as Record<string, unknown>)[property];

function columnOf(
  table: string,
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
    to: (value) => {
      const stored = (transform?.to ?? plain)(value);
      const problem = unfit(options, stored);
      if (problem === null) return stored;
      throw new TiebackError('STORE_UNFIT', {
        table: table.replaceAll('_', ' '),
        column: key.replaceAll('_', ' '),
        reason: problem,
      });
    },
    from: transform?.from ?? (isFlag ? Boolean : plain),
  };
}

/** A column of a JSON parameter has the collation of the database; what is compared with a key of ours has that of the key. */
const collated = ({ collation }: EntitySchemaColumnOptions): string =>
  collation === undefined ? '' : ` COLLATE ${collation}`;

const sqlServerType = ({ type, length }: EntitySchemaColumnOptions): string =>
  length === undefined ? String(type) : `${String(type)}(${length})`;

/**
 * Typed access to one table, without change tracking: what is written is what the caller says. A change is sent with the next question or
 * the commit.
 */
export class TableAccess<Row extends object> {
  constructor(
    readonly sql: TableSql<Row>,
    private readonly session: Session,
  ) {}

  async find(query: Query<Row>): Promise<Row[]> {
    if (isEmptyList(query.where)) return [];
    return [...(await this.session.ask(this.sql.select(query), (row) => this.sql.read(row)))];
  }

  /** As `find`, but reads some columns only. */
  async findPart<Key extends keyof Row & string>(
    query: Query<Row>,
    only: readonly Key[],
  ): Promise<Pick<Row, Key>[]> {
    if (isEmptyList(query.where)) return [];
    return [...(await this.session.ask(this.sql.select(query, only), this.sql.partReader(only)))];
  }

  /** See `TableSql.totals`. */
  async totals(...[query, which]: Parameters<TableSql<Row>['totals']>): Promise<readonly Total[]> {
    if (isEmptyList(query.where)) return [];
    const read = (row: RawRow): Total => ({
      value: String(row['value']),
      count: Number(row['n']),
      given: Number(row['given']),
      high: String(row['high']),
      low: String(row['low']),
    });
    return this.session.ask(this.sql.totals(query, which), read);
  }

  async findOne(where: Where<Row>): Promise<Row | null> {
    const [row] = await this.find({ where });
    return row ?? null;
  }

  async count(where: Where<Row>): Promise<number> {
    const [found] = await this.session.ask(this.sql.count(where), ({ n }) => Number(n));
    return found ?? 0;
  }

  insert(rows: readonly Row[]): void {
    if (rows.length > 0) this.session.change(this.sql.insertMany(rows));
  }

  insertMissing(rows: readonly Row[]): void {
    if (rows.length > 0) this.session.change(this.sql.insertMissing(rows));
  }

  /** Changes rows and counts the change in that column. */
  advance(where: Where<Row>, values: Partial<Row>, counter: keyof Row & string): void {
    this.session.change(this.sql.advance(where, values, counter));
  }

  /** With `guard`, the change of another number of rows undoes the transaction. */
  update(where: Where<Row>, values: Partial<Row>, guard?: Guard): void {
    if (Object.keys(values).length > 0 && !isEmptyList(where))
      this.session.change(this.sql.update(where, values, guard));
  }

  /** Sets columns of the rows with these keys, each to values of its own. */
  updateMany(
    rows: readonly Partial<Row>[],
    properties: readonly (keyof Row & string)[],
    more: Parameters<TableSql<Row>['updateMany']>[2] = {},
  ): void {
    if (rows.length > 0) this.session.change(this.sql.updateMany(rows, properties, more));
  }

  delete(where: Where<Row>): void {
    this.session.change(this.sql.remove(where));
  }

  /** Inserts the rows, or replaces all values of those that are there. */
  put(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    for (const statement of this.sql.putMany(rows)) this.session.change(statement);
  }
}

/**
 * A page of rows, newest first: so many before a time, and whatever else has the time of the last of them, so that the next page begins before it and no row is
 * lost or told twice. For rows of which few share a moment.
 */
export async function newestTogether<Row extends object, Time extends keyof Row & string>(
  table: TableAccess<Row>,
  { where, time, tie }: { readonly where: Where<Row>; readonly time: Time; readonly tie: keyof Row & string },
  before: string | null,
  take: number,
): Promise<readonly Row[]> {
  const order = [
    [time, 'DESC'],
    [tie, 'DESC'],
  ] as const;
  const earlier = before === null ? {} : { [time]: below(before) };
  const page = await table.find({ where: { ...where, ...earlier }, order, take });
  const last = page.length < take ? undefined : page.at(-1);
  if (last === undefined) return page;
  const moment = last[time] as Scalar;
  const same = await table.find({ where: { ...where, [time]: moment }, order });
  return [...page.filter((row) => row[time] !== moment), ...same];
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
