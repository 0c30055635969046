import type { OutcomePage } from '../contract/adapter';
import type { Drop } from './drop';
import { readdir, rename, rm, stat, unlessGone } from './folder';

/** What a writer left behind so long ago is no work in hand. */
const STALE_MS = 24 * 3_600_000;

/** Answers as they came, after new ones were taken in. A cursor is an entry of the ledger and a position in it. */
export async function outcomesOf(drop: Drop, after: string | null, size: number): Promise<OutcomePage> {
  await drop.refresh();
  await cleanUp(drop);
  const [entry = 0, index = 0] = (after ?? '').split(' ').map(Number);
  const from = (await drop.log.stillHas(entry)) ? ([entry, index] as const) : ([0, 0] as const);
  const page = drop.state.answersAfter(drop.connectionId, from, size);
  const last = page.at(-1);
  return {
    outcomes: page.map(({ outcome }) => outcome),
    cursor: last === undefined ? after : `${last.entry} ${last.index}`,
  };
}

/** Removes what dead writers left: first renamed, so that nobody can commit it while it is taken apart. */
async function cleanUp({ folder }: Drop): Promise<void> {
  await folder.call('erp.clean', async () => {
    for (const name of await readdir(folder.path('tmp'))) {
      const path = folder.path('tmp', name);
      // Another worker may be at it.
      const found = await unlessGone(stat(path));
      if (found === undefined || Date.now() - found.mtimeMs < STALE_MS) continue;
      const away = name.endsWith('.stale') ? path : `${path}.stale`;
      if (away !== path) await unlessGone(rename(path, away));
      await rm(away, { recursive: true, force: true });
    }
  });
}
