import type { Decider } from './decide';
import { assignExceptions, ignoreExceptions, retryExceptions } from './exception-actions';
import type { Inbox, InboxParts } from './inbox-parts';
import { assignConflicts, settleConflicts } from './settle';

/** What this person may do about conflicts and exceptions. */
export const inboxFor = (parts: InboxParts, decider: Decider): Inbox => ({
  settle: (given) => settleConflicts(parts, given, decider),
  assignConflicts: (given) => assignConflicts(parts, given, decider),
  ignore: (given) => ignoreExceptions(parts, given, decider),
  retry: (given) => retryExceptions(parts, given, decider),
  assignExceptions: (given) => assignExceptions(parts, given, decider),
});
