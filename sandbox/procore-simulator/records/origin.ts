import type { Company } from '../state';
import { itemTypeOf, type SimRecord } from './record';

/** What wants an origin_id; `id` is null while it is new. */
export interface OriginOwner {
  type: string;
  id: number | string | null;
}

/** Whether another record of the company has this origin_id. */
export type OriginTaken = (company: Company, originId: string, owner: OriginOwner) => boolean;

type Holders = Map<string, Set<SimRecord>>;

/** Records by every origin_id that they have or had: with 200,000 of them, a look at all for each one would take hours. */
const holders = new WeakMap<Company['records'], Holders>();

/** To be called whenever a record is new or its origin_id may have changed. */
export function noteOrigin(company: Company, record: SimRecord): void {
  note(holdersIn(company), record);
}

/** The records of a company that have this origin_id now. */
export function recordsWithOrigin(company: Company, originId: string): SimRecord[] {
  return [...(holdersIn(company).get(originId) ?? [])].filter(
    (record) =>
      record.fields['origin_id'] === originId && company.records.get(record.kind)?.get(record.id) === record,
  );
}

function holdersIn({ records }: Company): Holders {
  const known = holders.get(records);
  if (known) return known;
  const made: Holders = new Map();
  for (const byId of records.values()) for (const record of byId.values()) note(made, record);
  holders.set(records, made);
  return made;
}

function note(all: Holders, record: SimRecord): void {
  const originId = record.fields['origin_id'];
  if (typeof originId !== 'string') return;
  const known = all.get(originId);
  if (known) known.add(record);
  else all.set(originId, new Set([record]));
}

/** Where one origin_id may exist only once: guides say in the whole company, examples show per item type. */
export function originTaken(scope: 'company' | 'type'): OriginTaken {
  return (company, originId, owner) => {
    const clashes = (type: string, id: number | string): boolean =>
      (scope === 'company' || type === owner.type) &&
      !(type === owner.type && String(id) === String(owner.id));
    const isHeld = recordsWithOrigin(company, originId).some((record) => {
      const type = itemTypeOf(record);
      return type !== null && clashes(type, record.id);
    });
    if (isHeld) return true;
    return [...company.external.values()].some(
      (row) => row.origin_id === originId && clashes(row.item_type, row.item_id),
    );
  };
}
