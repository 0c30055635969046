import type { AuditFinding, StoredLink } from '../domain/audit/chain';
import { ChainVerifier } from '../domain/audit/chain';
import type { Store } from '../store/store';
import type { Cli } from './cli';
import { CliError, EXIT } from './errors';
import { plural } from './format';
import { withStore } from './store';
import { table } from './print-table';

/** A head of the chain as somebody wrote it down. */
export interface NotedHead {
  readonly seq: number;
  /** The hash, or its first twelve characters or more. */
  readonly hash: string;
}

interface Verdict {
  readonly connectionId: string;
  readonly entries: number;
  readonly links: number;
  readonly head: { readonly seq: number; readonly hash: string };
  readonly findings: readonly AuditFinding[];
}

/** Walks the chain of every connection (or one) and names what was changed, with link and position. */
export const verifyAudit = (
  cli: Cli,
  connection: string | undefined,
  noted: NotedHead | undefined,
): Promise<void> =>
  withStore(cli, async (store) => {
    const ids = await connectionIds(store, connection);
    if (noted !== undefined && ids.length !== 1) {
      throw new CliError('A head belongs to one chain.', {
        hint: `Say which: --connection ${ids.join(' or ')}`,
      });
    }
    const verdicts: Verdict[] = [];
    for (const id of ids) verdicts.push(await verify(store, id, noted));
    const intact = verdicts.every(({ findings }) => findings.length === 0);
    if (!intact) cli.exitCode = EXIT.tampered;
    cli.result({ intact, connections: verdicts }, () => render(cli, verdicts));
  });

/** The connections whose chains are meant. */
export async function connectionIds(
  store: Store,
  connection: string | undefined,
): Promise<readonly string[]> {
  const all = (await store.read('audit.connections', (t) => t.connections.all())).map(({ id }) => id);
  if (connection === undefined || all.includes(connection))
    return connection === undefined ? all : [connection];
  throw new CliError(`There is no connection "${connection}" in the store.`, {
    hint: `Connections: ${all.join(', ') || 'none'}.`,
    code: 'CONNECTION_UNKNOWN',
  });
}

async function verify(store: Store, connectionId: string, noted: NotedHead | undefined): Promise<Verdict> {
  const verifier = new ChainVerifier(connectionId);
  const findings: AuditFinding[] = [];
  let links = 0;
  try {
    await store.read('audit.verify', async (t) => {
      for await (const link of t.audit.chain(connectionId)) {
        links += 1;
        findings.push(...verifier.check(link).map((finding) => withWords(finding, link)));
        if (noted?.seq === link.seq && !link.hash.startsWith(noted.hash)) {
          findings.push({ seq: link.seq, idx: null, what: `its hash is not ${noted.hash}, which was noted` });
        }
      }
      findings.push(...verifier.end(await t.audit.head(connectionId)));
      for (const { seq, idx } of await t.audit.orphans(connectionId)) {
        findings.push({ seq, idx, what: 'entry belongs to no link: its link was removed, or it was added' });
      }
    });
  } catch (error) {
    // A row that is no JSON any more was not written by us.
    if (!(error instanceof SyntaxError)) throw error;
    findings.push({ seq: verifier.head.seq + 1, idx: null, what: `cannot be read: ${error.message}` });
  }
  if (noted !== undefined && noted.seq > verifier.head.seq) {
    const what = `the chain ends at link ${verifier.head.seq}, but link ${noted.seq} was noted`;
    findings.push({ seq: noted.seq, idx: null, what });
  }
  return { connectionId, entries: verifier.entries, links, head: verifier.head, findings };
}

/** What the entry at that place says now. */
function withWords(finding: AuditFinding, { entries }: StoredLink): AuditFinding {
  const found = entries.find(({ idx }) => idx === finding.idx)?.entry;
  if (!found) return finding;
  return {
    ...finding,
    what: `${finding.what}; it says now: ${found.at} ${found.actor} ${found.action} ${found.subject}`,
  };
}

function render(cli: Cli, verdicts: readonly Verdict[]): string {
  const { paint } = cli;
  if (verdicts.length === 0) return 'There is no connection yet, and so no audit log.';
  const rows = verdicts.map(({ connectionId, entries, links, head, findings }) => [
    findings.length === 0 ? paint.green('✓') : paint.red('✗'),
    connectionId,
    plural(entries, 'entry', 'entries'),
    plural(links, 'link'),
    findings.length === 0 ? paint.green('intact') : paint.red(plural(findings.length, 'finding')),
    `${head.seq}:${head.hash}`,
  ]);
  const head = ['', 'connection', 'entries', 'links', 'chain', 'head'];
  // The head is written down by auditors: it is never cut.
  const parts = [table(head, rows, { paint, width: Infinity })];
  for (const { connectionId, findings } of verdicts.filter((verdict) => verdict.findings.length > 0)) {
    const cells = findings.map(({ seq, idx, what }) => [
      `link ${seq}`,
      idx === null ? '' : `position ${idx}`,
      what,
    ]);
    const title = paint.red(`The audit chain of ${connectionId} was changed:`);
    parts.push(`${title}\n${table(null, cells, { ...cli.tableOptions, indent: 2, wrap: true })}`);
  }
  return parts.join('\n\n');
}
