import type { Vendor } from '../../../domain/kinds/vendor';
import type { CanonicalRecord } from '../../../domain/kinds/record';
import type { ErpAdapter, RecordEntity } from '../adapter';
import type { Io } from '../definition';

/** How the suite makes records of one kind. */
export interface RecordKit {
  /**
   * A valid new record that refers to records of the company. `tag` is 9 plain characters that nobody had before, for numbers and
   * names.
   */
  sample(tag: string): CanonicalRecord | Promise<CanonicalRecord>;
  /** A free text field of the header that may change after the record was written; absent where there is none. */
  readonly changes?: string;
}

/** Kinds without a kit are only read. */
export type RecordKits = Readonly<Partial<Record<RecordEntity, RecordKit>>>;

/** What the suite needs to know about the ERP it questions. */
export interface ConformanceKit {
  /** Opens one more adapter on the same company, independent of the others. The suite closes it. */
  open(options?: { readonly io?: Io }): ErpAdapter;
  /** Vendors per page when paging is tried out; small against the size of the company. Default 25. */
  readonly pageSize?: number;
  /** Values a new vendor must have in this ERP, beyond a name and a sort name. */
  readonly newVendor?: Readonly<Partial<Vendor>>;
  readonly records?: RecordKits;
  /** What the people of the accounting office do, where a test can play them. Questions that need them are skipped otherwise. */
  readonly people?: {
    /** Someone opens the vendor file, so that programs must wait. */
    lockVendors(): void | Promise<void>;
    unlockVendors(): void | Promise<void>;
  };
}

/** `safe` questions only read. `writing` questions leave vendors named "Tieback check ..." and records behind:
 * for a test company only. */
export type QuestionKind = 'safe' | 'writing';

export interface Answer {
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What was seen, what is wrong, or why it could not be asked. */
  readonly detail: string;
}

export interface ConformanceQuestion {
  readonly id: string;
  readonly kind: QuestionKind;
  /** The promise an adapter makes, as a sentence. */
  readonly title: string;
  /** Never throws: what goes wrong is a `failed` answer. */
  ask(): Promise<Answer>;
}

export interface AnsweredQuestion extends Answer {
  readonly id: string;
  readonly kind: QuestionKind;
  readonly title: string;
}

/** Thrown by a question whose promise is broken. */
export class ConformanceFailure extends Error {}

/** Thrown by a question that cannot be asked here. */
export class QuestionSkipped extends Error {}

/** Fails the question unless `condition` holds. */
export function ensure(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new ConformanceFailure(otherwise);
}

/** Makes a question of a function that returns what it saw, or throws. */
export function question(
  kind: QuestionKind,
  id: string,
  title: string,
  see: () => Promise<string>,
): ConformanceQuestion {
  return {
    id,
    kind,
    title,
    async ask() {
      try {
        return { status: 'passed', detail: await see() };
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        return { status: error instanceof QuestionSkipped ? 'skipped' : 'failed', detail };
      }
    },
  };
}

/** Asks one question after the other and tells each answer as it comes. */
export async function runConformance(
  questions: readonly ConformanceQuestion[],
  onAnswer: (answer: AnsweredQuestion) => void = () => undefined,
): Promise<readonly AnsweredQuestion[]> {
  const answers: AnsweredQuestion[] = [];
  for (const question of questions) {
    const { id, kind, title } = question;
    const answer = { id, kind, title, ...(await question.ask()) };
    answers.push(answer);
    onAnswer(answer);
  }
  return answers;
}
