import { operationKeyOf } from '../base/identity';
import { definitionOf, isKind } from '../kinds';
import type { SendMetadata } from './operation';
import type { Plan } from './plan';
import { NO_FACTS, sealPlan } from './plan';
import type { MetadataSnapshot } from './snapshot';

/** Plans the metadata configuration: what the live ERP keeps, told to Procore as a whole. */
export function planMetadata(
  connectionId: string,
  { metadata, revision }: Omit<MetadataSnapshot, 'way'>,
): Plan {
  const kinds = Object.keys(metadata.records).filter(isKind);
  const recordId = `metadata/${connectionId}`;
  const operation: SendMetadata = {
    seq: 1,
    side: 'procore',
    action: 'send_metadata',
    kind: null,
    recordId,
    target: 'Metadata configuration',
    erpKey: null,
    procoreId: null,
    generation: 1,
    targetRevision: revision,
    operationKey: operationKeyOf({ connectionId, recordId, generation: 1, targetRevision: revision }),
    changes: [
      ...kinds.map((kind) => ({
        field: kind,
        label: definitionOf(kind).label,
        old: null,
        new: `${Object.keys(metadata.records[kind]?.fields ?? {}).length} fields`,
      })),
      // Another limit alone is another configuration, and needs another approval.
      { field: 'revision', label: 'Revision', old: null, new: revision },
    ],
  };
  return sealPlan({
    subject: `fields and limits of ${metadata.system}`,
    operations: [operation],
    warnings: [],
    notes: [],
    facts: { ...NO_FACTS, kinds },
    leftOut: [],
    unchanged: 0,
  });
}
