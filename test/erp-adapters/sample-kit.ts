import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Accounting } from '../../sandbox/sample-erp/company';
import { createCompany, seedCompany } from '../../sandbox/sample-erp/company';
import type {
  ErpAdapter,
  RecordCapability,
  RecordEntity,
  VendorCapability,
} from '../../src/erp-adapters/adapter';
import type { ConformanceKit } from '../../src/erp-adapters/conformance';
import type { AdapterContext, AdapterLogger, Io } from '../../src/erp-adapters/definition';
import { sampleAdapter } from '../../src/erp-adapters/sample';
import { GRANT_SCRIPT } from '../../src/erp-adapters/sample/ledger';
import { recordKits } from './record-samples';

/** A seeded company in a folder of its own, its people, and adapters on it. */
export interface SampleCompany {
  readonly accounting: Accounting;
  readonly file: string;
  open(options?: {
    readonly io?: Io;
    readonly company?: number;
    readonly logger?: AdapterLogger;
  }): ErpAdapter;
  readonly kit: ConformanceKit;
  remove(): void;
}

export function sampleCompany(options: { readonly ledger?: boolean } = {}): SampleCompany {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-erp-'));
  const file = join(folder, 'company.db');
  const accounting = seedCompany(
    createCompany(file, options.ledger === false ? {} : { ledgerScript: GRANT_SCRIPT }),
  );
  const open: SampleCompany['open'] = ({ io, company, logger } = {}) => {
    const context: AdapterContext = {
      connectionId: 'demo',
      // Tests play both sides in one process: waiting for the other side would only wait for ourselves.
      settings: { file, busyTimeoutMs: 0, ...(company === undefined ? {} : { company }) },
      ...(io === undefined ? {} : { io }),
      ...(logger === undefined ? {} : { logger }),
    };
    return sampleAdapter.create(context);
  };
  return {
    accounting,
    file,
    open,
    kit: {
      open,
      pageSize: 7,
      records: recordKits(accounting),
      people: {
        lockVendors: () => accounting.lockVendorFile('Dana Reyes'),
        unlockVendors: () => accounting.unlockVendorFile(),
      },
    },
    remove() {
      accounting.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The vendor capability, which the sample adapter always has. */
export function vendorsOf(adapter: ErpAdapter): VendorCapability {
  if (adapter.vendors === undefined) throw new Error('the adapter has no vendors');
  return adapter.vendors;
}

/** A record capability, which the sample adapter has for every kind. */
export function recordsOf(adapter: ErpAdapter, entity: RecordEntity): RecordCapability {
  const records = adapter.records?.[entity];
  if (records === undefined) throw new Error(`the adapter keeps no ${entity}`);
  return records;
}
