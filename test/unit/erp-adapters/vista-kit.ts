import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionPool, Transaction } from 'mssql';
import mssql from 'mssql';
import { SqliteModel } from '../../../sandbox/vista-model/database';
import { rawJob, rawPhase } from '../../../sandbox/vista-model/masters';
import type { Row } from '../../../sandbox/vista-model/database';
import type { Office, OfficeThere } from '../../../sandbox/vista-model/office';
import { officeOf } from '../../../sandbox/vista-model/office';
import type { Kind, LineKind } from '../../../src/domain/kinds';
import type { CustomColumnNames } from '../../../src/domain/kinds/custom-fields';
import type { Fields, RecordLine } from '../../../src/domain/kinds/record';
import type { ErpAdapter } from '../../../src/erp-adapters/contract/adapter';
import type {
  ConformanceKit,
  KindSample,
  KindSamples,
  PayrollStage,
} from '../../../src/erp-adapters/contract/conformance';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import { writerLock } from '../../../src/erp-adapters/sql/numbers';
import { vistaAdapter } from '../../../src/erp-adapters/vista';
import { driverConfig } from '../../../src/sql-server/connect';
import type { MssqlSettings } from '../../support/mssql';
import { ledgerBatches, sqlServerOf } from '../../support/mssql';
import type { Company } from '../vista-model/places';
import { later, onSqlServer } from '../vista-model/places';
import { batchNumber, OPEN_PERIOD, refusedLine, stageLines } from './payroll-samples';
import { lineOf, recordOf } from './record-samples';

/** A seeded company of the model in a folder of its own, its people, and adapters on it. */
export interface VistaCompany {
  readonly office: Office;
  readonly model: SqliteModel;
  readonly file: string;
  open(options?: VistaOpening): ErpAdapter;
  readonly kit: ConformanceKit;
  /** The same with samples of orders of one module, and of what refers to them, alone. */
  kitOf(module: keyof typeof ORDERS): ConformanceKit;
  remove(): void;
}

export interface VistaOpening {
  readonly io?: Io;
  readonly customColumns?: CustomColumnNames;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly taxIds?: true;
}

const COMPANY = {
  company: 1,
  currency: 'USD',
  newJobs: { department: '100' },
  payroll: { corrections: 9, families: { 5: 'allowance' } },
};
// Tests play both sides in one process: waiting for the other side would only wait for ourselves.
const SETTINGS = { busyTimeoutMs: 0, ...COMPANY };
const US = 'tieback';

let image: Buffer | undefined;

/** A seeded company as a file: made once. */
function seeded(): Buffer {
  if (image !== undefined) return image;
  const folder = mkdtempSync(join(tmpdir(), 'tieback-vista-image-'));
  const model = SqliteModel.create(join(folder, 'vista.db'));
  officeOf(model).seedCompany();
  model.close();
  image = readFileSync(model.file);
  rmSync(folder, { recursive: true });
  return image;
}

export function vistaCompany(settings: VistaOpening['settings'] = {}): VistaCompany {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-vista-'));
  const file = join(folder, 'vista.db');
  writeFileSync(file, seeded());
  const model = SqliteModel.open(file);
  const office = officeOf(model);
  const open: VistaCompany['open'] = ({ io, customColumns, taxIds, settings: more } = {}) =>
    vistaAdapter.create({
      connectionId: 'demo',
      settings: { file, ...SETTINGS, ...settings, ...more },
      ...(io === undefined ? {} : { io }),
      ...(customColumns === undefined ? {} : { customColumns }),
      ...(taxIds === undefined ? {} : { taxIds }),
    });
  model.db.exec(open().grantScript());
  const people = peopleOf(model, office);
  return {
    office,
    model,
    file,
    open,
    kit: {
      open,
      openMapping: (customColumns) => open({ customColumns }),
      pageSize: 7,
      samples: vistaSamples(() => later(office)),
      payroll: payrollStage(() => later(office)),
      people,
    },
    kitOf: (module) => ({ open, pageSize: 7, samples: ordersOnly(() => later(office), module), people }),
    remove() {
      model.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const isMaster = (kind: Kind): boolean =>
  ['vendor', 'standard_cost_code', 'line_item_type', 'project'].includes(kind);
const hasMonth = (kind: Kind): boolean => ['requisition', 'company_level_direct_cost'].includes(kind);

/** Vista has no lock for master files: there somebody else is in the middle of writing. A document waits for its batch, or for its month. */
function peopleOf(model: SqliteModel, office: Office): NonNullable<ConformanceKit['people']> {
  let others: SqliteModel | null = null;
  return {
    hold(kind) {
      if (isMaster(kind)) {
        others = SqliteModel.open(model.file);
        others.db.exec('BEGIN IMMEDIATE');
      } else if (hasMonth(kind)) office.closeMonth({ co: 1, mth: '2026-08-01' }, 'AP');
      else
        model.db.prepare("UPDATE HQBC SET InUseBy = 'Dana Reyes' WHERE CreatedBy = ? AND Status = 0").run(US);
    },
    release(kind) {
      if (isMaster(kind)) {
        others?.db.exec('ROLLBACK');
        others?.close();
      } else if (hasMonth(kind)) office.closeMonth({ co: 1, mth: '2026-06-01' }, 'AP');
      else model.db.prepare('UPDATE HQBC SET InUseBy = NULL WHERE CreatedBy = ?').run(US);
    },
  };
}

const JULY = { co: 1, mth: '2026-07-01' };
const PERIOD = { co: 1, group: 1, end: '2026-07-18' };

/** The payroll clerks of a seeded company. */
const payrollStage = (office: () => OfficeThere): PayrollStage => ({
  period: OPEN_PERIOD,
  lines: stageLines(async () => {
    const keys = keysIn(await office().rows('JCJM'), await office().rows('JCJP'));
    return { job: keys.job(), phase: keys.phase('26-050') };
  }),
  refused: refusedLine,
  secrets: async () =>
    (await office().rows('PREH')).flatMap(({ SSN, HrlyRate }) => [String(SSN), String(HrlyRate)]),
  people: {
    hold: (batch, by) => office().useBatch(JULY, batchNumber(batch), by),
    release: (batch) => office().useBatch(JULY, batchNumber(batch), null),
    change: ({ id }) => office().changeTimecard({ KeyID: Number(id) }, { Hours: '3.33' }),
    post: (batch) => office().postBatch(JULY, batchNumber(batch)),
    closePeriod: () => office().setPayPeriod(PERIOD, 1),
    reopenPeriod: () => office().setPayPeriod(PERIOD, 0),
  },
});

const JOB = '1024-001';

/** A seeded company on SQL Server, there once `create` is through, and what the suite needs to ask about it. */
export class VistaOnServer {
  private company: Company | null = null;
  private pool: ConnectionPool | null = null;
  private holding: Transaction | null = null;

  constructor(private readonly server: MssqlSettings) {}

  async create(): Promise<void> {
    this.company = await onSqlServer(this.server);
    this.pool = await new mssql.ConnectionPool(driverConfig(this.settings)).connect();
    const adapter = this.open();
    for (const batch of ledgerBatches(adapter.grantScript())) await this.pool.request().batch(batch);
    await adapter.close();
  }

  async drop(): Promise<void> {
    await this.pool?.close();
    await this.company?.close();
  }

  /** `module`: whose orders the samples are. */
  kit(module: keyof typeof ORDERS): ConformanceKit {
    return {
      open: (options) => this.open(options),
      openMapping: (customColumns) => this.open({ customColumns }),
      pageSize: 7,
      samples: module === 'SL' ? vistaSamples(this.office) : ordersOnly(this.office, module),
      payroll: payrollStage(this.office),
      people: {
        hold: async (kind) => {
          if (isMaster(kind)) await this.hold();
          else if (hasMonth(kind)) await this.office().closeMonth({ co: 1, mth: '2026-08-01' }, 'AP');
          else await this.office().change('HQBC', { Co: 1, Status: 0 }, { InUseBy: 'Dana Reyes' });
        },
        release: async (kind) => {
          if (isMaster(kind)) await this.letGo();
          else if (hasMonth(kind)) await this.office().closeMonth({ co: 1, mth: '2026-06-01' }, 'AP');
          else await this.office().change('HQBC', { Co: 1, Status: 0 }, { InUseBy: null });
        },
      },
    };
  }

  private readonly office = (): OfficeThere => {
    if (this.company === null) throw new Error('the company is not there yet');
    return this.company.office;
  };

  private get settings(): MssqlSettings {
    return this.company?.settings ?? this.server;
  }

  private open({ io, customColumns }: VistaOpening = {}): ErpAdapter {
    return vistaAdapter.create({
      connectionId: 'demo',
      settings: { ...COMPANY, sqlServer: sqlServerOf(this.settings) },
      ...(io === undefined ? {} : { io }),
      ...(customColumns === undefined ? {} : { customColumns }),
    });
  }

  /** Vista has no lock for master files: another program of ours is in the middle of writing. */
  private async hold(): Promise<void> {
    if (this.pool === null) throw new Error('the company is not there yet');
    this.holding = this.pool.transaction();
    await this.holding.begin();
    const { sql = '', bound = {} } = TSQL.appLock(writerLock('demo')) ?? {};
    const request = this.holding.request();
    for (const [name, value] of Object.entries(bound)) request.input(name, value);
    await request.query(sql);
  }

  private async letGo(): Promise<void> {
    await this.holding?.rollback();
    this.holding = null;
  }
}

interface Keys {
  readonly job: (code?: string) => string;
  readonly phase: (code: string, job?: string) => string;
}

/** Keys of these jobs and phases. */
function keysIn(jobs: readonly Row[], phases: readonly Row[]): Keys {
  const key = (rows: readonly Row[], is: (row: Row) => boolean): string =>
    `1|${String(rows.find((row) => row['JCCo'] === 1 && is(row))?.['KeyID'] ?? 0)}`;
  return {
    job: (code = JOB) => key(jobs, ({ Job }) => Job === rawJob(code)),
    phase: (code, job = JOB) =>
      key(phases, ({ Job, Phase }) => Job === rawJob(job) && Phase === rawPhase(code)),
  };
}

/** Keys of what is in the seeded company. */
export const keysOf = (office: Office): Keys => keysIn(office.rows('JCJM'), office.rows('JCJP'));

/** What is ordered: the samples of orders are subcontracts or purchase orders, and those of their changes and invoices are about one on file. */
const ORDERS = {
  SL: {
    type: 'subcontract',
    code: 'SC',
    onFile: '1|S.SC-1024-01',
    job: JOB,
    phase: '26-050',
    costType: '1|3',
  },
  PO: {
    type: 'purchase_order',
    code: 'PO',
    onFile: '1|P.PO-1031-01',
    job: '1031-001',
    phase: '9-290',
    costType: '1|2',
  },
} as const;

/** A valid new record of every kind that can be written, in the seeded company. */
export function vistaSamples(office: () => OfficeThere, module: keyof typeof ORDERS = 'SL'): KindSamples {
  let count = 0;
  const next = (): number => (count += 1);
  const { type, code: prefix, onFile, ...where } = ORDERS[module];
  const item = `${onFile}.1`;
  const there = async (): Promise<Keys & { readonly cost: Fields; readonly ofOrder: string }> => {
    const keys = keysIn(await office().rows('JCJM'), await office().rows('JCJP'));
    const cost = { costCode: keys.phase(where.phase, where.job), costType: where.costType };
    return { ...keys, cost, ofOrder: keys.job(where.job) };
  };
  const unitLine = (kind: LineKind, cost: Fields, more: Fields = {}): RecordLine =>
    lineOf(kind, '1', {
      description: 'Rough-in',
      ...cost,
      basis: 'unit',
      quantity: '10.500',
      uom: 'EA',
      unitCost: '20.12345',
      amount: '211.30',
      ...more,
    });
  const lumpSum = (kind: LineKind, cost: Fields, more: Fields = {}): RecordLine =>
    lineOf(kind, '2', { description: 'Credit', ...cost, basis: 'lump_sum', amount: '-11.30', ...more });
  const reference = (tag: string): string => `R${tag}`;
  const sample = (make: KindSample['sample'], changes?: string): KindSample => ({
    sample: make,
    ...(changes === undefined ? {} : { changes }),
  });
  return {
    vendor: sample(
      (tag) =>
        recordOf({
          code: null,
          name: `Check ${tag}`,
          sortName: tag,
          address: '77 Industrial Loop',
          city: 'Tacoma',
          stateCode: 'WA',
          postalCode: '98421',
          countryCode: 'US',
          phone: '206-555-0199',
          fax: null,
          email: `ap@${tag.toLowerCase()}.example`,
          contactName: 'Maya Ortiz',
          vendorType: 'R',
          isActive: true,
        }),
      'name',
    ),
    standard_cost_code: sample((tag) => recordOf({ code: `40-${next()}`, name: `Check ${tag}` }), 'name'),
    line_item_type: sample(async (tag) => {
      // There are 256 numbers in all: one that was used long ago is given up for it.
      const code = String(10 + (next() % 240));
      await office().takeAway('JCCT', { PhaseGroup: 1, CostType: Number(code) });
      return recordOf({ code, name: `Check ${tag}`, baseType: 'other' });
    }, 'name'),
    project: sample(
      (tag) =>
        recordOf(
          {
            code: `${next() + 3000}-001`,
            name: `Check ${tag}`,
            address: '1 Pier Rd',
            city: 'Seattle',
            stateCode: 'WA',
            postalCode: '98101',
            isActive: true,
          },
          lineOf('cost_type_assignment', '26-050/1|3', { costCode: '26-050', costType: '1|3' }),
          lineOf('cost_code', '26-050', { code: '26-050', name: 'Electrical rough-in', isActive: true }),
          lineOf('cost_code', '3-300-10', { code: '3-300-10', name: 'Slab', isActive: false }),
        ),
      'name',
    ),
    // A job of its own each time: the budget before must be posted first.
    budget: sample(async (tag) => {
      const job = `${String(next() + 7000)}-001`;
      await office().addJob(1, job, `Check ${tag}`);
      await office().addPhase(1, job, '26-050', 'Electrical');
      await office().assignCostType(1, job, '26-050', 3);
      const keys = await there();
      const place = { costCode: keys.phase('26-050', job), costType: '1|3' };
      return recordOf(
        { job: keys.job(job) },
        lineOf('budget_line', 'original-771', { ...place, movement: 'original', amount: '1000.00' }),
        lineOf('budget_line', 'change-772', { ...place, movement: 'revised', amount: '-10.05' }),
      );
    }),
    commitment: sample(async (tag) => {
      const { cost, ofOrder } = await there();
      return recordOf(
        {
          type,
          code: `${prefix}-${tag}`,
          name: `Check ${tag}`,
          description: 'As discussed',
          job: ofOrder,
          vendor: '1|10011',
          date: '2026-07-01',
          amount: '200.00',
        },
        unitLine('commitment_line', cost, { taxCode: 'WA', taxAmount: '21.76' }),
        lumpSum('commitment_line', cost),
      );
    }, 'name'),
    commitment_change_order: sample(async () => {
      const { cost, ofOrder } = await there();
      return recordOf(
        {
          code: String(next() + 100),
          job: ofOrder,
          commitment: onFile,
          date: '2026-07-05',
          amount: '200.00',
        },
        // One changes the item that is there, the other comes with an item of its own.
        unitLine('change_order_line', cost),
        lumpSum('change_order_line', cost, { commitmentLine: item }),
      );
    }),
    requisition: sample(async (tag) => {
      const { cost, ofOrder } = await there();
      return recordOf(
        {
          code: reference(tag),
          description: `Check ${tag}`,
          job: ofOrder,
          commitment: onFile,
          date: '2026-07-31',
          amount: '100.00',
        },
        lineOf('invoice_line', '1', {
          description: 'Period 3',
          commitmentLine: item,
          ...cost,
          quantity: '4.000',
          uom: 'EA',
          unitCost: '25.00000',
          amount: '100.00',
          retainage: '10.00',
        }),
      );
    }, 'description'),
    company_level_direct_cost: sample(async (tag) => {
      const { cost, ofOrder } = await there();
      return recordOf(
        {
          code: reference(tag),
          description: `Check ${tag}`,
          vendor: '1|10018',
          date: '2026-07-09',
          dueDate: '2026-08-09',
          amount: '45.10',
        },
        lineOf('direct_cost_line', '1', {
          description: 'Rental',
          job: ofOrder,
          ...cost,
          quantity: '2.000',
          uom: 'DY',
          unitCost: '22.55000',
          amount: '45.10',
        }),
      );
    }, 'description'),
  };
}

/** Samples of orders of one module, and of what refers to them, alone. */
function ordersOnly(office: () => OfficeThere, module: keyof typeof ORDERS): KindSamples {
  const { commitment, commitment_change_order, requisition } = vistaSamples(office, module);
  return {
    // Only subcontracts have retainage.
    ...(commitment && { commitment: { ...commitment, lacks: module === 'PO' ? ['retainagePercent'] : [] } }),
    ...(commitment_change_order && { commitment_change_order }),
    ...(requisition && { requisition }),
  };
}
