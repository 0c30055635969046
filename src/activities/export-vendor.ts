import { recordIdOf } from '../domain/base/identity';
import type { PlannedOperation } from '../domain/plan/plan';
import type { KnownVendor } from '../domain/plan/vendor-export';
import { planVendorExport } from '../domain/plan/vendor-export';
import { ownLink } from '../domain/kinds/record-link';
import type { Vendor } from '../domain/kinds/vendor';
import type { LedgerEntry, VendorRules } from '../erp-adapters/contract/adapter';
import { vendorsOf } from './deps';
import type { ExportKind } from './export-kind';
import { intentOf } from './request-body';

/** What was read from the ERP for one vendor export. */
interface VendorSide {
  readonly columns: VendorRules;
  readonly candidates: readonly KnownVendor[];
  readonly ledgerHead: LedgerEntry | null;
}

/** What to look for in the ERP. */
interface VendorSubject {
  readonly wanted: Vendor;
  readonly recordId: string;
  readonly linkedKey: string | null;
}

/** `create_vendor`: the search for the same company is what is special here. */
export const vendorExport: ExportKind = {
  async subject(t, connection, row): Promise<VendorSubject> {
    const intent = intentOf(connection, row, 'create_vendor');
    const links = await t.links.byProcoreIds(connection.id, 'vendor', [intent.procoreId]);
    return {
      wanted: { ...intent.vendor, ...row.corrections },
      recordId: recordIdOf('vendor', intent.procoreId),
      linkedKey: ownLink(links)?.erpKey ?? null,
    };
  },

  async readErp(connection, subject): Promise<VendorSide> {
    const { wanted, recordId, linkedKey } = subject as VendorSubject;
    const vendors = vendorsOf(connection);
    const columns = await vendors.rules();
    const ledgerHead = await connection.erp.ledger.head('vendor', recordId);
    const keys = [...new Set([linkedKey, ledgerHead?.erpKey ?? null].filter((key) => key !== null))];
    const known = keys.length === 0 ? [] : await vendors.read(keys);
    const { code, name, sortName, email, phone } = wanted;
    const similar = await vendors.findSimilar({ code, name, sortName, email, phone });
    const candidates = [...new Map([...similar, ...known].map((vendor) => [vendor.key, vendor])).values()];
    candidates.sort((a, b) => (a.key < b.key ? -1 : 1));
    return { columns, candidates, ledgerHead };
  },

  async plan(t, connection, row, side) {
    const { columns, candidates, ledgerHead } = side as VendorSide;
    const intent = intentOf(connection, row, 'create_vendor');
    const links = await t.links.byProcoreIds(connection.id, 'vendor', [intent.procoreId]);
    const keys = candidates.map(({ key }) => key);
    return planVendorExport({
      connectionId: connection.id,
      intent,
      corrections: row.corrections ?? {},
      columns,
      candidates,
      link: ownLink(links),
      candidateLinks: await t.links.byErpKeys(connection.id, 'vendor', keys),
      ledgerHead,
    });
  },

  async write(connection, operation, planHash) {
    const [result] = await vendorsOf(connection).write([
      {
        operationKey: operation.operationKey,
        recordId: operation.recordId,
        generation: operation.generation,
        targetRevision: operation.targetRevision,
        planHash,
        action: operation.action === 'update' ? 'update' : 'create',
        erpKey: operation.erpKey,
        fields: vendorIn(operation),
        expected: null,
      },
    ]);
    if (!result) throw new Error('the ERP adapter gave no result for the operation');
    return result;
  },

  async readBack(connection, { erpKey }) {
    const [found] = erpKey === null ? [] : await vendorsOf(connection).read([erpKey]);
    return found ? { key: found.key, record: found.vendor } : null;
  },

  nameOf: (_, erpKey, record) => {
    const { code, name } = record as Vendor;
    return `Vendor ${code ?? erpKey} "${name}"`;
  },
};

const vendorIn = ({ record }: PlannedOperation): Partial<Vendor> => (record ?? {}) as Partial<Vendor>;
