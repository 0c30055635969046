import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../src/config/load';
import { loadConfig } from '../../../src/config/load';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-reconcile-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(reconcile: object): Config {
  const file = join(folder, 'tieback.yaml');
  const procore = { apiUrl: 'https://api.procore.com', loginUrl: 'https://login.procore.com' };
  writeFileSync(
    file,
    JSON.stringify({
      procoreApps: { main: { ...procore, clientId: 'x', clientSecret: { env: 'PROCORE_SECRET' } } },
      connections: {
        acme: { procore: { app: 'main', companyId: 1 }, erp: { adapter: 'sample' }, reconcile },
      },
    }),
  );
  return loadConfig(file, { PROCORE_SECRET: 'a-secret-of-procore' });
}

describe('the contact of a vendor, which only people in Procore can enter', () => {
  test.each(['erp', 'last', 'ask'])('is not %s', (owner) => {
    expect(() => load({ ownership: { vendor: { all: 'ask', fields: { contactName: owner } } } })).toThrow(
      /connections\.acme\.reconcile\.ownership\.vendor\.fields\.contactName \(line 1\): Procore shows contactName and takes none.*procore or never/,
    );
  });

  test.each(['procore', 'never'])('may be %s', (owner) => {
    const ownership = { vendor: { all: 'ask', fields: { contactName: owner } } };
    expect(load({ ownership }).connections[0]?.reconcile.ownership).toEqual(ownership);
  });
});

test('tax ids are compared only where the configuration says so', () => {
  expect(load({}).connections[0]?.reconcile).not.toHaveProperty('matchTaxIds');
  expect(load({ matchTaxIds: false }).connections[0]?.reconcile).not.toHaveProperty('matchTaxIds');
  expect(load({ matchTaxIds: true }).connections[0]?.reconcile).toMatchObject({ matchTaxIds: true });
});
