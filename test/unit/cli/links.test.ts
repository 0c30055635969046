import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliIo } from '../../../src/cli/io';
import type { AuditEntry } from '../../../src/domain/audit/chain';
import { Store } from '../../../src/store/store';
import type { CommandResult } from '../../support/run-command';
import { configFile, runCommand } from '../../support/run-command';
import { linkOf, recordOf } from '../domain/records';

const AT = '2026-11-30T12:00:00.000Z';
const folder = mkdtempSync(join(tmpdir(), 'tieback-links-'));
const config = configFile(
  folder,
  'tieback.yaml',
  { adapter: 'sample', settings: { file: join(folder, 'erp.db') } },
  { people: { breakGlass: true, signingKeys: [{ id: '2026', key: { env: 'SIGNING_KEY' } }] } },
);

beforeAll(async () => {
  const store = await Store.open({ type: 'better-sqlite3', file: join(folder, 'tieback.db') });
  await store.transaction('seed', 'acme', async (t) => {
    await t.connections.add({
      id: 'acme',
      companyId: 1,
      erpAdapter: 'sample',
      erpCompany: '1',
      createdAt: AT,
    });
    const erp = recordOf({ code: '10442', name: 'Cobalt Mechanical', city: 'Seattle' });
    const links = [linkOf('vendor', 901, '1|10442', { erp, procore: erp }), linkOf('vendor', 902, '1|2')];
    await t.links.advance('acme', links, AT);
  });
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const tieback = (args: readonly string[], more: Partial<CliIo> = {}): Promise<CommandResult> =>
  runCommand(['--config', config, 'links', ...args], {
    env: { PROCORE_SECRET: 'demo-secret', SIGNING_KEY: Buffer.alloc(32, 7).toString('base64') },
    ...more,
  });

test('links are listed, of all kinds or of one, and found by words', async () => {
  expect((await tieback([])).out).toMatch(/vendor +1\|10442 +901 +linked +10442 Cobalt Mechanical/);
  expect((await tieback(['vendor', '--search', 'cobalt'])).out).toContain('1 link.');
  expect((await tieback(['project'])).out).toBe('There is no such link.\n');
  expect(JSON.parse((await tieback(['--json', '--limit', '1'])).out)).toMatchObject({
    total: 2,
    links: [{ connectionId: 'acme', kind: 'vendor', erpKey: '1|10442', procoreId: 901 }],
  });
});

test('a link is shown field by field', async () => {
  const { out } = await tieback(['show', 'vendor/901']);
  expect(out).toMatch(/Vendor 1\|10442 of the ERP: linked, vendor\/901 in Procore/);
  expect(out).toMatch(/City +Seattle +Seattle/);
});

test('by break-glass a link is let go, with the account and the reason in the log', async () => {
  const given = ['unlink', 'vendor', '1|2', '--as', 'maria'];
  const bare = await tieback(given);
  expect(bare).toMatchObject({ code: 2, out: '' });
  expect(bare.err).toMatch(/needs a reason.*\nSay why: --comment "why"/);
  expect(await tieback([...given, '--comment', 'linked by mistake'])).toMatchObject({
    code: 0,
    out: '✓ 1 of 1 answer taken.\n',
  });
  const again = await tieback([...given, '--comment', 'once more']);
  expect(again.code).toBe(2);
  expect(again.out).toMatch(
    /✗ Vendor 1\|2 of the ERP is not linked \(unlinked\)\..*\n✗ 0 of 1 answer taken, 1 refused/,
  );
  expect((await tieback(['--state', 'unlinked'])).out).toMatch(/1\|2 +902 +unlinked/);
  expect((await tieback(['show', 'vendor/902'])).out).toMatch(
    /uid 1000 \(ops\) acting as maria: unlink, "linked by mistake"/,
  );
  // Once for what was done, and not for what was refused.
  expect(await brokenGlass()).toMatchObject([
    {
      actor: 'uid 1000 (ops) acting as maria',
      detail: { account: 'uid 1000 (ops)', person: 'maria', did: ['link.decided', 'link.changed'] },
    },
  ]);
});

async function brokenGlass(): Promise<readonly AuditEntry[]> {
  const store = await Store.open({ type: 'better-sqlite3', file: join(folder, 'tieback.db') });
  const found = await store.read('test', async (t) => {
    const all: AuditEntry[] = [];
    for await (const { entries } of t.audit.chain('acme')) all.push(...entries.map(({ entry }) => entry));
    return all.filter(({ action }) => action === 'breakglass.used');
  });
  await store.close();
  return found;
}

test.each<[string, readonly string[], RegExp]>([
  ['a kind that is none', ['supplier'], /"supplier" is not a kind of record/],
  ['a kind with a slip', ['suggest', 'vendr'], /Did you mean vendor\?/],
  [
    'a record that is none',
    ['show', 'cobalt'],
    /"cobalt" is no record\.\nRecords look like vendor\/98127745/,
  ],
  ['half a pair', ['accept', 'vendor', '1|1'], /"1\|1" has no partner/],
  ['no pair', ['accept', 'vendor'], /Say which pairs.*\n`tieback links suggest vendor` lists them/],
  ['pairs and all', ['accept', 'vendor', '1|1', '901', '--all-matches'], /Say which pairs/],
  ['an id that is none', ['link', 'vendor', '1|1', 'x', '--comment', 'c'], /"x" is no id of Procore/],
  ['nobody', ['link', 'vendor', '1|1', '901', '--comment', 'c'], /You are not logged in at/],
  [
    'somebody who may not',
    ['unlink', 'vendor', '1|2', '--as', 'bob', '--comment', 'c'],
    /"bob" is no approver/,
  ],
  ['a kind that is not paired', ['suggest', 'commitment'], /commitments are not paired by hand/],
  ['sides that nobody read', ['suggest', 'project'], /No projects of the ERP and Procore were read yet/],
  ['a connection that is none', ['--connection', 'other'], /There is no connection "other"/],
])('%s is refused with a sentence', async (_what, args, message) => {
  const { code, err } = await tieback(args);
  expect(code).toBe(2);
  expect(err).toMatch(message);
  expect(err).not.toMatch(/\n +at /);
});
