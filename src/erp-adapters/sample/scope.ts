import { TiebackError } from '../../domain/base/errors';
import { masksOf } from '../sql/masks';
import type { ScopeReader } from '../sql/scope';
import { query } from '../sql/session';

/** Companies of one vendor group share one vendor file; those of one phase group share phase master and cost types. */
export const sampleScope = (company: number): ScopeReader => ({
  statements: [
    query(
      `SELECT c.Name, c.VendorGroup, c.PhaseGroup, m.Mask, m.Width, m.Justify, m.Optional, m.Separator
         FROM HQCO c LEFT JOIN DDMK m ON 1 WHERE c.HQCo = @company ORDER BY m.Mask, m.Part`,
      { company },
    ),
  ],
  read([rows = []]) {
    const [row] = rows;
    if (row === undefined)
      throw new TiebackError('ERP_CONFIG', { reason: `there is no company ${company} in HQCO` });
    const [vendorGroup, phaseGroup] = [Number(row['VendorGroup']), Number(row['PhaseGroup'])];
    return {
      company: String(company),
      companyName: String(row['Name']),
      owners: { VendorGroup: vendorGroup, PhaseGroup: phaseGroup, JCCo: company, SLCo: company, Co: company },
      masks: masksOf(rows),
      settings: {},
    };
  },
});
