import type { SqliteDatabase } from '../../../src/sqlite';
import { openSqlite } from '../../../src/sqlite';

/** Ledgerline, a made-up ERP that checks next to nothing. It keeps percentages as whole hundredths (750 is 7.50). */
const SCHEMA = `
CREATE TABLE site (code TEXT, title TEXT, version TEXT);
CREATE TABLE clerk (tbl TEXT, who TEXT, since TEXT);
CREATE TABLE counter (next INTEGER, changes INTEGER);
CREATE TABLE supplier (
  id INTEGER PRIMARY KEY, changed INTEGER, standing TEXT DEFAULT 'OPEN', supplier_no VARCHAR(7) UNIQUE, trade_name VARCHAR(40) NOT NULL,
  alias VARCHAR(12) COLLATE NOCASE UNIQUE, mail VARCHAR(60), tel VARCHAR(20), held_back FIXED(5,2), bank_account TEXT);
CREATE TRIGGER supplier_insert AFTER INSERT ON supplier BEGIN UPDATE counter SET changes = changes + 1;
  UPDATE supplier SET changed = (SELECT changes FROM counter) WHERE id = NEW.id; END;
CREATE TRIGGER supplier_update AFTER UPDATE ON supplier BEGIN UPDATE counter SET changes = changes + 1;
  UPDATE supplier SET changed = (SELECT changes FROM counter) WHERE id = NEW.id; END;
INSERT INTO site VALUES ('WEST', 'Ledgerline test company', '7.2');
INSERT INTO counter VALUES (19, 0);
INSERT INTO supplier (standing, supplier_no, trade_name, alias, mail, tel, held_back) VALUES
  ('OPEN', 'S-00016', 'Harbor Steel Inc', 'HARBOR', 'ap@harbor.example', '206-555-0116', 1000),
  ('OPEN', 'S-00017', 'Cedar Drywall LLC', 'CEDAR', NULL, '(206) 555-0117', 5),
  ('STOP', 'S-00018', 'Mill Creek Paving', NULL, NULL, NULL, NULL);
`;

/** Makes the company database, and leaves it open for the people of the accounting office. */
export function createLedgerline(file: string): SqliteDatabase {
  const db = openSqlite(file);
  db.exec(SCHEMA);
  return db;
}
