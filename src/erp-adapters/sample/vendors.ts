import type {
  ErpVendor,
  VendorCapability,
  VendorPage,
  VendorProbe,
  VendorRules,
  VendorWrite,
  WriteResult,
} from '../contract/adapter';
import type { AdapterLogger } from '../contract/definition';
import type { SampleConnection } from './connection';
import { vendorGroupOf } from './health';
import type { SampleLedger } from './ledger';
import { readVendorRules } from './rules';
import type { Comparable } from './similar';
import { similarVendors } from './similar';
import type { VendorRow } from './vendor-columns';
import { erpVendorOf, numberOfKey, SELECTED } from './vendor-columns';
import { VendorWriter } from './vendor-writer';

/** Keys per query: SQLite takes at most 32,766 parameters, other databases far fewer. */
const KEYS_PER_QUERY = 500;

/** The vendor file of one company: reading here, writing in `vendor-writer.ts`. */
export class SampleVendors implements VendorCapability {
  constructor(
    private readonly connection: SampleConnection,
    private readonly company: number,
    private readonly ledger: SampleLedger,
    private readonly logger?: AdapterLogger,
  ) {}

  async rules(): Promise<VendorRules> {
    const group = this.group();
    return this.connection.read('erp.vendors.rules', (db) => readVendorRules(db, group));
  }

  /**
   * Pages by row version. The ERP's change counter moves inside the transaction that makes the change, and SQLite has one writer at
   * a time, so versions become visible in order: everything up to the cursor has been seen, and no overlap is needed. (On SQL
   * Server, where transactions overlap, a reader must stop below `min_active_rowversion()`.) A row that changes while we read gets
   * a higher version and comes once more.
   */
  async *readChanged(cursor: string | null, pageSize: number): AsyncIterable<VendorPage> {
    if (!Number.isInteger(pageSize) || pageSize < 1)
      throw new RangeError('pageSize must be a whole number above 0');
    const group = this.group();
    let after = this.startAfter(cursor);
    for (;;) {
      const since = after;
      const rows = this.connection.read('erp.vendors.readChanged', (db) =>
        db
          .prepare<[number, number, number], VendorRow>(
            `SELECT ${SELECTED} FROM APVM WHERE VendorGroup = ? AND RowVer > ? ORDER BY RowVer LIMIT ?`,
          )
          .all(group, since, pageSize),
      );
      after = rows.at(-1)?.RowVer ?? after;
      yield { records: rows.map(erpVendorOf), cursor: `rv:${after}` };
      if (rows.length < pageSize) return;
    }
  }

  /** A cursor ahead of the ERP's counter comes from before a restored backup: then everything is read again. */
  private startAfter(cursor: string | null): number {
    if (cursor === null) return 0;
    const version = Number(/^rv:(\d+)$/.exec(cursor)?.[1] ?? NaN);
    const newest = this.connection.read('erp.vendors.newest', (db) =>
      db.prepare<[], { Value: number }>('SELECT Value FROM HQRV').get(),
    );
    if (version <= (newest?.Value ?? 0)) return version;
    this.logger?.warn('The ERP does not know the vendor cursor; all vendors are read again', { cursor });
    return 0;
  }

  async read(keys: readonly string[]): Promise<readonly ErpVendor[]> {
    const group = this.group();
    const numbers = keys.map((key) => numberOfKey(key, group)).filter((number) => number !== null);
    return this.readNumbers('erp.vendors.read', group, [...new Set(numbers)]);
  }

  async findSimilar(probe: VendorProbe): Promise<readonly ErpVendor[]> {
    const group = this.group();
    const all = this.connection.read('erp.vendors.findSimilar', (db) =>
      db
        .prepare<[number], Comparable>(
          'SELECT Vendor, Name, SortName, EMail, Phone FROM APVM WHERE VendorGroup = ?',
        )
        .all(group),
    );
    return this.readNumbers('erp.vendors.findSimilar.read', group, similarVendors(all, probe));
  }

  async write(operations: readonly VendorWrite[]): Promise<readonly WriteResult[]> {
    const writer = new VendorWriter(this.connection, this.ledger, this.group());
    return operations.map((operation) => writer.write(operation));
  }

  private readNumbers(name: string, group: number, numbers: readonly number[]): readonly ErpVendor[] {
    const found: VendorRow[] = [];
    for (let from = 0; from < numbers.length; from += KEYS_PER_QUERY) {
      const part = numbers.slice(from, from + KEYS_PER_QUERY);
      const places = part.map(() => '?').join(', ');
      const rows = this.connection.read(name, (db) =>
        db
          .prepare<number[], VendorRow>(
            `SELECT ${SELECTED} FROM APVM WHERE VendorGroup = ? AND Vendor IN (${places})`,
          )
          .all(group, ...part),
      );
      found.push(...rows);
    }
    const order = new Map(numbers.map((number, index) => [number, index]));
    return found.sort((a, b) => (order.get(a.Vendor) ?? 0) - (order.get(b.Vendor) ?? 0)).map(erpVendorOf);
  }

  private group(): number {
    return vendorGroupOf(this.connection, this.company);
  }
}
