import { conformanceQuestions, CONFORMANCE_PROMISES } from '../../../src/erp-adapters/contract/conformance';
import { ledgerline } from '../../support/ledgerline';
import { sampleCompany } from './sample-kit';
import { vistaCompany } from './vista-kit';

/** Payroll alone, in seconds: the deep room asks about everything. */
describe.each([
  ['the sample ERP', sampleCompany],
  ['Vista', vistaCompany],
] as const)('%s', (_name, make) => {
  const company = make();
  afterAll(() => company.remove());
  const questions = conformanceQuestions(company.kit).filter(({ name }) => name.startsWith('payroll-'));

  test('is asked every question about payroll', () => {
    expect(questions.map(({ name }) => name)).toEqual(CONFORMANCE_PROMISES.ofPayroll.map(({ name }) => name));
  });

  test.each(questions.map((question) => [question.id, question] as const))('%s', async (_id, { ask }) => {
    expect(await ask()).toMatchObject({ status: 'passed' });
  });
});

test('an adapter without payroll is not asked about it', () => {
  const questions = conformanceQuestions({
    open: () => ledgerline.create({ connectionId: 'demo', settings: { file: 'never-opened.db' } }),
  });
  expect(questions.filter(({ name }) => name.startsWith('payroll-'))).toEqual([]);
});

test('where nobody plays the clerk, payroll is only read', () => {
  const company = sampleCompany();
  const { payroll, ...kit } = company.kit;
  expect(payroll).toBeDefined();
  const asked = conformanceQuestions(kit).filter(({ name }) => name.startsWith('payroll-'));
  company.remove();
  expect(new Set(asked.map(({ level }) => level))).toEqual(new Set(['safe']));
});
