import { dateIn } from '../../../domain/base/time-zone';
import { definitionOf } from '../../../domain/kinds';
import type { Fields } from '../../../domain/kinds/record';
import type { Answers, ProcoreId, Question, RecordDraft } from '../../../domain/request/intent';
import { keyOfQuestion } from '../../../domain/request/intent';

/** What one reading leaves open: it is asked once, and read with what is known until there is an answer. */
export class Asking {
  private readonly asked = new Map<string, Question>();

  /** `timeZone`: IANA name of the zone where Procore says none. */
  constructor(
    private readonly answers: Answers,
    private readonly timeZone: string,
  ) {}

  /** What Procore answered; null: nothing, or not yet. */
  answer(question: Question): string | null {
    const key = keyOfQuestion(question);
    const answer = this.answers[key];
    if (answer === undefined) this.asked.set(key, question);
    return answer ?? null;
  }

  /** Without an answer so far. */
  get questions(): readonly Question[] {
    return [...this.asked.values()];
  }

  /** Instants in the date fields of a draft become dates of the zone of its project. */
  readonly localised = (draft: RecordDraft): RecordDraft => {
    const { fields: definitions } = definitionOf(draft.kind);
    const fields: Fields = Object.fromEntries(
      Object.entries(draft.fields).map(([field, value]) => {
        const isInstant =
          definitions[field]?.type === 'date' && typeof value === 'string' && value.length > 10;
        return [field, isInstant ? dateIn(Date.parse(value), this.zoneOf(draft.projectId)) : value];
      }),
    );
    return { ...draft, fields };
  };

  private zoneOf(projectId: ProcoreId | null): string {
    const own = projectId === null ? null : this.answer({ what: 'time_zone', id: projectId });
    return own ?? this.timeZone;
  }
}
