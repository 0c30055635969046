import { createHmac, randomBytes } from 'node:crypto';
import type { ProcoreId } from '../../kinds/record';
import type { SideName } from '../side-record';

/** Hash of a tax id; null: it says nothing of whose it is. Whoever reads one hands it over at once, and keeps only the answer. */
export type TaxIdHash = (taxId: string) => string | null;

/** Shorter ones are told apart by nobody. */
const LEAST_DIGITS = 7;

/**
 * HMAC-SHA-256 over the digits of tax ids. The key is drawn for the one comparison that both sides are read for, and forgotten with it: nine digits are
 * guessed by everybody who has a key that lasts, so none does, and hashes of two comparisons say nothing of each other.
 */
export function taxIdHash(key: Buffer = randomBytes(32)): TaxIdHash {
  return (taxId) => {
    const digits = taxId.normalize('NFKC').replace(/\D/g, '');
    // `000-00-0000` is what people enter who have none.
    if (digits.length < LEAST_DIGITS || /^(\d)\1*$/.test(digits)) return null;
    return createHmac('sha256', key).update(digits, 'utf8').digest('hex');
  };
}

/** Hashes of one side, by key of the record: ERP key, or Procore id as text. */
export type TaxIdHashes = ReadonlyMap<string, string>;

/** Who has tax ids, and hands them over. */
export interface TaxIdSources {
  readonly erp: (keys: readonly string[], hash: TaxIdHash) => Promise<TaxIdHashes>;
  readonly procore: (ids: readonly ProcoreId[], hash: TaxIdHash) => Promise<ReadonlyMap<ProcoreId, string>>;
}

/** Hashes of the tax ids of these records of both sides, made with one key. */
export async function taxIdHashesOf(
  { erp, procore }: TaxIdSources,
  keys: Readonly<Record<SideName, readonly string[]>>,
): Promise<Readonly<Record<SideName, TaxIdHashes>>> {
  const hash = taxIdHash();
  const [ofErp, ofProcore] = await Promise.all([
    erp(keys.erp, hash),
    procore(keys.procore.map(Number), hash),
  ]);
  return {
    erp: ofErp,
    procore: new Map([...ofProcore].map(([id, hashed]) => [String(id), hashed])),
  };
}
