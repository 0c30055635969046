import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { officeOf } from '../../../sandbox/vista-model/office';
import { SqliteModel } from '../../../sandbox/vista-model/database';
import { vistaAdapter } from '../../../src/erp-adapters/vista';
import type { CommandResult } from '../../support/run-command';
import { configFile, runCommand } from '../../support/run-command';
import { BRICKYARD, createBrickyard } from '../../support/brickyard';

const folder = mkdtempSync(join(tmpdir(), 'tieback-erp-try-'));
const file = join(folder, 'company.db');
const office = createBrickyard(file);
writeFileSync(join(folder, 'brickyard.yaml'), readFileSync(BRICKYARD));

// The definition and the database lie beside the configuration.
const generic = configFile(folder, 'tieback.yaml', {
  adapter: 'generic-sql',
  settings: { definition: 'brickyard.yaml', file: 'company.db' },
});

afterAll(() => {
  office.close();
  rmSync(folder, { recursive: true });
});

const tiebackWith = (config: string, ...args: readonly string[]): Promise<CommandResult> =>
  runCommand(['--config', config, ...args], { env: { PROCORE_SECRET: 'demo-secret' } });
const tieback = (...args: readonly string[]): Promise<CommandResult> => tiebackWith(generic, ...args);

describe('tieback erp try', () => {
  test('shows what would be read and written of every kind, and leaves the file as it was', async () => {
    const before = readFileSync(file);
    const { code, out, err } = await tieback('erp', 'try', '--take', '2');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(out).toMatch(/10\|2000 +active +2000 +Supplier 0/);
    expect(out).toContain('INSERT INTO supplier (');
    expect(out).toContain('pay_terms = NET30');
    // A number of its own, from the counter; which is moved past it.
    expect(out).toContain('supplier_no = 1000');
    expect(out).toContain('UPDATE numbers SET next_supplier = @after');
    // The procedure, and the lines below the order that is not there yet.
    expect(out).toContain('INSERT INTO new_order (');
    expect(out).toMatch(/INSERT INTO sub_order_line .*\n.*parent = \(new\)/);
    expect(out).toContain('cost types are entered in the ERP only');
    expect(out).not.toContain('XX00');
  });

  test('of an ERP with batches: the batch, its rows and its release, without the lines that only the ERP makes', async () => {
    const vista = join(folder, 'vista.db');
    const model = SqliteModel.create(vista);
    officeOf(model).seedCompany();
    const settings = { file: vista, company: 1, newJobs: { department: '100' } };
    model.db.exec(vistaAdapter.create({ connectionId: 'acme', settings }).grantScript());
    model.db.pragma('wal_checkpoint(TRUNCATE)');
    const before = readFileSync(vista);
    const { code, out, err } = await tiebackWith(
      configFile(folder, 'vista.yaml', { adapter: 'vista', settings }),
      'erp',
      'try',
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(readFileSync(vista).equals(before)).toBe(true);
    expect(out).toMatch(
      /INSERT INTO bspHQBCInsert .*\n.*tableName = SLHB[^]*INSERT INTO SLHB [^]*SET InUseBy = NULL/,
    );
    expect(out).toMatch(/INSERT INTO JCJM /);
    expect(out).not.toContain('only the ERP itself makes such lines');
  });

  test('of a given record; what the ERP would refuse is said', async () => {
    const record = join(folder, 'vendor.json');
    writeFileSync(record, JSON.stringify({ fields: { name: 'Acme', phone: '9'.repeat(31) } }));
    const { code, out } = await tieback('erp', 'try', 'acme', '--kind', 'vendor', '--record', record);
    expect(code).toBe(0);
    expect(out).toContain('phone');
    expect(out).toMatch(/Nothing: .*30/);
  });

  test('what is read and does not follow its mask is named, and a new number has the form of one that is there', async () => {
    const definition = join(folder, 'brickyard.yaml');
    const text = readFileSync(definition, 'utf8');
    const masks = (digits: number): string =>
      text
        .replace(
          'masks:',
          `masks:\n  job: [{ width: 1, characters: alphanumeric, separator: "-" }, { width: ${digits} }]`,
        )
        .replace('code: job_no', 'code: { column: job_no, mask: job }');
    writeFileSync(definition, masks(3));
    const fits = await tieback('erp', 'try', '--kind', 'project', '--take', '1');
    writeFileSync(definition, masks(2));
    const wrong = await tieback('erp', 'try', '--kind', 'project', '--take', '1');
    writeFileSync(definition, text);
    expect(fits.out).not.toContain('NOT AS EXPECTED');
    expect(fits.out).toContain('job_no = J-999');
    expect(wrong.out).toContain(
      'NOT AS EXPECTED 10|1: code "J-100" is not valid in the ERP: it does not follow the job mask',
    );
  });

  test('a column that is not there is named with its place in the definition', async () => {
    const definition = join(folder, 'brickyard.yaml');
    const text = readFileSync(definition, 'utf8');
    writeFileSync(definition, text.replace('name: trade_name', 'name: tradename'));
    const { code, err } = await tieback('erp', 'try');
    writeFileSync(definition, text);
    expect(code).toBe(1);
    expect(err).toContain(`${resolve(definition)}:`);
    expect(err).toContain('there is no column supplier.tradename; did you mean "trade_name"?');
  });

  test.each([
    [['erp', 'try', 'nobody'], 'There is no connection "nobody".'],
    [['erp', 'try', '--kind', 'vendors'], 'Kinds: vendor'],
    [['erp', 'try', '--kind', 'budget'], 'The ERP keeps no records of kind budget.'],
    [['erp', 'try', '--record', '/nowhere.json', '--kind', 'vendor'], '/nowhere.json cannot be read'],
    [['erp', 'try', '--record', BRICKYARD, '--kind', 'vendor'], 'holds no record'],
  ])('%j: %s', async (args, says) => {
    const { code, err } = await tieback(...args);
    expect(code).toBe(2);
    expect(err).toContain(says);
  });
});

describe('tieback erp prove', () => {
  const marks = join(folder, 'marks.json');

  test.each([
    ['[]', 'holds no marks of this command'],
    ['{"vendor": 3}', 'holds no marks of this command'],
    [null, 'There is no folder for'],
  ])('marks %s: %s', async (content, says) => {
    const path = content === null ? join(folder, 'nowhere', 'marks.json') : join(folder, 'others.json');
    if (content !== null) writeFileSync(path, content);
    const { code, err } = await tieback('erp', 'prove', '--marks', path);
    expect(code).toBe(2);
    expect(err).toContain(says);
  });

  test('finds what the ERP does not tell, and what was deleted', async () => {
    const first = await tieback('erp', 'prove', '--marks', marks);
    expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: '' });
    expect(readFileSync(marks, 'utf8')).not.toContain('Supplier');
    office.exec("UPDATE supplier SET trade_name = 'Told' WHERE supplier_no = 2001");
    office.exec('DELETE FROM supplier WHERE supplier_no = 2009');
    const second = await tieback('erp', 'prove', '--marks', marks);
    expect(second.code).toBe(0);
    expect(second.out).toContain('deleted: 10|2009');
    expect(second.out).toContain('vendors: 22 records, 1 change told');
    // A tool that writes past the triggers.
    office.exec('DROP TRIGGER supplier_update');
    office.exec("UPDATE supplier SET trade_name = 'Not told' WHERE supplier_no = 2002");
    const third = await tieback('erp', 'prove', '--marks', marks, '--kind', 'vendor');
    expect(third.code).toBe(1);
    expect(third.out).toContain('NOT TOLD: 10|2002');
  });
});
