import type { Anchor } from '../../domain/audit/anchor';
import type { AnchorBook, AnchorPage } from '../contract/adapter';
import type { SampleDatabase } from './database';

/** Anchors of the audit log of one connection, in a table beside the ledger. */
export class SampleAnchors implements AnchorBook {
  constructor(
    private readonly database: SampleDatabase,
    private readonly connection: string,
  ) {}

  async add({ seq, hash, at, keyId, hmac }: Anchor): Promise<void> {
    this.database.transaction('erp.anchor', (step) => {
      step('insert', (db) =>
        db.run(
          `INSERT OR IGNORE INTO tieback_anchor (connection, seq, hash, key_id, hmac, anchored_at)
           VALUES (@connection, @seq, @hash, @keyId, @hmac, @at)`,
          { connection: this.connection, seq, hash, keyId, hmac, at },
        ),
      );
      return { keep: true, value: undefined };
    });
    return Promise.resolve();
  }

  async entries(after: string | null, size: number): Promise<AnchorPage> {
    const rows = this.database.read('erp.anchor.entries', (db) =>
      db.all(
        `SELECT rowid AS place, * FROM tieback_anchor
          WHERE connection = @connection AND rowid > @after ORDER BY rowid LIMIT @size`,
        { connection: this.connection, after: Number(after ?? 0), size },
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
