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

/** The nth name that nobody else has, unlike the ones before and after it: `Bacedifo`. */
const rareWord = (n: number): string => {
  const scattered = (n * 61_403) % 160_000;
  return [8000, 400, 20, 1].map((place) => SYLLABLES[Math.floor(scattered / place) % 20] ?? '').join('');
};

/** So many invented vendors, none the partner of another: a third have common words only. */
export const strangers = (side: SideName, count: number): readonly SideRecord[] =>
  Array.from({ length: count }, (_, n) => {
    const trade = TRADES[n % TRADES.length] ?? '';
    const own = rareWord(2 * n + (side === 'erp' ? 0 : 1));
    const name = n % 3 === 0 ? `${COMMON[n % COMMON.length] ?? ''} ${trade} ${own}` : `${own} ${trade}`;
    return sideOf(side, side === 'erp' ? `1|${50_000 + n}` : String(700_000 + n), { name });
  });
