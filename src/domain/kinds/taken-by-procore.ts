import { definitionOf } from './index';
import type { Kind } from './names';
import type { CanonicalRecord, Fields } from './record';

/** Of each record once, so that it is the same to `isSameRecord`. */
const taken = new WeakMap<Fields, Fields>();

/** What Procore holds once it took an ERP record: nothing of what only its own people enter, which is unknown until it is read. */
export function takenByProcore(kind: Kind, { fields, lines }: CanonicalRecord): CanonicalRecord {
  const { fields: definitions } = definitionOf(kind);
  if (!Object.keys(fields).some((field) => definitions[field]?.madeByProcore === true))
    return { fields, lines };
  const known = taken.get(fields);
  if (known !== undefined) return { fields: known, lines };
  const left = Object.entries(fields).filter(([field]) => definitions[field]?.madeByProcore !== true);
  const own: Fields = Object.fromEntries(left);
  taken.set(fields, own);
  return { fields: own, lines };
}
