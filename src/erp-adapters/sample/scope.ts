import { TiebackError } from '../../domain/base/errors';
import type { RefTarget } from '../../domain/kinds';
import type { Statements } from './database';
import type { Masks } from './masks';
import { masksOf } from './masks';

/** What keys and codes of one company depend on. */
export interface Scope {
  readonly company: number;
  readonly companyName: string;
  /** Companies of one vendor group share one vendor file. */
  readonly vendorGroup: number;
  /** Companies of one phase group share phase master and cost types. */
  readonly phaseGroup: number;
  readonly masks: Masks;
}

/** The column that says whose a row is. */
export type Owner = 'VendorGroup' | 'PhaseGroup' | 'JCCo' | 'SLCo' | 'Co';

/** Read with every call, in its transaction: a setting that changes holds from the next call on. */
export function scopeOf(db: Statements, company: number): Scope {
  const rows = db.all(
    `SELECT c.Name, c.VendorGroup, c.PhaseGroup, m.Mask, m.Width, m.Justify, m.Optional, m.Separator
       FROM HQCO c LEFT JOIN DDMK m ON 1 WHERE c.HQCo = @company ORDER BY m.Mask, m.Part`,
    { company },
  );
  const [row] = rows;
  if (row === undefined)
    throw new TiebackError('ERP_CONFIG', { reason: `there is no company ${company} in HQCO` });
  return {
    company,
    companyName: String(row['Name']),
    vendorGroup: Number(row['VendorGroup']),
    phaseGroup: Number(row['PhaseGroup']),
    masks: masksOf(rows),
  };
}

/** Number of the company or group that owns rows with this column. */
export function ownerIn(owner: Owner, { company, vendorGroup, phaseGroup }: Scope): number {
  if (owner === 'VendorGroup') return vendorGroup;
  return owner === 'PhaseGroup' ? phaseGroup : company;
}

function ownerOf(target: RefTarget, scope: Scope): number {
  if (target === 'vendor') return scope.vendorGroup;
  return target === 'standard_cost_code' || target === 'line_item_type' ? scope.phaseGroup : scope.company;
}

/** Key of a row: whose it is, and its number there. */
export const keyOf = (target: RefTarget, id: number, scope: Scope): string =>
  `${ownerOf(target, scope)}|${id}`;

/** The number in a key of this company; null for keys that cannot be ours. */
export function idOfKey(target: RefTarget, key: string, scope: Scope): number | null {
  const [owner, id, ...rest] = key.split('|');
  if (owner !== String(ownerOf(target, scope)) || id === undefined || rest.length > 0) return null;
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : null;
}
