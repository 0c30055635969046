import { ON_A_SERVER, testConformance } from '../../support/conformance';
import { skippedOnSqlServer, testServer } from '../../support/mssql';
import { vistaCompany, VistaOnServer } from '../../unit/erp-adapters/vista-kit';

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

/** The same of orders, their changes and invoices. */
const NOT_FOR_ORDERS = ['numbers', 'race-numbers', 'unique'];

describe('the Vista adapter', () => {
  const company = vistaCompany();
  afterAll(() => company.remove());

  testConformance(company.kit, NOT_FOR_ALL);
});

describe('its purchase orders', () => {
  const company = vistaCompany();
  afterAll(() => company.remove());

  testConformance(company.kitOf('PO'), NOT_FOR_ORDERS, { samplesOnly: true });
});

const server = testServer();
if (server === null) skippedOnSqlServer('the conformance of Vista');
else
  describe('on SQL Server', () => {
    const company = new VistaOnServer(server);
    beforeAll(() => company.create(), 120_000);
    afterAll(() => company.drop());

    describe('the Vista adapter', () => testConformance(company.kit('SL'), NOT_FOR_ALL, ON_A_SERVER));
    describe('its purchase orders', () =>
      testConformance(company.kit('PO'), NOT_FOR_ORDERS, { samplesOnly: true, ...ON_A_SERVER }));
  });
