import { GENESIS_HASH } from '../../domain/audit/chain';
import type { Census } from '../../domain/kinds/census';
import type { ConnectionRow } from '../rows';
import type { StoreTables } from './tables';

/** Where Procore's ERP tool stands with a connection. */
export type ErpToolState = Pick<ConnectionRow, 'standardCostCodeListId' | 'metadataRevision'>;

/** Connections known to the store: one Procore company tied to one ERP company. */
export class ConnectionRepository {
  constructor(private readonly tables: Pick<StoreTables, 'connection'>) {}

  async find(id: string): Promise<ConnectionRow | null> {
    return this.tables.connection.findOne({ id });
  }

  async all(): Promise<ConnectionRow[]> {
    return this.tables.connection.find({ where: {}, order: [['id', 'ASC']] });
  }

  /** Adds a connection with an empty audit chain; false when it is known. */
  async add(
    row: Omit<ConnectionRow, keyof ErpToolState | 'census' | 'auditSeq' | 'auditHash'>,
  ): Promise<boolean> {
    if (await this.find(row.id)) return false;
    const erpTool: ErpToolState = { standardCostCodeListId: null, metadataRevision: null };
    await this.tables.connection.insert([
      { ...row, ...erpTool, census: null, auditSeq: 0, auditHash: GENESIS_HASH },
    ]);
    return true;
  }

  async keepCensus(id: string, census: Census): Promise<void> {
    await this.tables.connection.update({ id }, { census });
  }

  /** Keeps what Procore's ERP tool answered or was sent. */
  async keepErpTool(id: string, state: Partial<ErpToolState>): Promise<void> {
    await this.tables.connection.update({ id }, state);
  }
}
