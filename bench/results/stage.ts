import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatorControl } from '../../sandbox/procore-simulator/control-client';
import { createCompany } from '../../sandbox/sample-erp/company';
import { ERP_ADAPTERS } from '../../src/erp-adapters/registry';
import { COMPANY, startSimulator } from '../installation';
import { enterVendors } from '../vendors';

/** A Procore without vendors, in a process of its own, and an ERP with some. */
export interface Stage {
  /** Everything that a run writes; removed by `close`. */
  readonly folder: string;
  readonly apiUrl: string;
  readonly procore: SimulatorControl;
  readonly erpFile: string;
  /** The ERP's vendors without its triggers, which the SQLite of older Pythons cannot parse. */
  readonly tableFile: string;
  close(): void;
}

/** Databases of the ERP by number of vendors: entering 200,000 of them takes longer than copying a file. */
const templates = new Map<number, string>();
let shelf: string | null = null;

/** A fresh stage, the same one every time for the same number of vendors. */
export async function setStage(vendors: number): Promise<Stage> {
  const template = templates.get(vendors) ?? makeTemplate(vendors);
  const folder = mkdtempSync(join(tmpdir(), 'tieback-bench-'));
  const erpFile = join(folder, 'erp.db');
  const tableFile = tableOf(erpFile);
  copyFileSync(template, erpFile);
  copyFileSync(tableOf(template), tableFile);
  const { apiUrl, stop } = await startSimulator(folder);
  return {
    folder,
    apiUrl,
    procore: new SimulatorControl(apiUrl),
    erpFile,
    tableFile,
    close: () => {
      stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function removeTemplates(): void {
  if (shelf !== null) rmSync(shelf, { recursive: true, force: true });
  shelf = null;
  templates.clear();
}

const tableOf = (erpFile: string): string => erpFile.replace(/\.db$/, '-table.db');

function makeTemplate(vendors: number): string {
  shelf ??= mkdtempSync(join(tmpdir(), 'tieback-bench-erp-'));
  const file = join(shelf, `${vendors}.db`);
  const adapter = ERP_ADAPTERS['sample'];
  if (!adapter) throw new Error('the sample adapter is missing');
  const ledgerScript = adapter.create({ connectionId: 'x', settings: { file } }).grantScript();
  const erp = createCompany(file, { ledgerScript });
  enterVendors(erp, vendors);
  erp.db.exec(`ATTACH '${tableOf(file)}' AS bare;
    CREATE TABLE bare.APVM (VendorGroup INTEGER, Vendor INTEGER, SortName, Name, Address, City, State, Zip, Country, Phone, Fax, EMail, Status,
      PRIMARY KEY (VendorGroup, Vendor));
    INSERT INTO bare.APVM SELECT VendorGroup, Vendor, SortName, Name, Address, City, State, Zip, Country, Phone, Fax, EMail, Status FROM main.APVM;
    DETACH bare`);
  erp.db.pragma('wal_checkpoint(TRUNCATE)');
  erp.close();
  templates.set(vendors, file);
  return file;
}

/** How many rows a list of Procore has, by its header `Total`. */
export async function totalIn(apiUrl: string, path: string): Promise<number> {
  const login = await fetch(`${apiUrl}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'client_credentials',
      client_id: 'tieback-demo',
      client_secret: 'demo-secret',
    }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const answer = await fetch(`${apiUrl}${path}${path.includes('?') ? '&' : '?'}per_page=1`, {
    headers: { authorization: `Bearer ${token}`, 'procore-company-id': String(COMPANY) },
  });
  if (!answer.ok) throw new Error(`GET ${path} was answered ${answer.status}`);
  return Number(answer.headers.get('total'));
}
