import type { ConnectionParts } from '../activities';
import { isTiebackError } from '../domain/base/errors';
import type { Config, ConnectionConfig } from '../config/load';
import type { ProcoreCompany } from '../procore/port';
import type { Cli } from './cli';
import type { ProcoreAhead } from './doctor-clock';
import { procoreClock } from './doctor-clock';
import { reasonOf } from './errors';
import type { Finding } from './findings';
import { failed, look, ok, skipped } from './findings';
import { plural } from './format';
import { lazy } from './lazy';
import { withStore } from './store';

/** What is asked about. */
interface Asking {
  readonly connection: ConnectionConfig;
  readonly config: Config;
  /** Filled in here: the clocks of the others are compared with it. */
  readonly ahead: ProcoreAhead;
}

/** What the other questions are asked about: things that exist in this company. */
interface Known {
  vendorId: number | null;
  requestId: number | null;
}

/**
 * Procore with the credentials of one connection. Nothing is changed: operations that only write are not tried. Paths that Procore
 * does not publish are asked for, and a 404 is told with the key that changes them.
 */
export async function checkProcore(
  cli: Cli,
  parts: ConnectionParts,
  { connection, config, ahead }: Asking,
): Promise<readonly Finding[]> {
  const { procore } = parts;
  const clock: Finding[] = [];
  const signedIn = await look('credentials', null, async () => {
    const before = cli.now().getTime();
    const { id, name, toldAt } = await procore.me();
    const theirs = toldAt === null ? null : Date.parse(toldAt);
    clock.push(procoreClock({ before, after: cli.now().getTime(), theirs }, ahead));
    return `${name} (user ${id}), company ${procore.companyId}`;
  });
  if (signedIn.status !== 'ok') return [signedIn];
  const known: Known = { vendorId: null, requestId: null };
  const vendors = await look('vendors', null, () => seeVendors(procore, known));
  if (connection.openDoor !== null) {
    return [
      signedIn,
      ...clock,
      vendors,
      skipped('ERP tool', 'not used: `door: open`'),
      ...(await checkHook(procore, connection)),
    ];
  }
  const path = (key: string): string =>
    `If Procore has this elsewhere, set procoreApps.${connection.app}.paths."${key}" in ${config.file}.`;
  const tool = [
    await inferred('request.list', path, () => seeRequests(procore, known)),
    await about('request.show', 'request', known.requestId, path, async (id) => {
      const { intent, eventName } = procore.readRequest(await procore.requests?.show(id), id);
      return `request ${id}: ${eventName}${intent.way === 'malformed' ? ', cannot be read' : ''}`;
    }),
    await about('requestDetail.list', 'vendor', known.vendorId, path, async (id) =>
      plural((await procore.details?.find(id))?.length ?? 0, 'detail'),
    ),
    await about('externalData.list', 'vendor', known.vendorId, path, async (id) => {
      const data = await procore.ties.read?.('vendor', id);
      return `vendor ${id}: ${data?.originId ?? 'not linked'}`;
    }),
  ];
  const told = await checkErpTool(cli, parts, connection, config);
  const open = await checkOpenRequests(cli, parts);
  return [signedIn, ...clock, vendors, ...tool, ...told, open, ...(await checkHook(procore, connection))];
}

/** So many open requests are compared, the oldest first: the doctor is no round of intake. */
const MOST_OPEN = 100;
const MOST_NAMED = 5;

/** Whether Procore shows requests as closed that are open here: by one list, or a few calls. */
async function checkOpenRequests(cli: Cli, parts: ConnectionParts): Promise<Finding> {
  const name = 'open requests';
  try {
    const { open, ends } = await withStore(cli, async (store) => {
      const rows = await store.read('doctor.open', (t) => t.requests.open(parts.id));
      return { open: rows, ends: await lazy.activities().endsOfOpen(store, parts, rows.slice(0, MOST_OPEN)) };
    });
    if (ends.size === 0) return ok(name, `${open.length} here; Procore shows none of them as closed`);
    const closed = open.flatMap(({ id, status }) => {
      const end = ends.get(id);
      return end ? [`${id} (${status} here, ${end.status} there)`] : [];
    });
    const more = closed.length > MOST_NAMED ? ', ...' : '';
    return failed(
      name,
      `Procore shows ${closed.length} of ${plural(open.length, 'open request')} as closed: ${closed.slice(0, MOST_NAMED).join(', ')}${more}`,
      'A running daemon closes them here as Procore did, at its start or within some minutes; `tieback audit export --request <id>` has the entry `request.adopted`.',
    );
  } catch (error) {
    return skipped(name, `not compared: ${reasonOf(error)}`);
  }
}

const PROVISION = 'Run `tieback provision procore`.';

/** Whether the company is tied to us and has the ERP's limits of today. Procore cannot be asked for either: our store knows what was sent. */
async function checkErpTool(
  cli: Cli,
  { procore, erp }: ConnectionParts,
  { id, erpTool }: ConnectionConfig,
  config: Config,
): Promise<readonly Finding[]> {
  if (erpTool.serviceUrl === null) {
    const hint = `Set connections.${id}.erpTool.serviceUrl in ${config.file}, then run \`tieback provision procore\`.`;
    return [failed('ERP connection', 'there is no address that marks the company as ours', hint)];
  }
  const state = await erpToolState(cli, id);
  if ('reason' in state) return [skipped('ERP connection', `not known: ${state.reason}`)];
  const { standardCostCodeListId: listId, metadataRevision } = state;
  if (metadataRevision === null) {
    return [failed('ERP connection', 'was never made', PROVISION), skipped('ERP metadata', 'was never sent')];
  }
  const connection = ok(
    'ERP connection',
    listId === null
      ? 'made, without a list of standard cost codes'
      : `made, standard cost code list ${listId}`,
  );
  try {
    const metadata = await lazy.activities().readErpMetadata(erp);
    const isCurrent = procore.metadata?.revision(metadata) === metadataRevision;
    return [
      connection,
      isCurrent
        ? ok('ERP metadata', 'Procore has the fields and limits of today')
        : failed('ERP metadata', 'fields, limits or labels changed since Procore was told', PROVISION),
    ];
  } catch (error) {
    return [connection, skipped('ERP metadata', `not compared: ${reasonOf(error)}`)];
  }
}

async function erpToolState(
  cli: Cli,
  id: string,
): Promise<
  | { readonly standardCostCodeListId: number | null; readonly metadataRevision: string | null }
  | { readonly reason: string }
> {
  try {
    const row = await withStore(cli, (store) => store.read('doctor.erp-tool', (t) => t.connections.find(id)));
    return row ?? { reason: 'the connection is not registered' };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

async function seeVendors(procore: ProcoreCompany, known: Known): Promise<string> {
  for await (const { kind, records } of procore.listOrigins()) {
    if (kind !== 'vendor') continue;
    known.vendorId = records[0]?.procoreId ?? null;
    return records.length === 0
      ? 'the directory is empty'
      : `can be read, ${records.length} on the first page`;
  }
  return 'the directory is empty';
}

async function seeRequests(procore: ProcoreCompany, known: Known): Promise<string> {
  for await (const page of procore.requests?.list(0) ?? []) {
    known.requestId = page.at(-1)?.id ?? null;
    return `can be read, ${page.length} on the first page`;
  }
  return 'can be read, there are none yet';
}

/** An operation whose path is inferred: a 404 may only mean that it is elsewhere. */
async function inferred(
  operation: string,
  path: (key: string) => string,
  see: () => Promise<string>,
): Promise<Finding> {
  let isMissing = false;
  const finding = await look(operation, null, async () => {
    try {
      return await see();
    } catch (error) {
      isMissing = isTiebackError(error) && error.code === 'PROCORE_NOT_FOUND';
      throw error;
    }
  });
  return isMissing ? { ...finding, hint: path(operation) } : finding;
}

const about = async (
  operation: string,
  what: string,
  id: number | null,
  path: (key: string) => string,
  see: (id: number) => Promise<string>,
): Promise<Finding> =>
  id === null
    ? skipped(operation, `not asked: there is no ${what} to ask about`)
    : inferred(operation, path, () => see(id));

async function checkHook(
  procore: ProcoreCompany,
  { id, webhook }: ConnectionConfig,
): Promise<readonly Finding[]> {
  if (webhook === null) return [skipped('webhook', 'none: requests are found by polling')];
  const destination = `${webhook.publicUrl}/webhooks/${id}`;
  const finding = await look('webhook', null, async () => {
    const hooks = await procore.hooks.list(webhook.namespace);
    const own = hooks.find(({ destinationUrl }) => destinationUrl === destination);
    if (own === undefined) throw new Error(`there is no hook to ${destination}`);
    const triggers = await procore.hooks.listTriggers(own.id);
    const wanted = triggers.filter(({ resourceName }) => resourceName === 'ERP Requests');
    if (wanted.length === 0) throw new Error(`the hook to ${destination} has no trigger on ERP requests`);
    return destination;
  });
  return [
    finding.status === 'ok'
      ? finding
      : failed('webhook', finding.detail, finding.hint ?? 'Run `tieback provision`.'),
  ];
}
