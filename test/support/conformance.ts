import type { ConformanceKit } from '../../src/erp-adapters/contract/conformance';
import { conformanceQuestions } from '../../src/erp-adapters/contract/conformance';

/**
 * The whole conformance suite on one adapter: a test per question, and one that knows what could not be asked of some kind. `notAsked`: names
 * of those questions.
 */
export function testConformance(kit: ConformanceKit, notAsked: readonly string[]): void {
  const skipped = new Map<string, string>();

  test.each(conformanceQuestions(kit).map((question) => [question.id, question.title, question] as const))(
    '%s: %s',
    async (id, _title, question) => {
      const { status, detail } = await question.ask();
      // The detail says what was seen, and what was expected instead.
      if (status === 'failed') throw new Error(detail);
      if (status === 'skipped') skipped.set(question.name, `${id}: ${detail}`);
    },
  );

  test('what could not be asked of some kind is known', () => {
    const unknown = [...skipped].flatMap(([name, why]) => (notAsked.includes(name) ? [] : [why]));
    const asked = notAsked.filter((name) => !skipped.has(name));
    expect({ 'skipped, but not listed': unknown, 'listed, but asked': asked }).toEqual({
      'skipped, but not listed': [],
      'listed, but asked': [],
    });
  });
}
