import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { genericSqlAdapter } from '../../../src/erp-adapters/generic-sql';
import { parseDefinition } from '../../../src/erp-adapters/generic-sql/read-definition';
import { BRICKYARD, createBrickyard } from '../../support/brickyard';

const TEXT = readFileSync(BRICKYARD, 'utf8');

/** The problems of the example with one text in it replaced. */
function problemsWith(from: string, to: string): readonly string[] {
  if (!TEXT.includes(from)) throw new Error(`the example has no ${from}`);
  const reading = parseDefinition('acme.yaml', TEXT.replace(from, to));
  return reading.ok ? [] : reading.problems;
}

const lineOf = (text: string): number => TEXT.slice(0, TEXT.indexOf(text)).split('\n').length;

describe('a definition that cannot be used says file, line, key, and what was expected', () => {
  test.each([
    ['vendor:', 'vendors:', 'kinds.vendors: there is no such kind; did you mean "vendor"?'],
    [
      'name: trade_name',
      'nam: trade_name',
      'kinds.vendor.fields.nam: there is no such field; did you mean "name"?',
    ],
    ['email: mail', 'email: "mail; DROP TABLE supplier"', 'kinds.vendor.fields.email.column: a plain name'],
    ['table: supplier', 'table: order', 'kinds.vendor.table: a plain name'],
    ['key: supplier_no', 'kee: supplier_no', 'kinds.vendor'],
    ['numberField: code', 'numberField: cod', 'lines.cost_code.numberField: there is no field cod'],
    ['mask: phase', 'mask: fase', 'there is no mask fase under `masks`; did you mean "phase"?'],
    ['defaults: { pay_terms: NET30 }', `defaults: { pay_terms: "'x" }`, 'kinds.vendor.defaults.pay_terms: '],
    [
      'amount: amount',
      'amount: order_no',
      'kinds.commitment.fields.amount: order_no is already the column of code',
    ],
    [
      'vendor: supplier_no',
      'description: supplier_no',
      'kinds.commitment.fields: vendor is missing: it is required',
    ],
    ['value: 10 }', 'value: 20 }', 'one column has one value for the company'],
    [
      'email: mail',
      'email: bank_account',
      'kinds.vendor.fields.email: bank_account is a secret column of supplier: nothing may be mapped to it',
    ],
    [
      '{ pay_terms: NET30 }',
      '{ Bank_Account: X1 }',
      'kinds.vendor.defaults.Bank_Account: Bank_Account is a secret',
    ],
    [
      'secret: [bank_account]',
      'secret: [tel]',
      'kinds.vendor.fields.phone: tel is a secret column of supplier',
    ],
    ['secret: [bank_account]', 'secret: bank_account', 'kinds.vendor.secret: '],
    ['secret: [bank_account]', 'taxId: tel', 'kinds.vendor.fields.phone: tel is a secret column of supplier'],
    ['noun: job', 'taxId: city', 'kinds.project.taxId: only vendors are paired by tax ids'],
    ['by: sweep', 'by: swep', 'counter, modified, rowversion, changeTracking or sweep'],
    ['isActive: { column: standing, yes: OPEN, no: STOP }', 'isActive: standing', 'a flag needs the values'],
    ['product: Brickyard 4', 'product: [', 'it is not valid YAML'],
    ['    key: supplier_no\n', '', 'kinds.vendor.key: it is missing: the name of a column'],
    ['{ width: 3 }', '{ width: wide }', 'masks.phase.1.width: a number is expected, not a text'],
    ['name: trade_name', 'name:', 'kinds.vendor.fields.name: the name of a column, or { column, ... }'],
    ['active: OPEN }', 'activ: OPEN }', 'kinds.vendor.state.activ: there is no such key here'],
    [
      'email: mail',
      'email: { column: mail, number: true }',
      '`number` is for the column supplier_no, the key',
    ],
  ])('%s → %s', (from, to, says) => {
    const problems = problemsWith(from, to);
    expect(problems.join('\n')).toContain(says);
    for (const problem of problems) expect(problem).toMatch(/^acme\.yaml:\d+: /);
  });

  test('what is missing at the top has no line', () => {
    expect(problemsWith('product: Brickyard 4', '')).toEqual(['acme.yaml: product: it is missing']);
  });

  test('with the line of the place', () => {
    expect(problemsWith('email: mail', 'emial: mail')).toEqual([
      expect.stringContaining(`acme.yaml:${lineOf('email: mail')}: kinds.vendor.fields.emial`),
    ]);
  });

  test('and one that is not there at all', () => {
    const reading = genericSqlAdapter.readSettings({ definition: '/nowhere/acme.yaml', file: 'erp.db' });
    expect(reading).toMatchObject({
      ok: false,
      problems: [expect.stringMatching(/^definition: \/nowhere\/acme/)],
    });
  });
});

describe('against the live database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-brickyard-'));
  const file = join(folder, 'company.db');
  const office = createBrickyard(file);
  afterAll(() => {
    office.close();
    rmSync(folder, { recursive: true });
  });

  const check = async (from: string, to: string): Promise<string> => {
    const definition = join(folder, 'acme.yaml');
    writeFileSync(definition, TEXT.replace(from, to));
    const adapter = genericSqlAdapter.create({ connectionId: 'demo', settings: { definition, file } });
    const found = (await adapter.check()).filter(({ name }) => ['definition', 'columns'].includes(name));
    await adapter.close();
    const { ok = false, detail = '' } = found.find((one) => !one.ok) ?? found.at(-1) ?? {};
    return `${ok ? 'ok' : 'failed'}: ${detail}`;
  };

  test('all is there', async () => {
    await expect(check('', '')).resolves.toBe('ok: all tables and columns of 4 kinds are there');
  });

  test.each([
    [
      'name: trade_name',
      'name: tradename',
      'there is no column supplier.tradename; did you mean "trade_name"?',
    ],
    ['table: job_phase', 'table: job_phases', 'there is no table or view job_phases'],
    [
      'parent: order_id',
      'parent: header',
      'there is no column sub_order_line.header; there are id, order_id',
    ],
    [
      'retainagePercent: held_back',
      'retainagePercent: { column: held_back, decimals: 3 }',
      'supplier.held_back keeps 2 decimals: say `decimals: 2`',
    ],
    [
      'column: changed,',
      'column: changd,',
      'changes.column: there is no column supplier.changd; did you mean',
    ],
    ['table: numbers', 'table: numbering', 'numbering.counter.table: there is no table or view numbering'],
    [
      'counterTable: change_counter',
      'counterTable: counter',
      'changes.counterTable: there is no table or view counter',
    ],
    ['by: job_no', 'by: jobno', 'kinds.commitment.fields.job.by: there is no column job.jobno; did you mean'],
    [
      'table: job\n    key: id',
      'table: job\n    key: job_no',
      'job.job_no holds texts (varchar): say `keyForm: text`',
    ],
    [
      '{ pay_terms: NET30 }',
      '{ held_back: much }',
      'supplier.held_back holds numbers (decimal); "much" is none',
    ],
    [
      'code: job_no\n      name: title',
      'code: title',
      'job.job_no must be filled: give it a field, or a value',
    ],
    ['counterColumn: value', 'counterColumn: val', 'there is no column change_counter.val; did you mean'],
    ['procedure: new_order', 'procedure: add_order', 'write.procedure: there is no procedure add_order'],
    [
      'dated: order_date',
      'date: order_date',
      'write.parameters.date: new_order has no parameter date; did you mean "dated"?',
    ],
    ['next: next_supplier', 'next: next_suplier', 'numbers.next_suplier; did you mean "next_supplier"?'],
  ])('%s → %s', async (from, to, says) => {
    const detail = await check(from, to);
    expect(detail).toMatch(/^failed: .*acme\.yaml:\d+: (kinds|changes)\./);
    expect(detail).toContain(says);
  });

  test('the definition that the guide begins with does as it says', async () => {
    const [, block = ''] =
      /^ {3}```yaml\n([^]*?)^ {3}```/m.exec(readFileSync('docs/generic-sql.md', 'utf8')) ?? [];
    const definition = join(folder, 'first.yaml');
    writeFileSync(definition, block);
    const adapter = genericSqlAdapter.create({ connectionId: 'demo', settings: { definition, file } });
    const failed = (await adapter.check()).filter(({ ok }) => !ok);
    await adapter.close();
    expect(block).toContain('product: Brickyard 4');
    expect(failed).toEqual([]);
  });

  test('what the database would cut, round or keep too long is refused, and nothing is written', async () => {
    const adapter = genericSqlAdapter.create({
      connectionId: 'demo',
      settings: { definition: BRICKYARD, file },
    });
    const before = office.prepare('SELECT count(*) AS n FROM supplier').get();
    const write = (fields: Readonly<Record<string, string>>, n: number) =>
      adapter.kinds.vendor?.write([
        {
          operationKey: `op-${n}`,
          recordId: `vendor/${n}`,
          generation: 1,
          targetRevision: 'r',
          planHash: 'h',
          action: 'create',
          erpKey: null,
          record: { fields: { name: 'Acme', ...fields }, lines: [] },
          expected: null,
        },
      ]);
    await expect(write({ retainagePercent: '7.555' }, 1)).resolves.toMatchObject([{ status: 'refused' }]);
    await expect(write({ phone: '9'.repeat(31) }, 2)).resolves.toMatchObject([{ status: 'refused' }]);
    expect(office.prepare('SELECT count(*) AS n FROM supplier').get()).toEqual(before);
    await adapter.close();
  });

  test.each([
    [
      'by: sweep',
      'by: rowversion, column: changed',
      'kinds.line_item_type.changes: SQLite has no rowversion',
    ],
    ['procedure: new_order', 'procedure: new_order\n      returns: id', 'SQLite has no OUTPUT parameters'],
  ])('what SQLite does not have is said: %s → %s', (from, to, says) => {
    const definition = join(folder, 'sqlite.yaml');
    writeFileSync(definition, TEXT.replace(from, to));
    const reading = genericSqlAdapter.readSettings({ definition, file });
    expect(reading).toMatchObject({ ok: false, problems: [expect.stringContaining(says)] });
  });

  test('what a DBA is asked for on SQL Server are the columns of the definition, and no others', () => {
    const definition = BRICKYARD;
    const adapter = genericSqlAdapter.create({
      connectionId: 'demo',
      settings: {
        definition,
        sqlServer: { host: 'sql01', database: 'brick', login: { type: 'entra-managed-identity' } },
      },
    });
    const script = adapter.grantScript();
    expect(script).toContain('GRANT EXECUTE ON new_order TO tieback_erp;');
    expect(script).toContain('GRANT UPDATE ON numbers ([next_supplier]) TO tieback_erp;');
    expect(script).toMatch(/GRANT SELECT ON supplier \(.*\[pay_terms\].*\) TO tieback_erp;/);
    // What no field has, and is read all the same.
    expect(script).toContain('GRANT SELECT ON sub_order ([stage]) TO tieback_erp;');
    expect(script).toContain('GRANT SELECT ON change_counter ([value]) TO tieback_erp;');
    expect(script).not.toContain('bank_account');
  });
});
