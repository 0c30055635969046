import type { AuditEntry } from '../../domain/audit/chain';
import { recordIdOf } from '../../domain/base/identity';
import type { Kind } from '../../domain/kinds';
import type { MissingVerdict, Sweeping, Told } from '../../domain/reconcile/missing';
import {
  doubtedWords,
  erpSideOf,
  goneWords,
  isSwept,
  kindSideOf,
  missedWords,
} from '../../domain/reconcile/missing';
import { DOUBTED, GONE, MISSED } from '../../domain/request/exception';
import { sweepIdOf, sweepReaderOf } from '../../domain/request/id';
import type { Repositories } from '../../store/repositories';
import type { ExceptionRow } from '../../store/rows';
import type { ActivityDeps } from '../deps';
import { chunks, OF_SWEEP } from './look';

/** So many missed records are handed to the next sync: it reads them in one page. */
const MOST_MISSED = 1000;

/** What a complete sweep concluded about one kind. */
export interface Conclusion {
  readonly connectionId: string;
  readonly kind: Kind;
  readonly sweeping: Sweeping;
  readonly verdict: MissingVerdict;
  readonly missed: readonly string[];
  /** Records told in one transaction. */
  readonly pageSize: number;
}

/** What was news. */
export interface News {
  readonly opened: number;
  readonly closed: number;
}

/**
 * Tells our store, page by page: an exception for each record, or one for the kind; last, what is well again is closed and the sweep is over. Each
 * page may be repeated: what is open already is no news.
 */
export async function tell(
  { store, now }: Pick<ActivityDeps, 'store' | 'now'>,
  conclusion: Conclusion,
): Promise<News> {
  const { connectionId, kind, sweeping, verdict, pageSize } = conclusion;
  const standing = new Set<string>();
  let opened = 0;
  const open = async (
    name: string,
    find: (t: Repositories) => Promise<readonly Finding[]>,
  ): Promise<void> => {
    opened += await store.transaction(name, connectionId, async (t) => {
      const found = await find(t);
      for (const { recordId } of found) standing.add(recordId);
      return openAll(t, connectionId, found, now());
    });
  };
  if (verdict.kind === 'doubted') {
    // What was told before the list was doubted stays, as long as it is missing.
    for (const key of sweeping.missing) standing.add(erpSideOf(kind, key));
    await open('sweep.doubted', () => Promise.resolve([doubtedOf(kind, verdict, sweeping)]));
  } else
    for (const keys of chunks(sweeping.missing, pageSize))
      await open('sweep.gone', async (t) => {
        const links = await t.links.byErpKeys(connectionId, kind, keys);
        return links.filter(isSwept).map((link) => ({
          recordId: erpSideOf(kind, link.erpKey),
          subject: recordIdOf(kind, link.procoreId ?? `erp:${link.erpKey}`),
          erpKey: link.erpKey,
          cause: GONE,
          ...goneWords(link),
        }));
      });
  for (const keys of chunks(conclusion.missed.slice(0, MOST_MISSED), pageSize))
    await open('sweep.missed', () => Promise.resolve(keys.map((key) => missedOf(kind, key))));
  const closed = await store.transaction('sweep.end', connectionId, (t) =>
    end(t, conclusion, standing, now()),
  );
  return { opened, closed };
}

interface Finding extends Told {
  readonly recordId: string;
  /** What the audit log calls it. */
  readonly subject: string;
  readonly erpKey: string | null;
  readonly cause: string;
}

const doubtedOf = (
  kind: Kind,
  verdict: Extract<MissingVerdict, { kind: 'doubted' }>,
  sweeping: Sweeping,
): Finding => ({
  recordId: kindSideOf(kind),
  subject: kindSideOf(kind),
  erpKey: null,
  cause: DOUBTED,
  ...doubtedWords(kind, verdict, sweeping),
});

const missedOf = (kind: Kind, erpKey: string): Finding => ({
  recordId: erpSideOf(kind, erpKey),
  subject: erpSideOf(kind, erpKey),
  erpKey,
  cause: MISSED,
  ...missedWords(kind, erpKey),
});

/** Answers how many were news. */
async function openAll(
  t: Repositories,
  connectionId: string,
  found: readonly Finding[],
  now: string,
): Promise<number> {
  const subjects = new Map(found.map(({ recordId, subject }) => [recordId, subject]));
  const news = await t.exceptions.open(
    found.map(({ recordId, erpKey, cause, reason, hint }) => ({
      connectionId,
      recordId,
      erpKey,
      cause,
      reason,
      hint,
      requestId: null,
      openedAt: now,
    })),
  );
  await t.audit.append(
    connectionId,
    news.map(({ recordId, cause, reason, erpKey }) =>
      entryOf(connectionId, now, 'exception.opened', subjects.get(recordId) ?? recordId, {
        cause,
        reason,
        erpKey,
      }),
    ),
  );
  return news.length;
}

/** Closes what this sweep did not find again, and notes that it came to its end. Answers how many were closed. */
async function end(
  t: Repositories,
  { connectionId, kind }: Conclusion,
  standing: ReadonlySet<string>,
  now: string,
): Promise<number> {
  const reader = sweepReaderOf(kind);
  const [open, last] = await Promise.all([
    t.exceptions.listOpen(connectionId, kind),
    t.checkpoints.get(connectionId, reader),
  ]);
  const closed: ExceptionRow[] = [];
  for (const cause of OF_SWEEP) {
    const over = open.filter((row) => row.cause === cause && !standing.has(row.recordId));
    const which = { connectionId, cause, recordIds: over.map(({ recordId }) => recordId) };
    if (over.length > 0) closed.push(...(await t.exceptions.resolve(which, now)));
  }
  await t.audit.append(
    connectionId,
    closed.map(({ recordId, reason, erpKey }) =>
      entryOf(connectionId, now, 'exception.resolved', recordId, { reason, erpKey, by: 'sweep' }),
    ),
  );
  await t.checkpoints.move(connectionId, reader, { from: last?.cursor ?? null, to: now }, now);
  return closed.length;
}

const entryOf = (
  connectionId: string,
  at: string,
  action: AuditEntry['action'],
  subject: string,
  detail: AuditEntry['detail'],
): AuditEntry => ({
  at,
  actor: 'tieback',
  action,
  subject,
  requestId: null,
  planHash: null,
  workflowId: sweepIdOf(connectionId),
  detail,
});
