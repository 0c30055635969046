import { normaliseName } from '../../domain/base/identity';
import type { VendorProbe } from '../contract/adapter';

export const MOST_SIMILAR = 50;

/** What the duplicate search compares. */
export interface Comparable {
  readonly Vendor: number;
  readonly Name: string;
  readonly SortName: string | null;
  readonly EMail: string | null;
  readonly Phone: string | null;
}

/**
 * Numbers of the vendors that could be the same company, the surest first. The whole file is compared, inactive vendors too:
 * a normalised name is not something an index of the ERP could be asked for.
 */
export function similarVendors(vendors: readonly Comparable[], probe: VendorProbe): readonly number[] {
  const name = normaliseName(probe.name);
  const sortName = keyOf(probe.sortName);
  const email = keyOf(probe.email);
  const phone = phoneDigits(probe.phone);
  const strength = (vendor: Comparable): number =>
    [
      probe.code !== null && String(vendor.Vendor) === probe.code.trim(),
      sortName !== null && keyOf(vendor.SortName) === sortName,
      normaliseName(vendor.Name) === name,
      email !== null && keyOf(vendor.EMail) === email,
      phone !== null && phoneDigits(vendor.Phone) === phone,
    ].findIndex(Boolean);
  return vendors
    .map((vendor) => ({ number: vendor.Vendor, strength: strength(vendor) }))
    .filter((match) => match.strength >= 0)
    .sort((a, b) => a.strength - b.strength || a.number - b.number)
    .slice(0, MOST_SIMILAR)
    .map((match) => match.number);
}

const keyOf = (value: string | null): string | null => {
  const key = value?.trim().toUpperCase() ?? '';
  return key === '' ? null : key;
};

/** Digits of a phone number without the North American country code; too few digits say nothing. */
export function phoneDigits(value: string | null): string | null {
  const digits = (value ?? '').replace(/\D/g, '');
  const local = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
  return local.length < 7 ? null : local;
}
