import type { ProcoreId } from '../../domain/request/intent';
import type { AskedDetail } from '../../domain/request/procore-end';
import { isTiebackError } from '../../domain/base/errors';
import { errorSentences } from '../client/error-body';
import type { Answer, Call, ProcoreHttp } from '../client/http';
import { fillPath } from '../client/http';
import type { JsonObject } from '../client/json';
import { isList, textOrNull, toId } from '../client/json';
import { eachPage, readPage } from '../client/pages';
import type { DetailClosing, ItemError, RequestDetail } from '../port';
import { syncErrors } from '../client/sync-action';

/** Statuses that mean "this detail was not closed by this call". */
const NOT_CLOSED = [400, 404, 409, 422];
/** The details of one company are many; a read-back without an item id looks no further. */
const MAX_PAGES_READ_BACK = 5;

/**
 * Closes request details ("ERP Technical Guide", Request Details). A detail closes once: when Procore refuses, or the answer is lost,
 * the detail is read back, and having the wanted status already is success.
 */
export async function closeDetails(
  http: ProcoreHttp,
  closings: readonly DetailClosing[],
): Promise<readonly ItemError[]> {
  const [only, ...others] = closings;
  if (only === undefined) return [];
  const failed = others.length === 0 ? await closeOne(http, only) : await closeMany(http, closings);
  const kept = await Promise.all(failed.map((error) => stillWrong(http, closings, error)));
  return kept.filter((error) => error !== null);
}

async function closeOne(http: ProcoreHttp, closing: DetailClosing): Promise<readonly ItemError[]> {
  const key = String(closing.detailId);
  const answer = await sendClosing(http, closing).catch(async (error: unknown) => {
    if (!isTiebackError(error) || error.code !== 'PROCORE_OUTCOME_UNKNOWN') throw error;
    if (await isClosedAs(http, closing)) return null;
    return sendClosing(http, closing);
  });
  if (answer === null || answer.status < 300) return [];
  const messages = errorSentences(answer.body).map(http.redact);
  return [{ key, messages: messages.length > 0 ? messages : [`HTTP ${answer.status}`] }];
}

function sendClosing(http: ProcoreHttp, { detailId, status, messages }: DetailClosing): Promise<Answer> {
  return http.send({
    operation: 'requestDetail.update',
    method: http.settings.detailCloseMethod,
    path: fillPath(http.settings.paths['requestDetail.update'], { company_id: http.companyId, id: detailId }),
    body: { request_detail: { status, messages } },
    urgent: true,
    idempotencyKey: `request-detail-${detailId}-${status}`,
    alsoAccept: NOT_CLOSED,
  });
}

const closeMany = (http: ProcoreHttp, closings: readonly DetailClosing[]): Promise<readonly ItemError[]> =>
  syncErrors(http, {
    operation: 'requestDetail.sync',
    path: fillPath(http.settings.paths['requestDetail.sync'], { company_id: http.companyId }),
    items: closings,
    batchSize: http.settings.batchSizes.requestDetails,
    encode: ({ detailId, status, messages }) => ({ id: detailId, status, messages }),
    key: ({ detailId }) => String(detailId),
    identity: ['id'],
    bareArrayToo: true,
    urgent: true,
  });

/** Null when the detail has the wanted status after all. */
async function stillWrong(
  http: ProcoreHttp,
  closings: readonly DetailClosing[],
  error: ItemError,
): Promise<ItemError | null> {
  const closing = closings.find(({ detailId }) => String(detailId) === error.key);
  return closing !== undefined && (await isClosedAs(http, closing)) ? null : error;
}

/** Where reading back is not possible, the answer to the closing itself stands. */
async function isClosedAs(http: ProcoreHttp, { detailId, status, itemId }: DetailClosing): Promise<boolean> {
  try {
    const detail = await findDetail(http, detailId, itemId);
    return detail?.status === status;
  } catch (error) {
    if (isTiebackError(error) && ['data', 'config'].includes(error.class)) return false;
    throw error;
  }
}

async function findDetail(
  http: ProcoreHttp,
  detailId: ProcoreId,
  itemId: ProcoreId | undefined,
): Promise<RequestDetail | null> {
  let pages = 0;
  for await (const rows of list(http, itemId)) {
    const found = rows.find((row) => toId(row['id']) === detailId);
    if (found !== undefined) return readDetail(found)[0] ?? null;
    pages += 1;
    if (pages >= MAX_PAGES_READ_BACK) return null;
  }
  return null;
}

/** The request details of one record, by its Procore id. */
export async function findDetails(http: ProcoreHttp, itemId: ProcoreId): Promise<readonly RequestDetail[]> {
  const details: RequestDetail[] = [];
  for await (const rows of list(http, itemId)) {
    // A server that does not know the filter would list the details of other records.
    const ours = rows.filter((row) => row['item_id'] === undefined || toId(row['item_id']) === itemId);
    details.push(...ours.flatMap(readDetail));
  }
  return details;
}

/** So many records are asked about one by one before the whole list is read: it may hold years. */
const FEW_RECORDS = 3;
/** So many records are asked about one by one after the list did not name them. */
const MOST_RECORDS = 100;

/**
 * How these details stand (`requestDetail.list`; its one known filter is the record). Where Procore answers that it does not list them, they are
 * absent: a look never fails for good.
 */
export async function readDetails(
  http: ProcoreHttp,
  asked: readonly AskedDetail[],
): Promise<readonly RequestDetail[]> {
  const wanted = new Set(asked.map(({ detailId }) => detailId));
  const found = new Map<ProcoreId, RequestDetail>();
  const keep = (details: readonly RequestDetail[]): void => {
    for (const detail of details) if (wanted.has(detail.id)) found.set(detail.id, detail);
  };
  const missing = (): readonly AskedDetail[] => asked.filter(({ detailId }) => !found.has(detailId));
  const itemsOf = (details: readonly AskedDetail[]): readonly ProcoreId[] => [
    ...new Set(details.map(({ itemId }) => itemId).filter((id) => id !== null)),
  ];
  const isFew = asked.every(({ itemId }) => itemId !== null) && itemsOf(asked).length <= FEW_RECORDS;
  if (!isFew) {
    await unlessRefused(async () => {
      let pages = 0;
      for await (const rows of list(http, undefined)) {
        keep(rows.flatMap(readDetail));
        pages += 1;
        if (missing().length === 0 || pages >= MAX_PAGES_READ_BACK) return;
      }
    });
  }
  for (const itemId of itemsOf(missing()).slice(0, MOST_RECORDS))
    await unlessRefused(async () => keep(await findDetails(http, itemId)));
  return [...found.values()];
}

async function unlessRefused(read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!isTiebackError(error) || !['data', 'config'].includes(error.class)) throw error;
  }
}

/** No page size is sent: whether this list has pages is not documented. */
async function* list(
  http: ProcoreHttp,
  itemId: ProcoreId | undefined,
): AsyncGenerator<readonly JsonObject[]> {
  const call: Call = {
    operation: 'requestDetail.list',
    method: 'GET',
    path: fillPath(http.settings.paths['requestDetail.list'], { company_id: http.companyId }),
    ...(itemId === undefined ? {} : { query: { 'filters[item_id]': itemId } }),
    urgent: true,
  };
  yield* eachPage(http, call, await readPage(http, call));
}

function readDetail(row: JsonObject): RequestDetail[] {
  const id = toId(row['id']);
  if (id === null) return [];
  const messages = isList(row['messages']) ? row['messages'] : [];
  const texts = messages.filter((message) => typeof message === 'string');
  return [{ id, status: textOrNull(row['status']) ?? '', messages: texts }];
}
