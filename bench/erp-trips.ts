import type { Fields } from '../src/domain/kinds/record';
import type { BenchInstallation } from './installation';

/** Round trips to the ERP, BEGIN and COMMIT counted. */
export interface ErpTrips {
  /** Written as new, with numbers and ledger. */
  readonly created: number;
  readonly changed: number;
  /** Sent once more: the ledger knows them. */
  readonly again: number;
  readonly read: number;
}

/** What the engine of all SQL adapters sends for a page of so many vendors, ledger included; a checkpoint is a row of our own store. */
export async function erpTrips(on: BenchInstallation, page: number): Promise<ErpTrips> {
  const { vendor } = on.adapter.kinds;
  if (vendor === undefined) throw new Error('the ERP keeps no vendors');
  const trips = async (job: () => Promise<unknown>): Promise<number> => {
    const before = on.io.erp;
    await job();
    return on.io.erp - before;
  };
  const write = async (generation: number, keys: readonly string[]): Promise<readonly string[]> => {
    const results = await vendor.write(
      Array.from({ length: page }, (_, n) => {
        const recordId = `vendor/trip-${n}`;
        const erpKey = keys[n] ?? null;
        const fields: Fields =
          erpKey === null ? { name: `Trip ${n}`, sortName: `TRIP${n}` } : { phone: `555-${1_000 + n}` };
        return {
          operationKey: `${on.id}:${recordId}:${generation}:r`,
          recordId,
          generation,
          targetRevision: 'r',
          planHash: 'bench',
          action: erpKey === null ? ('create' as const) : ('update' as const),
          erpKey,
          record: { fields, lines: [] },
          expected: null,
        };
      }),
    );
    return results.map((result) => {
      if (!('erpKey' in result)) throw new Error(`a vendor is ${result.status}`);
      return result.erpKey;
    });
  };
  let keys: readonly string[] = [];
  const created = await trips(async () => (keys = await write(1, [])));
  const changed = await trips(() => write(2, keys));
  const again = await trips(() => write(2, keys));
  const read = await trips(() => vendor.read(keys));
  return { created, changed, again, read };
}
