import type { EntityManager, FindOptionsOrder, FindOptionsWhere, ObjectLiteral } from 'typeorm';

/** SQL Server takes 2,100 parameters in a request, SQLite 32,766: rows are sent in chunks that fit both. */
const PARAMETERS = 2_000;

export interface Query<Row> {
  readonly where: FindOptionsWhere<Row> | FindOptionsWhere<Row>[];
  readonly order?: FindOptionsOrder<Row>;
  readonly take?: number;
  readonly skip?: number;
}

/** Typed access to one table, without change tracking: what is written is what the caller says. */
export class TableAccess<Row extends ObjectLiteral> {
  constructor(
    private readonly manager: EntityManager,
    private readonly entity: string,
    private readonly keys: readonly (keyof Row & string)[],
  ) {}

  async find(query: Query<Row>): Promise<Row[]> {
    return this.manager.getRepository<Row>(this.entity).find(query);
  }

  async findOne(where: FindOptionsWhere<Row>): Promise<Row | null> {
    return this.manager.getRepository<Row>(this.entity).findOne({ where });
  }

  async count(where: FindOptionsWhere<Row>): Promise<number> {
    return this.manager.getRepository<Row>(this.entity).count({ where });
  }

  async insert(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const size = Math.max(1, Math.floor(PARAMETERS / Object.keys(rows[0] ?? {}).length));
    for (let start = 0; start < rows.length; start += size) {
      await this.manager
        .createQueryBuilder()
        .insert()
        .into(this.entity)
        .values(rows.slice(start, start + size))
        .updateEntity(false)
        .execute();
    }
  }

  /** How many rows were changed is not reported by every driver: read first where it matters. */
  async update(where: FindOptionsWhere<Row>, values: Partial<Row>): Promise<void> {
    await this.manager
      .createQueryBuilder()
      .update(this.entity)
      .set(values)
      .where(where)
      .updateEntity(false)
      .execute();
  }

  async delete(where: FindOptionsWhere<Row>): Promise<void> {
    await this.manager.createQueryBuilder().delete().from(this.entity).where(where).execute();
  }

  /** Inserts the row, or replaces all its values when a row with its key is there. Call it in a transaction. */
  async put(row: Row): Promise<void> {
    const where = Object.fromEntries(this.keys.map((key) => [key, row[key]])) as FindOptionsWhere<Row>;
    if ((await this.count(where)) === 0) return this.insert([row]);
    const values = Object.fromEntries(
      Object.entries(row).filter(([key]) => !this.keys.includes(key)),
    ) as Partial<Row>;
    return this.update(where, values);
  }
}
