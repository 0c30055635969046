import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '../../../src/config/load';
import { signAnchor } from '../../../src/domain/audit/anchor';
import { AuditKeys } from '../../../src/domain/audit/keys';
import { Store } from '../../../src/store/store';
import { Desk, ENV, NOW, seed } from './seed';

const PROGRAM = join(__dirname, '..', '..', '..', 'docs', 'verify', 'verify-tieback-audit.mjs');

let desk: Desk;
const inFolder = (name: string): string => join(desk.folder, name);

// One connection is keyed, the other is not.
beforeEach(async () => {
  desk = new Desk(['acme', 'borealis'], { audit: { keys: [{ id: 'one', key: { file: 'one.key' } }] } });
  writeFileSync(inFolder('one.key'), randomBytes(32).toString('base64'));
  await desk.store((store) => seed(store, 'borealis', 4264808));
  const { store: settings, audit } = loadConfig(desk.configFile, ENV);
  const store = await Store.open(settings, { auditKeys: audit.keys });
  await seed(store);
  await store.close();
});
afterEach(() => desk.remove());

/** An export, after somebody changed it. */
async function exported(args: readonly string[], change: (text: string) => string): Promise<string> {
  const { out } = await desk.tieback(['audit', 'export', ...args]);
  const changed = change(out);
  writeFileSync(inFolder('export.jsonl'), changed);
  if (change !== untouched) expect(changed).not.toBe(out);
  return inFolder('export.jsonl');
}
const untouched = (text: string): string => text;

/** What the program says: in a folder without anything of ours, by itself. */
async function check(...args: readonly string[]): Promise<{ code: number; out: string }> {
  mkdirSync(inFolder('elsewhere'), { recursive: true });
  const program = inFolder('elsewhere/verify.mjs');
  writeFileSync(program, readFileSync(PROGRAM));
  const options = { cwd: inFolder('elsewhere'), env: {} };
  return promisify(execFile)(process.execPath, [program, ...args], options).then(
    ({ stdout }) => ({ code: 0, out: stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      out: stdout + stderr,
    }),
  );
}

const REQUEST = ['--connection', 'acme', '--request', '5010'];

test('it needs nothing but Node', () => {
  const imports = [...readFileSync(PROGRAM, 'utf8').matchAll(/from '([^']+)'|import\('([^']+)'\)/g)];
  expect(imports.map(([, name]) => name).filter((name) => name?.startsWith('node:') !== true)).toEqual([]);
});

test('what nobody touched agrees: the whole log, and the evidence of one request', async () => {
  const whole = await check(await exported([], untouched), '--key', `one=${inFolder('one.key')}`);
  expect(whole.out).toMatch(/^acme: 7 links, 13 entries, head 7:[0-9a-f]{64}\nborealis: 7 links, 13 entries/);
  expect(whole.out).toMatch(/borealis: 7 links are not keyed\nEverything agrees\.\n$/);
  expect(whole.code).toBe(0);
  const one = await check(await exported(REQUEST, untouched));
  expect(one.out).toMatch(/^acme: 6 links, 5 entries/);
  expect(one.out).toMatch(/acme: 6 HMACs were not checked: no --key was given\nEverything agrees\.\n$/);
  expect(one.code).toBe(0);
});

const lineOf = (text: string, at: number, change: (line: string) => string | null): string =>
  text
    .split('\n')
    .flatMap((line, index) => (index === at ? (change(line) ?? []) : [line]))
    .join('\n');

test.each<[string, readonly string[], (text: string) => string, RegExp]>([
  [
    'an entry',
    [],
    (text) => text.replace('=checked W-9', '=checked'),
    /acme link 3 position 0: the entry was changed/,
  ],
  [
    'a link',
    [],
    (text) => text.replace(/"digests":\["[0-9a-f]/, '"digests":["g'),
    /acme link 1: it was changed/,
  ],
  [
    'the order',
    [],
    (text) => text.replace('"seq":2,"prevHash"', '"seq":3,"prevHash"'),
    /acme link 3: it does not come after link 1/,
  ],
  [
    'an entry taken out',
    [],
    (text) => lineOf(text, 2, () => null),
    /acme link 1 position 0: the entry is missing/,
  ],
  [
    'the end cut off',
    [],
    (text) => text.split('\n').slice(0, -6).join('\n'),
    /borealis: the chain ends at link \d, but its head is link 7/,
  ],
  [
    'the beginning cut off',
    [],
    (text) =>
      lineOf(
        lineOf(text, 1, () => null),
        1,
        () => null,
      ),
    /acme link 2: the links before it are missing/,
  ],
  [
    'an HMAC',
    [],
    (text) => text.replace(/"hmac":"[0-9a-f]{4}/, '"hmac":"0000'),
    /acme link 1: its HMAC is not that of key "one"/,
  ],
  [
    'an HMAC taken out',
    [],
    (text) => lineOf(text, 3, (line) => line.replace(/"keyId":.*\}/, '"keyId":null,"hmac":null}')),
    /acme link 2: it has no HMAC, though link 1 has one/,
  ],
  [
    'a plan',
    REQUEST,
    (text) => text.replace('"new":"206-555-0134"', '"new":"206-555-0666"'),
    /evidence of erp\/5010: plan 1 \(page 0\) does not have its hash/,
  ],
  [
    'an approval',
    REQUEST,
    (text) => text.replace('"decidedBy":"maria@acme.example"', '"decidedBy":"eve"'),
    /eve approved plan \w{12}, but the log has no entry/,
  ],
  [
    'an operation',
    REQUEST,
    (text) => text.replace(/"operationKey":"[^"]*:erp"/, '"operationKey":"forged"'),
    /operation forged was written, but the log has no entry/,
  ],
])('%s changed is told', async (_name, args, change, expected) => {
  const { code, out } = await check(await exported(args, change), '--key', `one=${inFolder('one.key')}`);
  expect(out).toMatch(expected);
  expect(code).toBe(3);
});

test('heads that were written down or anchored must be in it', async () => {
  const file = await exported([], untouched);
  const head = /^acme: .* head (\d+:[0-9a-f]{64})$/m.exec((await check(file)).out)?.[1] ?? '';
  expect(await check(file, '--head', `acme:${head}`)).toMatchObject({ code: 0 });
  const other = await check(file, '--head', `acme:8:${'0'.repeat(12)}`);
  expect(other).toMatchObject({
    code: 3,
    out: expect.stringMatching(/link 8 of acme is not there any more/) as string,
  });

  const { audit } = loadConfig(desk.configFile, ENV);
  const anchor = (hash: string): string =>
    JSON.stringify(signAnchor({ connectionId: 'acme', seq: 7, hash, at: NOW }, new AuditKeys(audit.keys)));
  const args = [file, '--anchors', inFolder('anchors.jsonl'), '--key', `one=${inFolder('one.key')}`];
  writeFileSync(inFolder('anchors.jsonl'), `${anchor(head.slice(2))}\n`);
  expect(await check(...args)).toMatchObject({ code: 0 });
  writeFileSync(
    inFolder('anchors.jsonl'),
    `${anchor('0'.repeat(64))}\n${anchor(head.slice(2)).replace(':7,', ':6,')}\n`,
  );
  const told = await check(...args);
  expect(told.out).toMatch(/anchors.jsonl, line 1: link 7 of acme has another hash now/);
  expect(told.out).toMatch(/anchors.jsonl, line 2: its HMAC is not that of key "one"/);
  expect(told.code).toBe(3);
});

test('what is no export is refused', async () => {
  writeFileSync(inFolder('export.jsonl'), 'connection,link\n');
  expect(await check(inFolder('export.jsonl'))).toMatchObject({
    code: 2,
    out: expect.stringMatching(/line 1 is no JSON/) as string,
  });
  expect(await check()).toMatchObject({ code: 2 });
});
