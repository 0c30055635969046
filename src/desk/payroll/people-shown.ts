import type { ProcoreId } from '../../domain/kinds/record';
import type { AcceptedState } from '../../domain/payroll/accepted-person';

/** Who of Procore is which employee of the ERP, as a clerk decides about it. Hashes bind a decision to what was looked at (`peopleRevision`). */
export interface PeopleShown {
  /** How many people are employees. */
  readonly matched: number;
  /** Surest first. */
  readonly suggestions: readonly {
    readonly personId: ProcoreId;
    readonly personRevision: string;
    readonly person: string;
    readonly employeeKey: string;
    readonly employeeRevision: string;
    readonly employee: string;
    /** `match`: nobody else comes near. */
    readonly verdict: 'match' | 'ask';
    /** What speaks for it and against it, in words. */
    readonly reasons: readonly string[];
  }[];
  /** Those who are nobody of the ERP, most hours first. */
  readonly unmatched: readonly {
    readonly personId: ProcoreId;
    readonly personRevision: string;
    readonly person: string;
    /** As Procore has it. */
    readonly number: string | null;
    /** Of the last 45 days; null: there are too many people to ask. */
    readonly hours: string | null;
  }[];
  /** More of the directory, who need be nobody. */
  readonly others: number;
  /** What people decided and what is not taken back, or not yet. */
  readonly accepted: readonly {
    readonly personId: ProcoreId;
    readonly person: string;
    readonly employeeKey: string;
    readonly employee: string;
    readonly state: AcceptedState;
    /** What Procore said instead of taking it. */
    readonly reason: string | null;
    readonly decidedBy: string;
    /** ISO 8601 UTC. */
    readonly decidedAt: string;
  }[];
  /** Employees who are nobody of Procore, by name: whom a person may be said to be. */
  readonly employees: readonly {
    readonly employeeKey: string;
    readonly employeeRevision: string;
    readonly employee: string;
    readonly payGroup: string;
    readonly isActive: boolean;
  }[];
  /** Sentences with names: what has to be put right on a side. */
  readonly problems: readonly string[];
}
