import type { Anchor } from '../../domain/audit/anchor';
import type { AnchorBook, AnchorPage } from '../contract/adapter';
import { ledgerTables } from './ledger-tables';
import type { SqlDatabase } from './session';
import { askAll, change, query } from './session';

/** Anchors of the audit log of one connection, in a table beside the ledger. */
export class SqlAnchors implements AnchorBook {
  constructor(
    private readonly database: SqlDatabase,
    private readonly connection: string,
  ) {}

  async add({ seq, hash, at, keyId, hmac }: Anchor): Promise<void> {
    const { anchor, collated } = ledgerTables(this.database.dialect);
    const bound = { connection: this.connection, seq, hash, keyId, hmac, at };
    const same = `connection = ${collated('@connection')} AND seq = @seq AND hash = ${collated('@hash')}`;
    await this.database.transaction('erp.anchor', async (session) => {
      await session.ask('insert', [
        change(
          `INSERT INTO ${anchor} (connection, seq, hash, key_id, hmac, anchored_at)
           SELECT @connection, @seq, @hash, @keyId, @hmac, @at WHERE NOT EXISTS (SELECT 1 FROM ${anchor} WHERE ${same})`,
          bound,
        ),
      ]);
      return { keep: true, value: undefined };
    });
  }

  async entries(after: string | null, size: number): Promise<AnchorPage> {
    const { anchor, place } = ledgerTables(this.database.dialect);
    const rows = await this.database.read('erp.anchor', (session) =>
      askAll(
        session,
        'entries',
        query(
          `SELECT ${place} AS place, seq, hash, key_id, hmac, anchored_at FROM ${anchor}
            WHERE connection = @connection AND ${place} > @after ORDER BY ${place} ${session.dialect.limit('size')}`,
          { connection: this.connection, after: Number(after ?? 0), size },
        ),
      ),
    );
    const last = rows.at(-1);
    const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    return {
      anchors: rows.map((row) => ({
        connectionId: this.connection,
        seq: Number(row['seq']),
        hash: String(row['hash']),
        at: String(row['anchored_at']),
        keyId: text(row['key_id']),
        hmac: text(row['hmac']),
      })),
      cursor: last === undefined || rows.length < size ? null : String(last['place']),
    };
  }
}
