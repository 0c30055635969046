import type { AuditVerdict, NotedHead } from '../desk/verify-audit';
import { verifyAudit } from '../desk/verify-audit';
import type { Store } from '../store/store';
import type { Cli } from './cli';
import { CliError, EXIT } from './errors';
import { plural } from './format';
import { withStore } from './store';
import { table } from './print-table';

/** Walks the chain of every connection (or one) and names what was changed, with link and position. */
export const verifyChains = (
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
    const verdicts: AuditVerdict[] = [];
    for (const id of ids) verdicts.push(await verifyAudit(store, id, noted));
    const intact = verdicts.every(({ findings }) => findings.length === 0);
    if (!intact) cli.exitCode = EXIT.chainBroken;
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

function render(cli: Cli, verdicts: readonly AuditVerdict[]): string {
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
