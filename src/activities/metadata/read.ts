import type { Kind } from '../../domain/kinds';
import { isKind } from '../../domain/kinds';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import type { ErpMetadata } from '../../domain/kinds/metadata';
import type { ErpAdapter } from '../../erp-adapters/contract/adapter';

/** What the live ERP says about its fields, for every kind of record it keeps. */
export async function readErpMetadata(erp: ErpAdapter): Promise<ErpMetadata> {
  const { system } = await erp.describe();
  const records: Partial<Record<Kind, RecordColumns>> = {};
  for (const [kind, capability] of Object.entries(erp.kinds)) {
    if (isKind(kind)) records[kind] = await capability.rules();
  }
  return { system, records };
}
