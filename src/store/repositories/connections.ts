import type { EntityManager } from 'typeorm';
import { GENESIS_HASH } from '../../domain/audit/chain';
import type { Census } from '../../domain/kinds/census';
import type { ConnectionRow } from '../rows';
import { TableAccess } from './table';

/** Where Procore's ERP tool stands with a connection. */
export type ErpToolState = Pick<ConnectionRow, 'standardCostCodeListId' | 'metadataRevision'>;

/** Connections known to the store: one Procore company tied to one ERP company. */
export class ConnectionRepository {
  private readonly table: TableAccess<ConnectionRow>;

  constructor(manager: EntityManager) {
    this.table = new TableAccess(manager, 'connection', ['id']);
  }

  async find(id: string): Promise<ConnectionRow | null> {
    return this.table.findOne({ id });
  }

  async all(): Promise<ConnectionRow[]> {
    return this.table.find({ where: {}, order: { id: 'ASC' } });
  }

  /** Adds a connection with an empty audit chain; false when it is known. */
  async add(
    row: Omit<ConnectionRow, keyof ErpToolState | 'census' | 'auditSeq' | 'auditHash'>,
  ): Promise<boolean> {
    if (await this.find(row.id)) return false;
    const erpTool: ErpToolState = { standardCostCodeListId: null, metadataRevision: null };
    await this.table.insert([{ ...row, ...erpTool, census: null, auditSeq: 0, auditHash: GENESIS_HASH }]);
    return true;
  }

  async keepCensus(id: string, census: Census): Promise<void> {
    await this.table.update({ id }, { census });
  }

  /** Keeps what Procore's ERP tool answered or was sent. */
  async keepErpTool(id: string, state: Partial<ErpToolState>): Promise<void> {
    await this.table.update({ id }, state);
  }
}
