import { TiebackError } from '../../domain/base/errors';
import type { Dialect } from '../sql/dialect';
import type { MaskPart } from '../sql/masks';
import { Mask } from '../sql/masks';
import type { ScopeReader } from '../sql/scope';
import type { Row } from '../sql/session';
import { query } from '../sql/session';

/** Data types whose masks codes follow, by our own name. */
const DATATYPES: Readonly<Record<string, string>> = { bjob: 'job', bphase: 'phase', bcontract: 'contract' };

/** The company with its groups, masks and months. `user`: who we are where the database does not know. */
export const vistaScope = (company: number, dialect: Dialect, user: string): ScopeReader => ({
  statements: [
    query(
      `SELECT c.Name, c.VendorGroup, c.PhaseGroup, c.TaxGroup, ${dialect.name === 'sqlite' ? '@user' : 'SUSER_SNAME()'} AS login,
              ${dialect.read('g.LastMthAPClsd', 'date')} AS ap_closed, ${dialect.read('g.LastMthSubClsd', 'date')} AS sub_closed, g.MaxOpen,
              a.APRefUnq
         FROM HQCO c LEFT JOIN GLCO g ON g.GLCo = c.HQCo LEFT JOIN APCO a ON a.APCo = c.HQCo WHERE c.HQCo = @company`,
      dialect.name === 'sqlite' ? { company, user } : { company },
    ),
    query("SELECT Datatype, InputMask FROM DDDTShared WHERE Datatype IN ('bJob', 'bPhase', 'bContract')"),
  ],
  read([rows = [], masks = []]) {
    const [row] = rows;
    if (row === undefined)
      throw new TiebackError('ERP_CONFIG', { reason: `there is no company ${company} in HQCO` });
    const number = (column: string): number => Number(row[column]);
    const text = (column: string): string | null => (row[column] === null ? null : String(row[column]));
    return {
      company: String(company),
      companyName: String(row['Name']),
      owners: {
        VendorGroup: number('VendorGroup'),
        PhaseGroup: number('PhaseGroup'),
        TaxGroup: number('TaxGroup'),
        ...Object.fromEntries(
          ['JCCo', 'Co', 'APCo', 'SLCo', 'POCo', 'GLCo'].map((owner) => [owner, company]),
        ),
      },
      masks: masksIn(masks),
      settings: {
        Login: text('login'),
        APClosed: text('ap_closed'),
        SubClosed: text('sub_closed'),
        MaxOpen: number('MaxOpen'),
        APRefUnq: number('APRefUnq'),
      },
    };
  },
});

const masksIn = (rows: readonly Row[]): Readonly<Record<string, Mask>> =>
  Object.fromEntries(
    rows.flatMap(({ Datatype, InputMask }) => {
      const name = DATATYPES[String(Datatype).trim().toLowerCase()];
      const mask = maskOf(String(InputMask ?? ''));
      return name === undefined || mask === null ? [] : [[name, mask] as const];
    }),
  );

/**
 * An input mask such as `5R-3RN-2L`: parts of a width, to the right or left, of digits only where an N follows; what stands between them separates.
 * How masks are written is *inferred*; one that reads otherwise is no mask, and codes are taken as they are. Null: it is none.
 */
export function maskOf(text: string): Mask | null {
  const parts: MaskPart[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const [all, width, justify, numeric, separator = ''] =
      /^(\d+)([RL])(N?)([^0-9A-Za-z]?)/i.exec(rest) ?? [];
    if (all === undefined) return null;
    parts.push({
      width: Number(width),
      justify: justify?.toUpperCase() === 'R' ? 'R' : 'L',
      // Only the first part may not be missing.
      optional: parts.length > 0,
      characters: numeric === '' ? `[^\\s${escapeInClass(separator)}]` : '[0-9]',
      separator,
    });
    rest = rest.slice(all.length);
  }
  return parts.length === 0 ? null : new Mask(parts);
}

const escapeInClass = (character: string): string => character.replace(/[\\\]^-]/g, '\\$&');
