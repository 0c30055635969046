import { isTiebackError, TiebackError } from '../../domain/base/errors';
import type { HealthCheck } from '../contract/adapter';
import { readServerFacts } from '../../sql-server/server-facts';
import { serverFindings } from '../../sql-server/server-findings';
import { ledgerTables } from './ledger-tables';
import type { SqlCheck } from './model';
import { readSchema } from './schema';
import type { SqlDatabase, SqlSession } from './session';
import { askOne, query } from './session';
import type { SqlParts } from './writer';

/** The time by the database's own clock. */
export const timeOf = (database: SqlDatabase): Promise<string> =>
  database.read('erp.now', async (session) => {
    const row = await askOne(session, 'now', query(`SELECT ${session.dialect.now} AS server_time`));
    // Some engines write a blank where SQL Server writes a T.
    const time = String(row?.['server_time'] ?? '').replace(' ', 'T');
    return time.endsWith('Z') ? time : `${time}Z`;
  });

/** The checks of `tieback doctor`, from the ground up: each one is only worth asking when the one before it is well. */
export async function checkErp(parts: SqlParts): Promise<readonly HealthCheck[]> {
  const checks: HealthCheck[] = [...(await serverChecks(parts.database))];
  for (const { name, hint, ask } of checksOf(parts)) {
    try {
      const detail = await parts.database.read(`erp.check.${name}`, ask);
      checks.push({ name, ok: true, detail });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      checks.push({ name, ok: false, detail, hint });
      if (!isTiebackError(error) || name === 'reachable') break;
    }
  }
  return checks;
}

/** What a SQL Server says of itself; nothing where it is none, or cannot be reached: the next check says so. */
async function serverChecks(database: SqlDatabase): Promise<readonly HealthCheck[]> {
  if (database.dialect.name !== 'tsql') return [];
  try {
    const facts = await database.read('erp.check.server', (session) =>
      readServerFacts((sql) => askOne(session, 'server', query(sql))),
    );
    return serverFindings(facts, 'vendors').map(({ name, status, detail, hint }) => ({
      name,
      ok: status !== 'failed',
      detail,
      ...(hint === null ? {} : { hint }),
    }));
  } catch (error) {
    if (isTiebackError(error) && error.class === 'transient') return [];
    return [{ name: 'server', ok: false, detail: error instanceof Error ? error.message : String(error) }];
  }
}

interface Check extends Pick<SqlCheck, 'name' | 'hint'> {
  readonly ask: (session: SqlSession) => Promise<string>;
}

const SCRIPT = 'Let a DBA run the script that `tieback sql erp` prints';

const checksOf = ({ model, scopes, database }: SqlParts): readonly Check[] => [
  {
    name: 'reachable',
    hint: 'Check the `settings` of the connection and that the service account may read and write the database.',
    async ask(session) {
      const version = await model.version(session);
      await scopes.ask(session, 'scope', () => () => null);
      return `${version} answers`;
    },
  },
  ...(model.checks ?? []).map(({ name, hint, ask }) => ({
    name,
    hint,
    async ask(session: SqlSession) {
      const { scope } = await scopes.ask(session, 'scope', () => () => null);
      return ask(session, scope);
    },
  })),
  {
    name: 'columns',
    hint: 'The ERP was changed, or the definition of it names what is not there: the places are named. These kinds are neither read nor written until then.',
    async ask(session) {
      const kinds = Object.values(await readSchema(session, model));
      const problems = [...new Set(kinds.flatMap(({ problems: of }) => of))];
      if (problems.length > 0) throw new TiebackError('ERP_CONFIG', { reason: problems.join('; ') });
      return `all tables and columns of ${kinds.length} kinds are there`;
    },
  },
  {
    name: 'ledger',
    hint: `${SCRIPT}.`,
    async ask(session) {
      const { ledger } = ledgerTables(database.dialect);
      const [[counted] = [], [keys] = []] = await session.ask('ledger', [
        query(`SELECT count(*) AS n FROM ${ledger}`),
        query(uniqueKeys(session), { ledger }),
      ]);
      if (Number(keys?.['n'] ?? 0) < 2)
        throw new TiebackError('ERP_CONFIG', { reason: 'the Tieback ledger lacks its unique keys' });
      const entries = Number(counted?.['n'] ?? 0);
      return entries === 1 ? '1 entry' : `${entries} entries`;
    },
  },
  {
    name: 'anchors',
    hint: `${SCRIPT}: the audit log is not anchored in the ERP yet.`,
    async ask(session) {
      const { anchor } = ledgerTables(database.dialect);
      const row = await askOne(session, 'anchors', query(`SELECT count(*) AS n FROM ${anchor}`));
      const anchors = Number(row?.['n'] ?? 0);
      return `${anchors} ${anchors === 1 ? 'anchor' : 'anchors'} of the audit log`;
    },
  },
];

const uniqueKeys = ({ dialect }: SqlSession): string =>
  dialect.name === 'sqlite'
    ? `SELECT count(*) AS n FROM pragma_index_list(@ledger) WHERE "unique"`
    : `SELECT count(*) AS n FROM sys.indexes WHERE object_id = OBJECT_ID(@ledger) AND is_unique = 1 AND is_primary_key = 0`;
