import { definitionOf, KINDS } from '../../../domain/kinds';
import { ADAPTER_QUESTIONS } from './adapter-questions';
import { CRASH_QUESTIONS, RACE_QUESTIONS } from './crashes';
import { CUSTOM_COLUMN_QUESTIONS } from './custom-columns';
import type { ConformanceKit, ConformanceQuestion, Promised, QuestionLevel } from './kit';
import { answerOf, withAdapter } from './kit';
import { LIMIT_QUESTIONS } from './limits';
import { PAYROLL_READING, PAYROLL_WRITING } from './payroll';
import { PayrollRoom } from './payroll-room';
import { READING_QUESTIONS } from './reading';
import type { Subject } from './room';
import { Room, Tags } from './room';
import { WRITING_QUESTIONS } from './writing';

export { runConformance } from './kit';
export type {
  AnsweredQuestion,
  Answer,
  ConformanceKit,
  ConformanceQuestion,
  KindSample,
  KindSamples,
  Promised,
  QuestionLevel,
} from './kit';
export type { PayrollStage } from './payroll-stage';

const atLevel =
  (level: QuestionLevel) =>
  <Q extends Omit<Promised, 'level'>>(question: Q): Q & Promised => ({ ...question, level });

/**
 * How to add a question: add it to the list of the file it belongs to; then show in `test/deep/erp-adapters/conformance-catches.test.ts`
 * an adapter that it catches.
 */
const ABOUT_ADAPTERS = ADAPTER_QUESTIONS.map(atLevel('safe'));
const ABOUT_KINDS = [
  ...READING_QUESTIONS.map(atLevel('safe')),
  ...[
    ...WRITING_QUESTIONS,
    ...LIMIT_QUESTIONS,
    ...CUSTOM_COLUMN_QUESTIONS,
    ...CRASH_QUESTIONS,
    ...RACE_QUESTIONS,
  ].map(atLevel('writing')),
];

const ABOUT_PAYROLL = [...PAYROLL_READING.map(atLevel('safe')), ...PAYROLL_WRITING.map(atLevel('writing'))];

const promiseOf = ({ name, level, title }: Promised): Promised => ({ name, level, title });

/** Every promise there is a question about: of an adapter as a whole, of every kind it keeps, and of payroll where it keeps one. */
export const CONFORMANCE_PROMISES = {
  ofAdapter: ABOUT_ADAPTERS.map(promiseOf),
  ofKind: ABOUT_KINDS.map(promiseOf),
  ofPayroll: ABOUT_PAYROLL.map(promiseOf),
} as const;

/**
 * Everything an adapter promises, as questions that can be put to a live system: by tests, and by `tieback doctor` (which asks only
 * the `safe` ones unless told that the company is a test company). All questions are asked about every kind the adapter keeps; the
 * `writing` ones where there is a sample of the kind. An adapter without payroll is not asked about it.
 */
export function conformanceQuestions(kit: ConformanceKit): readonly ConformanceQuestion[] {
  const adapter = kit.open();
  void adapter.close();
  const tags = new Tags();
  const aboutAdapter = ABOUT_ADAPTERS.map((question): ConformanceQuestion => ({
    ...promiseOf(question),
    id: question.name,
    about: null,
    ask: () => answerOf(() => withAdapter(kit, {}, (opened) => question.see(opened))),
  }));
  const aboutKinds = KINDS.flatMap((kind) => {
    const kept = adapter.kinds[kind];
    if (kept === undefined) return [];
    const definition = definitionOf(kind);
    const [isSearched, tellsKeys] = [kept.findSimilar !== undefined, kept.keys !== undefined];
    const repeatsNewest = kept.repeatsNewest === true;
    const subject: Subject = { kind, kit, definition, isSearched, tellsKeys, repeatsNewest };
    return ABOUT_KINDS.filter(
      ({ level, where }) => (level === 'safe' || isSampled(subject)) && (where?.(subject) ?? true),
    ).map((question): ConformanceQuestion => ({
      ...promiseOf(question),
      id: `${question.name}:${kind}`,
      title: `${definition.plural}: ${question.title}`,
      about: kind,
      ask: () => answerOf(() => Room.use({ kit, kind, tags }, (room) => question.see(room))),
    }));
  });
  const aboutPayroll = ABOUT_PAYROLL.filter(
    ({ level }) => adapter.payroll !== undefined && (level === 'safe' || kit.payroll !== undefined),
  ).map((question): ConformanceQuestion => ({
    ...promiseOf(question),
    id: question.name,
    about: null,
    ask: () => answerOf(() => PayrollRoom.use({ kit, tags }, (room) => question.see(room))),
  }));
  return [...aboutAdapter, ...aboutKinds, ...aboutPayroll];
}

/** Without any sample, a kind is written where a name is enough. */
const isSampled = ({ kit, kind, definition }: Subject): boolean =>
  kit.samples === undefined ? definition.likeness !== undefined : kit.samples[kind] !== undefined;
