import { addDays } from '../../domain/base/local-date';
import type { PayrollSnapshot } from '../../domain/plan/snapshot';
import { isPayBatch } from '../../domain/plan/operation';
import type { Adoption, OurBatch } from '../../domain/payroll/adopt';
import { adoptionOf } from '../../domain/payroll/adopt';
import type { PayrollRules } from '../../domain/payroll/gather';
import { periodName } from '../../domain/payroll/period';
import { payRecordId } from '../../domain/payroll/planned-batch';
import type { PayrollReferences } from '../../domain/payroll/resolve';
import { payRequestIdOf } from '../../domain/request/id';
import type { WrittenBatch } from '../../domain/plan/ledger-head';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';
import { auditEntry } from '../record/entry';
import { keepWritten, recordBatch } from './books';
import type { PayScope } from './scope';

/** Entries of the ledger that no operation of our store is about, oldest first. */
export async function unrecorded(
  t: Repositories,
  connectionId: string,
  entries: readonly WrittenBatch[],
): Promise<readonly WrittenBatch[]> {
  const recordIds = [...new Set(entries.map(({ recordId }) => recordId))];
  if (recordIds.length === 0) return [];
  const known = new Set(
    (await t.review.writesOn(connectionId, recordIds)).map(({ operationKey }) => operationKey),
  );
  return entries
    .filter(({ operationKey }) => !known.has(operationKey))
    .sort((one, two) =>
      one.writtenAt === two.writtenAt
        ? one.generation - two.generation
        : one.writtenAt < two.writtenAt
          ? -1
          : 1,
    );
}

/**
 * Takes over what the ERP has of ours and our books do not tell: a write whose answer never reached them, and what was written before they were put back.
 * What a stored plan tells is recorded as it was planned; everything else is told from the rows. Answers the rows that nothing tells.
 */
export async function adoptBatches(
  t: Repositories,
  row: SyncRequestRow,
  snapshot: PayrollSnapshot,
  {
    lookBackDays,
    references,
    rules,
    scope,
    now,
  }: {
    readonly lookBackDays: number;
    readonly references: PayrollReferences;
    readonly rules: PayrollRules;
    readonly scope: () => Promise<PayScope>;
    readonly now: string;
  },
): Promise<Adoption['unknown']> {
  const { connectionId } = row;
  const batches = batchesIn(snapshot);
  for (const entry of await unrecorded(t, connectionId, snapshot.unrecorded)) {
    if (await recordPlanned(t, connectionId, snapshot, entry, now)) continue;
    await recordFound(t, row, entry, now);
    const of = batches.find(({ batch }) => batch === entry.erpKey);
    if (of !== undefined) await forgetGone(t, connectionId, snapshot, of, lookBackDays);
  }
  const { kept, written } = await scope();
  const strange = strangeIn(snapshot, written);
  if (strange.length === 0) return [];
  // Any line of ours, whatever its dates: what a clerk moved to another day is no stranger.
  const dates = strange.map(({ date }) => date).sort();
  const all = await t.payroll.written(connectionId, {
    begin: addDays(dates[0] ?? '', -lookBackDays),
    end: addDays(dates.at(-1) ?? '', lookBackDays),
  });
  const ofDates = await t.payroll.entries(connectionId, {
    begin: addDays(dates[0] ?? '', -lookBackDays),
    end: addDays(dates.at(-1) ?? '', lookBackDays),
  });
  const entries = [...new Map([...kept, ...ofDates].map((one) => [one.entry.id, one])).values()];
  const found = adoptionOf({
    company: snapshot.company,
    rows: snapshot.rows,
    written: all,
    kept: entries,
    batches,
    references,
    rules,
  });
  if (found.lines.length > 0) await keepFound(t, row, { snapshot, found, known: entries, now });
  return found.unknown;
}

const strangeIn = ({ rows }: PayrollSnapshot, written: PayScope['written']): PayrollSnapshot['rows'] => {
  const known = new Set(written.map(({ line }) => line.key));
  return rows.filter(({ key }) => key !== null && !known.has(key));
};

/** Batches of which the ledger tells for which period they are. */
function batchesIn({ heads, unrecorded: entries, periods }: PayrollSnapshot): readonly OurBatch[] {
  const records = new Map<string, Omit<OurBatch, 'batch'>>(
    periods.flatMap((period) =>
      (['period', 'correction'] as const).map(
        (purpose) => [payRecordId({ period, purpose }), { period: periodName(period), purpose }] as const,
      ),
    ),
  );
  const named = [
    ...Object.entries(heads).flatMap(([recordId, head]) =>
      head === null ? [] : [{ recordId, erpKey: head.erpKey }],
    ),
    ...entries,
  ];
  return named.flatMap(({ recordId, erpKey }) => {
    const of = records.get(recordId);
    return of === undefined ? [] : [{ ...of, batch: erpKey }];
  });
}

/** The write is of a plan that is stored: its answer was lost, and its workflow began anew. */
async function recordPlanned(
  t: Repositories,
  connectionId: string,
  snapshot: PayrollSnapshot,
  { planHash, operationKey, erpKey }: WrittenBatch,
  now: string,
): Promise<boolean> {
  const planned = await t.review.plannedBy(connectionId, planHash, operationKey);
  if (planned === null || !isPayBatch(planned.operation)) return false;
  const ref = { connectionId, id: planned.requestId };
  const stored = (await t.plans.all(ref)).find(({ hash }) => hash === planHash);
  if (stored === undefined) return false;
  const lines = snapshot.rows.filter(({ batch }) => batch === erpKey);
  await recordBatch(
    t,
    await t.requests.get(ref),
    { ...stored.body, hash: planHash },
    planned.operation,
    { batch: erpKey, outcome: 'already_written', lines },
    now,
  );
  return true;
}

/** Nothing here tells what was planned: the operation is known from now on, and its lines are told from the rows. */
async function recordFound(
  t: Repositories,
  row: SyncRequestRow,
  { operationKey, recordId, erpKey, planHash, targetRevision, generation, writtenAt }: WrittenBatch,
  now: string,
): Promise<void> {
  const { connectionId, id: requestId } = row;
  await t.plans.putOperations([
    {
      connectionId,
      requestId,
      operationKey,
      planHash,
      side: 'erp',
      action: 'write_batch',
      recordId,
      erpKey,
      state: 'written',
      reason: "Found in the ERP's ledger.",
      record: null,
      at: writtenAt,
    },
  ]);
  const detail = { operation: operationKey, erpKey, replayed: true, targetRevision, generation, writtenAt };
  await t.audit.append(connectionId, [
    auditEntry(row, now, 'operation.adopted', { subject: recordId, planHash, detail }),
  ]);
}

/** Lines that our books have and that a write they did not know may have taken out. */
async function forgetGone(
  t: Repositories,
  connectionId: string,
  { rows, periods }: PayrollSnapshot,
  { batch, period }: OurBatch,
  lookBackDays: number,
): Promise<void> {
  const of = periods.find((one) => periodName(one) === period);
  if (of === undefined) return;
  const there = new Set(rows.map(({ key }) => key));
  const written = await t.payroll.written(connectionId, {
    begin: addDays(of.begin, -lookBackDays),
    end: of.end,
  });
  t.payroll.dropLines(
    connectionId,
    written.filter((one) => one.batch === batch && !there.has(one.line.key)).map(({ line }) => line.key),
  );
}

/** Each line goes to the request of its period, where there is one. */
async function keepFound(
  t: Repositories,
  row: SyncRequestRow,
  {
    snapshot,
    found: { lines, entries },
    known,
    now,
  }: {
    readonly snapshot: PayrollSnapshot;
    readonly found: Adoption;
    readonly known: PayScope['kept'];
    readonly now: string;
  },
): Promise<void> {
  const { connectionId } = row;
  const idOf = (period: string): string => {
    const of = snapshot.periods.find((one) => periodName(one) === period);
    return of === undefined ? row.id : payRequestIdOf(snapshot.company, of);
  };
  const there = await t.requests.knownIds(connectionId, [
    ...new Set(lines.map(({ period }) => idOf(period))),
  ]);
  const isWritten = new Set(known.flatMap(({ entry, writtenIn }) => (writtenIn === null ? [] : [entry.id])));
  const byRequest = new Map<string, Adoption['lines'][number][]>();
  for (const one of lines) {
    const id = idOf(one.period);
    const requestId = there.has(id) ? id : row.id;
    byRequest.set(requestId, [...(byRequest.get(requestId) ?? []), one]);
  }
  for (const [requestId, own] of byRequest) {
    for (const { line, ...batch } of own) keepWritten(t, { connectionId, requestId, now }, batch, [line]);
    // An entry is with the request that has its own line; a correction leaves it where it is.
    const ids = new Set(
      own.flatMap(({ line }) => line.entries.filter((id) => line.leg === undefined || !isWritten.has(id))),
    );
    t.payroll.setWritten(
      { connectionId, id: requestId },
      entries.filter(({ entryId }) => ids.has(entryId)),
    );
  }
  await t.audit.append(connectionId, [
    auditEntry(row, now, 'operation.adopted', {
      detail: { lines: lines.map(({ line }) => line.key), entries: entries.map(({ entryId }) => entryId) },
    }),
  ]);
}
