import { shorten } from '../../domain/base/text';
import type { Kind } from '../../domain/kinds';
import { isKind } from '../../domain/kinds';
import type { FieldValue } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';
import type { Visitor } from '../../domain/people/access';
import { isSeen } from '../../domain/request/stage';
import type { Sides, SidesIn } from '../../store/sides';
import type { ConflictView } from '../conflicts';
import { listConflicts, resultOf } from '../conflicts';
import type { ExceptionView } from '../exceptions';
import { listExceptions } from '../exceptions';
import type { SuggestedPair, SuggestedPairs } from '../links/suggestions';
import { suggestPairs } from '../links/suggestions';
import { DeskRefusal } from '../refusal';
import type { ListParts } from './list';
import { reached } from './list';

/** Which problems people look at. */
export interface ProblemsAsked {
  readonly connections?: readonly string[] | undefined;
  readonly kind?: Kind | undefined;
  readonly owner?: string | undefined;
  /** Those too that somebody chose to leave. */
  readonly ignored?: boolean | undefined;
}

/** Nobody works through more of them on one page. */
const MOST_SHOWN = 500;

/** What somebody can choose, with what follows of it. */
export interface ChoiceShown {
  readonly take: 'procore' | 'erp' | 'ignore';
  readonly words: string;
  /** Why it cannot be kept; null: it can, as far as is known. */
  readonly problem: string | null;
}

export interface ConflictShown extends ConflictView {
  /** A typed value besides these is written to both sides. */
  readonly choices: readonly ChoiceShown[];
}

export interface ConflictsShown {
  readonly conflicts: readonly ConflictShown[];
  readonly more: boolean;
}

/** Fields on which both sides differ, the oldest first, with what each choice leads to. */
export async function conflictsFor(
  parts: ListParts,
  visitor: Visitor,
  { connections, ...asked }: ProblemsAsked & { readonly search?: string | undefined },
): Promise<ConflictsShown> {
  const mine = await reached(parts, visitor, connections);
  const found = await Promise.all(
    mine.map(async ({ connectionId, reach }) =>
      (await listConflicts(parts.store, { ...asked, connectionId })).conflicts.filter((one) =>
        isSeen(reach, one),
      ),
    ),
  );
  const all = found.flat().sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
  return {
    conflicts: all.slice(0, MOST_SHOWN).map((conflict) => ({ ...conflict, choices: choicesOf(conflict) })),
    more: all.length > MOST_SHOWN,
  };
}

const choicesOf = (conflict: ConflictView): readonly ChoiceShown[] =>
  (['procore', 'erp', 'ignore'] as const).map((take) => {
    const result = resultOf(conflict, { take });
    const moves = [
      ...('procore' in result ? [moveOf('Procore', conflict.procore, result.procore)] : []),
      ...('erp' in result ? [moveOf('The ERP', conflict.erp, result.erp)] : []),
    ];
    const nothing =
      take === 'ignore'
        ? 'Nothing is written: both keep what they have, until one of them changes.'
        : 'Nothing is written.';
    return { take, words: moves.join(' ') || nothing, problem: result.problem };
  });

const moveOf = (side: string, old: FieldValue, next: FieldValue | undefined): string =>
  `${side} gets ${valueWords(next ?? null)} in place of ${valueWords(old)}.`;

const valueWords = (value: FieldValue): string =>
  value === null
    ? 'nothing'
    : typeof value === 'boolean'
      ? value
        ? 'yes'
        : 'no'
      : `"${shorten(value, 200)}"`;

export interface ExceptionsShown {
  readonly exceptions: readonly ExceptionView[];
  readonly more: boolean;
}

/** Records that wait for a person, the oldest first, with what they hold up. */
export async function exceptionsFor(
  parts: ListParts,
  visitor: Visitor,
  { connections, ...asked }: ProblemsAsked,
): Promise<ExceptionsShown> {
  const found = await Promise.all(
    (await reached(parts, visitor, connections)).map(async ({ connectionId, reach }) => {
      const { exceptions } = await listExceptions(parts.store, { ...asked, connectionId });
      if (reach.sees === null) return exceptions;
      const projects = await projectsOf(parts, connectionId, exceptions);
      return exceptions.filter((_, index) => isSeen(reach, { projectId: projects[index] ?? null }));
    }),
  );
  const all = found.flat().sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
  return { exceptions: all.slice(0, MOST_SHOWN), more: all.length > MOST_SHOWN };
}

/** The project of each: of the request that reported it, or of its record. */
const projectsOf = (
  { store }: ListParts,
  connectionId: string,
  exceptions: readonly ExceptionView[],
): Promise<readonly (number | null)[]> =>
  store.read('desk.exceptions.projects', (t) =>
    Promise.all(
      exceptions.map(async ({ recordId, recordKind, requestId }) => {
        const request = requestId === null ? null : await t.requests.find({ connectionId, id: requestId });
        const id = Number(recordId.slice(recordId.indexOf('/') + 1));
        if (request !== null && request.projectId !== null) return request.projectId;
        if (!isKind(recordKind) || !Number.isSafeInteger(id)) return null;
        const [link] = await t.links.byProcoreIds(connectionId, recordKind, [id]);
        return link?.projectId ?? null;
      }),
    ),
  );

/** A record as a suggestion shows it. */
export interface SuggestedRecord {
  readonly code: string;
  readonly name: string;
  /** What else it holds, field by field. */
  readonly fields: Readonly<Record<string, FieldValue>>;
}

export interface SuggestionsShown extends Omit<SuggestedPairs, 'pairs' | 'taxIds'> {
  readonly pairs: readonly (Omit<SuggestedPair, 'records' | 'kind'> & {
    readonly records: Sides<SuggestedRecord>;
  })[];
  readonly more: boolean;
}

/**
 * Records of both sides that may be one, best first. Whoever sees some projects only does not see what belongs to none. Throws `DeskRefusal`
 * `CONNECTION_UNKNOWN` and as `suggestPairs`.
 */
export async function suggestionsFor(
  parts: ListParts & { readonly sidesIn: SidesIn },
  visitor: Visitor,
  { connectionId, kind }: { readonly connectionId: string; readonly kind: Kind },
): Promise<SuggestionsShown> {
  const [mine] = await reached(parts, visitor, [connectionId]);
  if (mine === undefined || mine.reach.sees !== null)
    throw new DeskRefusal('CONNECTION_UNKNOWN', `There is no connection "${connectionId}".`);
  const { pairs, ...rest } = await suggestPairs(parts.store, parts.sidesIn, connectionId, kind);
  return {
    ...rest,
    pairs: pairs.slice(0, MOST_SHOWN).map(({ records, ...pair }) => ({
      ...pair,
      records: { erp: shownRecord(records.erp), procore: shownRecord(records.procore) },
    })),
    more: pairs.length > MOST_SHOWN,
  };
}

const shownRecord = (record: SuggestedPair['records']['erp']): SuggestedRecord => ({
  code: textIn(record, 'code'),
  name: textIn(record, 'name'),
  fields: record.fields,
});
