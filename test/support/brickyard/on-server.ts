import mssql from 'mssql';
import type { ConformanceKit } from '../../../src/erp-adapters/contract/conformance';
import { genericSqlAdapter } from '../../../src/erp-adapters/generic-sql';
import { driverConfig } from '../../../src/sql-server/connect';
import type { FreshDatabase, MssqlSettings } from '../mssql';
import { freshDatabase, ledgerBatches, sqlServerOf } from '../mssql';
import { BRICKYARD, SAMPLES } from '.';

/** Brickyard's tables as docs/examples/brickyard.sql has them, for a server: its numbers are counted by the server, its orders made by a procedure. */
const TABLES: readonly string[] = [
  'CREATE TABLE company (id int PRIMARY KEY, title nvarchar(40) NOT NULL)',
  'CREATE TABLE change_counter (value int NOT NULL)',
  'CREATE TABLE numbers (company_id int PRIMARY KEY, next_supplier int NOT NULL, first_supplier int NOT NULL, last_supplier int NOT NULL)',
  `CREATE TABLE supplier (supplier_no int PRIMARY KEY CHECK (supplier_no BETWEEN 1000 AND 99999), company_id int NOT NULL,
     trade_name nvarchar(60) NOT NULL, alias nvarchar(20), mail nvarchar(80), tel varchar(30), held_back decimal(5, 2),
     standing varchar(4) NOT NULL DEFAULT 'OPEN', pay_terms varchar(5), bank_account varchar(34), changed int NOT NULL DEFAULT 0)`,
  'CREATE UNIQUE INDEX one_alias ON supplier (company_id, alias) WHERE alias IS NOT NULL',
  `CREATE TABLE cost_kind (id int IDENTITY PRIMARY KEY, company_id int NOT NULL, code varchar(4) NOT NULL, title nvarchar(40),
     standing varchar(4) NOT NULL DEFAULT 'OPEN', changed int NOT NULL DEFAULT 0, UNIQUE (company_id, code))`,
  `CREATE TABLE job (id int IDENTITY PRIMARY KEY, company_id int NOT NULL, job_no varchar(10) NOT NULL, title nvarchar(60), city nvarchar(40),
     standing varchar(4) NOT NULL DEFAULT 'OPEN', changed int NOT NULL DEFAULT 0, UNIQUE (company_id, job_no))`,
  `CREATE TABLE job_phase (id int IDENTITY PRIMARY KEY, job_id int NOT NULL REFERENCES job (id), phase varchar(6) NOT NULL, title nvarchar(40),
     standing varchar(4) NOT NULL DEFAULT 'OPEN', UNIQUE (job_id, phase))`,
  `CREATE TABLE sub_order (id int IDENTITY PRIMARY KEY, company_id int NOT NULL, order_kind varchar(1) NOT NULL, order_no varchar(12) NOT NULL,
     title nvarchar(60), job_no varchar(10) NOT NULL, supplier_no int NOT NULL REFERENCES supplier (supplier_no), order_date date, amount decimal(14, 2),
     stage varchar(1) NOT NULL DEFAULT 'N', entered_by varchar(20), changed int NOT NULL DEFAULT 0, UNIQUE (company_id, order_no))`,
  `CREATE TABLE sub_order_line (id int IDENTITY PRIMARY KEY, order_id int NOT NULL REFERENCES sub_order (id), line_no varchar(6) NOT NULL,
     descr nvarchar(80), phase_id int NOT NULL REFERENCES job_phase (id), kind_id int NOT NULL REFERENCES cost_kind (id), qty decimal(14, 4),
     unit varchar(6), unit_cost decimal(14, 5), amount decimal(14, 2), UNIQUE (order_id, line_no))`,
  `CREATE PROCEDURE new_order @company int, @kind varchar(1), @no varchar(12), @job varchar(10), @supplier int,
     @title nvarchar(60) = NULL, @dated date = NULL, @amount decimal(14, 2) = NULL AS
   BEGIN
     SET NOCOUNT ON;
     INSERT INTO sub_order (company_id, order_kind, order_no, title, job_no, supplier_no, order_date, amount, entered_by)
     VALUES (@company, @kind, @no, @title, @job, @supplier, @dated, @amount, 'interface');
   END`,
  ...['supplier', 'cost_kind', 'job', 'sub_order'].flatMap((table) => [
    counted(`${table}_insert`, table, 'INSERT', 'inserted', table === 'supplier' ? 'supplier_no' : 'id'),
    counted(`${table}_update`, table, 'UPDATE', 'inserted', table === 'supplier' ? 'supplier_no' : 'id'),
  ]),
  ...(['INSERT', 'UPDATE'] as const).flatMap((event) => [
    counted(
      `job_phase_${event}`,
      'job',
      event,
      '(SELECT DISTINCT job_id AS id FROM inserted)',
      'id',
      'job_phase',
    ),
    counted(
      `sub_order_line_${event}`,
      'sub_order',
      event,
      '(SELECT DISTINCT order_id AS id FROM inserted)',
      'id',
      'sub_order_line',
    ),
  ]),
];

/** Every changed row gets the next value of the counter; that it does so is no change. */
function counted(
  name: string,
  table: string,
  event: 'INSERT' | 'UPDATE',
  rows: string,
  key: string,
  on = table,
): string {
  return `CREATE TRIGGER ${name} ON ${on} AFTER ${event} AS
BEGIN
  SET NOCOUNT ON;
  ${event === 'UPDATE' && on === table ? 'IF UPDATE(changed) RETURN;' : ''}
  DECLARE @n int = (SELECT COUNT(*) FROM ${rows} r);
  IF @n = 0 RETURN;
  UPDATE change_counter SET value = value + @n;
  DECLARE @base int = (SELECT value FROM change_counter) - @n;
  UPDATE t SET changed = @base + r.n FROM ${table} t JOIN (SELECT ${key}, ROW_NUMBER() OVER (ORDER BY ${key}) AS n FROM ${rows} i) r ON r.${key} = t.${key};
END`;
}

const into = (table: string, columns: string, rows: string): string =>
  `SET IDENTITY_INSERT ${table} ON; INSERT INTO ${table} (${columns}) VALUES ${rows}; SET IDENTITY_INSERT ${table} OFF`;

const SEED: readonly string[] = [
  "INSERT INTO change_counter VALUES (0); INSERT INTO company VALUES (10, 'Brickyard Test Company'), (20, 'Brickyard West')",
  'INSERT INTO numbers VALUES (10, 1000, 1000, 99999)',
  into(
    'cost_kind',
    'id, company_id, code, title, standing',
    "(1, 10, 'L', 'Labor', 'OPEN'), (2, 10, 'M', 'Material', 'OPEN'), (3, 10, 'X', 'Old', 'STOP'), (4, 20, 'L', 'Labor', 'OPEN')",
  ),
  into(
    'job',
    'id, company_id, job_no, title, city',
    "(1, 10, 'J-100', 'Ferry terminal', 'Bremerton'), (2, 10, 'J-101', 'School gym', 'Poulsbo'), (3, 20, 'J-900', 'Elsewhere', 'Tacoma')",
  ),
  into(
    'job_phase',
    'id, job_id, phase, title',
    "(1, 1, '03-100', 'Concrete'), (2, 1, '09-200', 'Paint'), (3, 2, '03-100', 'Concrete'), (4, 3, '03-100', 'Concrete')",
  ),
  `INSERT INTO supplier (supplier_no, company_id, trade_name, alias, mail, tel, held_back, standing, bank_account) VALUES ${Array.from(
    { length: 24 },
    (_, n) =>
      `(${2000 + n}, ${n === 23 ? 20 : 10}, 'Supplier ${n}', 'S${n}', 'ap${n}@brick.example', '206-555-01${10 + n}', ${n === 3 ? 'NULL' : '5.00'}, '${n === 5 ? 'STOP' : 'OPEN'}', 'XX00 0000')`,
  ).join(', ')}`,
  into(
    'sub_order',
    'id, company_id, order_kind, order_no, title, job_no, supplier_no, order_date, amount',
    "(1, 10, 'S', 'O-1', 'Slab', 'J-100', 2001, '2026-06-01', 150.00), (2, 10, 'P', 'O-2', 'Paint', 'J-100', 2002, NULL, 20.00)",
  ),
  `INSERT INTO sub_order_line (order_id, line_no, descr, phase_id, kind_id, amount) VALUES
     (1, '1', 'Pour', 1, 1, 100.00), (1, '2', 'Finish', 1, 2, 50.00), (2, '1', 'Cans', 2, 2, 20.00)`,
];

/** Brickyard on a server, in a database of its own that is there once `create` is through. */
export class BrickyardOnServer {
  private database: FreshDatabase | null = null;

  constructor(private readonly server: MssqlSettings) {}

  async create(): Promise<void> {
    this.database = await freshDatabase(this.server);
    const pool = await new mssql.ConnectionPool(driverConfig(this.database.settings)).connect();
    const adapter = this.kit.open();
    for (const batch of [...TABLES, ...SEED, ...ledgerBatches(adapter.grantScript())])
      await pool.request().batch(batch);
    await adapter.close();
    await pool.close();
  }

  /** What the conformance suite asks about it. */
  readonly kit: ConformanceKit = {
    open: ({ io } = {}) => {
      const sqlServer = sqlServerOf(this.database?.settings ?? this.server);
      return genericSqlAdapter.create({
        connectionId: 'demo',
        settings: { definition: BRICKYARD, sqlServer },
        ...(io ? { io } : {}),
      });
    },
    pageSize: 7,
    samples: SAMPLES,
  };

  async drop(): Promise<void> {
    await this.database?.drop();
  }
}
