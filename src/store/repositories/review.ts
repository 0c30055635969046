import type { StoreDialect } from '../column-types';
import { tables } from '../entities';
import type { RunSql } from './table';
import type { StoreTables } from './tables';

/** How much the store holds of one connection. */
export interface Holdings {
  readonly requests: number;
  readonly plans: number;
  readonly approvals: number;
  readonly operations: number;
}

/** What the check of the audit log reads of the other tables: always by pages, because a month-end store is large. */
export class ReviewRepository {
  constructor(
    private readonly tables: StoreTables,
    private readonly dialect: StoreDialect,
    private readonly run: RunSql,
  ) {}

  /** Every connection that any table speaks of, whether it has a row of its own or not. */
  async connectionIds(): Promise<readonly string[]> {
    const quoted = (name: string): string => (this.dialect === 'mssql' ? `[${name}]` : `"${name}"`);
    const selects = Object.values(tables(this.dialect)).flatMap(({ name, columns }) => {
      if (name === 'connection') return [`SELECT id AS connection_id FROM ${quoted(name)}`];
      return 'connectionId' in columns ? [`SELECT connection_id FROM ${quoted(name)}`] : [];
    });
    const rows = await this.run(`${selects.join(' UNION ')} ORDER BY connection_id`, []);
    return rows.map(({ connection_id: id }) => String(id));
  }

  async holdings(connectionId: string): Promise<Holdings> {
    return {
      requests: await this.tables.syncRequest.count({ connectionId }),
      plans: await this.tables.plan.count({ connectionId }),
      approvals: await this.tables.approval.count({ connectionId }),
      operations: await this.tables.operation.count({ connectionId }),
    };
  }
}
