import type { NoticeRow } from '../rows';
import { below, noneOf, oneOf, upTo } from './table';
import type { StoreTables } from './tables';

/** What becomes of a notice. */
export type NoticeChange = Partial<Pick<NoticeRow, 'state' | 'tries' | 'nextAt' | 'reason'>>;

/** What people were told, or are being told: one row a receiver and thing. */
export class NoticeRepository {
  constructor(private readonly tables: Pick<StoreTables, 'notice'>) {}

  /** All that were begun. */
  async begun(): Promise<readonly Pick<NoticeRow, 'receiver' | 'topic' | 'about' | 'claimedAt'>[]> {
    return this.tables.notice.findPart({ where: {} }, ['receiver', 'topic', 'about', 'claimedAt']);
  }

  /** Begins some; each key once, whoever begins it. */
  claim(rows: readonly NoticeRow[]): void {
    this.tables.notice.insert(rows);
  }

  /** Those that are to be sent at this time, the oldest first. */
  async waiting(now: string): Promise<readonly NoticeRow[]> {
    return this.tables.notice.find({
      where: { state: 'open', nextAt: upTo(now) },
      order: [
        ['claimedAt', 'ASC'],
        ['message', 'ASC'],
        ['about', 'ASC'],
      ],
    });
  }

  /** Changes all notices of a message, as long as they are as somebody saw them: otherwise the transaction is undone. */
  change(
    message: string,
    seen: { readonly nextAt: string; readonly rows: number },
    values: NoticeChange,
  ): void {
    const where = { message, nextAt: seen.nextAt, state: 'open' } as const;
    this.tables.notice.update(where, values, { rows: seen.rows, otherwise: () => new NoticeTaken() });
  }

  /** Lets go of some notices of a message: should they be due again, they are begun anew. */
  drop(message: string, about: readonly string[]): void {
    if (about.length > 0) this.tables.notice.delete({ message, about: oneOf(about) });
  }

  /** Forgets what ended before this time and is none of these things, which still stand. */
  async forget(before: string, standing: readonly string[]): Promise<void> {
    this.tables.notice.delete({
      state: noneOf(['open']),
      claimedAt: below(before),
      about: noneOf(standing),
    });
  }
}

/** Somebody else sends this message. */
export class NoticeTaken extends Error {
  override readonly name = 'NoticeTaken';
}
