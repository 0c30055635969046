import { recordIdOf } from '../base/identity';
import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import { textIn } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { MissingVerdict, Told } from './missing';

/** Reason and hint for a linked record that Procore has no more. */
export function goneInProcoreWords({ kind, erpKey, procoreId, erp }: RecordLink): Told {
  const { label } = definitionOf(kind);
  const name = erp === null ? '' : [textIn(erp, 'code'), textIn(erp, 'name')].filter(Boolean).join(' ');
  return {
    reason: `${[label, name].filter(Boolean).join(' ')} is not in Procore any more (${recordIdOf(kind, procoreId ?? 'unknown')}), or the service account may not read it; in the ERP it is ${erpKey}.`,
    hint: `Nothing was changed in the ERP. Bring it back in Procore, or say that they are two records: \`tieback links unlink ${kind} ${erpKey}\`.`,
  };
}

/** The same where so many are missing at once that the list is doubted. */
export function doubtedInProcoreWords(
  kind: Kind,
  { fresh }: Extract<MissingVerdict, { kind: 'doubted' }>,
  linked: number,
): Told {
  const { plural } = definitionOf(kind);
  return {
    reason: `Procore shows ${fresh.length} of ${linked} linked ${plural} no more (${fresh.slice(0, 10).join(', ')}${fresh.length > 10 ? ', ...' : ''}).`,
    hint: 'Nothing was changed, and no single record was told. See whether the service account still reads all of them (permissions, projects that it was taken out of).',
  };
}
