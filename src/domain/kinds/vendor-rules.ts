import type { ColumnRule } from './column-rules';
import { fitText, shown } from './column-rules';
import type { Vendor, VendorField } from './vendor';
import { VENDOR_FIELD_LABELS, VENDOR_FIELDS } from './vendor';

export type { ColumnRule } from './column-rules';
export { fitDecimal } from './column-rules';

export interface VendorColumns {
  /** Fields that are absent have no column in this ERP: they are not carried, and the plan says so. */
  readonly fields: Readonly<Partial<Record<VendorField, ColumnRule>>>;
  /** Vendor numbers that may be given out. */
  readonly codeRange: { readonly from: number; readonly to: number } | null;
  readonly sortNameUnique: boolean;
}

export interface FittedVendor {
  readonly vendor: Vendor;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Fits a vendor to the columns of the ERP. Nothing is cut: what does not fit is a problem that names the field, the value's
 * length and the limit. Characters with an agreed plain form are replaced, with a warning. Fields without a column are noted.
 */
export function fitVendor(vendor: Vendor, columns: VendorColumns): FittedVendor {
  const fitted: Record<string, string | boolean | null> = { ...vendor };
  const problems: string[] = [];
  const warnings: string[] = [];
  const notes: string[] = [];
  for (const field of VENDOR_FIELDS) {
    const label = VENDOR_FIELD_LABELS[field];
    const value = vendor[field];
    if (typeof value === 'boolean') continue;
    const rule = columns.fields[field];
    if (!rule) {
      if (value !== null) notes.push(`${label} "${value}" is not carried: the ERP has no such field.`);
      fitted[field] = null;
      continue;
    }
    if (value === null) {
      if (rule.required && field !== 'code' && field !== 'sortName')
        problems.push(`${label} is missing; the ERP requires it.`);
      continue;
    }
    const result = fitText(label, value, rule);
    fitted[field] = result.text;
    problems.push(...result.problems);
    warnings.push(...result.warnings);
  }
  problems.push(...codeProblems(vendor.code, columns));
  return { vendor: fitted as unknown as Vendor, problems, warnings, notes };
}

function codeProblems(code: string | null, { codeRange }: VendorColumns): readonly string[] {
  if (code === null || codeRange === null) return [];
  const number = /^\d+$/.test(code) ? Number(code) : NaN;
  if (number >= codeRange.from && number <= codeRange.to) return [];
  return [`Vendor code "${shown(code)}" is outside the ERP's range ${codeRange.from} to ${codeRange.to}.`];
}
