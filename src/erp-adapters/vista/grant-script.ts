import type { Dialect } from '../sql/dialect';
import type { Grants } from '../sql/grants';
import { tsqlGrantScript } from '../sql/grants';
import { ledgerTables } from '../sql/ledger-tables';
import type { SqlModel } from '../sql/model';
import { columnsByTable } from '../sql/model';
import { SECURED, tableOf } from './security';
import { VISTA_SECRETS } from './secrets';

/** Tables that are read whole: companies, code tables, masks, and what documents become when people post them. */
const READ = [
  ...['HQCO', 'HQST', 'HQCountry', 'HQUM', 'HQTX', 'HQBC', 'DDDTShared', 'GLCO', 'APCO', 'JCPC'],
  ...['SLHD', 'SLCD', 'POHD', 'POCD', 'APTH', 'APTL', 'APPH', 'APPD', 'JCCD'],
  ...['APUI', 'APUL', 'APHB', 'APLB'],
];

/** Written before a record can be: the contract of a new job, and the items that come with change orders. */
const BEFORE = ['JCCM', 'JCCI', 'SLIT', 'POIT'];

const TITLE = `Tieback: rights, operation ledger and anchors of the audit log for Viewpoint Vista. Nothing is ever validated or posted by Tieback.
-- Give the login its data-type security groups (VA) as well: without them it sees fewer rows, without an error.`;

/** What a DBA runs once. No right is on columns with bank accounts, social security numbers or rates, nor on tax ids unless the connection wants them. */
export const grantScript = (dialect: Dialect, model: Pick<SqlModel, 'specs' | 'payroll'>): string =>
  dialect.name === 'sqlite'
    ? `-- ${TITLE}\n${ledgerTables(dialect).script}`
    : tsqlGrantScript(TITLE, grantsOf(model));

/** The rights on SQL Server. */
export function grantsOf({ specs, payroll }: Pick<SqlModel, 'specs' | 'payroll'>): Grants {
  const whole = [...READ, ...BEFORE, ...columnsByTable(specs).keys()].filter(
    // Where there is what is not ours to see, only named columns are read.
    (table) => VISTA_SECRETS[table] === undefined,
  );
  return {
    specs,
    beside: () => [],
    reads: Object.fromEntries(whole.map((table) => [table, null])),
    writes: {
      HQBC: { insert: false, update: ['InUseBy'] },
      ...Object.fromEntries(BEFORE.map((table) => [table, { insert: true, update: [] }])),
    },
    procedures: ['bspHQBCInsert'],
    definitions: SECURED.map(tableOf),
    ...(payroll === undefined ? {} : { payroll: payroll.rights }),
  };
}
