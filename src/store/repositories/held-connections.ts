import type { StoreDialect } from '../column-types';
import { tables } from '../entities';
import type { ConnectionRow } from '../rows';
import type { RawRow, Session } from '../session';
import { TableSql } from './table';

/**
 * The connections that a transaction is about. Their rows are taken before it reads or writes anything else, with its first statement: whoever works on the
 * same connection waits there, and reads what the one before has committed.
 */
export class HeldConnections {
  private readonly taken = new Map<string, Promise<readonly RawRow[]>>();
  /** What this transaction itself has put there. */
  private readonly own = new Map<string, ConnectionRow>();

  constructor(
    dialect: StoreDialect,
    private readonly session: Session,
    ids: readonly string[],
  ) {
    const table = connectionTable(dialect);
    for (const id of ids) this.taken.set(id, session.later(table.take({ id })));
  }

  has(id: string): boolean {
    return this.taken.has(id);
  }

  /** The row as it stands now; null: there is none yet. Only of a connection that is held. */
  async row(id: string, read: (raw: RawRow) => ConnectionRow): Promise<ConnectionRow | null> {
    const own = this.own.get(id);
    if (own !== undefined) return own;
    this.session.hurry();
    const [raw] = (await this.taken.get(id)) ?? [];
    return this.own.get(id) ?? (raw === undefined ? null : read(raw));
  }

  /** This transaction has written the row. */
  put(row: ConnectionRow): void {
    if (this.has(row.id)) this.own.set(row.id, row);
  }
}

const connectionTable = (dialect: StoreDialect): TableSql<ConnectionRow> => {
  const known = made.get(dialect) ?? new TableSql<ConnectionRow>(tables(dialect).connection, dialect);
  made.set(dialect, known);
  return known;
};
const made = new Map<StoreDialect, TableSql<ConnectionRow>>();
