import { assertCustomColumns } from '../../../src/config/custom-columns';
import type { ConnectionConfig } from '../../../src/config/load';
import { TiebackError } from '../../../src/domain/base/errors';
import type { CustomFields } from '../../../src/domain/kinds/custom-fields';
import { sampleCompany } from '../erp-adapters/sample-kit';

const company = sampleCompany();
const erp = company.open();
afterAll(async () => {
  await erp.close();
  company.remove();
});

const warnings: string[] = [];
const logger = { warn: (message: string) => void warnings.push(message) };

const check = (
  customFields: CustomFields,
  adapter: Parameters<typeof assertCustomColumns>[1] = new Map([['acme', { erp }]]),
): Promise<void> =>
  assertCustomColumns(
    { file: 'tieback.yaml', connections: [{ id: 'acme', customFields } as ConnectionConfig] },
    adapter,
    logger,
  );

test('columns that the ERP offers are in order', async () => {
  await check({
    commitment: { custom_field_1: 'udPermit' },
    commitment_line: { custom_field_2: 'udTonnage' },
  });
  expect(warnings).toEqual([]);
});

test.each<[CustomFields, string]>([
  [
    { commitment: { custom_field_1: 'udBond' } },
    'tieback.yaml: connections.acme.customFields.commitment.custom_field_1: the ERP offers no column "udBond" for commitments (it offers udPermit); map it to another one in customFields, or take it out there.',
  ],
  [
    { commitment_line: { custom_field_2: 'udPermit' } },
    'tieback.yaml: connections.acme.customFields.commitment_line.custom_field_2: the ERP offers no column "udPermit" for the lines of commitments (it offers udTonnage); map it to another one in customFields, or take it out there.',
  ],
  [
    { vendor: { custom_field_3: 'udPermit' } },
    'tieback.yaml: connections.acme.customFields.vendor.custom_field_3: the ERP offers no column "udPermit" for vendors (it offers none); map it to another one in customFields, or take it out there.',
  ],
])('%j names file, key and what there is', async (customFields, message) => {
  await expect(check(customFields)).rejects.toThrow(message);
});

test('a kind that the adapter does not keep is named', async () => {
  const none = new Map([['acme', { erp: { kinds: {} } }]]);
  await expect(check({ vendor: { custom_field_3: 'udX' } }, none)).rejects.toThrow(
    'connections.acme.customFields.vendor: this ERP adapter keeps no such records.',
  );
});

test('an ERP that does not answer keeps nobody from starting, and connections of other daemons are theirs', async () => {
  const rules = () => Promise.reject(new TiebackError('ERP_UNREACHABLE', { reason: 'it is away' }));
  await check(
    { vendor: { custom_field_3: 'udX' } },
    new Map([['acme', { erp: { kinds: { vendor: { rules } } } }]]),
  );
  expect(warnings).toEqual(['Custom fields could not be held against the columns of the ERP']);
  await check({ vendor: { custom_field_3: 'udX' } }, new Map());
});
