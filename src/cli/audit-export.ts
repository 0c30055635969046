import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { digestOf } from '../domain/audit/chain';
import type { AuditEntry, StoredLink } from '../domain/audit/chain';
import { readDossier } from '../desk/dossier';
import { findRequest } from '../desk/find-request';
import { withoutFormula } from '../reports/csv';
import type { SyncRequestRow } from '../store/rows';
import type { Store } from '../store/store';
import { connectionIds } from './audit-verify';
import type { Cli } from './cli';
import { CliError, EXIT } from './errors';
import { withStore } from './store';

export interface ExportOptions {
  readonly connection?: string;
  /** As a person types it: `erp/5012`, `5012`. */
  readonly request?: string;
  readonly format: 'jsonl' | 'csv';
  readonly out?: string;
}

/** Named in the first line of every export. */
export const AUDIT_FORMAT = 'tieback-audit/1';

type Write = (line: string) => Promise<void>;

/** Writes the audit log so that a third party can verify it: see docs/audit.md. */
export const exportAudit = (cli: Cli, options: ExportOptions): Promise<void> =>
  withStore(cli, async (store, config) => {
    const request =
      options.request === undefined
        ? null
        : await findRequest(store, { typed: options.request, connectionId: options.connection });
    const ids = request ? [request.connectionId] : await connectionIds(store, config, options.connection);
    const counted = { lines: 0 };
    const out = await openOutput(cli, options.out, counted);
    try {
      if (options.format === 'csv') await out.write(CSV_HEAD.join(','));
      for (const id of ids) {
        if (options.format === 'csv') await writeCsv(store, id, request, out.write);
        else await writeJsonLines(cli, store, id, request, out.write);
      }
    } finally {
      await out.close();
    }
    if (options.out !== undefined) {
      cli.result(
        { file: options.out, lines: counted.lines, connections: ids },
        () => `${options.out}: ${counted.lines} lines`,
      );
    }
  });

async function openOutput(
  cli: Cli,
  file: string | undefined,
  counted: { lines: number },
): Promise<{ write: Write; close: () => Promise<void> }> {
  if (file === undefined) {
    return { write: async (line) => void cli.io.stdout.write(`${line}\n`), close: async () => undefined };
  }
  // Evidence is never overwritten.
  const stream = createWriteStream(file, { flags: 'wx' });
  try {
    await once(stream, 'open');
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new CliError(
      exists ? `${file} exists already.` : `${file} cannot be written: ${(error as Error).message}.`,
      {
        hint: 'Name another file with --out.',
        ...(exists ? {} : { exitCode: EXIT.failed }),
      },
    );
  }
  return {
    write: async (line) => {
      counted.lines += 1;
      if (!stream.write(`${line}\n`)) await once(stream, 'drain');
    },
    close: async () => {
      stream.end();
      await once(stream, 'close');
    },
  };
}

async function writeJsonLines(
  cli: Cli,
  store: Store,
  connectionId: string,
  request: SyncRequestRow | null,
  write: Write,
): Promise<void> {
  const line = (type: string, values: object): Promise<void> => write(JSON.stringify({ type, ...values }));
  const connection = await store.read('audit.connection', (t) => t.connections.find(connectionId));
  await line('head', {
    format: AUDIT_FORMAT,
    connection: connectionId,
    companyId: connection?.companyId ?? null,
    erpAdapter: connection?.erpAdapter ?? null,
    erpCompany: connection?.erpCompany ?? null,
    head: { seq: connection?.auditSeq ?? 0, hash: connection?.auditHash ?? null },
    exportedAt: cli.now().toISOString(),
    request: request?.id ?? null,
  });
  let begun = request === null;
  await eachLink(store, connectionId, async (link) => {
    const entries = link.entries.filter(({ entry }) => concerns(entry, request));
    // The proof for a request begins at its first link; from there every link is needed, but not what others wrote.
    begun ||= entries.length > 0;
    if (!begun) return;
    const { seq, prevHash, digests, hash, keyId, hmac } = link;
    await line('link', { connection: connectionId, seq, prevHash, digests, hash, keyId, hmac });
    for (const { idx, entry } of entries) {
      await line('entry', { connection: connectionId, seq, idx, digest: digestOf(entry), entry });
    }
  });
  if (request !== null) {
    const dossier = await readDossier(store, request);
    const plans = await store.read('audit.plans', (t) => t.plans.all(request));
    await line('evidence', { ...dossier, current: undefined, trail: undefined, plans });
  }
}

const concerns = ({ requestId }: AuditEntry, request: SyncRequestRow | null): boolean =>
  request === null || requestId === request.id;

/** The chain in order; a page at a time is in memory. */
const eachLink = (
  store: Store,
  connectionId: string,
  visit: (link: StoredLink) => Promise<void>,
): Promise<void> =>
  store.read('audit.chain', async (t) => {
    for await (const link of t.audit.chain(connectionId)) await visit(link);
  });

const CSV_HEAD = [
  'connection',
  'link',
  'position',
  'at',
  'actor',
  'action',
  'subject',
  'request',
  'plan_hash',
  'workflow',
  'detail',
  'digest',
  'link_hash',
];

async function writeCsv(
  store: Store,
  connectionId: string,
  request: SyncRequestRow | null,
  write: Write,
): Promise<void> {
  await eachLink(store, connectionId, async (link) => {
    for (const { idx, entry } of link.entries.filter((one) => concerns(one.entry, request))) {
      const { at, actor, action, subject, requestId, planHash, workflowId, detail } = entry;
      const facts = [at, actor, action, subject, requestId, planHash, workflowId, JSON.stringify(detail)];
      await write([connectionId, link.seq, idx, ...facts, digestOf(entry), link.hash].map(csvCell).join(','));
    }
  });
}

function csvCell(value: string | number | null): string {
  const safe = withoutFormula(value === null ? '' : String(value));
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
