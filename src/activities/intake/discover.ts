import type { AuditEntry } from '../../domain/audit/chain';
import { erpKeyOfOriginId, isTyped, originIdOf, recordIdOf } from '../../domain/base/identity';
import { KINDS } from '../../domain/kinds';
import type { PollResult } from '../../domain/request/flow';
import type { DiscoveryCursor, OpenDoorSettings } from '../../domain/request/open-door';
import { bucketOf, finished, resume, withOverlap } from '../../domain/request/open-door';
import type { Discovered, DiscoveryScan, Find } from '../../procore/port';
import { newRequest } from '../../store/new-request';
import type { Repositories } from '../../store/repositories';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { keeps } from '../deps';
import type { IntakeEventRow, RequestBodyRow, SyncRequestRow } from '../../store/rows';
import { readBody, readingOf, recordOf, withBody } from '../in-hand';
import { auditEntry } from '../record/entry';

/** Reader name of the checkpoint of discovery. */
const READER = 'open-door';

/**
 * One round of the open door: what Procore's people would have sent becomes requests of our own, and so does what Procore would ask for
 * once in a while. The checkpoint moves with every step, in the same transaction as the rows.
 */
export async function discoverRequests(
  deps: ActivityDeps,
  connection: ConnectionParts,
  settings: OpenDoorSettings,
): Promise<PollResult> {
  const { stored, cursor, scan } = await deps.store.read('discover.state', async (t) => {
    const checkpoint = await t.checkpoints.get(connection.id, READER);
    const found = resume(checkpoint?.cursor ?? null, settings, deps.now());
    return { stored: checkpoint?.cursor ?? null, cursor: found, scan: await scanOf(t, connection, found) };
  });
  const round = { seen: 0, added: 0 };
  let from = stored;
  const move = async (next: DiscoveryCursor, finds: Finder): Promise<void> => {
    const to = JSON.stringify(next);
    round.added += await deps.store.transaction('discover.step', connection.id, async (t) => {
      const added = await storeFinds(t, connection, await finds(t), deps.now());
      await t.checkpoints.move(connection.id, READER, { from, to }, deps.now());
      return added;
    });
    from = to;
  };
  await move(cursor, async (t) => periodic(t, connection, settings, deps.now()));
  for await (const step of connection.procore.discovery?.discover(scan) ?? []) {
    round.seen += step.finds.length;
    const project = step.projectId ?? cursor.scan.project;
    await move({ ...cursor, scan: { ...cursor.scan, project } }, (t) => findsOf(t, connection, step));
  }
  await move(finished(cursor), async () => Promise.resolve([]));
  return round;
}

type Finder = (t: Repositories) => Promise<readonly Find[]>;

async function scanOf(
  t: Repositories,
  connection: ConnectionParts,
  { since, scan }: ReturnType<typeof resume>,
): Promise<DiscoveryScan> {
  const from = since === null ? null : withOverlap(since);
  const closed = from === null ? [] : await t.requests.closedSince(connection.id, 'open', from);
  const againIn: (number | null)[] = [];
  for (const row of closed) {
    const { intent } = await readingOf(t, connection, row);
    if (intent.way === 'export') againIn.push(...intent.records.map(({ projectId }) => projectId));
  }
  return {
    since: scan.everything ? null : from,
    afterProject: scan.project,
    kinds: new Set(KINDS.filter((kind) => keeps(connection, kind))),
    open: await openKeys(t, connection.id),
    waitedFor: new Set(await t.waits.waitedFor(connection.id)),
    again: new Set(closed.flatMap(({ recordId }) => (recordId === null ? [] : [recordId]))),
    againIn: new Set(againIn.filter((id) => id !== null)),
  };
}

/** What the open requests of our own are about. */
async function openKeys(t: Repositories, connectionId: string): Promise<Set<string>> {
  const open = (await t.requests.open(connectionId)).filter(({ source }) => source === 'open');
  const events = await t.requests.eventsOf(
    connectionId,
    open.map(({ id }) => id),
  );
  return new Set(events.map(({ eventId }) => eventId.split(':')[1] ?? ''));
}

/** Records to ask about, and notices for records of ours that we do not know as linked. */
async function findsOf(
  t: Repositories,
  { id }: ConnectionParts,
  { finds, linked }: Discovered,
): Promise<readonly Find[]> {
  const notices: Find[] = [];
  const keyed = linked.map((one) => ({ ...one, key: erpKeyOfOriginId(one.kind, one.originId) }));
  const kinds = [...new Set(keyed.map(({ kind }) => kind))];
  const known = await Promise.all(
    kinds.map((kind) => {
      const keys = keyed.flatMap((one) => (one.kind === kind && one.key !== null ? [one.key] : []));
      return t.links.byErpKeys(id, kind, [...new Set(keys)]);
    }),
  );
  const links = new Map(known.flat().map((link) => [`${link.kind} ${link.erpKey}`, link]));
  for (const { kind, procoreId, originId, notice, key } of keyed) {
    const link = key === null ? undefined : links.get(`${kind} ${key}`);
    const isKnown = link?.state === 'merged' || (link?.state === 'linked' && link.procoreId === procoreId);
    // Without its type it is ours only where our links know its key.
    const isOurs = isTyped(kind, originId) || link !== undefined;
    if (key !== null && isOurs && !isKnown) notices.push(notice);
  }
  return [...notices, ...finds];
}

/** What Procore's ERP tool would ask for by button or by its clock. */
async function periodic(
  t: Repositories,
  connection: ConnectionParts,
  { syncEveryMinutes }: OpenDoorSettings,
  now: string,
): Promise<readonly Find[]> {
  const company_id = connection.procore.companyId;
  const revision = `every-${syncEveryMinutes}-${bucketOf(now, syncEveryMinutes)}`;
  const sync = (name: string): Find => ({
    key: name,
    revision,
    body: { request_name: name, request_data: { company_id } },
  });
  const projects = keeps(connection, 'project') ? await t.links.linked(connection.id, 'project') : [];
  return [
    ...(keeps(connection, 'line_item_type') ? [sync('sync_standard_categories')] : []),
    ...(keeps(connection, 'vendor') ? [sync('sync_vendors')] : []),
    ...(keeps(connection, 'project') ? [sync('sync_jobs')] : []),
    ...projects.flatMap(({ erpKey, procoreId, erp }): Find[] => {
      if (procoreId === null) return [];
      const name = erp?.fields['name'] ?? null;
      const additional_job_data = { job_name: name, procore_project_id: procoreId };
      const data = { id: originIdOf('project', erpKey), additional_job_data, company_id };
      const body = { request_name: 'sync_single_job', request_data: data };
      return [{ key: recordIdOf('project', procoreId), revision, body }];
    }),
  ];
}

/**
 * Stores finds as requests of our own. What was found before in this very state is known, and a record with an open request is left alone:
 * after that is closed it is looked at again.
 */
async function storeFinds(
  t: Repositories,
  connection: ConnectionParts,
  finds: readonly Find[],
  now: string,
): Promise<number> {
  if (finds.length === 0) return 0;
  const { id: connectionId } = connection;
  const nameOf = ({ key, revision }: Find): string => `open:${key}:${revision}`;
  const [open, heard, next] = await Promise.all([
    openKeys(t, connectionId),
    t.requests.knownEvents(connectionId, finds.map(nameOf)),
    t.requests.nextPosition(connectionId, 'open'),
  ]);
  let position = next;
  const entries: AuditEntry[] = [];
  const rows: SyncRequestRow[] = [];
  const events: IntakeEventRow[] = [];
  const bodies: RequestBodyRow[] = [];
  for (const find of finds) {
    const { key, body } = find;
    const eventId = nameOf(find);
    if (open.has(key) || heard.has(eventId)) continue;
    const row = { ...newRequest(connectionId, 'open', position, now), fetched: true };
    const kept = readBody(connection, row, body);
    const told = withBody(row, kept, now);
    rows.push({ ...told.row, recordId: recordOf(kept.reading.intent) });
    const event = { connectionId, eventId, source: 'open' as const, requestId: row.id, userId: null };
    events.push({ ...event, ignored: null, body: {}, receivedAt: now });
    bodies.push(kept);
    entries.push(
      auditEntry(row, now, 'intake.received', { detail: { source: 'open', about: key } }),
      told.entry,
    );
    position += 1;
    open.add(key);
  }
  t.requests.addAll(rows, events, bodies);
  await t.audit.append(connectionId, entries);
  return entries.length;
}
