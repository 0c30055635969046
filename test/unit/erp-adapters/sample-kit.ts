import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Accounting } from '../../../sandbox/sample-erp/company';
import { createCompany } from '../../../sandbox/sample-erp/company';
import type { Kind } from '../../../src/domain/kinds';
import type { CustomColumnNames } from '../../../src/domain/kinds/custom-fields';
import type { ErpAdapter, KindCapability } from '../../../src/erp-adapters/contract/adapter';
import type { ConformanceKit, PayrollStage } from '../../../src/erp-adapters/contract/conformance';
import type { AdapterContext, AdapterLogger, Io } from '../../../src/erp-adapters/contract/definition';
import { sampleAdapter } from '../../../src/erp-adapters/sample';
import { grantScript } from '../../../src/erp-adapters/sample/grant-script';
import { RECORD_SPECS } from '../../../src/erp-adapters/sample/tables';
import { batchNumber, OPEN_PERIOD, refusedLine, stageLines } from './payroll-samples';
import { recordSamples } from './record-samples';

/** A seeded company in a folder of its own, its people, and adapters on it. */
export interface SampleCompany {
  readonly accounting: Accounting;
  readonly file: string;
  open(options?: {
    readonly io?: Io;
    readonly company?: number;
    readonly logger?: AdapterLogger;
    readonly customColumns?: CustomColumnNames;
    readonly taxIds?: true;
  }): ErpAdapter;
  readonly kit: ConformanceKit;
  remove(): void;
}

export function sampleCompany(options: { readonly ledger?: boolean } = {}): SampleCompany {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-erp-'));
  const file = join(folder, 'company.db');
  const accounting = createCompany(file, { seed: true });
  if (options.ledger !== false) accounting.runScript(grantScript(RECORD_SPECS));
  const open: SampleCompany['open'] = ({ io, company, logger, customColumns, taxIds } = {}) => {
    const context: AdapterContext = {
      connectionId: 'demo',
      // Tests play both sides in one process: waiting for the other side would only wait for ourselves.
      settings: { file, busyTimeoutMs: 0, ...(company === undefined ? {} : { company }) },
      ...(io === undefined ? {} : { io }),
      ...(logger === undefined ? {} : { logger }),
      ...(customColumns === undefined ? {} : { customColumns }),
      ...(taxIds === undefined ? {} : { taxIds }),
    };
    return sampleAdapter.create(context);
  };
  return {
    accounting,
    file,
    open,
    kit: {
      open,
      openMapping: (customColumns) => open({ customColumns }),
      pageSize: 7,
      samples: recordSamples(accounting),
      payroll: payrollStage(accounting),
      people: {
        hold: (kind) =>
          accounting.runScript(
            `INSERT INTO HQLK VALUES ('${fileOf(kind)}', 'Maintenance', 'Dana Reyes', '2026-07-01')`,
          ),
        release: (kind) => accounting.runScript(`DELETE FROM HQLK WHERE Resource = '${fileOf(kind)}'`),
      },
    },
    remove() {
      accounting.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const JULY = { co: 1, mth: '2026-07' };
const PERIOD = { co: 1, group: 1, end: '2026-07-18' };

/** The payroll clerks of the company. */
const payrollStage = (accounting: Accounting): PayrollStage => ({
  period: OPEN_PERIOD,
  lines: stageLines(() => ({
    job: `1|${accounting.jobKey(1, '1024-001')}`,
    phase: `1|${accounting.phaseKey(1, '1024-001', '26-050')}`,
  })),
  refused: refusedLine,
  secrets: () =>
    accounting.db
      .prepare<[], string>(
        'SELECT SSN FROM PREH UNION SELECT BankAcct FROM PREH UNION SELECT HrlyRate FROM PREH',
      )
      .pluck()
      .all(),
  people: {
    hold: (batch, by) => accounting.useBatch(JULY, batchNumber(batch), by),
    release: (batch) => accounting.useBatch(JULY, batchNumber(batch), null),
    change: ({ id }) => accounting.changeCard(Number(id), { Hours: '3.33' }),
    post: (batch) => accounting.postPayBatch(JULY, batchNumber(batch)),
    closePeriod: () => accounting.closePayPeriod(PERIOD),
    reopenPeriod: () => accounting.reopenPayPeriod(PERIOD),
  },
});

/** What people lock when they open the file of a kind, in the company and groups of the tests. */
const fileOf = (kind: Kind): string => `${RECORD_SPECS.find((spec) => spec.kind === kind)?.table ?? ''}|1`;

/** What the adapter does with one kind; the sample adapter keeps every kind. */
export function kindOf(adapter: ErpAdapter, kind: Kind): KindCapability {
  const capability = adapter.kinds[kind];
  if (capability === undefined) throw new Error(`the adapter keeps no ${kind}`);
  return capability;
}
