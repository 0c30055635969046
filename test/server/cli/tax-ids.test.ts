import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ProcoreSimulator } from '../../../sandbox/procore-simulator/simulator';
import type { Accounting } from '../../../sandbox/sample-erp/company';
import { createCompany } from '../../../sandbox/sample-erp/company';
import { unpairedRow } from '../../../src/activities/reconcile/look';
import type { SuggestedPairs } from '../../../src/desk/links/suggestions';
import type { Fields } from '../../../src/domain/kinds/record';
import type { SideRecord } from '../../../src/domain/reconcile/side-record';
import { Store } from '../../../src/store/store';
import { Desk, ENV, NOW } from './seed';

/**
 * `tieback links suggest vendor` with `reconcile.matchTaxIds`, on the Procore simulator and the sample ERP: companies are recognised by their tax ids, and
 * of these nothing is shown, logged or kept.
 */
let procore: ProcoreSimulator;
let desk: Desk;
let erp: Accounting;
let urls: { apiUrl: string; loginUrl: string };

const SAME = '912345678';
const OTHERS = ['913332221', '914443332'] as const;
/** As both sides write them, and as they would stand in a key or a query. */
const NUMBERS = [SAME, ...OTHERS].flatMap((digits) => [digits, `${digits.slice(0, 2)}-${digits.slice(2)}`]);
const written = (digits: string): string => `${digits.slice(0, 2)}-${digits.slice(2)}`;

beforeEach(async () => {
  procore = new ProcoreSimulator();
  urls = await procore.start({ rateLimit: false });
  desk = new Desk();
  erp = createCompany(join(desk.folder, 'erp.db'), {});
});
afterEach(async () => {
  await procore.stop();
  erp.db.close();
  desk.remove();
});

function configure(reconcile: object): void {
  desk.configure([], {
    log: { level: 'debug', format: 'json' },
    procoreApps: { main: { ...urls, clientId: 'tieback-demo', clientSecret: { env: 'PROCORE_SECRET' } } },
    connections: {
      acme: {
        procore: { app: 'main', companyId: 4264807 },
        erp: { adapter: 'sample', settings: { file: join(desk.folder, 'erp.db') } },
        reconcile,
      },
    },
  });
}

interface Company {
  readonly fields: Fields & { readonly name: string };
  readonly taxId: string | null;
}

const side = (name: SideRecord['side'], key: string, fields: Fields): SideRecord => ({
  kind: 'vendor',
  side: name,
  key,
  originId: null,
  record: { fields, lines: [] },
  state: 'active',
  changedAt: null,
});

/** Companies that stand on both sides without a link, as the last look found them. */
async function unpaired(sides: { readonly erp: readonly Company[]; readonly procore: readonly Company[] }) {
  const ofErp = sides.erp.map(({ fields, taxId }, index) => {
    const number = erp.addVendor({ Vendor: 10001 + index, Name: fields.name, SortName: `S${index}` });
    erp.db.prepare('UPDATE APVM SET TaxId = ? WHERE Vendor = ?').run(taxId, number);
    return side('erp', `1|${number}`, fields);
  });
  const ofProcore = sides.procore.map(({ fields, taxId }) => {
    const register = { business_register_attributes: { type: 'EIN', identifier: taxId } };
    const [vendor] = procore.seedVendors([{ name: fields.name, ...(taxId === null ? {} : register) }]);
    return side('procore', String(vendor?.id), fields);
  });
  const store = await Store.open({ type: 'better-sqlite3', file: desk.storeFile });
  await store.transaction('seed', 'acme', async (t) => {
    await t.connections.add({
      ...{ id: 'acme', companyId: 4264807, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW },
    });
    t.sideRecords.put([...ofErp, ...ofProcore].map((record) => unpairedRow('acme', record, 'r', NOW)));
  });
  await store.close();
}

const SIDES = {
  erp: [
    { fields: { name: 'HLE Power' }, taxId: written(SAME) },
    { fields: { name: 'Cobalt Mechanical LLC', phone: '206-555-0134' }, taxId: written(OTHERS[0]) },
    { fields: { name: 'Kestrel Paving' }, taxId: null },
  ],
  procore: [
    { fields: { name: 'Harborline Electric' }, taxId: SAME },
    { fields: { name: 'Cobalt Mechanical', phone: '206-555-0134' }, taxId: OTHERS[1] },
    { fields: { name: 'Ibis Glass' }, taxId: '000-00-0000' },
  ],
};

const env = { ...ENV, PROCORE_SECRET: 'demo-secret' };
const said: string[] = [];
async function tieback(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const result = await desk.tieback(['links', ...args], { env });
  said.push(result.out, result.err);
  return result;
}
const suggested = async (): Promise<SuggestedPairs> =>
  JSON.parse((await tieback('suggest', 'vendor', '--json')).out) as SuggestedPairs;
const pairsIn = ({ pairs }: SuggestedPairs) =>
  pairs.map(({ records, verdict, reasons }) => [
    records.erp.fields['name'],
    records.procore.fields['name'],
    verdict,
    reasons,
  ]);

/** Everything that was said, and everything that is kept beside the ERP. */
function kept(): readonly string[] {
  const files = readdirSync(desk.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('erp.db'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  expect(files.length).toBeGreaterThan(1);
  return [...said, ...files];
}

test('the same tax id is a reason to ask, another one a reason not to match; the numbers stay where they are', async () => {
  configure({ matchTaxIds: true });
  await unpaired(SIDES);
  const found = await suggested();
  expect(pairsIn(found)).toEqual([
    [
      'Cobalt Mechanical LLC',
      'Cobalt Mechanical',
      'ask',
      expect.arrayContaining(['same name', 'other tax id']),
    ],
    ['HLE Power', 'Harborline Electric', 'ask', expect.arrayContaining(['same tax id'])],
  ]);
  // What stands for "none" is none.
  expect(found.taxIds).toEqual({ erp: 2, procore: 2 });
  const { out } = await tieback('suggest', 'vendor');
  expect(out).toContain('same tax id');
  expect(out.replace(/\s+/g, ' ')).toContain(
    'Tax ids were compared: 2 of those of the ERP and 2 of those of Procore have one.',
  );
  // Nothing is a match: what would be is refused.
  expect(await tieback('accept', 'vendor', '--all-matches')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/No suggestion of vendors is marked as a match/) as string,
  });
  const texts = kept();
  for (const number of NUMBERS) expect(texts.filter((text) => text.includes(number))).toEqual([]);
  expect(texts.join('\n')).not.toMatch(/\b[0-9a-f]{64}\b.*tax|tax.*\b[0-9a-f]{64}\b/i);
});

test('without it nothing is asked, and the same pair is a match', async () => {
  configure({});
  await unpaired(SIDES);
  procore.clearLog();
  const found = await suggested();
  expect(pairsIn(found)).toEqual([
    ['Cobalt Mechanical LLC', 'Cobalt Mechanical', 'match', expect.not.arrayContaining(['other tax id'])],
  ]);
  expect(found).not.toHaveProperty('taxIds');
  expect(procore.requestLog()).toEqual([]);
});

test('an ERP that cannot be asked is told, and no pair is shown that its tax ids might refuse', async () => {
  configure({ matchTaxIds: true });
  await unpaired(SIDES);
  erp.db.exec('ALTER TABLE APVM RENAME COLUMN TaxId TO FederalId');
  const { code, out, err } = await tieback('suggest', 'vendor');
  expect(code).not.toBe(0);
  expect(out).toBe('');
  expect(err).toMatch(/TaxId/);
});

test('an adapter that reads no tax ids is an error of the configuration', async () => {
  configure({ matchTaxIds: true });
  const config = JSON.parse(readFileSync(desk.configFile, 'utf8')) as {
    connections: { acme: { erp: unknown; reconcile: unknown } };
  };
  await unpaired(SIDES);
  desk.configure([], {
    ...config,
    connections: {
      acme: {
        ...config.connections.acme,
        erp: {
          adapter: 'generic-sql',
          settings: {
            definition: resolve('docs/examples/brickyard.yaml'),
            file: join(desk.folder, 'erp.db'),
          },
        },
      },
    },
  });
  const { code, err } = await tieback('suggest', 'vendor');
  expect(code).not.toBe(0);
  expect(err).toMatch(
    /connections\.acme\.reconcile\.matchTaxIds: the ERP adapter "generic-sql" reads no tax ids; leave it out/,
  );
});
