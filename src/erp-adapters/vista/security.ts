import { TiebackError } from '../../domain/base/errors';
import type { SqlCheck } from '../sql/model';
import { askAll, query } from '../sql/session';
import type { VistaOptions } from './settings';

/** Views that data-type security may thin out: by company, vendor group, job. */
export const SECURED = ['APVM', 'JCJM', 'JCJP', 'SLHD', 'POHD', 'APTH'] as const;

/** The table under a view (*inferred*: `b` before its name, as in every document that names both). */
export const tableOf = (view: string): string => `b${view}`;

/**
 * Vista's views may hide rows from a login that lacks a security group, without any error: a vendor that is hidden looks like one that is not there, and
 * would be made again. So the rows that a view shows are held against those that its table has, as the catalogue counts them.
 */
export const securityCheck = ({ visibleRows }: Pick<VistaOptions, 'visibleRows'>): SqlCheck => ({
  name: 'security',
  hint:
    'Give the login the data-type security groups of its company (VA). Where it shall not see the rows of others, set `visibleRows: some` in the ' +
    'settings of the connection.',
  async ask(session) {
    const seen = await askAll(
      session,
      'security',
      query(
        SECURED.map(
          (view) =>
            `SELECT '${view}' AS name, (SELECT COUNT(*) FROM ${view}) AS shown,
(SELECT SUM(p.rows) FROM sys.partitions p WHERE p.object_id = OBJECT_ID('${tableOf(view)}') AND p.index_id < 2) AS held`,
        ).join('\nUNION ALL\n'),
      ),
    );
    const unknown = seen.filter(({ held }) => held === null).map(({ name }) => String(name));
    if (unknown.length > 0)
      throw new TiebackError('ERP_CONFIG', {
        reason: `nobody can tell whether rows are hidden: the catalogue does not show ${unknown.map(tableOf).join(', ')}; the script that \`tieback sql erp\` prints lets it`,
      });
    const hidden = seen.filter(({ shown, held }) => Number(shown) < Number(held));
    const words = hidden.map(
      ({ name, shown, held }) => `${String(name)} ${String(shown)} of ${String(held)}`,
    );
    if (words.length > 0 && visibleRows === 'all')
      throw new TiebackError('ERP_CONFIG', {
        reason: `data-type security hides rows from the login: ${words.join(', ')}`,
      });
    return words.length === 0
      ? `no row of ${SECURED.length} tables is hidden`
      : `hidden on purpose: ${words.join(', ')}`;
  },
});
