import type { Intent, ProcoreId } from '../domain/request/intent';
import { isTiebackError } from '../domain/base/errors';
import { recordIdOf } from '../domain/base/identity';
import { releasedRecordId } from '../domain/plan/release';
import { isClosedDetail } from '../domain/request/procore-end';
import { failureInProcore } from '../domain/request/procore-words';
import type { DetailClosing, DetailsPort } from '../procore/port';
import type { ConnectionParts } from './deps';

/** How a request ends for Procore: as a whole, and for single records where Procore keeps a detail for each. */
export interface Ending {
  readonly status: DetailClosing['status'];
  /** What is wrong with the whole; Procore shows messages as errors, so a success has none. */
  readonly messages: readonly string[];
  /** What went wrong, by record id; records that are not named ended well. Only looked at where a record has a detail of its own. */
  readonly problems?: ReadonlyMap<string, readonly string[]>;
}

/**
 * Closes every detail of a request: those of single records with their own status and messages, the others with the status of the whole. A
 * detail that Procore will not close any more (it went stale, or somebody closed it) changes nothing about what was done: the answer is a
 * sentence that says so, or null when all is well.
 */
export async function closeDetails(
  connection: ConnectionParts,
  intent: Intent,
  ending: Ending,
): Promise<string | null> {
  const { details } = connection.procore;
  // Through the open door nothing is blocked, so there is nothing to close.
  if (details === undefined) return null;
  const closings = [...ownClosings(intent, ending), ...(await wholeClosings(details, intent, ending))];
  if (closings.length === 0) return null;
  const errors = await details.close(closings);
  if (errors.length === 0) return null;
  const words = errors.map(({ key, messages: said }) => `request detail ${key}: ${said.join('; ')}`);
  return `Procore did not take the closing message (${words.join(' · ')}).`;
}

/** Details of single records of the request. */
function ownClosings(intent: Intent, ending: Ending): readonly DetailClosing[] {
  const { problems } = ending;
  const close = (detailId: ProcoreId, recordId: string, itemId: ProcoreId): DetailClosing => {
    const wrong = problems?.get(recordId);
    // Where single records are told apart, a record that is not named is fine, whatever became of the others.
    const own: Ending = wrong
      ? { status: 'failed', messages: wrong }
      : problems === undefined
        ? ending
        : { status: 'success', messages: [] };
    return { detailId, ...worded(intent, own), itemId };
  };
  if (intent.way === 'export') {
    return intent.records.flatMap(({ detailIds, kind, procoreId }) =>
      detailIds.map((id) => close(id, recordIdOf(kind, procoreId), procoreId)),
    );
  }
  if (intent.way === 'release') {
    return intent.items.flatMap((item) =>
      item.detailId === null ? [] : [close(item.detailId, releasedRecordId(item), item.procoreId)],
    );
  }
  return [];
}

async function wholeClosings(
  port: DetailsPort,
  intent: Intent,
  ending: Ending,
): Promise<readonly DetailClosing[]> {
  const itemId = itemOf(intent);
  const told = 'detailIds' in intent ? intent.detailIds : [];
  const known = told.length > 0 || itemId === null || hasOwnDetails(intent);
  const detailIds = known ? told : await findOpenDetails(port, itemId);
  return detailIds.map((detailId) => ({
    detailId,
    ...worded(intent, ending),
    ...(itemId === null ? {} : { itemId }),
  }));
}

const hasOwnDetails = (intent: Intent): boolean =>
  (intent.way === 'export' && intent.records.some(({ detailIds }) => detailIds.length > 0)) ||
  (intent.way === 'release' && intent.items.some(({ detailId }) => detailId !== null));

/** The record by which a detail can be found or read back. */
function itemOf(intent: Intent): ProcoreId | null {
  if (intent.way === 'export') return intent.records[0]?.procoreId ?? null;
  // Resets are questions without a detail, but one that Procore opened all the same must not stay open.
  if (intent.way === 'release')
    return intent.items.length === 1 ? (intent.items[0]?.procoreId ?? null) : null;
  return null;
}

/** Some events do not say which detail is theirs: then it is found by the record. Where that is not possible, there is none to close. */
async function findOpenDetails(port: DetailsPort, itemId: ProcoreId): Promise<readonly ProcoreId[]> {
  try {
    const details = await port.find(itemId);
    return details.filter(({ status }) => !isClosedDetail(status)).map(({ id }) => id);
  } catch (error) {
    if (isTiebackError(error) && (error.class === 'data' || error.class === 'config')) return [];
    throw error;
  }
}

/** A success has nothing to say ("ERP Technical Guide": `messages` are shown as errors); what was done is in our own log. */
const worded = (
  { way }: Intent,
  { status, messages }: Ending,
): Pick<DetailClosing, 'status' | 'messages'> => ({
  status,
  messages: status === 'success' ? [] : failureInProcore(way, messages),
});
