import { conformanceQuestions } from '../../../src/erp-adapters/contract/conformance';
import { sampleCompany } from './sample-kit';

/** The whole suite on the sample adapter, one test per question: copy this file for a new adapter. */
describe('the sample adapter', () => {
  const company = sampleCompany();
  afterAll(() => company.remove());
  const skipped = new Set<string>();

  test.each(
    conformanceQuestions(company.kit).map((question) => [question.id, question.title, question] as const),
  )('%s: %s', async (_id, _title, question) => {
    const { status, detail } = await question.ask();
    // The detail says what was seen, and what was expected instead.
    if (status === 'failed') throw new Error(detail);
    if (status === 'skipped') skipped.add(question.name);
  });

  test('what could not be asked of some kind is known', () => {
    const known = ['code-tables', 'dangling', 'decimals', 'numbers', 'race-numbers', 'unique'];
    const custom = ['custom-columns', 'custom-limits', 'custom-unmapped'];
    expect([...skipped].sort()).toEqual([...known, ...custom].sort());
  });
});
