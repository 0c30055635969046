import type { Vendor } from '../../../domain/kinds/vendor';
import type { ErpAdapter, VendorCapability, VendorPage } from '../adapter';
import type { Io } from '../definition';
import type { ConformanceKit } from './kit';
import { ensure, QuestionSkipped } from './kit';

/** Opens an adapter for as long as `use` runs. */
export async function withAdapter<T>(
  kit: ConformanceKit,
  use: (adapter: ErpAdapter, vendors: VendorCapability) => Promise<T>,
  io?: Io,
): Promise<T> {
  const adapter = kit.open(io === undefined ? {} : { io });
  try {
    if (adapter.vendors === undefined) throw new QuestionSkipped('this adapter has no vendors');
    return await use(adapter, adapter.vendors);
  } finally {
    await adapter.close();
  }
}

/** A whole reading of the vendor file. */
export interface Reading {
  readonly pages: readonly VendorPage[];
  /** By key; the last occurrence counts. */
  readonly byKey: ReadonlyMap<string, Vendor>;
  readonly cursor: string | null;
}

/** Reads from a cursor to the end. `between` runs after every page, while the reading is under way. */
export async function readAll(
  vendors: VendorCapability,
  cursor: string | null,
  pageSize: number,
  between: (pages: readonly VendorPage[]) => Promise<void> = async () => undefined,
): Promise<Reading> {
  const pages: VendorPage[] = [];
  const byKey = new Map<string, Vendor>();
  for await (const page of vendors.readChanged(cursor, pageSize)) {
    const last = pages.at(-1);
    ensure(
      last === undefined || last.cursor !== page.cursor || page.records.length === 0,
      `the cursor "${page.cursor}" came twice with records: a reader would never come to the end`,
    );
    ensure(
      page.records.length <= pageSize,
      `a page of ${page.records.length} came, ${pageSize} were asked for`,
    );
    pages.push(page);
    for (const { key, vendor } of page.records) byKey.set(key, vendor);
    await between(pages);
  }
  return { pages, byKey, cursor: pages.at(-1)?.cursor ?? cursor };
}

/** "10011, 10012 and 3 more" */
export function some(items: readonly string[]): string {
  const shown = items.slice(0, 5).join(', ');
  return items.length > 5 ? `${shown} and ${items.length - 5} more` : shown;
}
