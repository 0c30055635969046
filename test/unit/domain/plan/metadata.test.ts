import { planMetadata } from '../../../../src/domain/plan/metadata';
import type { Plan } from '../../../../src/domain/plan/plan';
import { columnsFor } from '../records';
import { VENDOR_COLUMNS } from '../vendors';

const plan = (revision = 'r1'): Plan =>
  planMetadata('acme', {
    metadata: {
      system: 'Vista',
      records: { vendor: VENDOR_COLUMNS, commitment: columnsFor('commitment') },
    },
    revision,
  });

test('the whole configuration is one operation, with a line for each kind', () => {
  expect(plan()).toMatchObject({
    subject: 'fields and limits of Vista',
    operations: [
      {
        seq: 1,
        side: 'procore',
        action: 'send_metadata',
        kind: null,
        recordId: 'metadata/acme',
        target: 'Metadata configuration',
        targetRevision: 'r1',
        operationKey: 'acme:metadata/acme:1:r1',
        changes: [
          { field: 'vendor', label: 'Vendor', old: null, new: '14 fields' },
          { field: 'commitment', label: 'Commitment', old: null, new: '9 fields' },
          { field: 'revision', label: 'Revision', old: null, new: 'r1' },
        ],
      },
    ],
    warnings: [],
    leftOut: [],
    facts: { kinds: ['vendor', 'commitment'], projects: [], amount: null },
  });
});

test('the same configuration is the same plan; another limit alone is another one', () => {
  expect(plan()).toEqual(plan());
  expect(plan('r2').hash).not.toBe(plan('r1').hash);
});

test('a kind that we do not know is not spoken of', () => {
  const records: Record<string, typeof VENDOR_COLUMNS> = {
    vendor: VENDOR_COLUMNS,
    spaceship: VENDOR_COLUMNS,
  };
  const { facts } = planMetadata('acme', { metadata: { system: 'Vista', records }, revision: 'r' });
  expect(facts.kinds).toEqual(['vendor']);
});
