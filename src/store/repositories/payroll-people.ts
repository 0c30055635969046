import type { AcceptedPerson } from '../../domain/payroll/accepted-person';
import { isVouchedFor, PERSON_DECISIONS, personSubject } from '../../domain/payroll/accepted-person';
import type { AuditRepository } from './audit';
import type { PayrollPersonRow } from '../rows';
import type { StoreTables } from './tables';

/** People of Procore who were said to be employees of the ERP: one row a person, with the newest decision. */
export class PayrollPersonRepository {
  constructor(
    private readonly tables: Pick<StoreTables, 'payrollPerson'>,
    private readonly audit: Pick<AuditRepository, 'sealedAboutAll'>,
  ) {}

  /** Those that the log vouches for, by person: whose hours go to whom is no matter of a row that somebody wrote past us. */
  async accepted(connectionId: string): Promise<readonly PayrollPersonRow[]> {
    const rows = await this.tables.payrollPerson.find({
      where: { connectionId },
      order: [['personId', 'ASC']],
    });
    const subjects = rows.map(({ personId }) => personSubject(personId));
    const sealed = await this.audit.sealedAboutAll(connectionId, { subjects, actions: PERSON_DECISIONS });
    return rows.filter((row) => isVouchedFor(row, sealed));
  }

  /** The decision in place of the one before about this person. */
  put(connectionId: string, accepted: AcceptedPerson): void {
    this.tables.payrollPerson.put([{ ...accepted, connectionId }]);
  }
}
