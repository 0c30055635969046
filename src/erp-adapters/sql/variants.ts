import { TiebackError } from '../../domain/base/errors';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import type { CanonicalRecord } from '../../domain/kinds/record';
import type { ErpRecord, KindCapability, RecordPage, RecordWrite, WriteResult } from '../contract/adapter';
import type { KindSpec } from './model';
import { idIn } from './scope';

/** One of several places that a kind is kept in. */
interface Variant {
  readonly spec: KindSpec;
  readonly records: KindCapability;
}

/** A kind that the ERP keeps in several places: each record is in one of them. */
export class VariantRecords implements KindCapability {
  constructor(private readonly variants: readonly Variant[]) {}

  /** What fits one of them; what only another takes is refused when it is written. */
  async rules(): Promise<RecordColumns> {
    const all = await this.each(({ records }) => records.rules());
    return all.reduce((one, other) => ({
      ...other,
      ...one,
      fields: { ...other.fields, ...one.fields },
      lines: { ...other.lines, ...one.lines },
    }));
  }

  async read(keys: readonly string[]): Promise<readonly ErpRecord[]> {
    return (await this.each(({ records }) => records.read(keys))).flat();
  }

  async findSame(record: CanonicalRecord): Promise<readonly ErpRecord[]> {
    return (await this.each(({ records }) => records.findSame(record))).flat();
  }

  /** One after the other; the cursor has that of each. */
  async *readChanged(cursor: string | null, pageSize: number): AsyncIterable<RecordPage> {
    const cursors = cursorsIn(cursor, this.variants.length);
    for (const [index, { records }] of this.variants.entries()) {
      for await (const page of records.readChanged(cursors[index] ?? null, pageSize)) {
        cursors[index] = page.cursor;
        yield { records: page.records, cursor: JSON.stringify(cursors) };
      }
    }
  }

  async *keys(pageSize: number): AsyncIterable<readonly string[]> {
    for (const { records } of this.variants) if (records.keys) yield* records.keys(pageSize);
  }

  async write(operations: readonly RecordWrite[]): Promise<readonly WriteResult[]> {
    const results: WriteResult[] = [];
    for (let from = 0; from < operations.length;) {
      const variant = this.variantOf(operations[from]);
      let to = from + 1;
      while (to < operations.length && this.variantOf(operations[to]) === variant) to += 1;
      const together = operations.slice(from, to);
      results.push(
        ...(variant === null ? together.map(() => nowhere) : await variant.records.write(together)),
      );
      from = to;
    }
    return results;
  }

  private variantOf(operation: RecordWrite | undefined): Variant | null {
    if (operation === undefined) return null;
    const { action, erpKey, record } = operation;
    return (
      this.variants.find(({ spec }) =>
        action === 'update' ? spec.variant?.holds(idIn(erpKey ?? '')) : spec.variant?.takes(record.fields),
      ) ?? (action === 'update' ? (this.variants[0] ?? null) : null)
    );
  }

  private each<T>(call: (variant: Variant) => Promise<T>): Promise<readonly T[]> {
    return this.variants.reduce<Promise<readonly T[]>>(
      async (before, variant) => [...(await before), await call(variant)],
      Promise.resolve([]),
    );
  }
}

const nowhere: WriteResult = {
  status: 'refused',
  error: new TiebackError('ERP_REFUSED', {
    reason: 'the ERP has no place for a record of this type',
  }).toShape(),
};

const cursorsIn = (cursor: string | null, count: number): (string | null)[] => {
  try {
    const read: unknown = JSON.parse(cursor ?? '[]');
    if (Array.isArray(read)) return Array.from({ length: count }, (_, index) => textOrNull(read[index]));
  } catch {
    // Not one of ours: everything is read again.
  }
  return Array.from({ length: count }, () => null);
};

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
