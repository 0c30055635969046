import type { StoreDialect } from '../column-types';
import { tables } from '../entities';
import type { Session } from '../session';
import { TableSql } from './table';

/** A row of any table, with the values as code has them: the same whichever database it comes from. */
export type AnyRow = Readonly<Record<string, unknown>>;

/** Names of all tables, parents before what belongs to them. */
export const TABLES: readonly string[] = Object.keys(tables('better-sqlite3'));

/** Whole tables, for copies. */
export class RowsRepository {
  constructor(
    private readonly dialect: StoreDialect,
    private readonly session: Session,
  ) {}

  async count(table: string): Promise<number> {
    const [row] = await this.session.once(this.of(table).count({}));
    return Number(row?.['n'] ?? 0);
  }

  /** All rows in the order of their keys, so many at a time. */
  async *pages(table: string, size: number): AsyncGenerator<readonly AnyRow[]> {
    const sql = this.of(table);
    const order = sql.columns
      .filter(({ options }) => options.primary === true)
      .map(({ property }) => [property, 'ASC'] as const);
    for (let skip = 0; ; skip += size) {
      const found = await this.session.once(sql.select({ where: {}, order, take: size, skip }));
      if (found.length > 0) yield found.map((row) => sql.read(row));
      if (found.length < size) return;
    }
  }

  /** Adds rows and waits until they are there. */
  async insert(table: string, rows: readonly AnyRow[]): Promise<void> {
    this.session.change(this.of(table).insertMany(rows));
    await this.session.flush();
  }

  private of(table: string): TableSql<AnyRow> {
    const definition = Object.entries(tables(this.dialect)).find(([name]) => name === table)?.[1];
    if (definition === undefined) throw new Error(`there is no table ${table}`);
    return new TableSql<AnyRow>(definition, this.dialect);
  }
}
