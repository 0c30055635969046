import type Database from 'better-sqlite3';

/** A vendor as the vendor form shows it, with the ERP's own column names. */
export interface VendorRow {
  readonly VendorGroup: number;
  readonly Vendor: number;
  readonly SortName: string;
  readonly Name: string;
  readonly Address: string | null;
  readonly City: string | null;
  readonly State: string | null;
  readonly Zip: string | null;
  readonly Country: string;
  readonly Phone: string | null;
  readonly Fax: string | null;
  readonly EMail: string | null;
  readonly Contact: string | null;
  readonly VendorType: string;
  readonly Retainage: string;
  readonly Status: 'A' | 'I';
  readonly HoldCode: string | null;
  readonly RowVer: number;
  readonly Modified: string;
}

/** What a person may type into the vendor form. */
export type VendorEntry = Partial<Omit<VendorRow, 'VendorGroup' | 'RowVer' | 'Modified'>>;

/** A row of the Tieback ledger, as a DBA sees it. */
export interface LedgerRow {
  readonly connection: string;
  readonly entity: string;
  readonly record_id: string;
  readonly generation: number;
  readonly operation_key: string;
  readonly target_revision: string;
  readonly plan_hash: string;
  readonly erp_key: string;
  readonly written_at: string;
}

/** A month of a company, e.g. `{ co: 1, mth: '2026-07' }`. */
export interface Month {
  readonly co: number;
  readonly mth: string;
}

/** What a column holds. */
export type Value = string | number | null;

/** A row by column name; every table but the vendor file has a `KeyID`. */
export type Row = Readonly<Record<string, Value>> & { readonly KeyID: number };

export type Module = 'AP' | 'AR' | 'JC' | 'PR' | 'GL';

const VENDOR_COLUMNS =
  'VendorGroup, Vendor, SortName, Name, Address, City, State, Zip, Country, Phone, Fax, EMail, Contact, VendorType, Retainage, Status, HoldCode, RowVer, Modified';

/** Vendors, periods, batches and locks: what every desk of the office shares. */
export class Office {
  constructor(
    /** The database itself, for whoever wants to look around. */
    readonly db: Database.Database,
    readonly file: string,
    /** The vendor group they work in. */
    readonly vendorGroup = 1,
  ) {}

  /** Enters a vendor; without a number the "+" key takes the next free one. Returns the number. */
  addVendor(entry: VendorEntry & { readonly Name: string }): number {
    return this.db
      .transaction(() => {
        const Vendor = entry.Vendor ?? this.nextVendor();
        const row: Record<string, unknown> = { VendorGroup: this.vendorGroup, ...entry, Vendor };
        const columns = Object.keys(row);
        this.db
          .prepare(
            `INSERT INTO APVM (${columns.join(', ')}) VALUES (${columns.map((c) => `@${c}`).join(', ')})`,
          )
          .run(row);
        return Vendor;
      })
      .immediate();
  }

  private nextVendor(): number {
    const next = this.db
      .prepare(
        'UPDATE HQVG SET NextVendor = NextVendor + 1 WHERE VendorGroup = ? RETURNING NextVendor - 1 AS number',
      )
      .get(this.vendorGroup) as { number: number };
    return this.vendor(next.number) === undefined ? next.number : this.nextVendor();
  }

  changeVendor(vendor: number, changes: Omit<VendorEntry, 'Vendor'>): void {
    const columns = Object.keys(changes);
    const { changes: rows } = this.db
      .prepare(
        `UPDATE APVM SET ${columns.map((c) => `${c} = @${c}`).join(', ')} WHERE VendorGroup = @vendorGroup AND Vendor = @vendor`,
      )
      .run({ ...changes, vendorGroup: this.vendorGroup, vendor });
    if (rows === 0) throw new Error(`there is no vendor ${vendor}`);
  }

  deactivate(vendor: number): void {
    this.changeVendor(vendor, { Status: 'I' });
  }

  reactivate(vendor: number): void {
    this.changeVendor(vendor, { Status: 'A' });
  }

  /** Puts a vendor on hold and makes it inactive; `LIEN`, `INSUR` and `DISPUTE` are the codes. */
  hold(vendor: number, code: string): void {
    this.changeVendor(vendor, { Status: 'I', HoldCode: code });
  }

  releaseHold(vendor: number): void {
    this.changeVendor(vendor, { HoldCode: null });
  }

  deleteVendor(vendor: number): void {
    this.db.prepare('DELETE FROM APVM WHERE VendorGroup = ? AND Vendor = ?').run(this.vendorGroup, vendor);
  }

  /** Someone opens "Vendor Maintenance" for the whole file: programs must keep their hands off it. */
  lockVendorFile(by: string): void {
    this.lock(`APVM|${this.vendorGroup}`, 'Vendor Maintenance', by);
  }

  unlockVendorFile(): void {
    this.unlock(`APVM|${this.vendorGroup}`);
  }

  /** Someone has the card of one vendor on the screen. */
  openVendor(vendor: number, by: string): void {
    this.lock(`APVM|${this.vendorGroup}|${vendor}`, `Vendor ${vendor}`, by);
  }

  closeVendor(vendor: number): void {
    this.unlock(`APVM|${this.vendorGroup}|${vendor}`);
  }

  protected lock(resource: string, screen: string, by: string): void {
    this.db
      .prepare("INSERT OR REPLACE INTO HQLK VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))")
      .run(resource, screen, by);
  }

  protected unlock(resource: string): void {
    this.db.prepare('DELETE FROM HQLK WHERE Resource = ?').run(resource);
  }

  openPeriod(month: Month, module: Module): void {
    this.setPeriod(month, module, 'open');
  }

  closePeriod(month: Month, module: Module): void {
    this.setPeriod(month, module, 'closed');
  }

  private setPeriod({ co, mth }: Month, module: Module, status: 'open' | 'closed'): void {
    this.db.prepare('INSERT OR REPLACE INTO GLPD VALUES (?, ?, ?, ?)').run(co, mth, module, status);
  }

  /** Opens a batch and returns its number. */
  createBatch({ co, mth }: Month, by: string, source = 'AP Entry'): number {
    const { next } = this.db
      .prepare('SELECT coalesce(max(BatchId), 0) + 1 AS next FROM HQBC WHERE Co = ? AND Mth = ?')
      .get(co, mth) as { next: number };
    this.db
      .prepare('INSERT INTO HQBC (Co, Mth, BatchId, Source, CreatedBy) VALUES (?, ?, ?, ?, ?)')
      .run(co, mth, next, source, by);
    return next;
  }

  /** `by`: who has the batch on the screen; null: nobody. */
  useBatch({ co, mth }: Month, batch: number, by: string | null): void {
    this.db
      .prepare('UPDATE HQBC SET InUseBy = ? WHERE Co = ? AND Mth = ? AND BatchId = ?')
      .run(by, co, mth, batch);
  }

  validateBatch(month: Month, batch: number): void {
    this.setBatch(month, batch, 1);
  }

  protected setBatch({ co, mth }: Month, batch: number, status: number): void {
    this.db
      .prepare('UPDATE HQBC SET Status = ? WHERE Co = ? AND Mth = ? AND BatchId = ?')
      .run(status, co, mth, batch);
  }

  /** All vendors of the group by number, as they stand in the file. */
  vendors(): VendorRow[] {
    return this.db
      .prepare(`SELECT ${VENDOR_COLUMNS} FROM APVM WHERE VendorGroup = ? ORDER BY Vendor`)
      .all(this.vendorGroup) as VendorRow[];
  }

  vendor(vendor: number): VendorRow | undefined {
    return this.db
      .prepare(`SELECT ${VENDOR_COLUMNS} FROM APVM WHERE VendorGroup = ? AND Vendor = ?`)
      .get(this.vendorGroup, vendor) as VendorRow | undefined;
  }

  /** The Tieback ledger in the order of writing; empty while the DBA has not created it. */
  ledger(): LedgerRow[] {
    const exists = this.db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'tieback_ledger'").get();
    return exists === undefined
      ? []
      : (this.db.prepare('SELECT * FROM tieback_ledger ORDER BY rowid').all() as LedgerRow[]);
  }

  /** Runs a script as the DBA, for example the grant script that an integration asks for. */
  runScript(sql: string): void {
    this.db.exec(sql);
  }

  close(): void {
    this.db.close();
  }

  /** Adds a row with the values given (undefined: the default of the ERP) and returns its `KeyID`. */
  protected insert(table: string, values: Readonly<Record<string, Value | undefined>>): number {
    const given = Object.entries(values).filter(([, value]) => value !== undefined);
    const columns = given.map(([column]) => column);
    const { lastInsertRowid } = this.db
      .prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
      .run(...given.map(([, value]) => value));
    return Number(lastInsertRowid);
  }

  /** Changes columns of one row. */
  protected change(table: string, keyId: number, values: Readonly<Record<string, Value>>): void {
    const columns = Object.keys(values);
    const { changes } = this.db
      .prepare(`UPDATE ${table} SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE KeyID = ?`)
      .run(...Object.values(values), keyId);
    if (changes === 0) throw new Error(`there is no row ${keyId} in ${table}`);
  }

  protected remove(table: string, keyId: number): void {
    const { changes } = this.db.prepare(`DELETE FROM ${table} WHERE KeyID = ?`).run(keyId);
    if (changes === 0) throw new Error(`there is no row ${keyId} in ${table}`);
  }

  /** Rows of a table as they stand there. */
  rows(table: string, where = '1', ...values: readonly Value[]): Row[] {
    return this.db.prepare(`SELECT * FROM ${table} WHERE ${where} ORDER BY KeyID`).all(...values) as Row[];
  }
}
