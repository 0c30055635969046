import { DOUBTED, GONE, WAITS } from '../domain/request/exception';
import type { ReconciledKind } from '../domain/request/id';
import { isOfReconcile, isReconciled, requestWords } from '../domain/request/id';
import type { SideName } from '../domain/reconcile/side-record';
import type { Repositories } from '../store/repositories';
import type { ExceptionRow } from '../store/rows';
import type { Store } from '../store/store';
import { nextSteps } from './next-steps';
import { DeskRefusal } from './refusal';

/** A record that waits for a person, what it holds up, and the way out. */
export interface ExceptionView extends ExceptionRow {
  /** Ids of the requests that wait for it. */
  readonly holdsUp: readonly string[];
  /** What to do, with the command; the words of its hint come on top. */
  readonly act: string;
}

/** Which exceptions. */
export interface ExceptionFilter {
  readonly connectionId?: string | undefined;
  readonly kind?: string | undefined;
  readonly owner?: string | undefined;
  /** Those too that somebody ignores. */
  readonly ignored?: boolean | undefined;
}

/** Records that wait for a person, the oldest first; of one connection, or of all. */
export const listExceptions = (
  store: Store,
  { connectionId, kind, owner, ignored = false }: ExceptionFilter,
): Promise<{ readonly exceptions: readonly ExceptionView[]; readonly connectionIds: readonly string[] }> =>
  store.read('desk.exceptions', async (t) => {
    const connectionIds = (await t.connections.all()).map(({ id }) => id);
    const wanted = connectionIds.filter((id) => connectionId === undefined || id === connectionId);
    const open = (await Promise.all(wanted.map((id) => t.exceptions.listOpen(id, kind)))).flat();
    const shown = open.filter(
      (one) =>
        // What waits for another record goes on by itself.
        one.cause !== WAITS &&
        (ignored || one.ignored === null) &&
        (owner === undefined || one.owner === owner),
    );
    const waitedFor = new Set((await Promise.all(wanted.map((id) => t.waits.waitedFor(id)))).flat());
    const views = shown.map((one) => viewOf(t, one, waitedFor.has(one.recordId)));
    return { exceptions: await Promise.all(views), connectionIds };
  });

/** One of them, open. Throws `DeskRefusal` `EXCEPTION_UNKNOWN`, `RECORD_AMBIGUOUS`. */
export async function findException(
  store: Store,
  { recordId, connectionId }: { readonly recordId: string; readonly connectionId?: string | undefined },
): Promise<ExceptionView> {
  const [found, second] = await store.read('desk.exception', async (t) => {
    const ids = (await t.connections.all()).map(({ id }) => id);
    const wanted = ids.filter((id) => connectionId === undefined || id === connectionId);
    const rows = await Promise.all(wanted.map((id) => t.exceptions.find(id, recordId)));
    const open = rows.flatMap((row) => (row?.resolvedAt === null ? [row] : []));
    return Promise.all(open.map((row) => viewOf(t, row)));
  });
  if (found === undefined)
    throw new DeskRefusal(
      'EXCEPTION_UNKNOWN',
      `Nothing is open about "${recordId}".`,
      '`tieback exceptions` lists what is.',
    );
  if (second !== undefined)
    throw new DeskRefusal(
      'RECORD_AMBIGUOUS',
      `Several connections have "${recordId}".`,
      'Say which: --connection <name>.',
    );
  return found;
}

const viewOf = async (
  t: Repositories,
  exception: ExceptionRow,
  isWaitedFor = true,
): Promise<ExceptionView> => {
  const [holdsUp, way] = await Promise.all([
    isWaitedFor ? t.waits.waitingFor(exception.connectionId, [exception.recordId]) : [],
    wayOut(t, exception),
  ]);
  return { ...exception, holdsUp: holdsUp.filter((id) => id !== exception.requestId), act: way.words };
};

/** How it goes on: a look again, a command of its request, or nothing to be typed. */
export type WayOut =
  | {
      readonly can: 'again';
      readonly place: { readonly kind: ReconciledKind; readonly side: SideName; readonly recordKey: string };
      readonly words: string;
    }
  | { readonly can: 'elsewhere'; readonly words: string };

/** Where an exception is taken up again, by who reported it. */
export async function wayOut(t: Repositories, exception: ExceptionRow): Promise<WayOut> {
  const { connectionId, recordId, recordKind, erpKey, requestId, cause } = exception;
  const elsewhere = (words: string): WayOut => ({ can: 'elsewhere', words });
  if (requestId === null) return elsewhere(BY_SWEEP[cause] ?? 'The next sync takes it up.');
  if (isOfReconcile(requestId) && isReconciled(recordKind)) {
    const place =
      erpKey === null
        ? { kind: recordKind, side: 'procore' as const, recordKey: recordId.slice(recordId.indexOf('/') + 1) }
        : { kind: recordKind, side: 'erp' as const, recordKey: erpKey };
    return { can: 'again', place, words: `\`tieback exceptions retry ${recordId}\` compares it again.` };
  }
  const request = await t.requests.find({ connectionId, id: requestId });
  const steps = request === null ? [] : nextSteps(request);
  if (steps.length > 0)
    return elsewhere(
      `It belongs to ${requestWords(requestId)}: ${steps.map((step) => `\`tieback ${step} ${requestId}\``).join(', ')}.`,
    );
  return elsewhere(`${requestWords(requestId)} is over; what carries the record next closes this.`);
}

const BY_SWEEP: Readonly<Record<string, string>> = {
  [GONE]: '`tieback sweep` looks again.',
  [DOUBTED]: '`tieback sweep` looks again.',
};
