import type { SqliteDatabase } from '../../../src/sqlite';
import { openSqlite } from '../../../src/sqlite';

/*
 * Ledgerline, a made-up ERP. Amounts are whole numbers of their smallest unit (`FIXED(12,2)`: 20000 is 200.00), dates are numbers
 * (20260701), lines have no key of their own, and supplier numbers look like `S-00017`.
 */
const TABLES = `
CREATE TABLE site (code TEXT PRIMARY KEY, title TEXT NOT NULL, currency TEXT NOT NULL, version TEXT NOT NULL);
CREATE TABLE clerk (tbl TEXT PRIMARY KEY, who TEXT NOT NULL, since TEXT NOT NULL);
CREATE TABLE tick (n INTEGER NOT NULL);
CREATE TABLE series (name TEXT PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE supplier (
  id INTEGER PRIMARY KEY, tick INTEGER NOT NULL DEFAULT 0, standing TEXT NOT NULL DEFAULT 'OPEN' CHECK (standing IN ('OPEN', 'STOP')),
  supplier_no VARCHAR(7) NOT NULL UNIQUE CHECK (supplier_no GLOB 'S-[0-9][0-9][0-9][0-9][0-9]'),
  trade_name VARCHAR(40) NOT NULL CHECK (length(trade_name) BETWEEN 1 AND 40),
  alias VARCHAR(12) COLLATE NOCASE UNIQUE CHECK (length(alias) <= 12),
  mail VARCHAR(60) CHECK (length(mail) <= 60), tel VARCHAR(20) CHECK (length(tel) <= 20), bank_account TEXT);
CREATE TABLE job (
  id INTEGER PRIMARY KEY, tick INTEGER NOT NULL DEFAULT 0, standing TEXT NOT NULL DEFAULT 'OPEN', job_no VARCHAR(8) NOT NULL UNIQUE,
  title VARCHAR(40));
CREATE TABLE activity (
  parent INTEGER NOT NULL REFERENCES job, line VARCHAR(10) NOT NULL, title VARCHAR(40), standing TEXT NOT NULL DEFAULT 'OPEN',
  PRIMARY KEY (parent, line));
CREATE TABLE resource (
  id INTEGER PRIMARY KEY, tick INTEGER NOT NULL DEFAULT 0, standing TEXT NOT NULL DEFAULT 'OPEN', resource_code VARCHAR(3) NOT NULL UNIQUE,
  title VARCHAR(40));
CREATE TABLE purchase_order (
  id INTEGER PRIMARY KEY, tick INTEGER NOT NULL DEFAULT 0, stage INTEGER NOT NULL DEFAULT 10 CHECK (stage IN (10, 20, 90)),
  order_no VARCHAR(14) NOT NULL UNIQUE CHECK (length(order_no) <= 14), title VARCHAR(40) CHECK (length(title) <= 40),
  job INTEGER NOT NULL REFERENCES job, supplier INTEGER NOT NULL REFERENCES supplier,
  signed YMD, held_back FIXED(5,2) CHECK (held_back BETWEEN 0 AND 10000), total FIXED(12,2));
CREATE TABLE order_item (
  parent INTEGER NOT NULL REFERENCES purchase_order, line INTEGER NOT NULL, wording VARCHAR(80) CHECK (length(wording) <= 80),
  activity TEXT NOT NULL, resource INTEGER NOT NULL REFERENCES resource, net FIXED(12,2), PRIMARY KEY (parent, line));
`;

/** Every change moves the record on; a change of its lines too. */
const tick = (table: string, record = table): string =>
  ['INSERT', 'UPDATE']
    .map(
      (event) => `CREATE TRIGGER ${table}_${event} AFTER ${event} ON ${table} BEGIN UPDATE tick SET n = n + 1;
        UPDATE ${record} SET tick = (SELECT n FROM tick) WHERE id = NEW.${table === record ? 'id' : 'parent'}; END;`,
    )
    .join('\n');

const SEED = `
INSERT INTO site VALUES ('WEST', 'Ledgerline test company', 'USD', '7.2');
INSERT INTO tick VALUES (0);
INSERT INTO series VALUES ('supplier', 18);
INSERT INTO supplier (supplier_no, trade_name, alias, mail, tel) VALUES
  ('S-00016', 'Harbor Steel Inc', 'HARBOR', 'ap@harbor.example', '206-555-0116'),
  ('S-00017', 'Cedar Drywall LLC', 'CEDAR', NULL, '(206) 555-0117');
INSERT INTO job (job_no, title) VALUES ('J-2041', 'Pier 9'), ('J-2042', 'Mill');
INSERT INTO activity (parent, line, title) VALUES (1, '0310', 'Formwork'), (1, '0510', 'Steel'), (2, '0310', 'Formwork');
INSERT INTO resource (resource_code, title) VALUES ('LAB', 'Labor'), ('SUB', 'Subcontract');
INSERT INTO purchase_order (stage, order_no, title, job, supplier, signed, held_back, total)
  VALUES (20, 'PO-1', 'Steel for pier 9', 1, 1, 20260701, 500, 150050);
INSERT INTO order_item VALUES (1, 1, 'Columns', '1.0510', 2, 150000), (1, 2, 'Bolts', '1.0510', 2, 50);
`;

/** Makes the company database. The file is open afterwards: for the people of the accounting office. */
export function createLedgerline(file: string): SqliteDatabase {
  const db = openSqlite(file);
  const ticks = [tick('supplier'), tick('job'), tick('resource'), tick('purchase_order')];
  db.exec([TABLES, ...ticks, tick('activity', 'job'), tick('order_item', 'purchase_order'), SEED].join('\n'));
  return db;
}
