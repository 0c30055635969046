import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Accounting } from '../../../sandbox/sample-erp/company';
import { createCompany, openCompany, seedCompany } from '../../../sandbox/sample-erp/company';
import type {
  ErpAdapter,
  RecordCapability,
  RecordEntity,
  VendorCapability,
} from '../../../src/erp-adapters/contract/adapter';
import type { ConformanceKit } from '../../../src/erp-adapters/contract/conformance';
import type { AdapterContext, AdapterLogger, Io } from '../../../src/erp-adapters/contract/definition';
import { sampleAdapter } from '../../../src/erp-adapters/sample';
import { GRANT_SCRIPT } from '../../../src/erp-adapters/sample/ledger';
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

let image: Buffer | undefined;

/** A seeded company as a file: made once, because making it takes longer than most tests. */
function seeded(): Buffer {
  if (image !== undefined) return image;
  const folder = mkdtempSync(join(tmpdir(), 'tieback-erp-image-'));
  const file = join(folder, 'company.db');
  seedCompany(createCompany(file)).close();
  image = readFileSync(file);
  rmSync(folder, { recursive: true });
  return image;
}

export function sampleCompany(options: { readonly ledger?: boolean } = {}): SampleCompany {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-erp-'));
  const file = join(folder, 'company.db');
  writeFileSync(file, seeded());
  const accounting = openCompany(file);
  if (options.ledger !== false) accounting.runScript(GRANT_SCRIPT);
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
