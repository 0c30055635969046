import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliIo } from '../../../src/cli/io';
import { checkMapping } from '../../../src/cli/mapping-facts';
import { commandLine } from '../../../src/main';
import { Store } from '../../../src/store/store';
import { configFile, runCommand } from '../../support/run-command';
import type { CommandResult } from '../../support/run-command';
import { linkOf, recordOf } from '../domain/records';
import type { SampleCompany } from '../erp-adapters/sample-kit';
import { sampleCompany } from '../erp-adapters/sample-kit';

const AT = '2026-11-30T12:00:00.000Z';
let company: SampleCompany;
let folder: string;
let config: string;
beforeEach(async () => {
  company = sampleCompany();
  folder = mkdtempSync(join(tmpdir(), 'tieback-crossref-'));
  const base = JSON.parse(
    readFileSync(
      configFile(folder, 'tieback.yaml', { adapter: 'sample', settings: { file: company.file } }),
      'utf8',
    ),
  ) as { connections: { acme: object } };
  const mapping = {
    vendor: {
      fields: {
        city: { file: 'cities.csv' },
        stateCode: { table: 'states' },
        countryCode: { table: 'countries', values: { UK: 'GB' } },
      },
      only: { code: ['10001', '10002'] },
    },
  };
  config = join(folder, 'tieback.yaml');
  writeFileSync(
    config,
    JSON.stringify({ ...base, connections: { acme: { ...base.connections.acme, reconcile: { mapping } } } }),
  );
  writeFileSync(join(folder, 'cities.csv'), 'erp,procore\nSEA,Seattle\n');
  const store = await Store.open({ type: 'better-sqlite3', file: join(folder, 'tieback.db') });
  await store.transaction('seed', 'acme', async (t) => {
    await t.connections.add({
      id: 'acme',
      companyId: 1,
      erpAdapter: 'sample',
      erpCompany: '1',
      createdAt: AT,
    });
    const sides = { erp: recordOf({ city: 'Seattle' }), procore: recordOf({ city: 'Spokane' }) };
    await t.links.advance('acme', [linkOf('vendor', 901, '1|10001', sides)], AT);
  });
  await store.close();
  company.accounting.changeVendor(10001, { City: 'SEA' });
  company.accounting.changeVendor(10002, { City: 'Seattle' });
});
afterEach(() => {
  company.remove();
  rmSync(folder, { recursive: true });
});

const tieback = (...args: string[]): Promise<CommandResult> =>
  runCommand(['--config', config, ...args], { env: { PROCORE_SECRET: 'demo-secret' } });
const cities = (): string => readFileSync(join(folder, 'cities.csv'), 'utf8');

test('what is mapped is listed row by row', async () => {
  const { out } = await tieback('crossref');
  expect(out).toMatch(/acme +vendor +city +SEA +Seattle/);
  expect(out).toMatch(/acme +vendor +countryCode +UK +GB/);
  expect(out).toMatch(/acme +vendor +stateCode +\(codes of states\)/);
});

test('the mapping is held against both sides: what would be lost fails, what has no place is named', async () => {
  const { out, code } = await tieback('crossref', 'check', 'vendor');
  expect(code).toBe(1);
  expect(out).toContain(
    'vendor.city: "Seattle" of the ERP becomes "Seattle" in Procore, and that would come back as "SEA". (1 record)',
  );
  expect(out).toContain(
    'vendor.city: the ERP has values that are not mapped, and pass as they are: "Seattle" (1 record).',
  );
  expect(out).toContain('vendor.city: Procore has values that are not mapped: "Spokane" (1 record).');
  expect(out).toContain('vendor.countryCode: the ERP has no record with, and does not list: "UK".');
  expect(await tieback('crossref', 'check', 'project')).toMatchObject({
    code: 0,
    out: 'Nothing is mapped there.\n',
  });
});

test('a file is shown, then taken, and a wrong one leaves everything as it is', async () => {
  const file = join(folder, 'new.csv');
  const take = (...more: string[]) => tieback('crossref', 'import', 'vendor', 'city', file, ...more);
  writeFileSync(file, 'erp,procore\nSEA,Seattle\nTAC,Seattle\n');
  const refused = await take();
  expect([refused.code, refused.err]).toEqual([
    2,
    expect.stringContaining('the ERP values "SEA" and "TAC" are both "Seattle"'),
  ]);

  writeFileSync(file, 'erp,procore\nSEA,Emerald City\nTAC,"Tacoma, WA"\n');
  const shown = await take('--dry-run');
  expect(shown.out).toContain('  SEA: Seattle → Emerald City\n  TAC: (as it is) → Tacoma, WA\n');
  expect(shown.out).toContain('does not list: "TAC"');
  expect(shown.out).toContain('2 values would change');
  expect(cities()).toBe('erp,procore\nSEA,Seattle\n');
  expect((await take()).code).toBe(0);
  expect(cities()).toBe('erp,procore\nSEA,Emerald City\nTAC,"Tacoma, WA"\n');
  expect((await take()).out).toContain('Both say the same');

  const none = await tieback('crossref', 'import', 'vendor', 'phone', file);
  expect([none.code, none.err]).toEqual([
    2,
    expect.stringContaining('connections.acme.reconcile.mapping.vendor.fields.phone has no file'),
  ]);
});

test('the doctor names values of linked records that have no place, and says where to look', async () => {
  const io = { env: { PROCORE_SECRET: 'demo-secret' }, now: () => new Date(AT) };
  const { program, cli } = commandLine(io as unknown as CliIo);
  program.parseOptions(['--config', config]);
  const [connection] = cli.config().connections;
  if (connection === undefined) throw new Error('no connection');
  expect(await checkMapping(cli, connection)).toEqual([
    {
      name: 'mapping of vendors of acme',
      status: 'warning',
      detail: 'Procore has values that are not mapped: city "Spokane" (1 record)',
      hint: '`tieback crossref check vendor` looks at all records of the ERP.',
    },
  ]);
  expect(await checkMapping(cli, { ...connection, reconcile: { kinds: {}, ownership: {} } })).toEqual([]);
});
