/**
 * Tax ids, bank accounts, numbers of people and pay rates are never selected, written or granted: shown by every statement that every SQL adapter sends, in
 * both dialects, while it does everything it can do on a company whose secret columns are filled with marks. The one exception is the tax id of a vendor,
 * where a connection asks for it to pair vendors: then one statement names it, and only hashes come back.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Kind } from '../../../src/domain/kinds';
import type { CanonicalRecord } from '../../../src/domain/kinds/record';
import { expectationOf } from '../../../src/domain/payroll/line-hash';
import { taxIdHash } from '../../../src/domain/reconcile/match';
import type { ErpAdapter, RecordWrite } from '../../../src/erp-adapters/contract/adapter';
import type { KindSamples } from '../../../src/erp-adapters/contract/conformance';
import { genericSqlAdapter } from '../../../src/erp-adapters/generic-sql';
import { modelOf } from '../../../src/erp-adapters/generic-sql/model';
import { readDefinition } from '../../../src/erp-adapters/generic-sql/read-definition';
import type { PayrollCapability } from '../../../src/erp-adapters/contract/payroll';
import { sampleAdapter } from '../../../src/erp-adapters/sample';
import { PAYROLL_SECRETS, samplePayroll } from '../../../src/erp-adapters/sample/payroll';
import type * as Adapter from '../../../src/erp-adapters/sql/adapter';
import type { Dialect } from '../../../src/erp-adapters/sql/dialect';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import type { SecretColumns, SqlModel } from '../../../src/erp-adapters/sql/model';
import type { SqlDatabase, SqlSession } from '../../../src/erp-adapters/sql/session';
import { vistaAdapter, vistaModel } from '../../../src/erp-adapters/vista';
import { VISTA_SECRETS } from '../../../src/erp-adapters/vista/secrets';
import { vistaPayroll } from '../../../src/erp-adapters/vista/payroll';
import { VISTA_SETTINGS } from '../../../src/erp-adapters/vista/settings';
import type { SqliteDatabase } from '../../../src/sqlite';
import { BRICKYARD, brickyardKit, createBrickyard } from '../../support/brickyard';
import { Collected } from '../../support/tsql/collected';
import { Remembered, withTwin } from '../../support/tsql/twin-adapter';
import { OPEN_PERIOD, payBatch, payLine } from './payroll-samples';
import { sampleCompany } from './sample-kit';
import { vistaSql } from '../../../src/erp-adapters/vista/sql';
import { vistaCompany } from './vista-kit';

/** What was sent since `forget`, and the secrets of the model that sent it. */
const mockSent = { sqlite: new Set<string>(), tsql: new Collected('secrets'), secrets: {} as SecretColumns };

function mockListening(database: SqlDatabase): SqlDatabase {
  const listening = (session: SqlSession): SqlSession => ({
    dialect: session.dialect,
    ask: (part, statements) => {
      for (const { sql } of statements) mockSent.sqlite.add(sql);
      return session.ask(part, statements);
    },
  });
  return {
    dialect: database.dialect,
    read: (name, work) => database.read(name, (session) => work(listening(session))),
    transaction: (name, work) => database.transaction(name, (session) => work(listening(session))),
    generation: () => database.generation(),
    close: () => database.close(),
  };
}

/** The same model for SQL Server; null: there is none. */
function mockTwin({ system }: SqlModel, settings: unknown): SqlModel | null {
  if (system === 'vista') return vistaModel(OPTIONS, TSQL, 'tieback');
  return system === 'generic-sql'
    ? genericModel((settings as { definition: string }).definition, TSQL)
    : null;
}

jest.mock('../../../src/erp-adapters/sql/adapter', () => {
  const { createSqlAdapter: real } = jest.requireActual<typeof Adapter>(
    '../../../src/erp-adapters/sql/adapter',
  );
  const createSqlAdapter: typeof real = (parts, context) => {
    if (parts.database.dialect.name === 'tsql') return real(parts, context);
    mockSent.secrets = parts.model.secrets;
    const remembered = new Remembered(mockListening(parts.database));
    const adapter = real({ ...parts, database: remembered.database }, context);
    const model = mockTwin(parts.model, context.settings);
    if (model === null) return adapter;
    return withTwin(
      adapter,
      real({ ...parts, model, database: remembered.replayed(mockSent.tsql) }, context),
    );
  };
  return { createSqlAdapter };
});

const OPTIONS = z.object(VISTA_SETTINGS).parse({
  company: 1,
  newJobs: { department: '100' },
  payroll: { corrections: 9 },
});

function genericModel(file: string, dialect: Dialect): SqlModel {
  const reading = readDefinition(file);
  if (!reading.ok) throw new Error(reading.problems.join('; '));
  return modelOf(reading.read, dialect);
}

const namesOf = (secrets: SecretColumns): readonly string[] => [...new Set(Object.values(secrets).flat())];

/** Parts of these texts that name a secret column, or would select whatever there is. */
function offences(texts: Iterable<string>, secrets: SecretColumns): readonly string[] {
  const secret = new RegExp(`\\b(${namesOf(secrets).join('|')})\\b`, 'i');
  // Of everything: `SELECT *`, `t.*`. Counting selects nothing.
  const everything = /(?:SELECT|,|\bTOP\s*\(?\w+\)?)\s+(?:\w+\.)?\*|\b\w+\.\*/i;
  return [...texts].filter((text) => secret.test(text) || everything.test(text));
}

/** Marks that are long enough to be recognised, by column; written into every row. Answers them with the number of rows that carry one. */
function fill(db: SqliteDatabase, secrets: SecretColumns): ReadonlyMap<string, number> {
  const marks = new Map<string, number>();
  for (const [table, columns] of Object.entries(secrets)) {
    const types = db
      .prepare<[string], { name: string; type: string }>('SELECT name, type FROM pragma_table_info(?)')
      .all(table);
    for (const [index, column] of columns.entries()) {
      const type = types.find(({ name }) => name === column)?.type;
      if (type === undefined)
        throw new Error(`the model has no column ${table}.${column}: nothing could be shown`);
      const mark = markFor(type, index);
      const { changes } = db.prepare(`UPDATE ${table} SET ${column} = ?`).run(mark);
      if (mark.length >= 6) marks.set(mark, (marks.get(mark) ?? 0) + changes);
    }
  }
  return marks;
}

function markFor(type: string, index: number): string {
  if (/DATE/i.test(type)) return '1931-02-03';
  const [, decimals] = /(?:NUMERIC|DECIMAL_TEXT)\(\d+,(\d+)\)/i.exec(type) ?? [];
  if (decimals !== undefined) return `7${index}6543.${'9876543210'.slice(0, Number(decimals))}`;
  const [, length = '10'] = /\((\d+)\)/.exec(type) ?? [];
  return `ZQ${index}MARK${index}X`.slice(0, Number(length));
}

const HASH = taxIdHash();

let count = 0;
const operation = (
  action: RecordWrite['action'],
  erpKey: string | null,
  record: CanonicalRecord,
): RecordWrite => {
  count += 1;
  const own = {
    operationKey: `secret:${count}`,
    recordId: `vendor/${count}`,
    generation: 1,
    targetRevision: 'r',
  };
  return { ...own, planHash: 'h', action, erpKey, record, expected: null };
};

/** Everything that an adapter can be asked, of every kind; answers all that came back, errors too. */
async function everything(adapter: ErpAdapter, samples: KindSamples): Promise<string> {
  const answers: string[] = [];
  const hear = async <T>(call: Promise<T> | undefined): Promise<T | undefined> => {
    try {
      const answer = await call;
      answers.push(JSON.stringify(answer) ?? '');
      return answer;
    } catch (error) {
      answers.push(error instanceof Error ? `${error.message} ${JSON.stringify(error)}` : String(error));
      return undefined;
    }
  };
  const { kinds } = (await hear(adapter.describe())) ?? { kinds: [] };
  await hear(adapter.check());
  await hear(adapter.schema?.());
  await hear(adapter.now?.());
  for (const kind of kinds) await everythingOf(adapter, kind, samples[kind], hear);
  if (adapter.payroll !== undefined) await everythingOfPayroll(adapter.payroll, hear);
  await hear(adapter.ledger.find(['secret:1']));
  await hear(adapter.ledger.head('vendor', 'vendor/1'));
  await hear(adapter.ledger.ofRecord?.('vendor', 'vendor/1'));
  await hear(adapter.ledger.entries(null, 50));
  await hear(adapter.anchors?.entries(null, 5));
  return answers.join('\n');
}

type Hear = <T>(call: Promise<T> | undefined) => Promise<T | undefined>;

async function allOf<T>(pages: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(page);
  return found;
}

/** Every question, and every way that writing can end. */
async function everythingOfPayroll(payroll: PayrollCapability, hear: Hear): Promise<void> {
  await hear(allOf(payroll.employees(2)));
  await hear(payroll.codes());
  await hear(payroll.periods('2026-01-01'));
  await hear(payroll.lines(OPEN_PERIOD));
  const first = payBatch([payLine('s1'), payLine('s2')]);
  const written = await hear(payroll.write(first));
  if (written?.outcome !== 'written') throw new Error(`no batch was written: ${JSON.stringify(written)}`);
  const expected = expectationOf(written.lines);
  await hear(payroll.write(first));
  await hear(payroll.write(payBatch([payLine('s1'), payLine('s3')], { expected })));
  await hear(payroll.write(payBatch([payLine('s4')], { expected })));
  await hear(
    payroll.write(payBatch([payLine('s5', { employee: '1|999' }), payLine('s6', { hours: '30.00' })])),
  );
  await hear(payroll.write(payBatch([payLine('s7', { hours: '-1.00' })], { purpose: 'correction' })));
  await hear(payroll.write(payBatch([payLine('s8')], { period: { ...OPEN_PERIOD, end: '2026-07-11' } })));
  await hear(payroll.lines(OPEN_PERIOD));
}

async function everythingOf(
  adapter: ErpAdapter,
  kind: Kind,
  sampled: KindSamples[Kind],
  hear: Hear,
): Promise<void> {
  const of = adapter.kinds[kind];
  if (of === undefined) throw new Error(`the adapter keeps no ${kind}`);
  await hear(of.rules());
  const pages = (await hear(allOf(of.readChanged(null, 20)))) ?? [];
  await hear(allOf(of.readChanged(pages.at(-1)?.cursor ?? null, 20)));
  if (of.keys !== undefined) await hear(allOf(of.keys(50)));
  const records = pages.flatMap((page) => page.records);
  const keys = records.map(({ key }) => key);
  await hear(of.taxIdHashes?.(keys, HASH).then((found) => [...found]));
  await hear(of.read(keys));
  const lines = records.flatMap(({ record }) => record.lines).slice(0, 20);
  await hear(adapter.lookUp(keys.slice(0, 20).map((key) => ({ target: kind, key }))));
  await hear(adapter.lookUp(lines.map((line) => ({ target: line.kind, key: line.erpKey ?? '' }))));
  const [known] = records;
  if (known !== undefined) {
    await hear(of.findSame(known.record));
    await hear(of.findSimilar?.(known.record));
  }
  if (sampled === undefined) return;
  const record = await sampled.sample(`SECRET${String(count).padStart(3, '0')}`);
  await hear(of.findSame(record));
  await hear(of.findSimilar?.(record));
  await hear(adapter.rehearse?.(kind, operation('create', null, record)));
  const [written] = (await hear(of.write([operation('create', null, record)]))) ?? [];
  // Once more: refused, as far as its number is unique.
  await hear(of.write([operation('create', null, record)]));
  const tooLong = {
    ...record,
    fields: { ...record.fields, name: 'x'.repeat(9_000), description: 'x'.repeat(9_000) },
  };
  await hear(of.write([operation('create', null, tooLong)]));
  if (written === undefined || !('erpKey' in written))
    throw new Error(`no ${kind} was written: ${JSON.stringify(written)}`);
  const { fields } = written.record;
  const change = operation('update', written.erpKey, { fields, lines: [] });
  await hear(adapter.rehearse?.(kind, change));
  await hear(of.write([change]));
}

/** Statements by dialect, and everything that came back, of an adapter that has done everything. */
interface Told {
  readonly sqlite: readonly string[];
  readonly tsql: readonly string[];
  readonly secrets: SecretColumns;
  readonly marks: ReadonlyMap<string, number>;
  readonly answers: string;
  /** Columns of the tables of payroll. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
}

async function told(
  db: SqliteDatabase,
  open: () => ErpAdapter,
  samples: KindSamples,
  secrets?: SecretColumns,
): Promise<Told> {
  mockSent.sqlite.clear();
  mockSent.tsql = new Collected('secrets');
  const adapter = open();
  const own = secrets ?? mockSent.secrets;
  const marks = fill(db, own);
  const answers = await everything(adapter, samples);
  await adapter.close();
  const columns = payrollColumns(db);
  return { sqlite: [...mockSent.sqlite], tsql: mockSent.tsql.all, secrets: own, marks, answers, columns };
}

/** Columns by table, of payroll. */
function payrollColumns(db: SqliteDatabase): Told['columns'] {
  const columns: Record<string, string[]> = {};
  for (const { tbl, name } of db
    .prepare<[], { tbl: string; name: string }>(
      "SELECT m.name AS tbl, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND (m.name GLOB 'PR??' OR m.name = 'HQBE')",
    )
    .all())
    (columns[tbl] ??= []).push(name);
  return columns;
}

const seen = ({ answers, marks }: Told): readonly string[] =>
  [...marks.keys()].filter((mark) => answers.includes(mark));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const brickyard = (
  definition = BRICKYARD,
): { readonly db: SqliteDatabase; readonly open: () => ErpAdapter; readonly samples: KindSamples } => {
  const file = join(folder, 'company.db');
  const db = createBrickyard(file);
  const settings = { definition, file, busyTimeoutMs: 0 };
  return {
    db,
    open: () => genericSqlAdapter.create({ connectionId: 'demo', settings }),
    samples: brickyardKit(file).samples ?? {},
  };
};

const JULY = { co: 1, mth: '2026-07' };

const asked = {
  async sample(): Promise<Told> {
    const company = sampleCompany();
    const { accounting } = company;
    const [posted, open] = [1, 2].map(() => accounting.openPayBatch({ co: 1, group: 1, end: '2026-07-18' }));
    for (const batch of [posted, open])
      accounting.addCard(JULY, Number(batch), { employee: 501, date: '2026-07-14', hours: '8.00' });
    accounting.postPayBatch(JULY, Number(posted));
    try {
      return await told(company.accounting.db, () => company.open(), company.kit.samples ?? {});
    } finally {
      company.remove();
    }
  },
  async vista(): Promise<Told> {
    const company = vistaCompany();
    company.model.db.exec(
      'INSERT INTO PRTH (PRCo, PRGroup, PREndDate, Employee, PaySeq, PostSeq, PostDate, EarnCode, PRDept, GLCo, Hours, Rate, Amt) ' +
        "VALUES (1, 1, '2026-07-18', 501, 1, 1, '2026-07-14', 1, '10', 1, '8.00', '1.00000', '8.00')",
    );
    const batch = company.office.openPayBatch({ co: 1, group: 1, end: '2026-07-18' }, '2026-07-01');
    company.office.addTimecard({ co: 1, mth: '2026-07-01' }, batch, {
      employee: 501,
      date: '2026-07-14',
      hours: '8.00',
    });
    try {
      return await told(company.model.db, () => company.open(), company.kit.samples ?? {});
    } finally {
      company.remove();
    }
  },
  async 'generic-sql'(): Promise<Told> {
    const { db, open, samples } = brickyard();
    try {
      return await told(db, open, samples);
    } finally {
      db.close();
    }
  },
};

describe.each([
  [
    'sample',
    {
      APVM: ['TaxId', 'BankAcct'],
      PREH: ['SSN', 'BirthDate', 'BankRouting', 'BankAcct', 'HrlyRate', 'SalaryAmt'],
      PRTB: ['Rate', 'Amt'],
      PRTH: ['Rate', 'Amt'],
    },
    false,
  ],
  [
    'vista',
    {
      APVM: ['TaxId', 'RoutingId', 'BankAcct'],
      PREH: ['SSN', 'BirthDate', 'Race', 'Sex', 'HrlyRate', 'SalaryAmt'],
      PRTB: ['Rate', 'Amt'],
      PRTH: ['Rate', 'Amt'],
    },
    true,
  ],
  ['generic-sql', { supplier: ['bank_account'] }, true],
] as const)('%s', (system, secrets, onServers) => {
  let all: Told;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tieback-secrets-'));
    all = await asked[system]();
    rmSync(folder, { recursive: true });
  }, 60_000);

  test('declares its secrets, and the company has them, in rows', () => {
    expect(all.secrets).toEqual(secrets);
    expect([...all.marks.values()].filter((rows) => rows === 0)).toEqual([]);
    expect(all.marks.size).toBeGreaterThan(0);
  });

  test('no statement names one or selects everything there is, in either dialect', () => {
    expect(all.sqlite.length).toBeGreaterThan(50);
    expect(offences(all.sqlite, secrets)).toEqual([]);
    if (onServers) expect(all.tsql.length).toBeGreaterThan(50);
    expect(offences(all.tsql, secrets)).toEqual([]);
  });

  test('no value of one is in any record, error or rehearsal', () => {
    expect(all.answers.length).toBeGreaterThan(10_000);
    expect(seen(all)).toEqual([]);
  });
});

test.each([
  ['sample', samplePayroll.rights],
  ['vista', vistaPayroll(vistaSql(TSQL), { families: {} }).rights],
] as const)(
  '%s: what is read of payroll is what a right is on, column by column',
  async (system, { reads }) => {
    const all = await asked[system]();
    const unknown = Object.entries(reads).flatMap(([table, columns]) =>
      columns.filter((column) => !all.columns[table]?.includes(column)).map((column) => `${table}.${column}`),
    );
    expect(unknown).toEqual([]);
    const granted = new Set(Object.values(reads).flat());
    // Columns that other tables have, too, are told apart by their names alone: those are left out.
    const others = Object.values(all.columns)
      .flat()
      .filter((column) => !granted.has(column) && !['Type', 'GLCo'].includes(column));
    expect(others.length).toBeGreaterThan(10);
    const readings = [...all.sqlite, ...all.tsql].filter(
      (text) => /\bPR[A-Z]{2}\b/.test(text) && /^\s*SELECT/.test(text) && !/\bINSERT\b/.test(text),
    );
    expect(readings.length).toBeGreaterThan(10);
    expect(offences(readings, { others })).toEqual([]);
    // And whatever is read at all is among it: a right that nothing needs is one too many.
    const needless = Object.entries(reads).flatMap(([table, columns]) =>
      columns
        .filter((column) => !readings.some((text) => text.includes(column)))
        .map((column) => `${table}.${column}`),
    );
    expect(needless).toEqual([]);
  },
  60_000,
);

/** A company whose vendors all have this tax id, and an adapter that may read it. */
const TAX_ID = '91-2345678';
const paired = {
  async sample(): Promise<Told> {
    const company = sampleCompany();
    try {
      company.accounting.db.prepare('UPDATE APVM SET TaxId = ?').run(TAX_ID);
      return await toldOfTaxIds(() => company.open({ taxIds: true }), company.kit.samples ?? {});
    } finally {
      company.remove();
    }
  },
  async vista(): Promise<Told> {
    const company = vistaCompany();
    try {
      company.model.db.prepare('UPDATE APVM SET TaxId = ?').run(TAX_ID);
      return await toldOfTaxIds(() => company.open({ taxIds: true }), company.kit.samples ?? {});
    } finally {
      company.remove();
    }
  },
};

test('generic-sql: a definition names the tax id, which is secret for all the rest', async () => {
  const definition = join(folder, 'paired.yaml');
  writeFileSync(
    definition,
    readFileSync(BRICKYARD, 'utf8').replace('secret: [bank_account]', 'taxId: bank_account'),
  );
  const { db } = brickyard();
  db.prepare('UPDATE supplier SET bank_account = ?').run(TAX_ID);
  db.close();
  const settings = { definition, file: join(folder, 'company.db'), busyTimeoutMs: 0 };
  const open = (more: object): ErpAdapter =>
    genericSqlAdapter.create({ connectionId: 'demo', settings, ...more });
  const usual = open({});
  expect(usual.kinds.vendor).not.toHaveProperty('taxIdHashes', expect.anything());
  await usual.close();
  const adapter = open({ taxIds: true });
  expect(mockSent.secrets).toEqual({ supplier: ['bank_account'] });
  expect(await everything(adapter, {})).not.toContain(TAX_ID);
  expect(await adapter.kinds.vendor?.taxIdHashes?.(['10|2001', '10|9'], HASH)).toEqual(
    new Map([['10|2001', HASH(TAX_ID)]]),
  );
  await adapter.close();
  const sqlServer = { host: 'sql01', database: 'erp', login: { type: 'entra-managed-identity' } };
  const script = (more: object): string =>
    genericSqlAdapter
      .create({ connectionId: 'demo', settings: { definition, sqlServer }, ...more })
      .grantScript();
  expect(script({})).not.toContain('bank_account');
  expect(offences(script({ taxIds: true }).split('\n'), { supplier: ['bank_account'] })).toEqual([
    'GRANT SELECT ON supplier ([bank_account]) TO tieback_erp;',
  ]);
});

async function toldOfTaxIds(open: () => ErpAdapter, samples: KindSamples): Promise<Told> {
  mockSent.sqlite.clear();
  mockSent.tsql = new Collected('secrets');
  const adapter = open();
  const answers = await everything(adapter, samples);
  await adapter.close();
  const { secrets } = mockSent;
  return {
    sqlite: [...mockSent.sqlite],
    tsql: mockSent.tsql.all,
    secrets,
    marks: new Map(),
    answers,
    columns: {},
  };
}

describe.each([
  ['sample', false],
  ['vista', true],
] as const)('%s, where vendors are paired by their tax ids', (system, onServers) => {
  let all: Told;
  beforeAll(async () => {
    all = await paired[system]();
  }, 60_000);

  test('one statement names them, and reads nothing else', () => {
    const ONE =
      /SELECT [^;]*? AS id, [^;]{0,24}\bt\.TaxId\)? AS tax\s+FROM APVM t WHERE t\.VendorGroup = @\w+ AND /;
    const naming = offences(all.sqlite, { APVM: ['TaxId'] });
    expect(naming).toEqual([expect.stringMatching(ONE)]);
    const onServer = offences(all.tsql, { APVM: ['TaxId'] });
    expect(onServer.length > 0).toBe(onServers);
    for (const text of [...naming, ...onServer]) {
      expect(text).toMatch(ONE);
      expect(text.match(/TaxId/g)).toHaveLength(1);
    }
    const others = namesOf(all.secrets).filter((name) => name !== 'TaxId');
    expect(offences([...all.sqlite, ...all.tsql], { others })).toEqual([]);
  });

  test('nothing but hashes comes back', () => {
    expect(all.answers).toContain(HASH(TAX_ID));
    expect(all.answers).not.toMatch(/91-?2345678/);
  });
});

describe('no right is on one', () => {
  const onServer = { host: 'sql01', database: 'erp', login: { type: 'entra-managed-identity' } };
  const made = {
    'generic-sql': (more: object) =>
      genericSqlAdapter.create({
        connectionId: 'demo',
        settings: { definition: BRICKYARD, sqlServer: onServer },
        ...more,
      }),
    vista: (more: object) =>
      vistaAdapter.create({
        connectionId: 'demo',
        settings: { company: 1, newJobs: { department: '100' }, payroll: {}, sqlServer: onServer },
        ...more,
      }),
    sample: (more: object) =>
      sampleAdapter.create({
        connectionId: 'demo',
        settings: { file: join(tmpdir(), 'never-opened.db') },
        ...more,
      }),
  };
  const SECRETS = {
    vista: VISTA_SECRETS,
    'generic-sql': genericModel(BRICKYARD, TSQL).secrets,
    sample: { APVM: ['TaxId', 'BankAcct'], ...PAYROLL_SECRETS },
  };
  test.each(['vista', 'generic-sql', 'sample'] as const)('%s', (system) => {
    const text = made[system]({}).grantScript();
    const secrets: SecretColumns = SECRETS[system];
    expect(offences(text.split('\n'), secrets)).toEqual([]);
    // Nor on a whole table that has one; INSERT knows no columns.
    for (const table of Object.keys(secrets))
      expect(text).not.toMatch(new RegExp(`GRANT [^;]*(SELECT|UPDATE|CONTROL)[^;(]* ON ${table} TO`));
    expect(text).toMatch(/tieback[._]ledger/);
  });

  test.each([
    ['vista', 'GRANT SELECT ON APVM ([TaxId]) TO tieback_erp;'],
    ['sample', '--   SELECT                  APVM (TaxId)'],
  ] as const)(
    '%s: but to read tax ids, where vendors are paired by them; the script says why',
    (system, right) => {
      const lines = made[system]({ taxIds: true }).grantScript().split('\n');
      expect(offences(lines, SECRETS[system])).toEqual([right]);
      expect(lines[lines.indexOf(right) - 1]).toMatch(/^-- Tax ids of vendors: .*reconcile\.matchTaxIds/);
    },
  );
});

test('an adapter that did it would be found', async () => {
  const definition = join(folder, 'careless.yaml');
  writeFileSync(
    definition,
    readFileSync(BRICKYARD, 'utf8')
      .replace('email: mail', 'email: bank_account')
      .replace('secret: [bank_account]', 'secret: []'),
  );
  const { db, open, samples } = brickyard(definition);
  const careless = await told(db, open, samples, { supplier: ['bank_account'] });
  db.close();
  expect(offences(careless.sqlite, careless.secrets).length).toBeGreaterThan(0);
  expect(offences(careless.tsql, careless.secrets).length).toBeGreaterThan(0);
  expect(seen(careless)).toHaveLength(1);
  expect(
    offences(['SELECT * FROM APVM', 'SELECT a, t.* FROM APVM t', 'SELECT TOP (1) * FROM APVM'], { x: ['y'] }),
  ).toHaveLength(3);
  expect(offences(['SELECT count(*) AS n, a * 100 FROM APVM'], { x: ['y'] })).toEqual([]);
});
