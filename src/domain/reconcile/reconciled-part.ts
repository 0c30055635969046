import { contentHash } from '../base/identity';
import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import { withoutCustomFields } from '../kinds/custom-fields';
import type { CanonicalRecord } from '../kinds/record';
import { lineKeyOf } from '../kinds/record';

/**
 * What of an ERP record is reconciled: its header and its lines, without the columns that custom fields are mapped to, and without lines that only
 * the ERP makes. Job costs are such lines: they are figures of a ledger, move daily, and nobody enters them in Procore; the refresh of a project brings
 * them. A sync carries less: see `syncedPart`.
 */
export const reconciledPart = (kind: Kind, { fields, lines }: CanonicalRecord): CanonicalRecord => {
  const known = definitionOf(kind).lines;
  const own = lines.filter(({ kind: of }) => known[of]?.madeByErp !== true);
  return withoutCustomFields({ fields, lines: own });
};

/** Whether records of a kind have lines that both sides keep: jobs and sub jobs, among the kinds that are reconciled. */
export const hasReconciledLines = (kind: Kind): boolean =>
  Object.hasOwn(definitionOf(kind).lines, 'cost_code');

/** Hash of the lines that are reconciled, whatever their order; null: the kind has none. */
export const linesRevisionOf = (kind: Kind, record: CanonicalRecord): string | null =>
  hasReconciledLines(kind)
    ? contentHash(
        reconciledPart(kind, record)
          .lines.map((line) => ({ key: lineKeyOf(line), erpKey: line.erpKey, fields: line.fields }))
          .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)),
      )
    : null;
