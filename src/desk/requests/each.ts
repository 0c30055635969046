import { requestWords } from '../../domain/request/id';
import { DeskRefusal } from '../refusal';

/** What became of one request of several. */
export interface EachOutcome {
  readonly connectionId: string;
  readonly id: string;
  readonly done: boolean;
  /** In one sentence. */
  readonly message: string;
  /** Why not; null: it was done. */
  readonly code: string | null;
  /** Until when (ISO 8601 UTC) it can be withdrawn; null: it cannot. */
  readonly undo: string | null;
}

/** Decisions on their way at the same time. */
const SIDE_BY_SIDE = 8;

/** Whoever cannot decide one cannot decide the others either, and would wait for each. */
const AWAY: ReadonlySet<string> = new Set(['NO_DAEMON', 'TEMPORAL_UNREACHABLE']);

/**
 * Decides about each, some at a time; `decide` answers until when it can be withdrawn, and throws `DeskRefusal` with why not. What it does is said as `said`.
 * Answers in the order of the requests.
 */
export async function decideEach<One extends { readonly connectionId: string; readonly id: string }>(
  requests: readonly One[],
  said: string,
  decide: (one: One) => Promise<string | null>,
): Promise<readonly EachOutcome[]> {
  const outcomes: EachOutcome[] = [];
  let away: DeskRefusal | null = null;
  const answerOf = async (one: One): Promise<DeskRefusal | string | null> => {
    if (away !== null) return away;
    try {
      return await decide(one);
    } catch (error) {
      if (!(error instanceof DeskRefusal)) throw error;
      if (AWAY.has(error.code)) away = error;
      return error;
    }
  };
  for (let at = 0; at < requests.length; at += SIDE_BY_SIDE) {
    const some = requests.slice(at, at + SIDE_BY_SIDE);
    const answers = await Promise.all(some.map(answerOf));
    some.forEach(({ connectionId, id }, index) => {
      const answer = answers[index] ?? null;
      const refusal = answer instanceof DeskRefusal ? answer : null;
      outcomes.push({
        connectionId,
        id,
        done: refusal === null,
        message: refusal?.message ?? `${said}: ${requestWords(id)}.`,
        code: refusal?.code ?? null,
        undo: answer instanceof DeskRefusal ? null : answer,
      });
    });
  }
  return outcomes;
}
