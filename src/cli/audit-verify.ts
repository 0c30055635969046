import type { Parts } from '../composition';
import type { Config } from '../config/load';
import { readSigningKeys } from '../config/load';
import { SigningKeys } from '../domain/people/signing-keys';
import type { ErpLedger } from '../desk/audit/erp-ledger';
import type { AuditVerdict, NotedHead } from '../desk/audit/verify';
import { verifyAudit } from '../desk/audit/verify';
import type { AnchorSource } from '../desk/audit/anchors';
import type { AuditFinding } from '../domain/audit/chain';
import type { Store } from '../store/store';
import { anchorSourcesOf } from '../anchor-sources';
import type { Cli } from './cli';
import { CliError, EXIT, explain } from './errors';
import { plural } from './format';
import { lazy } from './lazy';
import { buildWithoutStore } from './parts';
import { table } from './print-table';
import { withStore } from './store';

export interface VerifyOptions {
  readonly connection?: string;
  readonly head?: NotedHead;
  /** False: the ERP's ledger is left out. */
  readonly erp: boolean;
}

/** Checks the audit log of every connection (or one) and names what was changed, with link and position. */
export async function verifyChains(cli: Cli, options: VerifyOptions): Promise<void> {
  try {
    await withStore(cli, async (store, config) => tell(cli, await verdictsOn(cli, store, config, options)));
  } catch (error) {
    if (!STORE_GONE.has(explain(error).code)) throw error;
    // The whole store may have been taken away: the ERP remembers what was written from it.
    const verdicts = await withEmptyStore((store) => verdictsOn(cli, store, cli.config(), options));
    if (verdicts.every(isIntact)) throw error;
    tell(cli, verdicts);
  }
}

/** No store was made yet, or it was taken away. */
const STORE_GONE: ReadonlySet<string> = new Set(['STORE_MISSING', 'STORE_EMPTIED']);

async function withEmptyStore<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const store = await lazy.store().Store.open({ type: 'better-sqlite3', file: ':memory:' });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function verdictsOn(
  cli: Cli,
  store: Store,
  config: Config,
  { connection, head: noted, erp }: VerifyOptions,
): Promise<readonly AuditVerdict[]> {
  const ids = await connectionIds(store, config, connection);
  if (noted !== undefined && ids.length !== 1) {
    throw new CliError('A head belongs to one chain.', {
      hint: `Say which: --connection ${ids.join(' or ')}`,
    });
  }
  const outside = await openOutside(cli, config, erp);
  const signing = signingKeysOf(cli, config);
  const verdicts: AuditVerdict[] = [];
  try {
    for (const connectionId of ids) {
      const { ledger, anchors } = outside.of(connectionId);
      verdicts.push(
        await verifyAudit(store, {
          connectionId,
          noted,
          ledger,
          anchors,
          keys: config.audit.keys,
          signing,
        }),
      );
    }
  } finally {
    await outside.close();
  }
  return verdicts;
}

/** Undefined where they are not there, or not for this account: then signatures are said to be not checked. */
function signingKeysOf(cli: Cli, config: Config): SigningKeys | undefined {
  try {
    return new SigningKeys(readSigningKeys(config, cli.io.env));
  } catch {
    return undefined;
  }
}

/**
 * The connections whose chains are meant: those of the configuration and all that any table speaks of, so that none is overlooked because
 * its row is gone.
 */
export async function connectionIds(
  store: Store,
  config: Config,
  connection: string | undefined,
): Promise<readonly string[]> {
  const stored = await store.read('audit.connections', (t) => t.review.connectionIds());
  const all = [...new Set([...config.connections.map(({ id }) => id), ...stored])].sort();
  if (connection === undefined || all.includes(connection))
    return connection === undefined ? all : [connection];
  throw new CliError(`There is no connection "${connection}" in the configuration or the store.`, {
    hint: `Connections: ${all.join(', ') || 'none'}.`,
    code: 'CONNECTION_UNKNOWN',
  });
}

/** What lies outside our store and remembers what was done. */
interface Outside {
  /** The ledger of the ERP, or why it cannot be asked, and the places of anchors. */
  of(connectionId: string): {
    readonly ledger: ErpLedger | string;
    readonly anchors: readonly AnchorSource[];
  };
  close(): Promise<void>;
}

async function openOutside(cli: Cli, config: Config, erp: boolean): Promise<Outside> {
  const files = anchorSourcesOf(config.audit, undefined);
  const without = (ledger: string): Outside => ({
    of: () => ({ ledger, anchors: files }),
    close: async () => Promise.resolve(),
  });
  if (!erp) return without('it was left out with --no-erp');
  let parts: Parts;
  try {
    parts = await buildWithoutStore(config, cli.logger(config, 'error'));
  } catch (error) {
    return without(explain(error).message);
  }
  return {
    of(id) {
      const adapter = parts.connections.get(id)?.erp;
      if (!adapter) return { ledger: 'the connection is not in the configuration', anchors: files };
      const { ledger, anchors } = adapter;
      return { ledger, anchors: anchorSourcesOf(config.audit, anchors) };
    },
    close: () => parts.close(),
  };
}

const isIntact = ({ findings }: AuditVerdict): boolean => findings.length === 0;

function tell(cli: Cli, verdicts: readonly AuditVerdict[]): void {
  const intact = verdicts.every(isIntact);
  if (!intact) cli.exitCode = EXIT.tampered;
  cli.result({ intact, connections: verdicts }, () => render(cli, verdicts));
}

function render(cli: Cli, verdicts: readonly AuditVerdict[]): string {
  const { paint } = cli;
  if (verdicts.length === 0) return 'There is no connection yet, and so no audit log.';
  const rows = verdicts.map((verdict) => {
    const { connectionId, entries, links, head } = verdict;
    return [
      isIntact(verdict) ? paint.green('✓') : paint.red('✗'),
      connectionId,
      plural(entries, 'entry', 'entries'),
      plural(links, 'link'),
      isIntact(verdict) ? paint.green('intact') : paint.red(plural(countOf(verdict), 'finding')),
      `${head.seq}:${head.hash}`,
    ];
  });
  const head = ['', 'connection', 'entries', 'links', 'log', 'head'];
  // The head is written down by auditors: it is never cut.
  const parts = [table(head, rows, { paint, width: Infinity })];
  for (const verdict of verdicts) parts.push(notesOf(verdict).map(paint.dim).join('\n'));
  for (const verdict of verdicts.filter((one) => !isIntact(one))) {
    const cells = verdict.findings.map((finding) => [
      placeOf(finding),
      finding.idx === null ? '' : `position ${finding.idx}`,
      finding.what,
    ]);
    const title = paint.red(`The audit log of ${verdict.connectionId} does not agree:`);
    const more = verdict.moreFindings === 0 ? '' : `\n  ... and ${verdict.moreFindings} more`;
    parts.push(`${title}\n${table(null, cells, { ...cli.tableOptions, indent: 2, wrap: true })}${more}`);
  }
  return parts.join('\n\n');
}

const countOf = ({ findings, moreFindings }: AuditVerdict): number => findings.length + moreFindings;

const placeOf = ({ seq, about }: AuditFinding): string => (seq === null ? (about ?? '') : `link ${seq}`);

/** What was compared, and what was not. */
function notesOf(verdict: AuditVerdict): readonly string[] {
  const { connectionId, erp, head, requests, keys, anchors, signatures } = verdict;
  return [
    ...(head.seq === 0
      ? [`${connectionId}: nothing is logged yet; \`tieback provision\` begins the log`]
      : []),
    `${connectionId}: compared with our own tables (${plural(requests, 'request')})`,
    erp.compared
      ? `${connectionId}: compared with the ERP's ledger (${plural(erp.entries, 'operation')})`
      : `${connectionId}: not compared with the ERP's ledger: ${erp.reason}`,
    ...anchors.map(({ place, anchors: count, problem }) =>
      problem === null
        ? `${connectionId}: compared with ${plural(count, 'anchor')} in ${place}`
        : `${connectionId}: not compared with the anchors in ${place}: ${problem}`,
    ),
    ...(signatures.checked === 0
      ? []
      : [
          `${connectionId}: checked the signatures of ${plural(signatures.checked, 'answer')} that people gave`,
        ]),
    ...(signatures.unchecked === 0
      ? []
      : [
          `${connectionId}: did not check the signatures of ${plural(signatures.unchecked, 'answer')} that people gave: people.signingKeys has no key here`,
        ]),
    `${connectionId}: ${keyingWords(keys)}`,
  ];
}

function keyingWords({ first, unchecked }: AuditVerdict['keys']): string {
  if (first === null)
    return 'not keyed: whoever may write to the database could build another log; see audit.keys';
  const since =
    first === 1 ? 'keyed from the first link on' : `keyed from link ${first} on, not keyed before`;
  return unchecked === 0
    ? since
    : `${since}; ${plural(unchecked, 'HMAC')} not checked: audit.keys has no key here`;
}
