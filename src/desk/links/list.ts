import type { Kind } from '../../domain/kinds';
import { textIn } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { Store } from '../../store/store';

/** States that people ask for: `unlinked` has those that were merged, `staged` those that wait in Procore, archived or not. */
export const SHOWN_STATES = ['linked', 'staged', 'unlinked'] as const;
export type ShownState = (typeof SHOWN_STATES)[number];

const STATES = {
  linked: ['linked'],
  staged: ['staged', 'archived'],
  unlinked: ['unlinked', 'merged'],
} as const;

export interface LinkFilter {
  readonly connectionIds: readonly string[];
  readonly kind?: Kind | undefined;
  readonly state?: ShownState | undefined;
  /** Words that all have to be in number, name or keys, whatever their case. */
  readonly search?: string | undefined;
}

/** A link of one connection. */
export interface ListedLink {
  readonly connectionId: string;
  readonly link: RecordLink;
}

/** Links by connection, kind and ERP key. */
export async function listLinks(store: Store, filter: LinkFilter): Promise<readonly ListedLink[]> {
  const { connectionIds, kind, state, search = '' } = filter;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = await store.read('desk.links', (t) =>
    Promise.all(
      connectionIds.map(async (connectionId) => {
        const links = await t.links.list(connectionId, {
          ...(kind === undefined ? {} : { kind }),
          ...(state === undefined ? {} : { states: STATES[state] }),
        });
        return links.map((link) => ({ connectionId, link }));
      }),
    ),
  );
  return found
    .flat()
    .filter(({ link }) => words.every((word) => searched(link).includes(word)))
    .sort((a, b) => compare(sortKey(a), sortKey(b)));
}

const searched = (link: RecordLink): string => {
  const { kind, erpKey, procoreId } = link;
  return [kind, erpKey, procoreId ?? '', codeOf(link), titleOf(link)].join(' ').toLowerCase();
};
const sortKey = ({ connectionId, link: { kind, erpKey } }: ListedLink): string =>
  `${connectionId} ${kind} ${erpKey}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Number of the record that is linked, as either side last had it; '' where nobody has compared it yet. */
export const codeOf = (link: Pick<RecordLink, 'erp' | 'procore'>): string => shownIn(link, 'code');
/** Its name. */
export const titleOf = (link: Pick<RecordLink, 'erp' | 'procore'>): string =>
  shownIn(link, 'name') || shownIn(link, 'description');

const shownIn = ({ erp, procore }: Pick<RecordLink, 'erp' | 'procore'>, field: string): string =>
  [erp, procore].map((shadow) => (shadow === null ? '' : textIn(shadow, field))).find(Boolean) ?? '';
