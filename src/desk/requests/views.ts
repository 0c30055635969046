import type { Visitor } from '../../domain/people/access';
import type { SavedViewRow } from '../../store/rows';
import type { Store } from '../../store/store';
import { DeskRefusal } from '../refusal';

/** A list that somebody comes back to. */
export type SavedView = Pick<SavedViewRow, 'name' | 'query' | 'savedAt'>;

/** Nobody finds anything in a longer list. */
const MOST_VIEWS = 50;

/** A person's own, by name. */
export const savedViews = async (store: Store, { id }: Visitor): Promise<readonly SavedView[]> =>
  store.read('desk.views', (t) => t.savedViews.of(id));

/** Saves one under a name, or replaces it. Throws `DeskRefusal` `TOO_MANY`. */
export async function saveView(store: Store, { id: person }: Visitor, view: SavedView): Promise<SavedView> {
  await store.transaction('desk.view', null, async (t) => {
    const known = await t.savedViews.of(person);
    if (known.length >= MOST_VIEWS && known.every(({ name }) => name !== view.name))
      throw new DeskRefusal('TOO_MANY', `${MOST_VIEWS} views are the most. Remove one first.`);
    t.savedViews.put({ ...view, person });
  });
  return view;
}

/** One that is not there is no error. */
export const removeView = (store: Store, { id }: Visitor, name: string): Promise<void> =>
  store.transaction('desk.view', null, (t) => Promise.resolve(t.savedViews.remove(id, name)));
