import { TiebackError } from '../../domain/base/errors';
import type { Grants } from './grants';
import { rightsOf } from './grants';
import type { SqlCheck } from './model';
import type { SqlSession } from './session';
import { askAll, query } from './session';

/** So many missing rights are named; the script has them all. */
const MOST_NAMED = 6;

/**
 * Whether the login has every right that the script gives, as SQL Server itself tells (`HAS_PERMS_BY_NAME`, which knows roles, denials and the owner). An
 * application role of the ERP, which keeps everybody else from writing, shows here before anything was approved.
 */
export const rightsCheck = (grants: Grants): SqlCheck => ({
  name: 'rights',
  hint:
    'Let a DBA run the script that `tieback sql erp` prints, and put the login into the role. Where both is done, something denies it: ' +
    'ask whoever administers the ERP whether it lets other programs write (in Vista: VA Application Role Security).',
  async ask(session) {
    const rights = rightsOf(grants);
    const missing = await missingRights(session, grants);
    if (missing.length > 0) {
      const more = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : '';
      throw new TiebackError('ERP_CONFIG', {
        reason: `the login may not ${missing.slice(0, MOST_NAMED).join(', ')}${more}`,
      });
    }
    return `all ${rights.length} rights of the script are there`;
  },
});

async function missingRights(session: SqlSession, grants: Grants): Promise<readonly string[]> {
  const wanted = rightsOf(grants).flatMap(({ verb, on, columns }) =>
    (columns ?? [null]).map((name) => ({ verb, target: on, part: name })),
  );
  const rows = await askAll(
    session,
    'rights',
    query(
      `SELECT w.verb AS verb, w.target AS target, w.part AS part FROM ${session.dialect.rowsOf('wanted', ['verb', 'target', 'part'])} w
WHERE COALESCE(HAS_PERMS_BY_NAME(w.target, 'OBJECT', w.verb, w.part, CASE WHEN w.part IS NULL THEN NULL ELSE 'COLUMN' END), 0) = 0`,
      { wanted: JSON.stringify(wanted) },
    ),
  );
  return rows.map(
    ({ verb, target, part }) => `${String(verb)} ${String(target)}${part === null ? '' : `.${String(part)}`}`,
  );
}
