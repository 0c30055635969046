import { isTiebackError } from '../../domain/base/errors';
import type { ProcoreId } from '../../domain/kinds/record';
import type { SyncPlace } from '../../domain/plan/operation';
import { isListShorter } from '../../domain/reconcile/see';
import type { ProcoreKind, SeenRecord } from '../../procore/port';

/** How records of a kind are read. */
type Readable = Pick<ProcoreKind, 'see' | 'scan'>;
type See = NonNullable<Readable['see']>;

/**
 * As `see` of a kind; many at once from the whole list, where that takes fewer calls. What the list did not show is asked for by its id. `known`: how
 * many records the list has, as far as we know.
 */
export const seeing =
  (port: Readable, known: number): See =>
  async (ids, place) => {
    const listed = isListShorter(ids.length, known) ? await fromList(port, new Set(ids), place) : NONE;
    const missing = ids.filter((id) => !listed.has(id));
    const others = missing.length === 0 ? [] : await port.see?.(missing, place);
    return [...listed.values(), ...(others ?? [])];
  };

const NONE: ReadonlyMap<ProcoreId, SeenRecord> = new Map();

async function fromList(
  port: Readable,
  wanted: ReadonlySet<ProcoreId>,
  place: SyncPlace,
): Promise<ReadonlyMap<ProcoreId, SeenRecord>> {
  const found = new Map<ProcoreId, SeenRecord>();
  try {
    for await (const page of port.scan?.(null, place) ?? [])
      for (const seen of page) if (wanted.has(seen.draft.procoreId)) found.set(seen.draft.procoreId, seen);
  } catch (error) {
    // Nothing is concluded from what is missing.
    if (!isTiebackError(error) || error.code !== 'PROCORE_LIST_MOVED') throw error;
  }
  return found;
}
