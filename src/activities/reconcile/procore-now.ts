import { NOTHING } from '../../domain/plan/diff';
import type { Fields, ProcoreId } from '../../domain/kinds/record';
import type { SyncPlace, SyncRows } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import type { ProcoreKind } from '../../procore/port';
import type { InHand } from '../in-hand';

/** So many records are asked for by their ids, in one call; of more, what changed is listed once for all pages of a step. */
const ASKED = 100;
/** Reading both sides of a request takes no longer than this before it is made, clocks that differ included. */
const READ_BEFORE_MS = 1_800_000;

/**
 * How Procore holds records just before they are written to. It has no write that names the value it replaces, so what somebody entered there since the page
 * was read would be lost without a word.
 */
export class ProcoreNow {
  private readonly since: string;
  private readonly listed = new Map<string, Promise<ReadonlyMap<ProcoreId, Fields>>>();

  /** `madeAt`: when the request was made; ISO 8601 UTC. */
  constructor(madeAt: string) {
    this.since = new Date(Date.parse(madeAt) - READ_BEFORE_MS).toISOString();
  }

  /** Whether a field that the plan writes holds another value than the plan has seen, and than it writes. */
  async hasMoved({ connection, intent }: InHand, { operations }: Plan): Promise<boolean> {
    if (intent.way !== 'reconcile') return false;
    const port = connection.procore.kinds[intent.kind];
    if (port === undefined) return false;
    const places = new Map<string, SyncRows[]>();
    for (const operation of operations) {
      if (operation.side !== 'procore' || operation.action !== 'update') continue;
      const name = JSON.stringify(operation.place);
      places.set(name, [...(places.get(name) ?? []), operation]);
    }
    for (const [name, writes] of places) {
      const ids = writes.flatMap(({ procoreId }) => procoreId ?? []);
      const [first] = writes;
      const now = await this.fieldsOf(port, ids, { name, place: first?.place ?? {} });
      if (writes.some((write) => isAnother(write, now.get(write.procoreId ?? 0)))) return true;
    }
    return false;
  }

  private fieldsOf(
    port: ProcoreKind,
    ids: readonly ProcoreId[],
    { name, place }: { readonly name: string; readonly place: SyncPlace },
  ): Promise<ReadonlyMap<ProcoreId, Fields>> {
    if (ids.length <= ASKED) return asked(port, ids, place);
    const listed = this.listed.get(name) ?? changed(port, this.since, place);
    this.listed.set(name, listed);
    return listed;
  }
}

/** What was sent already, and not written down, is no news. */
const isAnother = ({ changes, rows: [row] }: SyncRows, now: Fields = NOTHING.fields): boolean =>
  changes.some(({ field, old }) => {
    const value = now[field];
    return (
      value !== undefined && (value ?? '') !== (old ?? '') && (value ?? '') !== (row?.fields[field] ?? '')
    );
  });

async function asked(
  port: ProcoreKind,
  ids: readonly ProcoreId[],
  place: SyncPlace,
): Promise<ReadonlyMap<ProcoreId, Fields>> {
  const seen = (await port.see?.(ids, place)) ?? [];
  return new Map(seen.map(({ draft }) => [draft.procoreId, draft.fields]));
}

async function changed(
  port: ProcoreKind,
  since: string,
  place: SyncPlace,
): Promise<ReadonlyMap<ProcoreId, Fields>> {
  const found = new Map<ProcoreId, Fields>();
  for await (const page of port.scan?.(since, place) ?? [])
    for (const { draft } of page) found.set(draft.procoreId, draft.fields);
  return found;
}
