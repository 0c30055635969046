import type { AuditEntry } from '../../domain/audit/chain';
import { isTiebackError } from '../../domain/base/errors';
import { contentHash } from '../../domain/base/identity';
import { changesSince } from '../../domain/plan/export/since';
import type { Interruption, RequestRef } from '../../domain/request/flow';
import { LOOK_AGAIN_MS } from '../../domain/request/flow';
import type { ReadRequest, RecordExport, StoredBody } from '../../domain/request/intent';
import type { RequestBodyRow, SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf } from '../deps';
import { BODY_ACTIONS, changedBody, keepBodyAgain, older, readBody, recordOf } from '../in-hand';
import { settle } from '../step';

/** An answer may raise another question; a body that asks for ever is planned with what is known. */
const MOST_ROUNDS = 3;

/** Runs on the Procore queue. */
export const lookAgainActivities = (deps: ActivityDeps) => ({
  /**
   * Asks Procore what the body of an export leaves open. Where the request has waited, its body is read again, and what Procore shows otherwise in the
   * records themselves is told; the values that were sent stay what is planned. May be repeated.
   */
  async lookAgain(
    ref: RequestRef & { readonly hasWaited: boolean },
  ): Promise<{ readonly kind: 'looked'; readonly changes: number } | Interruption> {
    const connection = connectionOf(deps, ref.connectionId);
    return settle(async () => {
      const { row, stored, tampered } = await deps.store.read('request.body', async (t) => {
        const row = await t.requests.get(ref);
        const sealed = await t.audit.sealed(row, { actions: BODY_ACTIONS });
        const tampered = await changedBody(t, { connection, row }, sealed, deps.people.keys);
        return { row, stored: await t.requests.body(ref), tampered };
      });
      if (stored === null) throw older(row, 'its body');
      // Read again and signed, it would look as if it had arrived like that; planning tells what is wrong.
      if (tampered !== null) return { kind: 'looked' as const, changes: 0 };
      const hasWaited = ref.hasWaited || isOld(row, deps.now());
      const received = hasWaited ? await receivedNow(connection, row, stored) : stored.body.received;
      const read = await answered(connection, row, { ...stored.body, received });
      const { intent } = read.reading;
      const changes = hasWaited && intent.way === 'export' ? await changesNow(connection, intent) : null;
      const kept = readBody(connection, row, received, {
        answers: read.body.answers,
        changes: changes ?? stored.body.changes,
      });
      await deps.store.transaction('request.reread', connection.id, async (t) => {
        const known = await t.requests.body(row);
        if (contentHash(known?.body) === contentHash(kept.body)) return;
        const entries: AuditEntry[] = [
          await keepBodyAgain(t, row, kept, { keys: deps.people.keys, now: deps.now() }),
        ];
        await t.audit.append(connection.id, entries);
      });
      return { kind: 'looked' as const, changes: kept.body.changes.length };
    });
  },
});

/** Whether what was sent may have changed in Procore since. */
export const isOld = ({ receivedAt }: Pick<SyncRequestRow, 'receivedAt'>, now: string): boolean =>
  Date.parse(now) - Date.parse(receivedAt) >= LOOK_AGAIN_MS;

/** What Procore shows of the request today; what we have where it shows none, or another one. */
async function receivedNow(
  connection: ConnectionParts,
  row: SyncRequestRow,
  { body: { received, answers }, reading }: RequestBodyRow,
): Promise<unknown> {
  const { requests } = connection.procore;
  if (row.erpRequestId === null || requests === undefined) return received;
  const id = row.erpRequestId;
  const shown = await whereAllowed(() => requests.show(id));
  if (shown === null) return received;
  const now = readBody(connection, row, shown, { answers, changes: [] });
  return isAbout(now.reading, reading) ? now.body.received : received;
}

/** The same event about the same record: anything else is not what people have in hand. */
const isAbout = (now: ReadRequest, before: ReadRequest): boolean =>
  now.eventName === before.eventName &&
  now.intent.way === before.intent.way &&
  recordOf(now.intent) === recordOf(before.intent);

async function answered(
  connection: ConnectionParts,
  row: SyncRequestRow,
  { received, answers, changes }: StoredBody,
): Promise<RequestBodyRow> {
  let read = readBody(connection, row, received, { answers, changes });
  for (let round = 0; round < MOST_ROUNDS && read.reading.questions.length > 0; round += 1) {
    const more = await connection.procore.answer(read.reading.questions);
    read = readBody(connection, row, received, { answers: { ...read.body.answers, ...more }, changes });
  }
  return read;
}

/** What changed in the records; null where Procore does not show them to us. */
async function changesNow(
  { procore }: ConnectionParts,
  { records }: RecordExport,
): Promise<readonly string[] | null> {
  const [first] = records;
  const kind = first && procore.kinds[first.kind];
  if (first === undefined || kind?.read === undefined) return null;
  const place = first.projectId === null ? {} : { projectId: first.projectId };
  const ids = records.map(({ procoreId }) => procoreId);
  const shown = await whereAllowed(async () => (await kind.read?.(ids, place)) ?? null);
  return shown && changesSince(records, shown);
}

/** Null where Procore does not let us look, or shows nothing that can be read: then what was sent stands. */
async function whereAllowed<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (isTiebackError(error) && (error.class === 'data' || error.class === 'config')) return null;
    throw error;
  }
}
