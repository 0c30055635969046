import type { ProcoreId } from './intent';
import { contentHash } from '../base/identity';

/** A way into Procore: by its ERP tool, or by its ordinary APIs alone. */
export type Door = 'erp_tool' | 'open';

/** What is looked for where there is no ERP tool that would send it. */
export interface OpenDoorSettings {
  /** `needed`: only companies that a commitment to be sent uses. */
  readonly vendors: 'needed' | 'all' | 'none';
  readonly projects: 'active' | 'none';
  readonly commitments: { readonly statuses: readonly string[] };
  /** How often the ERP is asked for what changed there, and every linked project is refreshed. */
  readonly syncEveryMinutes: number;
}

/** How far discovery got. It is kept between its steps, so that a scan that is cut off goes on where it stood. */
export interface DiscoveryCursor {
  /** Of the settings: others find other records, so everything is looked at again. */
  readonly settings: string;
  /** Begin of the last scan that was finished; null: none was. */
  readonly since: string | null;
  /** Begin of the last one that looked at everything. */
  readonly full: string | null;
  /** The scan in hand, and the last project that it is done with. */
  readonly scan: {
    readonly startedAt: string;
    readonly everything: boolean;
    readonly project: ProcoreId | null;
  } | null;
}

/** Not every change of a line or of a cost code moves the `updated_at` of its record. */
const EVERYTHING_EVERY_MS = 24 * 60 * 60 * 1000;

/** Where to go on: in the middle of a scan that was cut off, or with a new one. */
export function resume(
  stored: string | null,
  settings: OpenDoorSettings,
  now: string,
): DiscoveryCursor & { readonly scan: NonNullable<DiscoveryCursor['scan']> } {
  const hash = contentHash({ ...settings, syncEveryMinutes: 0 }).slice(0, 16);
  const known = stored === null ? null : (JSON.parse(stored) as DiscoveryCursor);
  const cursor =
    known !== null && known.settings === hash
      ? known
      : { settings: hash, since: null, full: null, scan: null };
  if (cursor.scan !== null) return { ...cursor, scan: cursor.scan };
  const everything =
    cursor.since === null ||
    cursor.full === null ||
    Date.parse(now) - Date.parse(cursor.full) >= EVERYTHING_EVERY_MS;
  return { ...cursor, scan: { startedAt: now, everything, project: null } };
}

/** The scan is done. */
export const finished = ({
  settings,
  full,
  scan,
}: DiscoveryCursor & { readonly scan: NonNullable<DiscoveryCursor['scan']> }): DiscoveryCursor => ({
  settings,
  since: scan.startedAt,
  full: scan.everything ? scan.startedAt : full,
  scan: null,
});

/** Two clocks differ, and a record may become visible a little after its time. */
const OVERLAP_MS = 10 * 60 * 1000;

export const withOverlap = (since: string): string => new Date(Date.parse(since) - OVERLAP_MS).toISOString();

/** The stretch of time that a moment falls into: what is asked for once in a while is asked for once in each. */
export const bucketOf = (now: string, minutes: number): number =>
  Math.floor(Date.parse(now) / (minutes * 60_000));
