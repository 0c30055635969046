import type { Visitor } from '../../domain/people/access';
import type { Kind } from '../../domain/kinds';
import type { SidesIn } from '../../store/sides';
import type { BulkAsked, BulkOutcome, BulkParts } from './bulk';
import { BulkDecisions } from './bulk';
import type { RequestsAsked } from './filter';
import type { PageAsked, RequestPage } from './list';
import { listPage, listSummary } from './list';
import type { ConflictsShown, ExceptionsShown, ProblemsAsked, SuggestionsShown } from './problems';
import { conflictsFor, exceptionsFor, suggestionsFor } from './problems';
import type { RetryOutcome, StuckGroup } from './stuck';
import { retryGroup, stuckGroups } from './stuck';
import type { SavedView } from './views';
import { removeView, savedViews, saveView } from './views';

/** What people do with lists of requests: look, approve several, see what is stuck, and come back to them. Everything is limited to what they may see. */
export const listsFor = (parts: BulkParts & { readonly sidesIn: SidesIn }) => {
  const bulk = new BulkDecisions(parts);
  return {
    requests: (person: Visitor, asked: PageAsked): Promise<RequestPage> => listPage(parts, person, asked),
    requestsSummary: (person: Visitor, asked: RequestsAsked): ReturnType<typeof listSummary> =>
      listSummary(parts, person, asked),
    decideBulk: (person: Visitor, asked: BulkAsked, channel: string): Promise<BulkOutcome> =>
      bulk.decide(person, asked, channel),
    stuck: (person: Visitor, asked: Parameters<typeof stuckGroups>[2]): Promise<readonly StuckGroup[]> =>
      stuckGroups(parts, person, asked),
    retryStuck: (
      person: Visitor,
      asked: Parameters<typeof retryGroup>[2],
      channel: string,
    ): Promise<RetryOutcome> => retryGroup(parts, person, asked, channel),
    conflicts: (person: Visitor, asked: Parameters<typeof conflictsFor>[2]): Promise<ConflictsShown> =>
      conflictsFor(parts, person, asked),
    exceptions: (person: Visitor, asked: ProblemsAsked): Promise<ExceptionsShown> =>
      exceptionsFor(parts, person, asked),
    suggestions: (
      person: Visitor,
      asked: { readonly connectionId: string; readonly kind: Kind },
    ): Promise<SuggestionsShown> => suggestionsFor(parts, person, asked),
    views: (person: Visitor): Promise<readonly SavedView[]> => savedViews(parts.store, person),
    saveView: (person: Visitor, view: Omit<SavedView, 'savedAt'>): Promise<SavedView> =>
      saveView(parts.store, person, { ...view, savedAt: parts.now() }),
    removeView: (person: Visitor, name: string): Promise<void> => removeView(parts.store, person, name),
  };
};
