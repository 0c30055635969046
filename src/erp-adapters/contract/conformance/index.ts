import { crashQuestions } from './crashes';
import type { ConformanceKit, ConformanceQuestion } from './kit';
import { limitQuestions } from './limits';
import { raceQuestions } from './races';
import { recordQuestions } from './records';
import { safeQuestions } from './safe';
import { searchQuestions } from './search';
import { TestVendors } from './test-vendors';
import { writeQuestions } from './writes';

export { runConformance } from './kit';
export type {
  AnsweredQuestion,
  Answer,
  ConformanceKit,
  ConformanceQuestion,
  QuestionKind,
  RecordKit,
  RecordKits,
} from './kit';

/**
 * Everything an adapter promises, as questions that can be put to a live system: by tests, and by `tieback doctor` (which asks only
 * the `safe` ones unless told that the company is a test company).
 *
 * How to add a question: add it to the list of the file it belongs to; then show in `test/deep/erp-adapters/conformance-catches.test.ts`
 * an adapter that it catches.
 */
export function conformanceQuestions(kit: ConformanceKit): readonly ConformanceQuestion[] {
  const vendors = new TestVendors(kit);
  return [
    ...safeQuestions(kit),
    ...writeQuestions(kit, vendors),
    ...limitQuestions(kit, vendors),
    ...searchQuestions(kit, vendors),
    ...crashQuestions(kit, vendors),
    ...raceQuestions(kit, vendors),
    ...recordQuestions(kit, vendors),
  ];
}
