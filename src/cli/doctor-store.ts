import type { Config, ConnectionConfig } from '../config/load';
import { missingSigningKeys } from '../config/load';
import { listTokens, whyNotValid } from '../desk/people';
import { whichRules } from '../desk/rules/read';
import { foreignWords, isClean } from '../domain/kinds/census';
import { serverFindings } from '../sql-server/server-findings';
import type { ConnectionRow } from '../store/rows';
import type { WidePath } from '../store/sqlite-file';
import { widePaths } from '../store/sqlite-file';
import type { Store } from '../store/store';
import type { Cli } from './cli';
import { plural, time } from './format';
import type { Finding } from './findings';
import { failed, look, ok, skipped, warning } from './findings';
import { registerOf } from './people';
import { storeName, withStore } from './store';

/** Our own store: reachable, with all tables of this version, and knowing the connections. */
export async function checkStore(cli: Cli, config: Config): Promise<readonly Finding[]> {
  const connections: Finding[] = [];
  const server: Finding[] = [];
  // Before the store is opened: SQLite gives its log the rights of the file.
  const readers = checkReaders(config);
  const store = await look('reachable', null, () =>
    withStore(cli, async (opened) => {
      const facts = await opened.serverFacts();
      // Before the tables: it may be why they cannot be read.
      if (facts !== null) server.push(...serverFindings(facts, 'ours'));
      await touchEveryTable(opened);
      connections.push(
        ...(await checkConnections(opened, config)),
        ...(await checkRules(cli, opened, config)),
        await checkPeople(cli, opened, config),
      );
      return storeName(config);
    }),
  );
  return [store, ...server, ...readers, ...connections];
}

/** Who may read the file: it holds vendors, amounts and decisions in clear, and whoever can write it can decide. */
function checkReaders({ store }: Config): readonly Finding[] {
  if (store.type !== 'better-sqlite3' || process.platform === 'win32') return [];
  const wide = widePaths(store.file);
  if (wide.length === 0) return [ok('readable by', 'its owner only')];
  return [tooWide(wide, 'Vendors, amounts and decisions stand there in clear.')];
}

const tooWide = (wide: readonly WidePath[], why: string): Finding =>
  failed(
    'readable by',
    `more than its owner: ${wide.map(({ path, mode }) => `${path} is ${mode}`).join(', ')}. ${why}`,
    `As its owner: ${wide.map(({ path, wanted }) => `chmod ${wanted} ${path}`).join(' && ')}`,
  );

/** One read of every table and all its columns: what a migration would add is missed here. */
async function touchEveryTable(store: Store): Promise<void> {
  const key = { connectionId: '', id: '' };
  await store.read('doctor.tables', async (t) => {
    await t.installation.find();
    await t.daemons.all();
    await t.connections.all();
    await t.requests.list({ connectionId: '', take: 1 });
    await t.plans.latest({ ...key, page: 0 });
    await t.plans.snapshot({ ...key, page: 0 });
    await t.plans.operations(key);
    await t.plans.approvalsOf(key);
    await t.links.all('');
    await t.checkpoints.get('', '');
    await t.exceptions.listOpen('');
    await t.waits.ofRequest(key);
    await t.requests.body(key);
    await t.people.all();
    await t.rules.all('');
    await t.audit.forRequest(key);
  });
}

/** Everybody who may approve can show who they are, and nobody else can decide in their name. */
async function checkPeople(cli: Cli, store: Store, config: Config): Promise<Finding> {
  const name = 'people who decide';
  const [missing] = missingSigningKeys(config);
  if (missing !== undefined)
    return failed(
      name,
      `nobody can: there is no signing key ${missing.file}`,
      'Run `tieback provision`, which makes it.',
    );
  const approvers = config.connections.flatMap(({ policy }) => policy.approvers.map(({ id }) => id));
  const people = [...new Set(approvers)];
  const now = cli.now().toISOString();
  const { keys } = registerOf(cli, store, config);
  const holding = (await listTokens(store)).filter((token) => whyNotValid(token, keys, now) === null);
  const without = people.filter((id) => !holding.some(({ person }) => person === id));
  const words = `${people.length - without.length} of ${plural(people.length, 'approver')} can log in`;
  if (config.people.breakGlass) {
    return failed(
      name,
      `${words}; break-glass is on: every account that can read the signing key may decide in their name`,
      `When the emergency is over, take people.breakGlass out of ${config.file} and restart the daemon.`,
    );
  }
  if (without.length === 0) return ok(name, words);
  const asked = `${words}; without a token: ${without.join(', ')}. \`tieback people add <person>\` makes one.`;
  return without.length < people.length || people.length === 0 ? ok(name, asked) : skipped(name, asked);
}

/** Which rules count, where they were changed in the Desk. */
async function checkRules(cli: Cli, store: Store, config: Config): Promise<readonly Finding[]> {
  if (missingSigningKeys(config).length > 0) return [];
  const { keys } = registerOf(cli, store, config);
  const findings: Finding[] = [];
  for (const connection of config.connections) {
    const { id } = connection;
    const { words, problem, differs } = await store.read('doctor.rules', (t) =>
      whichRules(t, connection, keys),
    );
    const name = `rules of ${id}`;
    if (problem !== null) findings.push(failed(name, words ?? problem, 'Run `tieback audit verify`.'));
    else if (differs)
      findings.push(warning(name, words ?? '', `\`tieback rules export ${id}\` prints what to put there.`));
    else if (words !== null) findings.push(ok(name, words));
  }
  return findings;
}

async function checkConnections(store: Store, { connections }: Config): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const connection of connections) {
    const { id, companyId } = connection;
    const name = `connection ${id}`;
    const row = await store.read('doctor.connection', (t) => t.connections.find(id));
    if (row === null) {
      findings.push(failed(name, 'is not registered', 'Run `tieback provision`.'));
    } else if (row.companyId !== companyId) {
      const detail = `belongs to Procore company ${row.companyId}, the configuration says ${companyId}`;
      findings.push(failed(name, detail, `Give company ${companyId} a connection name of its own.`));
    } else {
      const open = await store.read('doctor.open', (t) => t.requests.open(id));
      findings.push(
        ok(name, `${plural(open.length, 'open request')}, ${plural(row.auditSeq, 'audit link')}`),
        censusFinding(connection, row),
      );
    }
  }
  return findings;
}

/** What the last census said; only counting again tells how it is now. */
function censusFinding({ id, acceptForeignOrigins }: ConnectionConfig, { census }: ConnectionRow): Finding {
  const name = `origin_ids of ${id}`;
  if (census === null)
    return skipped(name, 'not counted yet: `tieback census` does, and so does the first write');
  const at = `counted ${time(census.takenAt)}`;
  if (isClean(census)) return ok(name, `${at}: none of another integration`);
  const found = `${at}: another integration owns ${foreignWords(census)}`;
  return acceptForeignOrigins
    ? ok(name, `${found}; accepted by the configuration`)
    : failed(
        name,
        found,
        'Run `tieback census` and follow what it says: until then nothing is written to Procore.',
      );
}
