import type { Kind } from '../../../domain/kinds';
import type { CustomColumnNames } from '../../../domain/kinds/custom-fields';
import type { CanonicalRecord } from '../../../domain/kinds/record';
import type { ErpAdapter } from '../adapter';
import type { Io } from '../definition';
import type { PayrollStage } from './payroll-stage';

/** How the suite makes records of one kind. */
export interface KindSample {
  /**
   * A valid new record that refers to records of the company. `tag` is 9 plain capitals and digits that nobody had before, for numbers
   * and names.
   */
  sample(tag: string): CanonicalRecord | Promise<CanonicalRecord>;
  /** A free text field of the header that may change after the record was written; absent where there is none. */
  readonly changes?: string;
  /** Fields of the header that the kind has and such a record has not, because the ERP makes them of nothing. */
  readonly lacks?: readonly string[];
}

/** Kinds without a sample are only read. */
export type KindSamples = Readonly<Partial<Record<Kind, KindSample>>>;

/** What the suite needs to know about the ERP it questions. */
export interface ConformanceKit {
  /** Opens one more adapter on the same company, independent of the others. The suite closes it. */
  readonly open: (options?: { readonly io?: Io }) => ErpAdapter;
  /** The same, told which columns custom fields are mapped to. Absent: nothing is asked about such columns. */
  readonly openMapping?: (customColumns: CustomColumnNames) => ErpAdapter;
  /** Records per page when paging is tried out. Default 25. */
  readonly pageSize?: number;
  /** Without one of their own, vendors are made of a name and a short name. */
  readonly samples?: KindSamples;
  /** Lines of timecards, and the people of payroll. Absent: payroll is only read. */
  readonly payroll?: PayrollStage;
  /** What the people of the accounting office do, where a test can play them. Questions that need them are skipped otherwise. */
  readonly people?: {
    /** Someone opens the file of this kind, so that programs must wait. */
    hold(kind: Kind): void | Promise<void>;
    release(kind: Kind): void | Promise<void>;
  };
}

/** `safe` questions only read. `writing` ones leave records named "Tieback check ..." or as sampled behind: for a test company only. */
export type QuestionLevel = 'safe' | 'writing';

export interface Answer {
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What was seen, what is wrong, or why it could not be asked. */
  readonly detail: string;
}

/** A promise that an adapter makes. */
export interface Promised {
  /** Unique among the questions about a kind, and among those about the adapter. */
  readonly name: string;
  readonly level: QuestionLevel;
  /** The promise, as a sentence. */
  readonly title: string;
}

export interface ConformanceQuestion extends Promised {
  /** `<name>` or `<name>:<kind>`. */
  readonly id: string;
  /** Null: about the adapter as a whole. */
  readonly about: Kind | null;
  /** Never throws: what goes wrong is a `failed` answer. */
  readonly ask: () => Promise<Answer>;
}

export type AnsweredQuestion = Omit<ConformanceQuestion, 'ask'> & Answer;

/** Thrown by a question that cannot be asked here. */
export class QuestionSkipped extends Error {}

/** Fails the question unless `condition` holds. */
export function ensure(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

/** Fails the question when something is on the list. */
export const ensureNone = (problems: readonly string[], before = ''): void =>
  ensure(problems.length === 0, `${before}${some(problems)}`);

/** "10011, 10012 and 3 more" */
export function some(items: readonly string[]): string {
  const shown = items.slice(0, 5).join(', ');
  return items.length > 5 ? `${shown} and ${items.length - 5} more` : shown;
}

/** Opens an adapter for as long as `use` runs. */
export async function withAdapter<T>(
  { open }: ConformanceKit,
  options: { readonly io?: Io },
  use: (adapter: ErpAdapter) => Promise<T>,
): Promise<T> {
  const adapter = open(options);
  try {
    return await use(adapter);
  } finally {
    await adapter.close();
  }
}

/** The answer to a question that returns what it saw, or throws. */
export async function answerOf(see: () => Promise<string>): Promise<Answer> {
  try {
    return { status: 'passed', detail: await see() };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { status: error instanceof QuestionSkipped ? 'skipped' : 'failed', detail };
  }
}

/** Asks one question after the other and tells each answer as it comes. */
export async function runConformance(
  questions: readonly ConformanceQuestion[],
  onAnswer: (answer: AnsweredQuestion) => void = () => undefined,
): Promise<readonly AnsweredQuestion[]> {
  const answers: AnsweredQuestion[] = [];
  for (const { ask, ...question } of questions) {
    const answer = { ...question, ...(await ask()) };
    answers.push(answer);
    onAnswer(answer);
  }
  return answers;
}
