/** An employee as the ERP knows them: never SSN, bank, birth or pay rates. */
export interface Employee {
  /** Key of the ERP, e.g. `1|2207`. */
  readonly key: string;
  /** The number that people know, and Procore's `employee_id`. */
  readonly number: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Null: the ERP has none. */
  readonly email: string | null;
  /** Pay group, whose periods their hours belong to. */
  readonly payGroup: string;
  readonly department: string | null;
  readonly craft: string | null;
  readonly class: string | null;
  /** Local dates; null: not known, or still employed. Tested at the date of work. */
  readonly hiredOn: string | null;
  readonly endedOn: string | null;
  readonly isActive: boolean;
}

/** An employee number as it is compared: whatever blanks are around it and zeros it begins with. */
export const numberOf = (text: string): string => text.trim().replace(/^0+(?=.)/, '');

/** An employee as a sentence names them: `Dana Reyes (2207)`. */
export const personName = ({
  firstName,
  lastName,
  number,
}: Pick<Employee, 'firstName' | 'lastName' | 'number'>): string => `${firstName} ${lastName} (${number})`;
