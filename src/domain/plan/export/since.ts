import { sameAmount, isDecimal } from '../../base/money';
import { capital, shorten } from '../../base/text';
import type { FieldDefinition } from '../../kinds';
import { definitionOfDraft } from '../../request/draft-definition';
import type { Fields, FieldValue } from '../../kinds/record';
import type { DraftLine, RecordDraft } from '../../request/intent';
import { lineLabel } from '../references';

/** More than these are counted. */
const MOST_TOLD = 20;

/**
 * What Procore shows otherwise now than when these records were sent, in sentences. `shown`: the same records as Procore's ordinary APIs show them;
 * what those leave empty is not compared, because they show less than an event does. Pure.
 */
export function changesSince(sent: readonly RecordDraft[], shown: readonly RecordDraft[]): readonly string[] {
  const now = new Map(shown.map((draft) => [draft.procoreId, draft]));
  const alone = sent.length === 1;
  const told = sent.flatMap((draft) => {
    const there = now.get(draft.procoreId);
    const changes =
      there === undefined ? [`${draft.label} is not in Procore any more.`] : changesIn(draft, there);
    return alone || there === undefined ? changes : changes.map((words) => `${draft.label}: ${words}`);
  });
  const more = told.length - MOST_TOLD;
  return more > 0
    ? [...told.slice(0, MOST_TOLD), `${more} more changes in Procore since it was sent.`]
    : told;
}

function changesIn(sent: RecordDraft, shown: RecordDraft): readonly string[] {
  const { fields, lines } = definitionOfDraft(sent);
  const held = new Map(shown.lines.map((line) => [line.procoreId, line]));
  const known = new Set(sent.lines.map(({ procoreId }) => procoreId));
  // Lists that show no lines say nothing about them.
  const comparesLines = shown.lines.length > 0;
  return [
    ...changedFields('', fields, sent.fields, shown.fields),
    ...(comparesLines ? sent.lines : []).flatMap((line) => {
      const there = held.get(line.procoreId);
      const words = capital(lineLabel(line));
      if (there === undefined) return line.procoreId === null ? [] : [`${words} is not in Procore any more.`];
      return changedFields(`${words}: `, lines[line.kind]?.fields ?? {}, line.fields, there.fields);
    }),
    ...shown.lines
      .filter(({ procoreId }) => sent.lines.length > 0 && !known.has(procoreId))
      .map(
        (line) =>
          `${capital(lineLabel(line))} (${nameOf(line)}) is new in Procore and not part of what was sent.`,
      ),
  ];
}

const changedFields = (
  where: string,
  definitions: Readonly<Record<string, FieldDefinition>>,
  sent: Fields,
  shown: Fields,
): readonly string[] =>
  Object.entries(definitions).flatMap(([field, { label }]) => {
    const [before, now] = [sent[field] ?? null, shown[field] ?? null];
    return now === null || isSame(before, now)
      ? []
      : [`${where}${label} was sent as ${shownAs(before)}; Procore shows ${shownAs(now)} now.`];
  });

const isSame = (a: FieldValue, b: FieldValue): boolean =>
  typeof a === 'string' && typeof b === 'string' && isDecimal(a) && isDecimal(b) ? sameAmount(a, b) : a === b;

const shownAs = (value: FieldValue): string =>
  value === null
    ? '(empty)'
    : typeof value === 'boolean'
      ? value
        ? 'yes'
        : 'no'
      : `"${shorten(value, 100)}"`;

const nameOf = ({ fields, number }: DraftLine): string => {
  const text = fields['description'] ?? fields['amount'];
  return typeof text === 'string' ? shorten(text, 100) : number;
};
