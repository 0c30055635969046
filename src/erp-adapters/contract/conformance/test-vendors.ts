import { randomBytes } from 'node:crypto';
import type { Vendor } from '../../../domain/kinds/vendor';
import type {
  ErpAdapter,
  ErpVendor,
  VendorCapability,
  VendorRules,
  VendorWrite,
  WriteResult,
} from '../adapter';
import type { ConformanceKit } from './kit';
import { ensure } from './kit';

export type Written = Extract<WriteResult, { readonly status: 'written' | 'accepted' | 'posted' }>;

/** Makes vendors and operations that no other run has made: a test company may be questioned again and again. */
export class TestVendors {
  private readonly run = randomBytes(3).toString('hex').toUpperCase();
  private count = 0;

  constructor(private readonly kit: ConformanceKit) {}

  /** A tag that is unique for ever, short enough for a sort name of 10. */
  tag(): string {
    this.count += 1;
    return `${this.run}${this.count.toString(36).toUpperCase().padStart(3, '0')}`;
  }

  /** Values of a new vendor, within what this ERP carries. */
  fields(
    rules: VendorRules,
    more: Readonly<Partial<Vendor>> = {},
  ): Partial<Vendor> & { readonly name: string } {
    const tag = this.tag();
    return {
      ...(rules.fields.sortName === undefined ? {} : { sortName: tag }),
      ...this.kit.newVendor,
      name: `Tieback check ${tag}`,
      ...more,
    };
  }

  create(fields: Readonly<Partial<Vendor>>, more: Partial<VendorWrite> = {}): VendorWrite {
    return this.operation({ action: 'create', fields, ...more });
  }

  update(
    erpKey: string,
    fields: Readonly<Partial<Vendor>>,
    expected: Readonly<Partial<Vendor>> | null = null,
    more: Partial<VendorWrite> = {},
  ): VendorWrite {
    return this.operation({ action: 'update', erpKey, fields, expected, ...more });
  }

  private operation(parts: Partial<VendorWrite> & Pick<VendorWrite, 'action' | 'fields'>): VendorWrite {
    const tag = this.tag();
    return {
      operationKey: `conformance:${tag}`,
      recordId: `vendor/conformance-${tag}`,
      generation: 1,
      targetRevision: tag,
      planHash: `plan-${tag}`,
      erpKey: null,
      expected: null,
      ...parts,
    };
  }

  /** Writes one operation that must succeed. */
  async written(vendors: VendorCapability, operation: VendorWrite): Promise<Written> {
    return asWritten(await writeOne(vendors, operation));
  }
}

/** Writes one operation; the answer is exactly one result. */
export async function writeOne(vendors: VendorCapability, operation: VendorWrite): Promise<WriteResult> {
  const results = await vendors.write([operation]);
  const [result] = results;
  ensure(
    results.length === 1 && result !== undefined,
    `one operation was answered by ${results.length} results`,
  );
  return result;
}

export function asWritten(result: WriteResult): Written {
  ensure(isWritten(result), `a write that is in order was answered ${say(result)}`);
  return result;
}

export const isWritten = (result: WriteResult): result is Written =>
  result.status === 'written' || result.status === 'accepted' || result.status === 'posted';

/** The answer in a few words. */
export function say(result: WriteResult): string {
  switch (result.status) {
    case 'written':
    case 'accepted':
    case 'posted':
      return `"${result.status}" (${result.erpKey}${result.replayed ? ', replayed' : ''})`;
    case 'moved':
    case 'busy':
      return `"${result.status}": ${result.reason}`;
    case 'taken':
      return `"taken" by ${result.by.operationKey}`;
    case 'refused':
      return `"refused": ${result.error.message}`;
  }
}

/** Vendors of exactly this name, found by another reader than the one who wrote. */
export async function named(adapter: ErpAdapter, name: string): Promise<readonly ErpVendor[]> {
  const probe = { code: null, name, sortName: null, email: null, phone: null };
  const found = (await adapter.vendors?.findSimilar(probe)) ?? [];
  return found.filter(({ vendor }) => vendor.name === name);
}
