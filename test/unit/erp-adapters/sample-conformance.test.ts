import { testConformance } from '../../support/conformance';
import { sampleCompany } from './sample-kit';

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
