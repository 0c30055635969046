import type { ProcoreId } from '../kinds/record';

/**
 * A person of Procore's directory (`companies/{company_id}/people`): whoever timecard entries are about. Keys that are absent were not in Procore's
 * answer, or could not be read: they are unknown.
 */
export interface Person {
  /** The `party` of timecard entries. */
  readonly id: ProcoreId;
  readonly firstName: string | null;
  readonly lastName: string;
  /** Payroll number: the number of the employee in the ERP. */
  readonly employeeId?: string | null;
  /** Key of the ERP, once somebody tied them. */
  readonly originId?: string | null;
  readonly isEmployee?: boolean;
  readonly isActive?: boolean;
  readonly workClassificationId?: ProcoreId | null;
  /** Null: they never log in ("reference user"). */
  readonly userId?: ProcoreId | null;
  readonly email?: string | null;
}

/** A person as a sentence names them: `Dana Reyes`. */
export const fullName = ({ firstName, lastName }: Pick<Person, 'firstName' | 'lastName'>): string =>
  [firstName, lastName].filter(Boolean).join(' ');
