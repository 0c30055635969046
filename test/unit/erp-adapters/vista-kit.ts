import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteModel } from '../../../sandbox/vista-model/database';
import { rawJob, rawPhase } from '../../../sandbox/vista-model/masters';
import type { Office } from '../../../sandbox/vista-model/office';
import { officeOf } from '../../../sandbox/vista-model/office';
import type { Kind, LineKind } from '../../../src/domain/kinds';
import type { CustomColumnNames } from '../../../src/domain/kinds/custom-fields';
import type { CanonicalRecord, Fields, RecordLine } from '../../../src/domain/kinds/record';
import type { ErpAdapter } from '../../../src/erp-adapters/contract/adapter';
import type { ConformanceKit, KindSamples } from '../../../src/erp-adapters/contract/conformance';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import { vistaAdapter } from '../../../src/erp-adapters/vista';
import { lineOf, recordOf } from './record-samples';

/** A seeded company of the model in a folder of its own, its people, and adapters on it. */
export interface VistaCompany {
  readonly office: Office;
  readonly model: SqliteModel;
  readonly file: string;
  open(options?: VistaOpening): ErpAdapter;
  readonly kit: ConformanceKit;
  remove(): void;
}

export interface VistaOpening {
  readonly io?: Io;
  readonly customColumns?: CustomColumnNames;
  readonly settings?: Readonly<Record<string, unknown>>;
}

// Tests play both sides in one process: waiting for the other side would only wait for ourselves.
const SETTINGS = { busyTimeoutMs: 0, company: 1, currency: 'USD', newJobs: { department: '100' } };
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
  const open: VistaCompany['open'] = ({ io, customColumns, settings: more } = {}) =>
    vistaAdapter.create({
      connectionId: 'demo',
      settings: { file, ...SETTINGS, ...settings, ...more },
      ...(io === undefined ? {} : { io }),
      ...(customColumns === undefined ? {} : { customColumns }),
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
      samples: vistaSamples(office),
      people,
    },
    remove() {
      model.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Vista has no lock for master files: there somebody else is in the middle of writing. A document waits for its batch, or for its month. */
function peopleOf(model: SqliteModel, office: Office): NonNullable<ConformanceKit['people']> {
  let others: SqliteModel | null = null;
  const isMaster = (kind: Kind): boolean =>
    ['vendor', 'standard_cost_code', 'line_item_type', 'project'].includes(kind);
  const hasMonth = (kind: Kind): boolean => ['requisition', 'company_level_direct_cost'].includes(kind);
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

const JOB = '1024-001';

/** Keys of what is in the seeded company. */
export function keysOf(office: Office): {
  readonly job: (code?: string) => string;
  readonly phase: (code: string, job?: string) => string;
} {
  const key = (table: string, where: Readonly<Record<string, string | number>>): string =>
    `1|${String(office.rows(table, where)[0]?.['KeyID'] ?? 0)}`;
  return {
    job: (code = JOB) => key('JCJM', { JCCo: 1, Job: rawJob(code) }),
    phase: (code, job = JOB) => key('JCJP', { JCCo: 1, Job: rawJob(job), Phase: rawPhase(code) }),
  };
}

/** A valid new record of every kind that can be written, in the seeded company. */
export function vistaSamples(office: Office): KindSamples {
  let count = 0;
  const next = (): number => (count += 1);
  const keys = keysOf(office);
  const cost = { costCode: keys.phase('26-050'), costType: '1|3' };
  const order = '1|S.SC-1024-01';
  const item = '1|S.SC-1024-01.1';
  const unitLine = (kind: LineKind, more: Fields = {}): RecordLine =>
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
  const lumpSum = (kind: LineKind, more: Fields = {}): RecordLine =>
    lineOf(kind, '2', { description: 'Credit', ...cost, basis: 'lump_sum', amount: '-11.30', ...more });
  const reference = (tag: string): string => `R${tag}`;
  const sample = (make: (tag: string) => CanonicalRecord, changes?: string) => ({
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
          vendorType: 'R',
          isActive: true,
        }),
      'name',
    ),
    standard_cost_code: sample((tag) => recordOf({ code: `40-${next()}`, name: `Check ${tag}` }), 'name'),
    line_item_type: sample((tag) => {
      // There are 256 numbers in all: one that was used long ago is given up for it.
      const code = String(10 + (next() % 240));
      office.takeAway('JCCT', { PhaseGroup: 1, CostType: Number(code) });
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
    budget: sample((tag) => {
      const job = `${String(next() + 7000)}-001`;
      office.addJob(1, job, `Check ${tag}`);
      office.addPhase(1, job, '26-050', 'Electrical');
      office.assignCostType(1, job, '26-050', 3);
      const place = { costCode: keys.phase('26-050', job), costType: '1|3' };
      return recordOf(
        { job: keys.job(job) },
        lineOf('budget_line', 'original-771', { ...place, movement: 'original', amount: '1000.00' }),
        lineOf('budget_line', 'change-772', { ...place, movement: 'revised', amount: '-10.05' }),
      );
    }),
    commitment: sample(
      (tag) =>
        recordOf(
          {
            type: 'subcontract',
            code: `SC-${tag}`,
            name: `Check ${tag}`,
            description: 'As discussed',
            job: keys.job(),
            vendor: '1|10011',
            date: '2026-07-01',
            amount: '200.00',
          },
          unitLine('commitment_line', { taxCode: 'WA', taxAmount: '21.76' }),
          lumpSum('commitment_line'),
        ),
      'name',
    ),
    commitment_change_order: sample(() =>
      recordOf(
        {
          code: String(next() + 100),
          job: keys.job(),
          commitment: order,
          date: '2026-07-05',
          amount: '200.00',
        },
        // One changes the item that is there, the other comes with an item of its own.
        unitLine('change_order_line'),
        lumpSum('change_order_line', { commitmentLine: item }),
      ),
    ),
    requisition: sample(
      (tag) =>
        recordOf(
          {
            code: reference(tag),
            description: `Check ${tag}`,
            job: keys.job(),
            commitment: order,
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
        ),
      'description',
    ),
    company_level_direct_cost: sample(
      (tag) =>
        recordOf(
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
            job: keys.job(),
            ...cost,
            quantity: '2.000',
            uom: 'DY',
            unitCost: '22.55000',
            amount: '45.10',
          }),
        ),
      'description',
    ),
  };
}
