import { testConformance } from '../../support/conformance';
import { vistaCompany } from '../../unit/erp-adapters/vista-kit';

/** What Vista has for some kinds only: numbers of its own, states, free text, amounts, columns of the customer. */
const NOT_FOR_ALL = [
  'code-tables',
  'custom-columns',
  'custom-limits',
  'custom-unmapped',
  'dangling',
  'decimals',
  'inactive-visible',
  'limit-exact',
  'limit-too-long',
  'numbers',
  'order-kept',
  'outcomes',
  'race-numbers',
  'unicode',
  'unique',
];

describe('the Vista adapter', () => {
  const company = vistaCompany();
  afterAll(() => company.remove());

  testConformance(company.kit, NOT_FOR_ALL);
});
