import type { EntityManager } from 'typeorm';
import { GENESIS_HASH } from '../../domain/audit';
import type { ConnectionRow } from '../rows';
import { TableAccess } from './table';

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
  async add(row: Omit<ConnectionRow, 'auditSeq' | 'auditHash'>): Promise<boolean> {
    if (await this.find(row.id)) return false;
    await this.table.insert([{ ...row, auditSeq: 0, auditHash: GENESIS_HASH }]);
    return true;
  }
}
