import type { ProcoreId } from '../../../domain/kinds/record';
import type { SyncItem, SyncOutcome } from '../../port';
import { joined } from './sync-resource';

/** The code above an item: one that Procore has, by id, or one of the same call, by key. */
export type Above = { readonly id: ProcoreId } | { readonly key: string };

/**
 * Writes codes level by level: Procore wants the id of the code above, which a new one has only once it is written. `aboveOf` answers null for
 * a code at the top. A code whose parent is refused is not sent: at the top it would be another code.
 */
export async function writeTree(
  items: readonly SyncItem[],
  aboveOf: (item: SyncItem) => Above | null,
  write: (items: readonly SyncItem[]) => Promise<SyncOutcome>,
): Promise<SyncOutcome> {
  const known = new Map(
    items.flatMap(({ key, procoreId }) => (procoreId === undefined ? [] : [[key, procoreId] as const])),
  );
  const outcomes: SyncOutcome[] = [];
  for (let waiting = items; waiting.length > 0;) {
    const ready = waiting.flatMap((item) => placed(item, aboveOf(item), known) ?? []);
    if (ready.length === 0) {
      const words = ['the code above it is not in Procore'];
      return joined([...outcomes, { errors: waiting.map(({ key }) => ({ key, messages: words })), ids: [] }]);
    }
    const outcome = await write(ready);
    outcomes.push(outcome);
    for (const { key, procoreId } of outcome.ids) known.set(key, procoreId);
    const keys = new Set(ready.map(({ key }) => key));
    waiting = waiting.filter(({ key }) => !keys.has(key));
  }
  return joined(outcomes);
}

/** Null: its parent is still to be written. */
function placed(item: SyncItem, above: Above | null, known: ReadonlyMap<string, ProcoreId>): SyncItem | null {
  if (above === null) return item;
  const parentId = 'id' in above ? above.id : known.get(above.key);
  return parentId === undefined ? null : { ...item, parentId };
}
