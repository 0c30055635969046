import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../src/config/load';
import { loadConfig } from '../../../src/config/load';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-mapping-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(mapping: object, reconcile: object = {}): Config {
  const file = join(folder, 'tieback.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      procoreApps: {
        main: {
          apiUrl: 'https://api.procore.com',
          loginUrl: 'https://login.procore.com',
          clientId: 'x',
          clientSecret: { env: 'PROCORE_SECRET' },
        },
      },
      connections: {
        acme: {
          procore: { app: 'main', companyId: 1 },
          erp: { adapter: 'sample' },
          reconcile: { mapping, ...reconcile },
        },
      },
    }),
  );
  return loadConfig(file, { PROCORE_SECRET: 'a-secret-of-procore' });
}

const csv = (text: string): string => {
  writeFileSync(join(folder, 'types.csv'), text);
  return join(folder, 'types.csv');
};
const TYPES = { line_item_type: { fields: { code: { file: 'types.csv' } } } };

test('a mapping is read, with its cross references from files that lie beside the configuration', () => {
  const file = csv('\uFEFFerp,procore\r\n1,L\r\n"2, old",L\r\n\r\n3, "M" \r\n');
  const [connection] = load({
    ...TYPES,
    vendor: {
      fields: {
        stateCode: { table: 'states', erp: 'names' },
        countryCode: { table: 'countries', values: { UK: 'GB' }, default: 'US' },
      },
      only: { vendorType: ['SUB'] },
    },
  }).connections;
  expect(connection?.crossReferences).toEqual([{ kind: 'line_item_type', field: 'code', file }]);
  expect(connection?.reconcile.mapping).toEqual({
    line_item_type: {
      fields: {
        code: {
          pairs: [
            { erp: '1', procore: 'L' },
            { erp: '2, old', procore: 'L' },
            { erp: '3', procore: 'M' },
          ],
        },
      },
      only: {},
    },
    vendor: {
      fields: {
        stateCode: { pairs: [], table: { name: 'states', erp: 'names' } },
        countryCode: {
          pairs: [{ erp: 'UK', procore: 'GB' }],
          table: { name: 'countries', erp: 'codes' },
          default: 'US',
        },
      },
      only: { vendorType: ['SUB'] },
    },
  });
});

const AT = 'connections.acme.reconcile.mapping';
test.each([
  [
    'titles',
    'code,type\n1,L\n',
    `${AT}.line_item_type.fields.code.file: FILE, line 1: the titles must be erp,procore; found code,type`,
  ],
  ['nothing', '', 'FILE, line 1: the titles must be erp,procore; found nothing'],
  [
    'a column too many',
    'erp,procore\n1,L\n2,M,x\n',
    'FILE, line 3: two values are expected, erp and procore; found 3',
  ],
  [
    'an empty value',
    'erp,procore\n1,\n',
    'FILE, line 2: procore is empty; give it a value or take the line out',
  ],
  [
    'a value twice',
    'erp,procore\n1,L\n\n1,M\n',
    'FILE, line 4: the ERP value "1" stands in line 2 already; take one out',
  ],
  ['a quote that is open', 'erp,procore\n"1,L\n', 'FILE: Quote Not Closed'],
])('a file with %s is refused, naming file, line and what was expected', (_, text, words) => {
  const file = csv(text);
  expect(() => load(TYPES)).toThrow(words.replace('FILE', file));
});

test('a file that is not there is named', () => {
  expect(() => load(TYPES)).toThrow(
    `${AT}.line_item_type.fields.code.file: ${join(folder, 'types.csv')} cannot be read (ENOENT`,
  );
});

test.each([
  [
    'a field that is none',
    { vendor: { fields: { colour: { values: { a: 'b' } } } } },
    `${AT}.vendor.fields.colour: vendor has no text field "colour"`,
  ],
  [
    'two values for one that both sides own',
    { vendor: { fields: { city: { values: { a: 'c', b: 'c' } } } } },
    `${AT}.vendor.fields.city: the ERP values "a" and "b" are both "c"`,
  ],
  [
    'masks that do not fit',
    { standard_cost_code: { fields: { code: { mask: { erp: '9999', procore: '99-999' } } } } },
    `${AT}.standard_cost_code.fields.code: the masks "9999" and "99-999" hold different characters`,
  ],
  [
    'a mask beside values',
    { standard_cost_code: { fields: { code: { mask: { erp: '9', procore: '9' }, values: { a: 'b' } } } } },
    'a mask stands alone',
  ],
  [
    'values and a file',
    { vendor: { fields: { city: { values: { a: 'b' }, file: 'x.csv' } } } },
    `${AT}.vendor.fields.city (line 1): values and file are one or the other`,
  ],
  [
    'a number without quotes',
    { vendor: { fields: { city: { values: { a: 1 } } } } },
    'a value in quotes, such as "01"',
  ],
  [
    'a table that is none',
    { vendor: { fields: { stateCode: { table: 'cities' } } } },
    `${AT}.vendor.fields.stateCode.table`,
  ],
  ['names of no table', { vendor: { fields: { stateCode: { erp: 'names' } } } }, 'erp belongs to table'],
  ['nothing in it', { vendor: { fields: { stateCode: {} } } }, 'an empty mapping does nothing'],
  ['an empty filter', { vendor: { only: { code: [] } } }, 'an empty list would carry nothing'],
  [
    'a filter by a flag',
    { vendor: { only: { isActive: ['true'] } } },
    'records of the ERP cannot be chosen by "isActive"',
  ],
  ['a kind that is not reconciled', { commitment: { only: { code: ['1'] } } }, `${AT}`],
])('%s is refused', (_, mapping, words) => {
  expect(() => load(mapping)).toThrow(words);
});

test('who owns a field decides whether two values of the ERP may be one', () => {
  const mapping = { vendor: { fields: { city: { values: { a: 'c', b: 'c' } } } } };
  const ownership = { vendor: { all: 'ask', fields: { city: 'erp' } } };
  expect(
    load(mapping, { ownership }).connections[0]?.reconcile.mapping?.vendor?.fields['city']?.pairs,
  ).toHaveLength(2);
});
