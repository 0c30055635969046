/** An earn code of the ERP. */
export interface EarnCode {
  readonly code: string;
  readonly name: string;
  /** 1, 1.5, 2 as decimal text; null: none (leave, allowance). */
  readonly factor: string | null;
  /** The cost type that its hours are costed to: it rules, not the line. Null: none. */
  readonly costType: string | null;
  readonly isActive: boolean;
}

/** Crafts with their classes, departments, shifts: what a mapping may name. */
export interface PayCodes {
  readonly earnCodes: readonly EarnCode[];
  readonly classes: readonly { readonly craft: string; readonly class: string; readonly name: string }[];
  readonly departments: readonly { readonly code: string; readonly name: string }[];
  readonly shifts: readonly string[];
  readonly payGroups: readonly { readonly code: string; readonly name: string }[];
}

/** Whether hours of an earn code are overtime: paid at more than once the rate. */
export const isOvertimeCode = ({ factor }: Pick<EarnCode, 'factor'>): boolean =>
  factor !== null && Number(factor) > 1;
