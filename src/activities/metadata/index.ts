import { isForProcore } from '../../domain/plan/operation';
import { planMetadata } from '../../domain/plan/metadata';
import type { OperationResult } from '../record/outcome';
import { NOTHING_HAPPENED } from '../record/outcome';
import { send } from '../send';
import type { WaySteps } from '../way';
import { reading } from '../way';
import { readErpMetadata } from './read';

/** The whole metadata configuration, from the live ERP; it sets a state and may be repeated. */
export const metadataWay: WaySteps<'metadata'> = {
  way: 'metadata',
  needsSnapshot: () => true,

  readErp: reading(
    'metadata',
    async () => Promise.resolve(null),
    async ({ erp, procore }) => {
      const metadata = await readErpMetadata(erp);
      return { way: 'metadata', metadata, revision: procore.metadata?.revision(metadata) ?? 'none' };
    },
  ),

  async plan(_, { connection }, snapshot) {
    return { kind: 'plan', plan: planMetadata(connection.id, snapshot) };
  },

  send: ({ connection }, { plan }, { snapshot }) =>
    send(connection.procore, plan.operations.filter(isForProcore), snapshot?.metadata ?? null),

  async outcome(_, { connection }, { approved: { plan }, snapshot }) {
    const revision = snapshot?.revision ?? 'none';
    const kinds = Object.keys(snapshot?.metadata.records ?? {}).length;
    return {
      ...NOTHING_HAPPENED,
      results: plan.operations.map((operation): OperationResult => ({
        operation,
        state: 'confirmed',
        erpKey: null,
        reason: null,
        record: null,
      })),
      entries: [
        {
          action: 'operation.written',
          subject: `metadata of ${connection.id}`,
          detail: { revision, kinds },
        },
      ],
      connection: { metadataRevision: revision },
      close: {
        status: 'applied',
        summary: `The metadata configuration was sent to Procore: ${kinds} kinds of records.`,
      },
    };
  },
};
