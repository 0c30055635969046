import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SqliteDatabase } from '../../src/sqlite';
import { openSqlite } from '../../src/sqlite';
import { Accounting } from './accounting';
import { SCHEMA } from './schema';
import { seedCompany } from './seed';
import { BASIC_CODES } from './seed-data';

export { Accounting } from './accounting';
export type {
  BudgetEntryLine,
  Card,
  CardEntry,
  ChangeOrderEntry,
  CommitmentEntry,
  ContractLine,
  CostPlace,
  JobCosts,
  JobEntry,
  LedgerRow,
  Module,
  Month,
  PaymentEntry,
  Period,
  PrimeContractEntry,
  Row,
  Value,
  VendorEntry,
  VendorRow,
} from './accounting';

export interface CompanyOptions {
  /** Script a DBA runs once for an integration (the adapter's `grantScript()`); without it there is no Tieback ledger. */
  readonly ledgerScript?: string;
  /** Name of company 1. */
  readonly name?: string;
  /** Replace a database that is already there. */
  readonly replace?: boolean;
  /** With what a contractor's books look like, see `seedCompany`. */
  readonly seed?: boolean;
}

/** A new company as a file holds it, without and with the books: each is made once, as that takes as long as hundreds of copies. */
const made = new Map<boolean, Buffer>();

function newCompany(seed: boolean): Buffer {
  const before = made.get(seed);
  if (before !== undefined) return before;
  const db = openSqlite(':memory:');
  db.pragma('foreign_keys = ON');
  db.transaction(() => {
    db.exec(SCHEMA);
    db.exec(BASIC_CODES);
  })();
  if (seed) seedCompany(new Accounting(db, ':memory:'));
  const company = db.serialize();
  db.close();
  made.set(seed, company);
  return company;
}

/**
 * Creates the database of an ERP with company 1 and 2, which share vendor group 1, and the code tables every company needs;
 * no vendors yet, unless `seed` says so.
 */
export function createCompany(file: string, options: CompanyOptions = {}): Accounting {
  if (options.replace === true) for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  if (existsSync(file)) throw new Error(`${file} exists already`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, newCompany(options.seed === true));
  const db = open(file, true);
  if (options.name !== undefined) db.prepare('UPDATE HQCO SET Name = ? WHERE HQCo = 1').run(options.name);
  const accounting = new Accounting(db, file);
  if (options.ledgerScript !== undefined) accounting.runScript(options.ledgerScript);
  return accounting;
}

/** Opens a company that exists, as another workplace of the accounting office. */
export function openCompany(file: string): Accounting {
  return new Accounting(open(file, true), file);
}

function open(file: string, fileMustExist: boolean): SqliteDatabase {
  const db = openSqlite(file, { fileMustExist });
  db.pragma('journal_mode = WAL');
  db.pragma('foreign_keys = ON');
  db.pragma('busy_timeout = 5000');
  return db;
}
