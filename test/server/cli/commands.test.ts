import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Desk } from './seed';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => desk.remove());

const COMMANDS = [
  'daemon',
  'demo',
  'provision',
  'doctor',
  'census',
  'requests',
  'show',
  'approve',
  'reject',
  'correct',
  'retry',
  'exceptions',
  'exceptions retry',
  'conflicts',
  'conflicts settle',
  'sweep',
  'audit verify',
  'audit export',
  'adapters',
  'sql',
];

test('the help lists every command and the exit codes', async () => {
  const { code, out } = await desk.tieback(['--help']);
  expect(code).toBe(0);
  for (const command of COMMANDS)
    expect(out).toMatch(new RegExp(`^ {2}${command.split(' ')[0] ?? ''} `, 'm'));
  expect(out).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 .*past Tieback/);
});

test.each(COMMANDS)('%s --help has an example and the global options', async (command) => {
  const { code, out } = await desk.tieback([...command.split(' '), '--help']);
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`Examples?:\n {2}tieback ${command}`));
  expect(out).toMatch(/--json/);
});

test('--version', async () => {
  const manifest = readFileSync(join(__dirname, '..', '..', '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  expect(await desk.tieback(['--version'])).toMatchObject({ code: 0, out: `${version}\n` });
});

test.each([
  [[], /^Usage: tieback/],
  [['frobnicate'], /unknown command 'frobnicate'/],
  [['requests', '--colour'], /unknown option '--colour'/],
  [['show'], /missing required argument 'words'/],
  [['requests', '--status', 'lost'], /Allowed choices are received, planning/],
  [['requests', '--status', 'busy', '--open'], /cannot be used with option/],
  [['requests', '--limit', '0'], /"0" is not a whole number above zero/],
])('%j is wrong usage', async (args, message) => {
  const { code, out, err } = await desk.tieback(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(message);
});

test('wrong usage is JSON with --json', async () => {
  const { code, out, err } = await desk.tieback(['frobnicate', '--json']);
  expect({ code, err }).toEqual({ code: 2, err: '' });
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'UNKNOWN_COMMAND' } });
});

test('adapters', async () => {
  expect((await desk.tieback(['adapters'])).out).toMatch(/sample +Groundwork/);
  expect(JSON.parse((await desk.tieback(['adapters', '--json'])).out)).toMatchObject({
    adapters: [{ name: 'sample' }, { name: 'vista' }, { name: 'generic-sql' }, { name: 'file-drop' }],
  });
});

test('sql prints what a DBA has to run', async () => {
  const erp = await desk.tieback(['sql', 'erp', '--connection', 'acme']);
  expect(erp).toMatchObject({ code: 0 });
  expect(erp.out).toMatch(/CREATE TABLE.*tieback_ledger/i);
  const store = await desk.tieback(['sql', 'store']);
  expect(store.out).toMatch(/CREATE TABLE "audit_link"/);
  expect(await desk.tieback(['sql', 'everything'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('Scripts: erp, store.') as string,
  });
});
