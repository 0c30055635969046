import { dateIn } from '../../../domain/base/time-zone';
import { definitionOf } from '../../../domain/kinds';
import type { CustomFields, CustomLabels } from '../../../domain/kinds/custom-fields';
import type { Fields } from '../../../domain/kinds/record';
import { lineFieldOf } from '../../../domain/plan/export';
import type { Answers, ProcoreId, Question, RecordDraft } from '../../../domain/request/intent';
import { keyOfQuestion } from '../../../domain/request/intent';
import type { CustomReading, ReadDraft } from './custom-fields';
import { readCustomFields } from './custom-fields';

/** What one reading leaves open: it is asked once, and read with what is known until there is an answer. */
export class Asking {
  private readonly asked = new Map<string, Question>();

  /** `timeZone`: IANA name of the zone where Procore says none. */
  constructor(
    private readonly answers: Answers,
    private readonly timeZone: string,
    private readonly customFields: CustomFields = {},
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

  /** A draft as the planner takes it: with its mapped custom fields, and with dates of the zone of its project where it had instants. */
  readonly finished = (draft: ReadDraft): RecordDraft => {
    const { fields: definitions } = definitionOf(draft.kind);
    const dateOf = (instant: string): string => dateIn(Date.parse(instant), this.zoneOf(draft.projectId));
    const fields: Fields = Object.fromEntries(
      Object.entries(draft.fields).map(([field, value]) => {
        const isInstant =
          definitions[field]?.type === 'date' && typeof value === 'string' && value.length > 10;
        return [field, isInstant ? dateOf(value) : value];
      }),
    );
    return this.withCustomFields({ ...draft, fields }, dateOf);
  };

  private withCustomFields(
    { holder, lines, ...draft }: ReadDraft,
    dateOf: (instant: string) => string,
  ): RecordDraft {
    const ofHeader = this.customFields[draft.kind];
    const header = ofHeader && readCustomFields(ofHeader, holder, dateOf);
    const read = lines.map(({ holder: at, ...line }) => {
      const mapped = this.customFields[line.kind];
      return { line, custom: mapped && readCustomFields(mapped, at, dateOf) };
    });
    const finished = {
      ...draft,
      lines: read.map(({ line, custom }) =>
        custom === undefined ? line : { ...line, fields: { ...line.fields, ...custom.values } },
      ),
    };
    const ofLines = read.flatMap(({ line, custom }) => (custom === undefined ? [] : [{ line, custom }]));
    if (header === undefined && ofLines.length === 0) return finished;
    const unread = [
      ...Object.entries(header?.unread ?? {}),
      ...ofLines.flatMap(({ line, custom }) =>
        Object.entries(custom.unread).map(([field, problem]): [string, string] => [
          lineFieldOf(line, field),
          `Line ${line.number}: ${problem}`,
        ]),
      ),
    ];
    return {
      ...finished,
      fields: { ...draft.fields, ...header?.values },
      custom: {
        fields: header?.labels ?? {},
        lines: labelsOf(ofLines),
        unread: Object.fromEntries(unread),
      },
    };
  }

  private zoneOf(projectId: ProcoreId | null): string {
    const own = projectId === null ? null : this.answer({ what: 'time_zone', id: projectId });
    return own ?? this.timeZone;
  }
}

/** A field of lines has one name: the first that Procore gives it. */
function labelsOf(
  lines: readonly { readonly line: ReadDraft['lines'][number]; readonly custom: CustomReading }[],
): CustomLabels['lines'] {
  const labels: Record<string, Record<string, string | null>> = {};
  for (const { line, custom } of lines) {
    const known = (labels[line.kind] ??= {});
    for (const [field, label] of Object.entries(custom.labels)) known[field] = known[field] ?? label;
  }
  return labels;
}
