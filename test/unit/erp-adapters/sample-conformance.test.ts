import { conformanceQuestions } from '../../../src/erp-adapters/contract/conformance';
import { sampleCompany } from './sample-kit';

/** The whole suite on the sample adapter, one test per question: copy this file for a new adapter. */
describe('the sample adapter', () => {
  const company = sampleCompany();
  afterAll(() => company.remove());

  test.each(
    conformanceQuestions(company.kit).map((question) => [question.id, question.title, question] as const),
  )('%s: %s', async (_id, _title, question) => {
    expect(await question.ask()).toMatchObject({ status: 'passed' });
  });
});
