import { GENESIS_HASH } from '../../domain/audit/chain';
import type { Census } from '../../domain/kinds/census';
import type { Kind } from '../../domain/kinds';
import type { ConnectionRow, Paused } from '../rows';
import type { HeldConnections } from './held-connections';
import type { StoreTables } from './tables';

/** Where Procore's ERP tool stands with a connection. */
export type ErpToolState = Pick<ConnectionRow, 'standardCostCodeListId' | 'metadataRevision'>;

/** Connections known to the store: one Procore company tied to one ERP company. */
export class ConnectionRepository {
  constructor(
    private readonly tables: Pick<StoreTables, 'connection'>,
    private readonly held: HeldConnections,
  ) {}

  /** The row as it stands; one that the transaction is about needs no question. */
  async find(id: string): Promise<ConnectionRow | null> {
    const { connection } = this.tables;
    return this.held.has(id)
      ? this.held.row(id, (raw) => connection.sql.read(raw))
      : connection.findOne({ id });
  }

  async all(): Promise<ConnectionRow[]> {
    return this.tables.connection.find({ where: {}, order: [['id', 'ASC']] });
  }

  /** Adds a connection with an empty audit chain; false when it is known. */
  async add(
    row: Omit<
      ConnectionRow,
      keyof ErpToolState | 'census' | 'paused' | 'fullNext' | 'auditSeq' | 'auditHash'
    >,
  ): Promise<boolean> {
    if (await this.find(row.id)) return false;
    const erpTool: ErpToolState = { standardCostCodeListId: null, metadataRevision: null };
    const added = {
      ...row,
      ...erpTool,
      census: null,
      paused: null,
      fullNext: null,
      auditSeq: 0,
      auditHash: GENESIS_HASH,
    };
    this.tables.connection.insert([added]);
    this.held.put(added);
    return true;
  }

  async keepCensus(id: string, census: Census): Promise<void> {
    await this.change(id, { census });
  }

  /** Pauses the reconcile of a kind, or lets it go on (`paused` null). */
  async pause(id: string, kind: Kind, paused: Paused | null): Promise<void> {
    const known = Object.entries((await this.find(id))?.paused ?? {}).filter(([one]) => one !== kind);
    const others = Object.fromEntries(known);
    await this.change(id, { paused: paused === null ? others : { ...others, [kind]: paused } });
  }

  /** Has the next reconcile of these kinds read everything. */
  async askFull(id: string, kinds: readonly Kind[]): Promise<void> {
    const known = (await this.find(id))?.fullNext ?? [];
    const all = [...new Set([...known, ...kinds])];
    if (all.length > known.length) await this.change(id, { fullNext: all });
  }

  /** Whether everything is to be read of a kind; it is asked for once. */
  async takeFull(id: string, kind: Kind): Promise<boolean> {
    const known = (await this.find(id))?.fullNext ?? [];
    if (!known.includes(kind)) return false;
    await this.change(id, { fullNext: known.filter((one) => one !== kind) });
    return true;
  }

  /** Keeps what Procore's ERP tool answered or was sent. */
  async keepErpTool(id: string, state: Partial<ErpToolState>): Promise<void> {
    await this.change(id, state);
  }

  private async change(id: string, values: Partial<ConnectionRow>): Promise<void> {
    const row = this.held.has(id) ? await this.find(id) : null;
    this.tables.connection.update({ id }, values);
    if (row !== null) this.held.put({ ...row, ...values });
  }
}
