import type { ServerFacts } from './server-facts';

/** What is to be said of one property of a server or database. */
export interface ServerFinding {
  readonly name: string;
  /** `skipped`: the server does not say. */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
  /** What to do; null: nothing. */
  readonly hint: string | null;
}

/** Whose database it is: our own, or the vendor's, whose settings are not ours to change. */
export type DatabaseOwner = 'ours' | 'vendors';

type Said = Omit<ServerFinding, 'name' | 'hint'> & { readonly hint?: string };

interface Row {
  readonly name: string;
  readonly say: (facts: ServerFacts, owner: DatabaseOwner) => Said;
}

const ok = (detail: string): Said => ({ status: 'ok', detail });
const unknown = (what: string): Said => ({
  status: 'skipped',
  detail: `not known: the server does not say ${what}`,
});
const alter = ({ database }: ServerFacts, set: string): string =>
  `ALTER DATABASE [${database.replace(/\]/g, ']]')}] SET ${set};`;

/** Major version → name; Azure SQL Database says 12 whatever it is. */
const NAMES: Readonly<Record<string, string>> = {
  '11': 'SQL Server 2012',
  '12': 'SQL Server 2014',
  '13': 'SQL Server 2016',
  '14': 'SQL Server 2017',
  '15': 'SQL Server 2019',
  '16': 'SQL Server 2022',
  '17': 'SQL Server 2025',
};
const ENGINES: Readonly<Record<number, string>> = {
  5: 'Azure SQL Database',
  8: 'Azure SQL Managed Instance',
};
/** The first level with OPENJSON: that of SQL Server 2016. */
const LEAST_LEVEL = 130;

const FINDINGS: readonly Row[] = [
  {
    name: 'server',
    say({ version, edition, engine }) {
      if (version === null) return unknown('its version');
      const product = ENGINES[engine ?? 0] ?? NAMES[version.split('.')[0] ?? ''] ?? 'SQL Server';
      return ok(`${product}, ${version}${edition === null ? '' : `, ${edition}`}`);
    },
  },
  {
    name: 'compatibility',
    say(facts) {
      const { openJson, compatibilityLevel } = facts;
      const level = compatibilityLevel === null ? 'level not known' : `level ${compatibilityLevel}`;
      if (openJson) return ok(`${level}; OPENJSON answers`);
      return {
        status: 'failed',
        detail: `${level}: this database has no OPENJSON, with which lists travel`,
        hint: `It needs SQL Server 2016 or newer, and level ${LEAST_LEVEL} or higher: ${alter(facts, `COMPATIBILITY_LEVEL = ${LEAST_LEVEL}`)} Of an ERP's database, ask its vendor first.`,
      };
    },
  },
  {
    name: 'isolation',
    say(facts, owner) {
      const { readsSnapshots } = facts;
      if (readsSnapshots === null) return unknown('whether READ_COMMITTED_SNAPSHOT is on');
      if (readsSnapshots) return ok('READ_COMMITTED_SNAPSHOT is on: readers do not wait for writers');
      const off = 'READ_COMMITTED_SNAPSHOT is off: whoever reads waits for whoever writes';
      // How an ERP's programs lock is its vendor's decision.
      if (owner === 'vendors') return ok(`${off}, as the vendor has it`);
      return {
        status: 'warning',
        detail: `${off}, and lists and audits can be chosen as the victim of a deadlock with the daemon's work`,
        hint: `While no daemon runs: ${alter(facts, 'READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE')}`,
      };
    },
  },
  {
    name: 'collation',
    say({ collation, isCaseSensitive }, owner) {
      if (collation === null && isCaseSensitive === null) return unknown('its collation');
      const name = collation ?? 'name not known';
      if (owner === 'ours') return ok(`${name}; our keys are compared by their characters, whatever it is`);
      if (isCaseSensitive === null) return ok(`${name}; whether "A" is "a" is not known`);
      return ok(
        isCaseSensitive
          ? `${name}: case-sensitive, "A-1" and "a-1" are two codes`
          : `${name}: not case-sensitive, "A-1" and "a-1" are one code, as far as a column has no collation of its own`,
      );
    },
  },
  {
    name: 'read-write',
    say(facts, owner) {
      const { isReadOnly, recovery } = facts;
      if (isReadOnly === null) return unknown('whether it may be written to');
      if (!isReadOnly)
        return ok(`it can be written to${recovery === null ? '' : `; recovery model ${recovery}`}`);
      return {
        status: 'failed',
        detail: 'the database is read-only',
        hint: `Where it is a secondary of an availability group, name the listener in ${owner === 'ours' ? 'store.host' : '`sqlServer.host`'}; else ${alter(facts, 'READ_WRITE')}`,
      };
    },
  },
];

/** What the doctor says of a SQL Server. */
export const serverFindings = (facts: ServerFacts, owner: DatabaseOwner): readonly ServerFinding[] =>
  FINDINGS.map(({ name, say }) => ({ name, hint: null, ...say(facts, owner) }));
