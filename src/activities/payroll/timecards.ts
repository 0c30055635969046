import { addDays } from '../../domain/base/local-date';
import { dateIn } from '../../domain/base/time-zone';
import type { ProcoreId } from '../../domain/kinds/record';
import { countedRevision, isPayable } from '../../domain/payroll/books';
import type { KeptEntry } from '../../domain/payroll/books';
import type { TimecardEntry } from '../../domain/payroll/entry';
import type { PayrollSettings } from '../../domain/payroll/settings';
import { TIMECARD_READER, TIMECARDS_WHOLE_READER } from '../../domain/request/id';
import type { Dates, EntryPage, UnreadableEntry } from '../../procore/payroll/port';
import type { Repositories } from '../../store/repositories';
import type { ActivityDeps } from '../deps';
import { tellProgress } from '../beating';
import type { PayrollParts } from './parts';

/** What a look at the timecards of Procore found. */
export interface TimecardsSeen {
  /** Entries that are not as they were kept. */
  readonly moved: number;
  /** Requests whose entries are among these. */
  readonly requests: readonly string[];
  /** Dates of work of what moved, the first and the last; null: nothing did. */
  readonly dates: Dates | null;
  readonly unreadable: readonly UnreadableEntry[];
}

/** The list is read to its end so often, whatever was told meanwhile: webhooks are lost, and entries move out of the dates that are asked for. */
const WHOLE_EVERY_MS = 24 * 60 * 60_000;
/** Entries may be entered for days to come (planned leave). */
const DAYS_AHEAD = 35;
/** A change shows no longer than this after the time that it carries. */
const LAG_MS = 600_000;
/** Of entries that are asked for by their ids. */
const IDS_A_CALL = 100;

const cursorOf = async (t: Repositories, connectionId: string, reader: string): Promise<string | null> =>
  (await t.checkpoints.get(connectionId, reader))?.cursor ?? null;

/** Dates of work that are looked at: open periods, and those that may still be corrected. */
export function datesLookedAt({ timeZone, lookBackDays }: PayrollSettings, now: string): Dates {
  const today = dateIn(Date.parse(now), timeZone);
  return { begin: addDays(today, -lookBackDays), end: addDays(today, DAYS_AHEAD) };
}

/**
 * Brings what is kept of timecards in line with Procore: what changed since the last look that told of it, once a day all of them. What became of an entry in
 * payroll stays; an approved version is kept beside one that nobody has approved yet. `tells`: whoever asked tells the requests that it is about; a request
 * that looks for itself leaves that to them. Throws what Procore throws; what was kept until then stays.
 */
export async function lookAtTimecards(
  deps: Pick<ActivityDeps, 'store' | 'now'>,
  { connection, settings }: PayrollParts,
  { tells }: { readonly tells: boolean },
): Promise<TimecardsSeen> {
  const { id } = connection;
  const now = deps.now();
  const dates = datesLookedAt(settings, now);
  const [since, whole] = await deps.store.read('timecards.since', (t) =>
    Promise.all([cursorOf(t, id, TIMECARD_READER), cursorOf(t, id, TIMECARDS_WHOLE_READER)]),
  );
  const isDue = whole === null || Date.parse(now) - Date.parse(whole) > WHOLE_EVERY_MS;
  const isWhole = since === null || (tells && isDue);
  const procore = connection.procore.payroll;
  const pages = isWhole ? procore.entries(dates) : procore.changedEntries(since, dates);
  const seen = new Set<ProcoreId>();
  const found = new Found(since);
  for await (const page of pages) {
    for (const { id: entry, updatedAt } of page.entries) {
      seen.add(entry);
      found.sawChange(updatedAt);
    }
    await keep(deps, id, page, settings, found);
    tellProgress(`${seen.size} timecard entries`);
  }
  if (isWhole) await lookForGone(deps, { id, procore, settings, dates }, seen, found);
  if (!tells) return found.all();
  await deps.store.transaction('timecards.looked', id, async (t) => {
    // What changed before was seen by now: where nothing moves, no look asks for the same again.
    const past = new Date(Date.parse(procore.now()) - LAG_MS).toISOString();
    const newest = [found.newest, since, past].reduce<string>(later, past);
    await t.checkpoints.move(id, TIMECARD_READER, { from: since, to: newest }, now);
    if (isWhole) await t.checkpoints.move(id, TIMECARDS_WHOLE_READER, { from: whole, to: now }, now);
  });
  return found.all();
}

/** Entries that are kept and that the list does not show: deleted, moved far away, or not ours to see. Only what Procore says of each counts. */
async function lookForGone(
  deps: Pick<ActivityDeps, 'store' | 'now'>,
  {
    id,
    procore,
    settings,
    dates,
  }: {
    readonly id: string;
    readonly procore: PayrollParts['connection']['procore']['payroll'];
    readonly settings: PayrollSettings;
    readonly dates: Dates;
  },
  seen: ReadonlySet<ProcoreId>,
  found: Found,
): Promise<void> {
  const kept = await deps.store.read('timecards.kept', (t) => t.payroll.entries(id, dates));
  const missing = kept
    .filter(({ entry }) => entry.deletedAt === null && !seen.has(entry.id))
    .map(({ entry }) => entry.id);
  for (let index = 0; index < missing.length; index += IDS_A_CALL)
    await keep(
      deps,
      id,
      await procore.entriesById(missing.slice(index, index + IDS_A_CALL)),
      settings,
      found,
    );
}

const later = (one: string, two: string | null): string =>
  two !== null && Date.parse(two) > Date.parse(one) ? two : one;

/** Keeps a page as it is now. */
async function keep(
  deps: Pick<ActivityDeps, 'store' | 'now'>,
  connectionId: string,
  { entries, unreadable }: EntryPage,
  settings: PayrollSettings,
  found: Found,
): Promise<void> {
  found.unreadable.push(...unreadable);
  if (entries.length === 0) return;
  await deps.store.transaction('timecards.keep', connectionId, async (t) => {
    const kept = await keepEntries(t, connectionId, entries, settings, deps.now());
    for (const one of kept) found.add(one);
  });
}

/** An entry that was seen, how it was kept (null: it is new), and whether it is another version than was kept. */
interface SeenEntry {
  readonly entry: TimecardEntry;
  readonly kept: KeptEntry | null;
  readonly isMoved: boolean;
}

/** Keeps entries as Procore shows them. An older version than the one that is kept changes nothing. */
export async function keepEntries(
  t: Repositories,
  connectionId: string,
  entries: readonly TimecardEntry[],
  rules: Pick<PayrollSettings, 'payable'>,
  now: string,
): Promise<readonly SeenEntry[]> {
  const newest = new Map<ProcoreId, TimecardEntry>();
  for (const entry of entries) {
    const before = newest.get(entry.id);
    if (before === undefined || before.updatedAt <= entry.updatedAt) newest.set(entry.id, entry);
  }
  const known = new Map(
    (await t.payroll.byIds(connectionId, [...newest.keys()])).map((one) => [one.entry.id, one]),
  );
  const seen = [...newest.values()].map((entry): SeenEntry => {
    const kept = known.get(entry.id) ?? null;
    const isMoved =
      kept === null ||
      (kept.entry.updatedAt <= entry.updatedAt && JSON.stringify(kept.entry) !== JSON.stringify(entry));
    return { entry, kept, isMoved };
  });
  const moved = seen.filter((one) => one.isMoved);
  t.payroll.see(
    connectionId,
    moved.map(({ entry, kept }) => {
      const approved = approvedOf(entry, kept, rules);
      const payableSince = kept?.payableSince ?? (isPayable(entry, rules) ? entry.updatedAt : null);
      return { entry, kept, approved, payableSince, revision: countedRevision(entry, approved, rules) };
    }),
    now,
  );
  return seen;
}

/** The version that was approved last, where the entry is another one now. */
function approvedOf(
  entry: TimecardEntry,
  kept: KeptEntry | null,
  rules: Pick<PayrollSettings, 'payable'>,
): TimecardEntry | null {
  if (isPayable(entry, rules) || kept === null) return null;
  return isPayable(kept.entry, rules) ? kept.entry : kept.approved;
}

class Found {
  readonly unreadable: UnreadableEntry[] = [];
  /** The newest change that was seen, by Procore's clock. */
  newest: string | null = null;
  private moved = 0;
  private readonly requests = new Set<string>();
  private begin: string | null = null;
  private end: string | null = null;

  /** `since`: what changed after this was told to nobody yet, whoever has kept it meanwhile. */
  constructor(private readonly since: string | null) {}

  sawChange(at: string): void {
    if (this.newest === null || at > this.newest) this.newest = at;
  }

  add({ entry, kept, isMoved }: SeenEntry): void {
    if (!isMoved && this.since !== null && entry.updatedAt <= this.since) return;
    this.moved += 1;
    if (typeof kept?.writtenIn === 'string') this.requests.add(kept.writtenIn);
    for (const { date } of [entry, ...(kept === null ? [] : [kept.entry])]) {
      if (this.begin === null || date < this.begin) this.begin = date;
      if (this.end === null || date > this.end) this.end = date;
    }
  }

  all(): TimecardsSeen {
    const { moved, requests, unreadable, begin, end } = this;
    const dates = begin === null || end === null ? null : { begin, end };
    return { moved, requests: [...requests], dates, unreadable };
  }
}
