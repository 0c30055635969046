import type { Company } from '../state';
import { itemTypeOf } from './record';

/** What wants an origin_id; `id` is null while it is new. */
export interface OriginOwner {
  type: string;
  id: number | string | null;
}

/** Whether another record of the company has this origin_id. */
export type OriginTaken = (company: Company, originId: string, owner: OriginOwner) => boolean;

/** Where one origin_id may exist only once: guides say in the whole company, examples show per item type. */
export function originTaken(scope: 'company' | 'type'): OriginTaken {
  return (company, originId, owner) => {
    const clashes = (type: string, id: number | string): boolean =>
      (scope === 'company' || type === owner.type) &&
      !(type === owner.type && String(id) === String(owner.id));
    for (const byId of company.records.values()) {
      for (const record of byId.values()) {
        if (record.fields['origin_id'] !== originId) continue;
        const type = itemTypeOf(record);
        if (type !== null && clashes(type, record.id)) return true;
      }
    }
    return [...company.external.values()].some(
      (row) => row.origin_id === originId && clashes(row.item_type, row.item_id),
    );
  };
}
