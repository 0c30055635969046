import type { ErpMetadata } from '../domain/kinds/metadata';
import type { ClosedRequest, ReadView, RequestRef } from '../domain/request/flow';
import type { ErpAdapter, RecordEntity } from '../erp-adapters/contract/adapter';
import type { ActivityDeps, Busy, Stopped } from './deps';
import { connectionOf, settle } from './deps';
import { auditEntry, close, releasedBy } from './ledger';

/** What the live ERP says about its fields, for every kind of record it keeps. */
export async function readErpMetadata(erp: ErpAdapter): Promise<ErpMetadata> {
  const { system } = await erp.describe();
  const vendors = (await erp.vendors?.rules()) ?? null;
  const records: Record<string, ErpMetadata['records'][RecordEntity]> = {};
  for (const [entity, capability] of Object.entries(erp.records ?? {})) {
    records[entity] = await capability.rules();
  }
  return { system, vendors, records };
}

/** Runs on the ERP queue. */
export const metadataErpActivities = (deps: ActivityDeps) => ({
  /** Reads what the ERP can do and how wide its fields are, and stores it. */
  async readMetadata({ connectionId, requestId }: RequestRef): Promise<ReadView> {
    const { erp } = connectionOf(deps, connectionId);
    return settle(async (): Promise<ReadView> => {
      const body = await readErpMetadata(erp);
      await deps.store.transaction('metadata.snapshot', (t) =>
        t.plans.putSnapshot({ connectionId, requestId, page: 0, body, readAt: deps.now() }),
      );
      return { kind: 'read' };
    });
  },
});

/** Runs on the Procore queue. */
export const metadataProcoreActivities = (deps: ActivityDeps) => ({
  /** Sends the whole metadata configuration; it sets a state and may be repeated. */
  async sendMetadata(
    ref: RequestRef,
  ): Promise<({ readonly kind: 'closed' } & ClosedRequest) | Stopped | Busy> {
    const { procore } = connectionOf(deps, ref.connectionId);
    return settle(async () => {
      const snapshot = await deps.store.read('metadata.read', (t) => t.plans.snapshot(ref, 0));
      if (!snapshot) throw new Error(`nothing was read for ERP request ${ref.requestId}`);
      const metadata = snapshot.body as ErpMetadata;
      await procore.updateMetadata(metadata);
      const kinds = Object.keys(metadata.records).length + (metadata.vendors === null ? 0 : 1);
      const result = {
        status: 'applied' as const,
        summary: `The metadata configuration was sent to Procore: ${kinds} kinds of records.`,
      };
      const released = await deps.store.transaction('metadata.closed', async (t) => {
        const now = deps.now();
        const revision = procore.metadataRevision(metadata);
        const row = await t.requests.get(ref.connectionId, ref.requestId);
        const detail = { revision, kinds };
        await t.connections.keepErpTool(ref.connectionId, { metadataRevision: revision });
        await close(t, ref, result.status, result.summary, now, [
          auditEntry(row, now, 'operation.written', { subject: `metadata of ${ref.connectionId}`, detail }),
        ]);
        return releasedBy(t, ref);
      });
      return { kind: 'closed' as const, result, released };
    });
  },
});
