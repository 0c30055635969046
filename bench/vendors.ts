import type { Accounting } from '../sandbox/sample-erp/company';

const FIRST_NUMBER = 100_000;
const FIRST = [
  'Harbor',
  'Summit',
  'Cedar',
  'Granite',
  'Prairie',
  'Keystone',
  'Juniper',
  'Lakeside',
  'Copper',
];
const TRADE = [
  'Electric',
  'Plumbing',
  'Concrete',
  'Drywall',
  'Roofing',
  'Steel',
  'Glass',
  'Paving',
  'Masonry',
];
const FORM = ['Inc.', 'LLC', 'Co.', 'Ltd.', ''];
const CITIES = [
  ['Seattle', 'WA', '98134'],
  ['Portland', 'OR', '97203'],
  ['Boise', 'ID', '83702'],
  ['Denver', 'CO', '80216'],
  ['Austin', 'TX', '78702'],
] as const;
const TYPES = ['SUB', 'SUP', 'PRO', 'REG'];

/**
 * Enters `count` invented vendors with all their fields; the same ones for the same `seed`; `from`: so many were entered before. The range of numbers of the vendor file is widened,
 * because the sample ERP's own ends below 100,000.
 */
export function enterVendors(erp: Accounting, count: number, seed = 1, from = 0): void {
  const { db, vendorGroup } = erp;
  const random = randomFrom(seed);
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  db.prepare('UPDATE HQVG SET LastVendor = 9999999 WHERE VendorGroup = ?').run(vendorGroup);
  // The form's checks look at every vendor for every vendor; these vendors pass them.
  const triggers = db
    .prepare<[], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name IN ('APVM_insert', 'APVM_inserted')`,
    )
    .all();
  const insert = db.prepare(
    `INSERT INTO APVM (VendorGroup, Vendor, SortName, Name, Address, City, State, Zip, Country, Phone, EMail, VendorType, Retainage, RowVer, Modified)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'US', ?, ?, ?, ?, ?, '2026-07-01T08:00:00.000Z')`,
  );
  db.transaction(() => {
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
    const { first } = db.prepare<[], { first: number }>('SELECT Value + 1 AS first FROM HQRV').get() ?? {
      first: 1,
    };
    for (let n = from; n < from + count; n += 1) {
      const number = FIRST_NUMBER + n;
      const [city, state, zip] = one(CITIES);
      const name = `${one(FIRST)} ${one(TRADE)} ${number} ${one(FORM)}`.trim();
      const phone = `206-555-${String(n % 10_000).padStart(4, '0')}`;
      const address = `${1 + Math.floor(random() * 9_000)} ${one(FIRST)} Way`;
      const place = [address, city, state, zip, phone, `ap@v${number}.example`];
      const retainage = one(['0.00', '5.00', '10.00']);
      insert.run(vendorGroup, number, `V${number}`, name, ...place, one(TYPES), retainage, first + n - from);
    }
    db.prepare('UPDATE HQRV SET Value = ?').run(first + count - 1);
    for (const { sql } of triggers) db.exec(sql);
  })();
}

/** The numbers of the first vendors that `enterVendors` enters. */
export const vendorNumbers = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, n) => FIRST_NUMBER + n);

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
