/**
 * The floor of `npm run bench -- results`: what somebody would write in an afternoon. Copies all vendors of the sample ERP to Procore, 1,000 at a
 * time, and checks what Procore refuses. It remembers nothing: stopped half way, it begins again from the start.
 *
 * Environment: `ERP_FILE` the ERP's database, `PROCORE_URL` Procore's address. Prints `{"cpuSeconds": ..., "peakMb": ...}` at its end.
 */
import axios from 'axios';
import { openSqlite } from '../src/sqlite';
import { costOfThisProcess } from './process-tree';

const COMPANY = 4264807;
const PAGE = 1_000;
const { ERP_FILE: file = '', PROCORE_URL: url = '' } = process.env;

interface Vendor {
  readonly Vendor: number;
  readonly [column: string]: string | number | null;
}

async function main(): Promise<void> {
  const db = openSqlite(file, { readonly: true });
  const page = db.prepare<[number], Vendor>(
    `SELECT Vendor, SortName, Name, Address, City, State, Zip, Country, Phone, Fax, EMail, Status
       FROM APVM WHERE VendorGroup = 1 AND Vendor > ? ORDER BY Vendor LIMIT ${PAGE}`,
  );
  const login = { grant_type: 'client_credentials', client_id: 'tieback-demo', client_secret: 'demo-secret' };
  const { data: token } = await axios.post<{ access_token: string }>(`${url}/oauth/token`, login);
  const headers = { authorization: `Bearer ${token.access_token}`, 'procore-company-id': String(COMPANY) };
  for (let last = 0; ;) {
    const vendors = page.all(last);
    if (vendors.length === 0) break;
    const body = { company_id: COMPANY, updates: vendors.map(toProcore) };
    const { data } = await axios.patch<{ errors: unknown[] }>(`${url}/rest/v1.0/vendors/sync`, body, {
      headers,
    });
    if (data.errors.length > 0)
      throw new Error(`Procore refused ${data.errors.length} of ${vendors.length} vendors`);
    last = vendors.at(-1)?.Vendor ?? last;
  }
  db.close();
}

const toProcore = (row: Vendor): object => ({
  origin_id: `1|${row.Vendor}`,
  origin_code: String(row.Vendor),
  name: row['Name'],
  abbreviated_name: row['SortName'],
  address: row['Address'],
  city: row['City'],
  state_code: row['State'],
  zip: row['Zip'],
  country_code: row['Country'],
  business_phone: row['Phone'],
  fax_number: row['Fax'],
  email_address: row['EMail'],
  is_active: row['Status'] === 'A',
});

void main().then(() => process.stdout.write(`${JSON.stringify(costOfThisProcess())}\n`));
