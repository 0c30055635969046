import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createCompany } from '../../../sandbox/sample-erp/company';
import { grantScript } from '../../../src/erp-adapters/sample/grant-script';
import { RECORD_SPECS } from '../../../src/erp-adapters/sample/tables';
import { createActivities } from '../../../src/activities';
import { anchoringOf } from '../../../src/anchoring';
import { buildParts } from '../../../src/composition';
import { createLogger } from '../../../src/telemetry/logger';
import { auditEntry } from '../../../src/activities/record/entry';
import { NOTHING_HAPPENED, recordOutcome } from '../../../src/activities/record/outcome';
import { loadConfig } from '../../../src/config/load';
import { linkHash } from '../../../src/domain/audit/chain';
import { contentHash } from '../../../src/domain/base/identity';
import type { Repositories } from '../../../src/store/repositories';
import { openSqlite } from '../../../src/sqlite';
import { Store } from '../../../src/store/store';
import { TEST_KEYS } from '../../support/people';
import { Desk, ENV, NOW, seed } from './seed';

let desk: Desk;

beforeEach(async () => {
  desk = new Desk();
  await desk.store((store) => seed(store));
});
afterEach(() => desk.remove());

/** What somebody with access to the database file could do. */
function tamper(...statements: string[]): void {
  const db = openSqlite(desk.storeFile);
  for (const sql of statements) db.exec(sql);
  db.close();
}

interface Verdict {
  readonly intact: boolean;
  readonly connections: readonly {
    readonly entries: number;
    readonly links: number;
    readonly head: { readonly seq: number; readonly hash: string };
    readonly findings: readonly {
      readonly seq: number | null;
      readonly idx: number | null;
      readonly about?: string;
      readonly what: string;
    }[];
  }[];
}

async function verify(...args: string[]): Promise<{ code: number; verdict: Verdict }> {
  const { code, out } = await desk.tieback(['audit', 'verify', '--json', ...args]);
  return { code, verdict: JSON.parse(out) as Verdict };
}

test('an untouched chain is intact, and its head is told', async () => {
  const { code, out } = await desk.tieback(['audit', 'verify']);
  expect(code).toBe(0);
  expect(out).toMatch(/✓ +acme +13 entries +7 links +intact +7:[0-9a-f]{64}\n/);
});

// Links of the seed: 1 registered; 2 received + built; 3 approved; 4 written + closed; 5 exception; 6 and 7 three entries each.
test.each([
  [
    'an entry changed',
    ["UPDATE audit_entry SET actor = 'eve@else.example' WHERE seq = 3"],
    [/^link 3 position 0: entry was changed; it says now: .* eve@else.example approval.granted/],
  ],
  [
    'an entry deleted',
    ['DELETE FROM audit_entry WHERE seq = 4 AND idx = 1'],
    [/^link 4 position 1: entry is missing/],
  ],
  [
    'two entries swapped',
    [
      'UPDATE audit_entry SET idx = 9 WHERE seq = 4 AND idx = 0',
      'UPDATE audit_entry SET idx = 0 WHERE seq = 4 AND idx = 1',
      'UPDATE audit_entry SET idx = 1 WHERE seq = 4 AND idx = 9',
    ],
    [
      /^link 4 position 0: entry was moved \(it belongs at position 1\)/,
      /^link 4 position 1: entry was moved \(it belongs at position 0\)/,
    ],
  ],
  [
    'an entry inserted',
    [
      `INSERT INTO audit_entry (connection_id, seq, idx, at, actor, action, subject, detail)
       VALUES ('acme', 3, 1, '2026-03-09T15:00:00.000Z', 'eve', 'approval.granted', 'erp_request/1', '{}')`,
    ],
    [/^link 3 position 1: entry was added; it says now: .* eve approval.granted erp_request\/1/],
  ],
  [
    'an entry inserted past the chain',
    [
      `INSERT INTO audit_entry (connection_id, seq, idx, at, actor, action, subject, detail)
       VALUES ('acme', 99, 0, '2026-03-09T15:00:00.000Z', 'eve', 'approval.granted', 'erp_request/1', '{}')`,
    ],
    [/^link 99 position 0: entry belongs to no link/],
  ],
  [
    'a link deleted',
    ['DELETE FROM audit_link WHERE seq = 3'],
    [
      /^link 4: links 3 to 3 are missing/,
      /^link 4: does not continue the link before it/,
      /^link 3 position 0: entry belongs to no link/,
    ],
  ],
  [
    'a link and its entries changed together',
    [`UPDATE audit_link SET digests = '["00"]' WHERE seq = 3`],
    [/^link 3: link itself was changed/, /^link 3 position 0: entry was changed/],
  ],
  [
    'two links swapped',
    [
      'UPDATE audit_link SET seq = 99 WHERE seq = 2',
      'UPDATE audit_link SET seq = 2 WHERE seq = 3',
      'UPDATE audit_link SET seq = 3 WHERE seq = 99',
    ],
    [
      /^link 2: does not continue/,
      /^link 2: link itself was changed/,
      /^link 2 position 0: entry was changed/,
    ],
  ],
  [
    'the tail cut off',
    ['DELETE FROM audit_entry WHERE seq >= 6', 'DELETE FROM audit_link WHERE seq >= 6'],
    [/^link 7: the chain ends at link 5, but link 7 was written: the last 2 are missing/],
  ],
  [
    'an entry made unreadable',
    ["UPDATE audit_entry SET detail = '{' WHERE seq = 2 AND idx = 0"],
    [/^link 1: cannot be read/],
  ],
] as const)('%s is named with link and position', async (_name, statements, expected) => {
  tamper(...statements);
  const { code, verdict } = await verify();
  expect(code).toBe(3);
  expect(verdict.intact).toBe(false);
  const told = (verdict.connections[0]?.findings ?? []).map(
    ({ seq, idx, what }) => `link ${seq}${idx === null ? '' : ` position ${idx}`}: ${what}`,
  );
  for (const pattern of expected) expect(told).toContainEqual(expect.stringMatching(pattern));
  const { out } = await desk.tieback(['audit', 'verify']);
  expect(out).toMatch(/✗ +acme .*finding/);
  expect(out).toMatch(/The audit log of acme does not agree:\n[^]*link \d+/);
});

test('a link beyond the head was not written by us', async () => {
  tamper('UPDATE connection SET audit_seq = 5, audit_hash = (SELECT hash FROM audit_link WHERE seq = 5)');
  const { code, verdict } = await verify();
  expect(code).toBe(3);
  expect(verdict.connections[0]?.findings).toMatchObject([
    { seq: 7, what: 'the chain goes on to link 7, but its head was noted at link 5' },
  ]);
});

test('a tail cut off together with the remembered head is uncovered by a head that was written down', async () => {
  const { verdict } = await verify();
  const head = verdict.connections[0]?.head ?? { seq: 0, hash: '' };
  tamper(
    'DELETE FROM audit_entry WHERE seq >= 6',
    'DELETE FROM audit_link WHERE seq >= 6',
    `UPDATE connection SET audit_seq = 5, audit_hash = (SELECT hash FROM audit_link WHERE seq = 5)`,
    // Who asked for a request would be missed in the log.
    `UPDATE sync_request SET requested_by = NULL`,
  );
  expect((await verify()).code).toBe(0);
  const noted = await verify('--head', `${head.seq}:${head.hash}`);
  expect(noted.code).toBe(3);
  expect(noted.verdict.connections[0]?.findings).toEqual([
    { seq: 7, idx: null, what: 'the chain ends at link 5, but link 7 was noted' },
  ]);
});

describe('a connection is known from the configuration, its row, and every table', () => {
  /** What somebody does who does not care about foreign keys. */
  const wipe = (...statements: string[]): void => tamper('PRAGMA foreign_keys = OFF', ...statements);
  const CHAIN = ['DELETE FROM audit_entry', 'DELETE FROM audit_link'];
  const findings = async (...args: string[]) => {
    const { code, verdict } = await verify(...args);
    return { code, findings: verdict.connections.flatMap((one) => one.findings) };
  };

  test('its row removed: the chain is walked all the same, and the row is missed', async () => {
    wipe("DELETE FROM connection WHERE id = 'acme'");
    const { code, verdict } = await verify();
    expect(code).toBe(3);
    expect(verdict.connections).toMatchObject([
      {
        connectionId: 'acme',
        links: 7,
        findings: [{ about: 'connection', what: expect.stringMatching(/row was removed/) as string }],
      },
    ]);
    expect((await desk.tieback(['audit', 'verify'])).out).not.toContain('no audit log');
  });

  test('it is not in the configuration either', async () => {
    desk.configure([]);
    wipe("DELETE FROM connection WHERE id = 'acme'");
    expect((await findings()).code).toBe(3);
  });

  test('the chain wiped with its head: the tables say that something happened', async () => {
    wipe(...CHAIN, `UPDATE connection SET audit_seq = 0, audit_hash = '${'0'.repeat(64)}'`);
    const { code, findings: told } = await findings();
    expect(code).toBe(3);
    expect(told).toMatchObject([
      {
        about: 'audit log',
        what: 'it is empty, but the tables hold 4 requests, 3 plans, 1 approval, 2 operations',
      },
    ]);
  });

  test('the chain wiped with its row', async () => {
    wipe(...CHAIN, 'DELETE FROM connection');
    expect((await findings()).findings.map(({ about }) => about)).toEqual(['connection', 'audit log']);
  });

  test('a registered connection has a log, even where nothing was asked of it yet', async () => {
    const tables = ['operation', 'approval', 'plan', 'snapshot', 'exception', 'wait', 'intake_event'];
    const rest = ['request_body', 'sync_request'];
    wipe(
      ...CHAIN,
      ...[...tables, ...rest].map((name) => `DELETE FROM ${name}`),
      `UPDATE connection SET audit_seq = 0, audit_hash = '${'0'.repeat(64)}'`,
    );
    expect(await findings()).toMatchObject({
      code: 3,
      findings: [{ about: 'audit log', what: 'it is empty, but the connection was registered' }],
    });
  });

  test('a connection that was never registered has nothing to verify, and says so', async () => {
    desk.configure(['acme', 'borealis']);
    const { code, out } = await desk.tieback(['audit', 'verify']);
    expect(code).toBe(0);
    expect(out).toMatch(/borealis: nothing is logged yet; `tieback provision` begins the log/);
  });
});

// What the chain says, the tables must say too, and the other way round.
test.each([
  [
    'an approval given to another person',
    ["UPDATE approval SET decided_by = 'eve'"],
    [
      /^approval of erp\/5010: "eve" approved plan \w{12}, but the log has no entry of it/,
      /^link 3: "maria@acme.example" decided .* the approval is gone/,
    ],
  ],
  [
    'an approval added',
    [
      `INSERT INTO approval SELECT connection_id, 'erp/5012', hash, 'approved', 'eve', '', 'desk', built_at FROM plan WHERE request_id = 'erp/5012'`,
    ],
    [/^approval of erp\/5012: "eve" approved/],
  ],
  ['an approval taken away', ['DELETE FROM approval'], [/^link 3: .* the approval is gone/]],
  [
    'its comment changed',
    ["UPDATE approval SET comment = 'all well'"],
    [/^approval of erp\/5010: .* time or comment/],
  ],
  [
    'an operation that nobody logged',
    [
      `INSERT INTO operation SELECT connection_id, request_id, 'forged', plan_hash, side, action, record_id, erp_key, state, reason, record, at
         FROM operation WHERE side = 'erp'`,
    ],
    [/^operation forged: it was written to the ERP, but the log has no entry/],
  ],
  [
    'an operation taken away',
    ["DELETE FROM operation WHERE side = 'erp'"],
    [/^link 4: operation acme:.* its row is gone/],
  ],
  [
    'another ERP key',
    ["UPDATE operation SET erp_key = '1|6'"],
    [/its ERP key is 1\|6, the log says 1\|10442/],
  ],
  [
    'a request opened again',
    ["UPDATE sync_request SET status = 'parked' WHERE id = 'erp/5010'"],
    [/^link 4: erp\/5010 was closed as "applied", but is "parked"/],
  ],
  [
    'a request closed without an entry',
    ["UPDATE sync_request SET status = 'applied' WHERE id = 'erp/5011'"],
    [/^erp\/5011: it is "applied", but/],
  ],
  [
    'another summary',
    ["UPDATE sync_request SET reason = 'nothing' WHERE id = 'erp/5010'"],
    [/was closed with "Vendor 10442 .*", but says "nothing"/],
  ],
  [
    'a request taken away',
    ["DELETE FROM sync_request WHERE id = 'erp/5011'"],
    [/^link 5: erp\/5011 is not in the store any more/],
  ],
  [
    'a plan changed',
    [`UPDATE plan SET body = replace(body, '206-555-0134', '206-555-0666') WHERE request_id = 'erp/5010'`],
    [/^plan 1 of erp\/5010, page 0: it was changed: its hash is/],
  ],
  [
    'a plan that is none',
    [`UPDATE plan SET body = '{}' WHERE request_id = 'erp/5012'`],
    [/^plan 1 of erp\/5012, page 0: it was changed: it is no plan/],
  ],
  [
    'a body made unreadable',
    [`UPDATE plan SET body = '{' WHERE request_id = 'erp/5012'`],
    [/^tables: a table cannot be read/],
  ],
  [
    'a link put back',
    ['UPDATE record_link SET generation = 1'],
    [/^link 8: the link of vendor\/98127745 is at generation 1, but was at 2/],
  ],
  [
    'a link to another record',
    ['UPDATE record_link SET procore_id = 6'],
    [/^link 8: .*differs from its last entry: procoreId is 6, was 98127745/],
  ],
  ['a link taken away', ['DELETE FROM record_link'], [/^link 8: the link of vendor\/98127745 is gone/]],
] as const)('%s is found in the tables', async (_name, statements, expected) => {
  await desk.store((store) => store.transaction('link', 'acme', moveLink));
  expect((await verify()).code).toBe(0);
  tamper('PRAGMA foreign_keys = OFF', ...statements);
  const { code, verdict } = await verify();
  expect(code).toBe(3);
  const told = (verdict.connections[0]?.findings ?? []).map(
    ({ seq, about, what }) => `${about ?? `link ${seq}`}: ${what}`,
  );
  for (const pattern of expected) expect(told).toContainEqual(expect.stringMatching(pattern));
  expect(told).toHaveLength(expected.length);
});

/** A link that moved, as it is written down. */
async function moveLink(t: Repositories): Promise<void> {
  const row = await t.requests.get({ connectionId: 'acme', id: 'erp/5010' });
  const link = {
    kind: 'vendor',
    erpKey: '1|10442',
    procoreId: 98127745,
    state: 'linked',
    generation: 2,
  } as const;
  const links = [{ ...link, procore: null, erp: null, erpRevision: null }];
  await recordOutcome(t, { row, plan: null, page: 0 }, { ...NOTHING_HAPPENED, links }, { now: NOW });
}

describe("the ERP's ledger", () => {
  const write = async (...keys: string[]): Promise<void> => {
    const company = createCompany(join(desk.folder, 'erp.db'), { seed: true });
    company.runScript(grantScript(RECORD_SPECS));
    for (const [n, key] of keys.entries())
      company.runScript(
        `INSERT INTO tieback_ledger (connection, entity, record_id, generation, operation_key, target_revision, plan_hash, erp_key, written_at)
         VALUES ('acme', 'vendor', 'vendor/${n}', 1, '${key}', 'r', 'p', '1|1', '2026-03-09T13:20:00.000Z')`,
      );
    company.close();
    await Promise.resolve();
  };

  test('an ERP that cannot be asked is said to be not compared, and so is one that was left out', async () => {
    const unreachable = await desk.tieback(['audit', 'verify']);
    expect(unreachable.code).toBe(0);
    expect(unreachable.out).toMatch(/acme: not compared with the ERP's ledger: .*no company database/);
    const { out } = await desk.tieback(['audit', 'verify', '--no-erp']);
    expect(out).toMatch(/acme: not compared with the ERP's ledger: it was left out with --no-erp/);
  });

  test('an empty log beside a full ledger', async () => {
    await write('a', 'b');
    tamper('PRAGMA foreign_keys = OFF', ...everyTable().map((name) => `DELETE FROM ${name}`));
    const { code, verdict } = await verify();
    expect(code).toBe(3);
    expect(verdict.connections[0]?.findings).toMatchObject([
      { about: 'audit log', what: "it is empty, but the ERP's ledger holds 2 operations of ours" },
    ]);
    expect((await verify('--no-erp')).code).toBe(0);
  });

  test('every operation of ours is in it, and everything in it is known to us', async () => {
    const { key, hash } = writtenOnce();
    await write(key);
    const asLogged = `UPDATE tieback_ledger SET plan_hash = '${hash}', erp_key = '1|10442', record_id = 'vendor/98127746'`;
    inErp(asLogged);
    const { out, code } = await desk.tieback(['audit', 'verify']);
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/acme: compared with the ERP's ledger \(1 operation\)/) as string,
    });
    inErp("UPDATE tieback_ledger SET erp_key = '1|6'");
    expect(await told()).toEqual([`operation ${key}: its ERP key is 1|10442, the ERP's ledger says 1|6`]);
    inErp(asLogged, "UPDATE tieback_ledger SET plan_hash = 'another'");
    expect(await told()).toEqual([
      expect.stringMatching(/it was logged for plan \w{12}, the ERP's ledger says another/),
    ]);
    inErp(asLogged, "UPDATE tieback_ledger SET operation_key = 'forged'");
    expect(await told()).toEqual([
      expect.stringMatching(/it was written to the ERP, but the ERP's ledger does not know it/),
      expect.stringMatching(
        /^operation forged: the ERP's ledger says that 1\|10442 was written .*, but our store does not/,
      ),
    ]);
  });

  test('what is being written just now may be in the ERP before it is in our store', async () => {
    const { key, hash } = writtenOnce();
    const onItsWay = 'acme:vendor/98127750:1:r1';
    await write(key, onItsWay);
    const open = openSqlite(desk.storeFile, { readonly: true })
      .prepare<[], { hash: string }>("SELECT hash FROM plan WHERE request_id = 'erp/5013'")
      .get();
    inErp(
      `UPDATE tieback_ledger SET plan_hash = '${hash}', erp_key = '1|10442', record_id = 'vendor/98127746' WHERE operation_key = '${key}'`,
      `UPDATE tieback_ledger SET plan_hash = '${open?.hash}' WHERE operation_key = '${onItsWay}'`,
    );
    expect(await told()).toEqual([]);
  });

  /** The one operation of the seed that was written to the ERP. */
  const writtenOnce = (): { key: string; hash: string } => {
    const db = openSqlite(desk.storeFile, { readonly: true });
    const row = db
      .prepare<[], { key: string; hash: string }>(
        "SELECT operation_key AS key, plan_hash AS hash FROM operation WHERE side = 'erp'",
      )
      .get();
    db.close();
    return row ?? { key: '', hash: '' };
  };
  /** What somebody does who may do anything in the ERP's database. */
  const inErp = (...statements: readonly string[]): void => {
    const db = openSqlite(join(desk.folder, 'erp.db'));
    for (const sql of ['DROP TRIGGER IF EXISTS tieback_ledger_keep_values', ...statements]) db.exec(sql);
    db.close();
  };
  const told = async (): Promise<readonly string[]> =>
    ((await verify()).verdict.connections[0]?.findings ?? []).map(({ about, what }) => `${about}: ${what}`);

  test('a store that is gone altogether', async () => {
    await write('a');
    rmSync(desk.storeFile);
    const { code, verdict } = await verify();
    expect(code).toBe(3);
    expect(verdict.connections[0]?.findings[0]?.what).toMatch(/holds 1 operation of ours/);
    expect(existsSync(desk.storeFile)).toBe(false);
    expect((await desk.tieback(['audit', 'verify', '--no-erp'])).code).toBe(1);
  });
});

/** Names of our tables, those that others belong to last. */
function everyTable(): readonly string[] {
  const db = openSqlite(desk.storeFile, { readonly: true });
  const rows = db.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  db.close();
  return rows
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('sqlite') && name !== 'tieback_migration');
}

test('an older head must still be in the chain', async () => {
  const hashes = openSqlite(desk.storeFile, { readonly: true })
    .prepare<[], { hash: string }>('SELECT hash FROM audit_link ORDER BY seq')
    .all();
  const third = hashes[2]?.hash ?? '';
  expect((await verify('--head', `3:${third}`)).code).toBe(0);
  expect((await verify('--head', `3:${third.slice(0, 12)}`)).code).toBe(0);
  const other = await verify('--head', `4:${third}`);
  expect(other.code).toBe(3);
  expect(other.verdict.connections[0]?.findings[0]?.what).toMatch(/its hash is not/);
  expect((await desk.tieback(['audit', 'verify', '--head', '3'])).code).toBe(2);
});

test('every connection has its own chain; an unknown one is refused', async () => {
  await desk.store((store) => seed(store, 'borealis', 4264808));
  tamper("UPDATE audit_entry SET actor = 'eve' WHERE seq = 3 AND connection_id = 'borealis'");
  const { code, out } = await desk.tieback(['audit', 'verify']);
  expect(code).toBe(3);
  expect(out).toMatch(/✓ +acme/);
  expect(out).toMatch(/✗ +borealis/);
  expect((await verify('--connection', 'acme')).code).toBe(0);
  const unknown = await desk.tieback(['audit', 'verify', '--connection', 'x']);
  expect(unknown).toMatchObject({
    code: 2,
    err: expect.stringContaining('Connections: acme, borealis') as unknown,
  });
  const unclear = await desk.tieback(['audit', 'verify', '--head', `3:${'0'.repeat(12)}`]);
  expect(unclear).toMatchObject({
    code: 2,
    err: expect.stringContaining('--connection acme or borealis') as unknown,
  });
});

/** The rules of docs/audit.md, written anew: a third party has no code of ours. */
function verifyExport(lines: readonly Line[]): { entries: number; links: number } {
  const sha = (value: unknown): string => createHash('sha256').update(canonical(value), 'utf8').digest('hex');
  const head = lines.find((line): line is HeadLine => line.type === 'head');
  const links = lines.filter((line): line is LinkLine => line.type === 'link');
  const entries = lines.filter((line): line is EntryLine => line.type === 'entry');
  let before = links[0]?.seq === 1 ? '0'.repeat(64) : links[0]?.prevHash;
  for (const { connection: connectionId, seq, prevHash, digests, hash } of links) {
    expect(prevHash).toBe(before);
    expect(sha({ connectionId, seq, prevHash, digests })).toBe(hash);
    before = hash;
  }
  expect(before).toBe(head?.head.hash);
  for (const { seq, idx, digest, entry } of entries) {
    expect(sha(entry)).toBe(digest);
    expect(links.find((link) => link.seq === seq)?.digests[idx]).toBe(digest);
  }
  return { entries: entries.length, links: links.length };
}

interface HeadLine {
  readonly type: 'head';
  readonly format: string;
  readonly head: { readonly hash: string };
}
interface LinkLine {
  readonly type: 'link';
  readonly connection: string;
  readonly seq: number;
  readonly prevHash: string;
  readonly digests: readonly string[];
  readonly hash: string;
}
interface EntryLine {
  readonly type: 'entry';
  readonly seq: number;
  readonly idx: number;
  readonly digest: string;
  readonly entry: { readonly requestId: string | null };
}
type Line =
  HeadLine | LinkLine | EntryLine | { readonly type: 'evidence'; readonly plans: readonly unknown[] };

const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
};

const linesOf = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

test('an export can be verified by somebody who has only the documentation', async () => {
  const { code, out } = await desk.tieback(['audit', 'export']);
  expect(code).toBe(0);
  const lines = linesOf(out);
  expect(lines[0]).toMatchObject({ type: 'head', format: 'tieback-audit/1', connection: 'acme' });
  expect(verifyExport(lines)).toEqual({ entries: 13, links: 7 });
});

test('the evidence of one request: its entries and plans, the rest as digests only', async () => {
  const { out } = await desk.tieback(['audit', 'export', '--request', '5010']);
  const lines = linesOf(out);
  expect(verifyExport(lines)).toEqual({ entries: 5, links: 6 });
  const others = lines.filter((line) => line.type === 'entry' && line.entry.requestId !== 'erp/5010');
  expect(others).toEqual([]);
  expect(lines.at(-1)).toMatchObject({
    type: 'evidence',
    request: { id: 'erp/5010' },
    plans: [{ version: 1 }],
    approvals: [{ decidedBy: 'maria@acme.example' }],
  });
});

test('an export goes into a file, and never over one', async () => {
  const file = join(desk.folder, 'audit.jsonl');
  const first = await desk.tieback(['audit', 'export', '--out', file]);
  expect(first).toMatchObject({ code: 0, out: `${file}: 21 lines\n` });
  expect(verifyExport(linesOf(readFileSync(file, 'utf8'))).entries).toBe(13);
  const second = await desk.tieback(['audit', 'export', '--out', file]);
  expect(second.code).toBe(2);
  expect(second.err).toMatch(/audit.jsonl exists already/);
  const nowhere = await desk.tieback(['audit', 'export', '--out', join(desk.folder, 'no', 'where')]);
  expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('cannot be written') as unknown });
});

test('CSV for a spreadsheet: quoted, and no cell is a formula', async () => {
  await desk.store((store) =>
    store.transaction('formula', 'acme', (t) =>
      t.audit.append('acme', [
        {
          at: '2026-03-09T15:29:00.000Z',
          actor: '=HYPERLINK("http://evil.example")',
          action: 'approval.granted',
          subject: 'request/erp/5012',
          requestId: 'erp/5012',
          planHash: null,
          workflowId: null,
          detail: {},
        },
      ]),
    ),
  );
  const { out } = await desk.tieback(['audit', 'export', '--format', 'csv']);
  const lines = out.trim().split('\n');
  expect(lines[0]).toBe(
    'connection,link,position,at,actor,action,subject,request,plan_hash,workflow,detail,digest,link_hash',
  );
  expect(lines).toHaveLength(15);
  expect(lines.at(-1)).toMatch(/^acme,8,0,.*,"'=HYPERLINK\(""http:\/\/evil.example""\)",approval.granted/);
});

describe('with a key', () => {
  const keyFile = (id: string): string => join(desk.folder, 'secrets', id);
  const withKeys = (...ids: string[]): void =>
    desk.configure(['acme'], { audit: { keys: ids.map((id) => ({ id, key: { file: `secrets/${id}` } })) } });
  /** Something that the daemon, which reads the configuration, would log. */
  const log = async (): Promise<void> => {
    const { store: settings, audit } = loadConfig(desk.configFile, ENV);
    const store = await Store.open(settings, { auditKeys: audit.keys });
    await store.transaction('log', 'acme', async (t) => {
      const row = await t.requests.get({ connectionId: 'acme', id: 'erp/5012' });
      await t.audit.append('acme', [auditEntry(row, NOW, 'plan.moved')]);
    });
    await store.close();
  };

  test('provision makes it, readable by us alone, and never another one in its place', async () => {
    withKeys('one');
    const before = await desk.tieback(['audit', 'verify']);
    expect(before).toMatchObject({
      code: 2,
      err: expect.stringMatching(/there is no file .*one; `tieback provision` makes it/) as string,
    });
    expect((await desk.tieback(['provision', 'store'])).out).toMatch(
      /audit key +one in .*secrets.one +created/,
    );
    expect(statSync(keyFile('one')).mode & 0o777).toBe(0o600);
    const text = readFileSync(keyFile('one'), 'utf8');
    expect(Buffer.from(text, 'base64')).toHaveLength(32);
    await desk.tieback(['provision', 'store']);
    expect(readFileSync(keyFile('one'), 'utf8')).toBe(text);
    await log();
    rmSync(keyFile('one'));
    const gone = await desk.tieback(['provision', 'store']);
    expect(gone.out).toMatch(/of audit key "one" is gone, and 1 links of the audit log were signed with it/);
    expect(existsSync(keyFile('one'))).toBe(false);
  });

  test('a key that is none is refused', async () => {
    withKeys('one');
    mkdirSync(join(desk.folder, 'secrets'));
    writeFileSync(keyFile('one'), 'secret');
    const { code, err } = await desk.tieback(['audit', 'verify']);
    expect({ code, err }).toMatchObject({
      code: 2,
      err: expect.stringMatching(/audit.keys\[0\].key is not 32 bytes in base64/) as string,
    });
    withKeys('one', 'one');
    expect((await desk.tieback(['audit', 'verify'])).err).toMatch(/two keys have the id "one"/);
  });

  test('links before the first key are not keyed, the others are, and keys may change', async () => {
    expect((await desk.tieback(['audit', 'verify'])).out).toMatch(/acme: not keyed: whoever may write/);
    withKeys('one');
    await desk.tieback(['provision', 'store']);
    await log();
    withKeys('two', 'one');
    await desk.tieback(['provision', 'store']);
    await log();
    const { code, out } = await desk.tieback(['audit', 'verify']);
    expect(code).toBe(0);
    expect(out).toMatch(/acme: keyed from link 8 on, not keyed before/);
    desk.configure(['acme']);
    const without = await desk.tieback(['audit', 'verify']);
    expect(without.code).toBe(0);
    expect(without.out).toMatch(/keyed from link 8 on, not keyed before; 2 HMACs not checked/);
    // Nor does anybody go on without: what is logged then could not be told from a forgery.
    expect((await desk.tieback(['provision', 'store'])).out).toMatch(
      /is signed with key "two".*Put the key back/s,
    );
  });

  test('whoever builds another chain without the key is found', async () => {
    withKeys('one');
    await desk.tieback(['provision', 'store']);
    await log();
    const { hash } = newestLink();
    // The last entry told otherwise, and everything that follows from it worked out again.
    const digests = [contentHash({ ...lastEntry(), actor: 'eve' })];
    const rebuilt = linkHash('acme', 8, seventh(), digests);
    tamper(
      "UPDATE audit_entry SET actor = 'eve' WHERE seq = 8",
      `UPDATE audit_link SET digests = '${JSON.stringify(digests)}', hash = '${rebuilt}' WHERE seq = 8`,
      `UPDATE connection SET audit_hash = '${rebuilt}'`,
    );
    expect(rebuilt).not.toBe(hash);
    const { code, verdict } = await verify();
    expect(code).toBe(3);
    expect(verdict.connections[0]?.findings).toMatchObject([
      { seq: 8, what: expect.stringMatching(/its HMAC is not that of key "one"/) as string },
    ]);
    tamper('UPDATE audit_link SET key_id = NULL, hmac = NULL WHERE seq = 8');
    await log();
    await log();
    tamper('UPDATE audit_link SET key_id = NULL, hmac = NULL WHERE seq = 10');
    expect((await verify()).verdict.connections[0]?.findings).toMatchObject([
      { seq: 10, what: 'it has no HMAC, though link 9 before it has one' },
    ]);
  });

  const one = <Row>(sql: string): Row => {
    const db = openSqlite(desk.storeFile, { readonly: true });
    const row = db.prepare<[], Row>(sql).get();
    db.close();
    if (row === undefined) throw new Error(`there is no row: ${sql}`);
    return row;
  };
  const newestLink = () => one<{ hash: string }>('SELECT hash FROM audit_link ORDER BY seq DESC LIMIT 1');
  const seventh = (): string => one<{ hash: string }>('SELECT hash FROM audit_link WHERE seq = 7').hash;
  const lastEntry = () => {
    const row = one<Record<string, string>>(
      `SELECT at, actor, action, subject, request_id AS requestId, plan_hash AS planHash, workflow_id AS workflowId
         FROM audit_entry WHERE seq = 8`,
    );
    return { ...row, detail: {} };
  };
});

describe('anchors', () => {
  const lines: string[] = [];
  const file = (): string => join(desk.folder, 'auditor', 'anchors.jsonl');
  const GENESIS = `audit_seq = 0, audit_hash = '${'0'.repeat(64)}'`;
  const cut = (seq: number): void =>
    tamper(
      `DELETE FROM audit_entry WHERE seq > ${seq}`,
      `DELETE FROM audit_link WHERE seq > ${seq}`,
      `UPDATE connection SET audit_seq = ${seq}, audit_hash = (SELECT hash FROM audit_link WHERE seq = ${seq})`,
    );

  /** Everything that an intake round does about anchors, minutes after the last one. */
  const anchor = async (minutes = 0): Promise<number | null> => {
    const config = loadConfig(desk.configFile, ENV);
    const destination = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        lines.push(chunk.toString());
        done();
      },
    });
    const logger = createLogger({ level: 'info', format: 'json', destination });
    const parts = await buildParts(config, logger);
    const now = (): string => new Date(Date.parse(NOW) + minutes * 60_000).toISOString();
    const startRequest = (): Promise<void> => Promise.resolve();
    // Nothing is repaired here.
    const never = (): Promise<never> => Promise.reject(new Error('no workflow is looked at'));
    const none = async function* (): AsyncGenerator<never> {};
    const anchoring = anchoringOf(config, logger);
    const workflows = { running: none, standing: never, restart: never };
    const people = { keys: TEST_KEYS, breakGlass: false };
    const { main, erp } = createActivities({
      ...parts,
      people,
      anchoring,
      now,
      startRequest,
      workflows,
      searchNames: true,
    });
    try {
      const done = await main.anchorHead({ connectionId: 'acme' });
      expect(done?.problems ?? []).toEqual([]);
      if (done) await erp.anchorInErp(done);
      return done?.anchor.seq ?? null;
    } finally {
      await parts.close();
    }
  };
  const findings = async (...args: string[]) => {
    const { code, verdict } = await verify(...args);
    const told = (verdict.connections[0]?.findings ?? []).filter(({ about }) => about?.startsWith('anchor'));
    return { code, told: told.map(({ about, what }) => `${about}: ${what}`) };
  };

  beforeEach(() => {
    lines.length = 0;
    const company = createCompany(join(desk.folder, 'erp.db'), { seed: true });
    company.runScript(grantScript(RECORD_SPECS));
    company.close();
    desk.configure(['acme'], { audit: { anchorFile: 'auditor/anchors.jsonl' } });
  });

  test('the head goes into the ERP, a line of the log, and a file; not again while it stands, nor too often', async () => {
    expect(await anchor()).toBe(7);
    expect(await anchor(600)).toBeNull();
    await desk.store((store) => store.transaction('link', 'acme', moveLink));
    expect(await anchor(59)).toBeNull();
    expect(await anchor(60)).toBe(8);
    const kept = readFileSync(file(), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(kept).toMatchObject([{ connectionId: 'acme', seq: 7, at: NOW }, { seq: 8 }]);
    const told = lines
      .map((line) => JSON.parse(line) as { anchor?: object })
      .flatMap((line) => line.anchor ?? []);
    expect(told).toEqual(kept);
    const { out } = await desk.tieback(['audit', 'verify', '--no-erp']);
    expect(out).toMatch(/acme: compared with 2 anchors in the file/);
    expect((await desk.tieback(['audit', 'verify'])).out).toMatch(/acme: compared with 2 anchors in the ERP/);
  });

  test('a tail cut off together with the remembered head is found', async () => {
    await anchor();
    cut(6);
    const { code, told } = await findings();
    expect(code).toBe(3);
    expect(told).toEqual([
      expect.stringMatching(
        /^anchor in the ERP: link 7 was anchored at .*, but the chain does not have it: it was cut off/,
      ),
      expect.stringMatching(/^anchor in the file .*: link 7 was anchored/),
    ]);
  });

  test('a chain built anew is found, though it is whole', async () => {
    await anchor();
    cut(6);
    await desk.store((store) => store.transaction('link', 'acme', moveLink));
    expect((await findings()).told[0]).toMatch(
      /link 7 was anchored at .* with hash \w{12}, but has \w{12}: the chain was built anew/,
    );
  });

  test('a chain that was wiped is found', async () => {
    await anchor();
    tamper('DELETE FROM audit_entry', 'DELETE FROM audit_link', `UPDATE connection SET ${GENESIS}`);
    expect((await findings()).told[0]).toMatch(/link 7 was anchored/);
    rmSync(desk.storeFile);
    expect(await findings('--no-erp')).toMatchObject({
      code: 3,
      told: [expect.stringMatching(/^anchor in the file/)],
    });
  });

  test('an anchor that somebody put there without the key is found', async () => {
    desk.configure(['acme'], {
      audit: { keys: [{ id: 'one', key: { file: 'one.key' } }], anchorFile: 'auditor/anchors.jsonl' },
    });
    await desk.tieback(['provision', 'store']);
    await anchor();
    expect(await findings('--no-erp')).toEqual({ code: 0, told: [] });
    writeFileSync(file(), readFileSync(file(), 'utf8').replace('"seq":7', '"seq":6'));
    expect((await findings('--no-erp')).told).toEqual([
      expect.stringMatching(/the anchor of link 6 of .* is not ours: its HMAC is not that of key "one"/),
    ]);
  });

  test('a place that cannot be read is said to be not compared', async () => {
    expect((await desk.tieback(['audit', 'verify'])).out).toMatch(
      /not compared with the anchors in the file .*: the file is not there/,
    );
    await anchor();
    writeFileSync(file(), 'nonsense\n');
    expect((await desk.tieback(['audit', 'verify'])).out).toMatch(
      /not compared with the anchors in the file .*: line 1 is no anchor/,
    );
  });
});

test('provision also makes the keys that encrypt what Temporal stores, and the one that signs decisions', async () => {
  const file = join(desk.folder, 'secrets', 'payload-1');
  desk.configure(['acme'], {
    temporal: { address: '127.0.0.1:1', payloadKeys: [{ id: '1', key: { file: 'secrets/payload-1' } }] },
  });
  const before = await desk.tieback(['requests']);
  expect(before).toMatchObject({ code: 2, out: '' });
  expect(before.err).toMatch(
    /temporal.payloadKeys\[0\].key: there is no file .*payload-1; `tieback provision` makes it/,
  );
  const made = await desk.tieback(['provision', 'store']);
  expect(made.out).toMatch(/payload key +1 in .*payload-1 +created/);
  expect(made.out).toMatch(/signing key +first in .*signing.key +created/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toHaveLength(32);
  expect(statSync(join(desk.folder, 'data', 'signing.key')).mode & 0o777).toBe(0o600);
  expect(await desk.tieback(['requests'])).toMatchObject({ code: 0 });
});
