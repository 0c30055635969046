import type { Fields } from '../../../../../src/domain/kinds/record';
import type { SideName, SideRecord } from '../../../../../src/domain/reconcile/side-record';
import { recordOf } from '../../records';

export const sideOf = (
  side: SideName,
  key: string,
  fields: Fields,
  more: Partial<SideRecord> = {},
): SideRecord => ({
  kind: 'vendor',
  side,
  key,
  originId: null,
  record: recordOf(fields),
  state: 'active',
  changedAt: null,
  ...more,
});

/** Words that many companies have in their names. */
const COMMON = 'Cobalt Summit Apex United Beacon Pioneer Evergreen Northern Pacific Premier'.split(' ');
const TRADES = (
  'Mechanical Plumbing Glass Electric Rentals Supply Excavating Concrete Paving Civil Power Drywall Roofing Painting Steel Masonry Fencing ' +
  'Demolition Surveying Insulation Flooring Millwork Landscaping Hauling Scaffolding'
).split(' ');
const SYLLABLES = 'ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu'.split(' ');

/** The nth name that nobody else has: `Bacedifo`. */
const rareWord = (n: number): string =>
  [8000, 400, 20, 1].map((place) => SYLLABLES[Math.floor(n / place) % 20] ?? '').join('');

/** So many invented vendors, none the partner of another: a third have common words only. */
export const strangers = (side: SideName, count: number): readonly SideRecord[] =>
  Array.from({ length: count }, (_, n) => {
    const trade = TRADES[n % TRADES.length] ?? '';
    // Far apart, so that no slip makes one of the other.
    const own = rareWord(7 * n + (side === 'erp' ? 0 : 80_000));
    const name = n % 3 === 0 ? `${COMMON[n % COMMON.length] ?? ''} ${trade} ${own}` : `${own} ${trade}`;
    return sideOf(side, side === 'erp' ? `1|${50_000 + n}` : String(700_000 + n), { name });
  });
