import { testConformance } from '../../support/conformance';
import { sampleCompany } from '../../unit/erp-adapters/sample-kit';

describe('the sample adapter', () => {
  const company = sampleCompany();
  afterAll(() => company.remove());

  testConformance(company.kit, [
    'code-tables',
    'custom-columns',
    'custom-limits',
    'custom-unmapped',
    'dangling',
    'decimals',
    'numbers',
    'outcomes',
    'race-numbers',
    'unique',
  ]);
});
