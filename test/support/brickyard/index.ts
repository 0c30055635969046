import { readFileSync } from 'node:fs';
import type { Fields, RecordLine } from '../../../src/domain/kinds/record';
import type { ErpAdapter } from '../../../src/erp-adapters/contract/adapter';
import type { ConformanceKit, KindSamples } from '../../../src/erp-adapters/contract/conformance';
import { genericSqlAdapter } from '../../../src/erp-adapters/generic-sql';
import type { SqliteDatabase } from '../../../src/sqlite';
import { openSqlite } from '../../../src/sqlite';

/** The definition that docs/generic-sql.md goes through. */
export const BRICKYARD = 'docs/examples/brickyard.yaml';

/** A company of Brickyard in a new file, with our ledger, and the office that works in it. Names and numbers are invented. */
export function createBrickyard(file: string): SqliteDatabase {
  const office = openSqlite(file);
  office.exec(readFileSync('docs/examples/brickyard.sql', 'utf8'));
  office.exec(`
    INSERT INTO change_counter VALUES (0);
    INSERT INTO company VALUES (10, 'Brickyard Test Company'), (20, 'Brickyard West');
    INSERT INTO numbers VALUES (10, 1000, 1000, 99999);
    INSERT INTO cost_kind (id, company_id, code, title, standing) VALUES
      (1, 10, 'L', 'Labor', 'OPEN'), (2, 10, 'M', 'Material', 'OPEN'), (3, 10, 'X', 'Old', 'STOP'), (4, 20, 'L', 'Labor', 'OPEN');
    INSERT INTO job (id, company_id, job_no, title, city) VALUES
      (1, 10, 'J-100', 'Ferry terminal', 'Bremerton'), (2, 10, 'J-101', 'School gym', 'Poulsbo'), (3, 20, 'J-900', 'Elsewhere', 'Tacoma');
    INSERT INTO job_phase (id, job_id, phase, title) VALUES
      (1, 1, '03-100', 'Concrete'), (2, 1, '09-200', 'Paint'), (3, 2, '03-100', 'Concrete'), (4, 3, '03-100', 'Concrete');
  `);
  const add = office.prepare(
    'INSERT INTO supplier (supplier_no, company_id, trade_name, alias, mail, tel, held_back, standing, bank_account) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  for (let n = 0; n < 24; n += 1)
    add.run(
      2000 + n,
      n === 23 ? 20 : 10,
      `Supplier ${n}`,
      `S${n}`,
      `ap${n}@brick.example`,
      `206-555-01${10 + n}`,
      n === 3 ? null : '5.00',
      n === 5 ? 'STOP' : 'OPEN',
      'XX00 0000',
    );
  office.exec(`
    INSERT INTO sub_order (id, company_id, order_kind, order_no, title, job_no, supplier_no, order_date, amount) VALUES
      (1, 10, 'S', 'O-1', 'Slab', 'J-100', 2001, '2026-06-01', '150.00'), (2, 10, 'P', 'O-2', 'Paint', 'J-100', 2002, NULL, '20.00');
    INSERT INTO sub_order_line (order_id, line_no, descr, phase_id, kind_id, amount) VALUES
      (1, '1', 'Pour', 1, 1, '100.00'), (1, '2', 'Finish', 1, 2, '50.00'), (2, '1', 'Cans', 2, 2, '20.00');
  `);
  const adapter = open(file);
  office.exec(adapter.grantScript());
  void adapter.close();
  return office;
}

const open = (file: string, io?: Parameters<typeof genericSqlAdapter.create>[0]['io']): ErpAdapter =>
  genericSqlAdapter.create({
    connectionId: 'demo',
    settings: { definition: BRICKYARD, file, busyTimeoutMs: 0 },
    ...(io ? { io } : {}),
  });

const line = (number: string, fields: Fields, kind: RecordLine['kind']): RecordLine => ({
  kind,
  number,
  fields,
  erpKey: null,
  procoreId: null,
});

export const SAMPLES: KindSamples = {
  vendor: {
    sample: (tag) => ({
      fields: {
        code: null,
        name: `Check ${tag}`,
        sortName: tag,
        email: `ap@${tag.toLowerCase()}.example`,
        phone: '206-555-0199',
        retainagePercent: '7.50',
        isActive: true,
      },
      lines: [],
    }),
    changes: 'name',
  },
  project: {
    sample: (tag) => ({
      fields: { code: tag, name: `Check ${tag}`, city: 'Kingston', isActive: true },
      lines: [line('03-100', { code: '03-100', name: 'Concrete', isActive: true }, 'cost_code')],
    }),
    changes: 'name',
  },
  commitment: {
    sample: (tag) => ({
      fields: {
        type: 'subcontract',
        code: tag,
        name: `Check ${tag}`,
        job: '10|1',
        vendor: '10|2001',
        date: '2026-07-01',
        amount: '200.00',
      },
      lines: [
        line(
          '1',
          {
            description: 'Rough-in',
            costCode: '10|1',
            costType: '10|1',
            quantity: '4.0000',
            uom: 'EA',
            unitCost: '50.00000',
            amount: '200.00',
          },
          'commitment_line',
        ),
      ],
    }),
    changes: 'name',
  },
};

/** What the conformance suite asks about the company in this file. */
export const brickyardKit = (file: string): ConformanceKit => ({
  open: ({ io } = {}) => open(file, io),
  pageSize: 7,
  samples: SAMPLES,
});
