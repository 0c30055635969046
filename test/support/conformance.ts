import type { ConformanceKit } from '../../src/erp-adapters/contract/conformance';
import { conformanceQuestions } from '../../src/erp-adapters/contract/conformance';

interface ConformanceOptions {
  /** Only about kinds of which there is a sample. */
  readonly samplesOnly?: boolean;
  /** Of each question; default: that of the room. */
  readonly timeoutMs?: number;
}

/** A question breaks a write at every call, each time with connections of its own, which cost a server more than a file. */
export const ON_A_SERVER = { timeoutMs: 240_000 };

/**
 * The whole conformance suite on one adapter: a test per question, and one that knows what could not be asked of some kind. `notAsked`: names
 * of those questions.
 */
export function testConformance(
  kit: ConformanceKit,
  notAsked: readonly string[],
  { samplesOnly = false, timeoutMs }: ConformanceOptions = {},
): void {
  const questions = conformanceQuestions(kit).filter(
    ({ about }) => !samplesOnly || (about !== null && kit.samples?.[about] !== undefined),
  );
  const skipped = new Map<string, string>();

  test.each(questions.map((question) => [question.id, question.title, question] as const))(
    '%s: %s',
    async (id, _title, question) => {
      const { status, detail } = await question.ask();
      // The detail says what was seen, and what was expected instead.
      if (status === 'failed') throw new Error(detail);
      if (status === 'skipped') skipped.set(question.name, `${id}: ${detail}`);
    },
    timeoutMs,
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
