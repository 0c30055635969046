import { definitionOf } from './index';
import type { Kind } from './names';
import type { CanonicalRecord, Fields, FieldValue } from './record';

/** Of each record once, so that it is the same to `isSameRecord`. */
const taken = new WeakMap<Fields, Fields>();

/** What Procore holds once it took an ERP record: nothing of what only its own people enter, which is unknown until it is read. */
export function takenByProcore(kind: Kind, { fields, lines }: CanonicalRecord): CanonicalRecord {
  const { fields: definitions } = definitionOf(kind);
  let own = taken.get(fields);
  if (own === undefined) {
    const left: Record<string, FieldValue> = {};
    let isWhole = true;
    for (const field in fields)
      if (definitions[field]?.madeByProcore === true) isWhole = false;
      else left[field] = fields[field] ?? null;
    own = isWhole ? fields : left;
    taken.set(fields, own);
  }
  return { fields: own, lines };
}
