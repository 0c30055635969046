import { planSeal, planText } from '../../../src/domain/plan/stored';
import { FIRST } from '../../../src/cli/plan-view';
import { renderPlan } from '../../../src/cli/render-plan';
import { renderSweep } from '../../../src/cli/sweep';
import pc from 'picocolors';
import { dataSource } from '../../../src/store/store';
import { Desk, NOW, planOf, seed } from './seed';

let desk: Desk;

beforeEach(async () => {
  desk = new Desk();
  await desk.store((store) => seed(store));
});
afterEach(() => desk.remove());

// eslint-disable-next-line no-control-regex -- that is what is looked for
const ANSI = /\u001b\[/;

test('requests: newest first, with age, reason and a footer', async () => {
  const { code, out, err } = await desk.tieback(['requests']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const lines = out.split('\n');
  expect(lines[0]).toMatch(/^id +event +subject +status +since +reason$/);
  expect(lines.slice(1, 5).map((line) => line.slice(0, 8))).toEqual([
    'erp/5013',
    'erp/5012',
    'erp/5011',
    'erp/5010',
  ]);
  expect(lines[2]).toMatch(
    /create_vendor +Cobalt Mechanical LLC +waiting for finance +3 min +Possible duplicate/,
  );
  expect(out).toMatch(/\n3 open, 2 waiting for finance\n$/);
  expect(out).not.toMatch(ANSI);
});

test('requests: filters, limit, and what to say when nothing is there', async () => {
  const ids = async (...args: string[]): Promise<string[]> => {
    const { out } = await desk.tieback(['requests', '--json', ...args]);
    return (JSON.parse(out) as { requests: { id: string }[] }).requests.map((row) => row.id);
  };
  expect(await ids('--open')).toEqual(['erp/5013', 'erp/5012', 'erp/5011']);
  expect(await ids('--status', 'parked')).toEqual(['erp/5011']);
  expect(await ids('--limit', '1')).toEqual(['erp/5013']);
  expect(await ids('--search', 'sc-008 COBALT')).toEqual(['erp/5013', 'erp/5012']);
  expect(await ids('--search', 'sc-009')).toEqual([]);
  expect(await ids('cobalt', 'sc-008')).toEqual(['erp/5013', 'erp/5012']);
  expect(await ids('--event', 'create_vendor')).toEqual(['erp/5012', 'erp/5011', 'erp/5010']);
  expect(await ids('--event', 'create-vendor', '--status', 'parked')).toEqual(['erp/5011']);
  expect(await ids('--kind', 'commitment')).toEqual([]);
  expect((await desk.tieback(['requests', '--limit', '1'])).out).toMatch(/the newest 1 request/);
  expect((await desk.tieback(['requests', '--status', 'busy'])).out).toMatch(/^No request matches/);
});

test('requests: an event or kind that there is not: says which there are', async () => {
  const kind = await desk.tieback(['requests', '--kind', 'comitment']);
  expect(kind.code).toBe(2);
  expect(kind.err).toMatch(
    /"comitment" is not a kind of record.\nDid you mean commitment\?\nThere are: vendor, /,
  );
  const event = await desk.tieback(['requests', '--event', 'vendor']);
  expect(event.err).toMatch(/"vendor" is not an event of Procore.\nDid you mean create_vendor or /);
  const none = await desk.tieback(['requests', 'nothing', 'like', 'it']);
  expect(none.out).toMatch(
    /^No request has all of "nothing like it" in its titles.* Try fewer or shorter words/,
  );
});

test('requests fits the terminal, and colours only there', async () => {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text), isTTY: true, columns: 100 };
  await desk.tieback(['requests'], { stdout, colours: true });
  const text = written.join('');
  expect(text).toMatch(ANSI);
  // eslint-disable-next-line no-control-regex -- as above
  const longest = Math.max(...text.split('\n').map((line) => line.replace(/\u001b\[\d+m/g, '').length));
  expect(longest).toBeLessThanOrEqual(100);
  expect(text).toMatch(/…/);
  written.length = 0;
  await desk.tieback(['requests', '--no-color'], { stdout, colours: true });
  expect(written.join('')).not.toMatch(ANSI);
});

test('several connections: the column appears, and the same number asks for --connection', async () => {
  desk.configure(['acme', 'borealis']);
  await desk.store((store) => seed(store, 'borealis', 4264808));
  const listed = await desk.tieback(['requests']);
  expect(listed.out).toMatch(/^id +connection +event/);
  expect(listed.out).toMatch(/6 open, 4 waiting/);
  const shown = await desk.tieback(['show', '5012']);
  expect(shown.code).toBe(2);
  expect(shown.err).toMatch(
    /2 connections have an ERP request 5012: acme, borealis.\nSay which one: acme\/erp\/5012 or borealis\/erp\/5012/,
  );
  const one = await desk.tieback(['show', '5012', '--connection', 'borealis']);
  expect((await desk.tieback(['show', 'borealis/erp/5012'])).out).toBe(one.out);
  const both = await desk.tieback(['reject', 'borealis/erp/5012', '--connection', 'acme', '--comment', 'no']);
  expect(both.err).toMatch(/"borealis\/erp\/5012" is not a request of connection "acme"/);
  expect(one.out).toMatch(/borealis \(Procore company 4264808 ↔ sample\)/);
  expect(one.out).toMatch(/tieback approve borealis\/erp\/5012 /);
  expect((await desk.tieback(['requests', '--connection', 'borealis'])).out).toMatch(/3 open, 2 waiting/);
});

test('show: all a controller needs', async () => {
  const { code, out } = await desk.tieback(['show', '5012']);
  expect(code).toBe(0);
  for (const part of [
    /^ERP request 5012 · create_vendor · Cobalt Mechanical LLC\n/,
    /Status +waiting for finance for 3 min/,
    /Received +2026-03-09 15:26:40, caused by Procore user 7710/,
    /Times +UTC\n/,
    /Workflow +acme\/erp\/5012/,
    /Web UI +http:\/\/127.0.0.1:8233\/namespaces\/tieback-cli\/workflows\/acme%2Ferp%2F5012/,
    /\nPlan [0-9a-f]{12} {2}version 1, built 2026-03-09 15:27:00, not decided\n/,
    / {2}! Possible duplicate: vendor 10017/,
    / {2}· The ERP has no column for: Web site/,
    /1\. ERP: create Vendor 10442 Cobalt Mechanical LLC\n +field +new\n +Vendor number +10442\n/,
    /2\. Procore: set external data Procore company 98127745\n +field +old +new\n +Vendor number +10001 +10442\n/,
    /Audit trail\n.*intake.received.*\n.*request.fetched.*\n.*plan.built/,
    /Next\n {2}tieback approve erp\/5012 +asks.*\n {2}tieback reject erp\/5012 --comment "why" .*\n {2}tieback correct erp\/5012 +shows/,
  ]) {
    expect(out).toMatch(part);
  }
  expect(out).not.toMatch(ANSI);
});

test('show: a closed request tells decisions and what was written, and nothing to type next', async () => {
  const { out } = await desk.tieback(['show', '5010']);
  expect(out).toMatch(/Outcome +Vendor 10442 "Cobalt Mechanical LLC" was created in the ERP./);
  expect(out).toMatch(
    /Decisions\n.*approved +by maria@acme.example +plan [0-9a-f]{12} +"=checked W-9" \(desk\)/,
  );
  expect(out).toMatch(/Written\n.*confirmed +ERP: create .*ERP key 1\|10442/);
  expect(out).not.toMatch(/\nNext/);
});

test('show: an exception comes with its hint', async () => {
  const { out } = await desk.tieback(['show', '5011']);
  expect(out).toMatch(/Exceptions\n.*open \(data\) +vendor\/98127701 +This cannot be written to the ERP/);
  expect(out).toMatch(/Correct the value with `tieback correct`, or reject the request\./);
  expect(out).toMatch(/tieback retry erp\/5011/);
});

test('show: on a narrow terminal long texts stand below their line', async () => {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text), isTTY: true, columns: 80 };
  await desk.tieback(['show', '5011'], { stdout });
  const text = written.join('');
  expect(text).toMatch(/open \(data\) {2}vendor\/98127701\n {6}This cannot be written to the ERP: Name/);
  const lines = text.split('\n').filter((line) => !line.includes('http://'));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('show: long plans are cut unless --all', async () => {
  const short = await desk.tieback(['show', '5013']);
  expect(short.out.match(/ERP: create/g)).toHaveLength(50 + 1);
  expect(short.out).toMatch(/and 251 more operations: tieback show erp\/5013 --all shows them/);
  const all = await desk.tieback(['show', '5013', '--all']);
  expect(all.out.match(/ERP: create/g)).toHaveLength(300 + 1);
});

test('show: the plan of a sync is that of its last page', async () => {
  await desk.store((store) =>
    store.transaction('page', 'acme', async (t) => {
      const row = await t.requests.get({ connectionId: 'acme', id: 'erp/5013' });
      const plan = planOf('acme', 3);
      await t.plans.add({ ...row, page: 4 }, plan, NOW);
      const about = {
        actor: 'tieback',
        subject: 'request/erp/5013',
        requestId: 'erp/5013',
        workflowId: null,
      };
      const built = {
        action: 'plan.built' as const,
        planHash: plan.hash,
        detail: { page: 4, seal: planSeal(planText(plan)) },
      };
      await t.audit.append('acme', [{ at: NOW, ...about, ...built }]);
    }),
  );
  const { out } = await desk.tieback(['show', '5013']);
  expect(out).toMatch(/Plan [0-9a-f]{12} {2}page 5, version 1/);
  expect(out.match(/ERP: create/g)).toHaveLength(3 + 1);
});

test('show --json has everything', async () => {
  const { out } = await desk.tieback(['--json', 'show', '5010']);
  expect(JSON.parse(out)).toMatchObject({
    request: { id: 'erp/5010', status: 'applied', webUi: expect.stringContaining('5010') as unknown },
    plan: { state: 'applied', body: { operations: [{ side: 'erp' }, { side: 'procore' }] } },
    approvals: [{ decidedBy: 'maria@acme.example' }],
    operations: [{ state: 'confirmed' }, { state: 'confirmed' }],
    exceptions: [],
    trail: expect.any(Array) as unknown,
  });
});

test('a number that is not there: says what is near', async () => {
  const { code, out, err } = await desk.tieback(['show', '512']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(
    /^error There is no ERP request 512\.\nNear or open: .*erp\/5012 \(waiting for finance\)/,
  );
  expect(err).not.toMatch(/ at /);
  const elsewhere = await desk.tieback(['show', '5012', '--connection', 'other']);
  expect(elsewhere.err).toMatch(
    /no ERP request 5012 of connection "other".\nThere is one of connection acme/,
  );
});

test('the store is not there, or is older: says what to do', async () => {
  const empty = new Desk();
  const missing = await empty.tieback(['requests']);
  expect(missing.code).toBe(1);
  expect(missing.err).toMatch(/There is no store yet: .*tieback.db does not exist.\nRun `tieback provision`/);
  empty.remove();
  const source = dataSource({ type: 'better-sqlite3', file: desk.storeFile });
  await source.initialize();
  await source.query('DROP TABLE intake_event');
  await source.query('ALTER TABLE sync_request DROP reason');
  await source.destroy();
  const old = await desk.tieback(['requests']);
  expect(old.code).toBe(1);
  expect(old.err).toMatch(/lacks tables of this version.\nRun `tieback provision`/);
});

test('an emptied field is called so', () => {
  const plan = planOf('acme');
  const [, linking] = plan.operations;
  if (!linking) throw new Error('unreachable');
  const changes = [{ field: 'fax', label: 'Fax', old: '206-555-0100', new: null }];
  const row = {
    connectionId: 'acme',
    requestId: 'erp/1',
    page: 0,
    version: 1,
    hash: plan.hash,
    body: { ...plan, operations: [{ ...linking, changes }], unchanged: 7 },
    state: 'built' as const,
    builtAt: NOW,
  };
  const leftOut = [{ recordId: 'vendor/1', erpKey: '1|77', reason: 'no name' }];
  const text = renderPlan({ ...row, body: { ...row.body, leftOut } }, 1, {
    paint: pc.createColors(false),
    width: 80,
    most: FIRST,
    all: 'tieback show 1 --all',
    time: (iso) => iso,
  });
  expect(text).toMatch(/Fax +206-555-0100 +\(emptied\)/);
  expect(text).toMatch(/7 records already agree\./);
  expect(text).toMatch(/1 record left out:\n +1\|77: no name/);
});

test('exceptions: those of a sweep, which no request reported', async () => {
  await desk.store((store) =>
    store.transaction('test', 'acme', (t) =>
      t.exceptions.open([
        {
          connectionId: 'acme',
          requestId: null,
          recordId: 'vendor/erp:1|10442',
          erpKey: '1|10442',
          cause: 'gone',
          reason: 'Vendor 10442 is not in the ERP any more.',
          hint: 'Bring it back.',
          openedAt: '2026-03-08T15:30:00.000Z',
        },
      ]),
    ),
  );
  const { code, out } = await desk.tieback(['exceptions', '--connection', 'acme']);
  expect(code).toBe(0);
  expect(out.split('\n')[1]).toMatch(
    /^1 d +gone +vendor\/erp:1\|10442 +the sweep +Vendor 10442 is not in the ERP any more\.$/,
  );
  const shown = await desk.tieback(['exceptions', 'show', 'vendor/erp:1|10442']);
  expect(shown.out).toMatch(
    /^Vendor 10442 is not .*\n[\s\S]*owner +nobody\n[\s\S]*`tieback sweep` looks again\./,
  );
  expect((await desk.tieback(['exceptions', 'show', 'vendor/1'])).err).toMatch(
    /Nothing is open about "vendor\/1"/,
  );
  expect((await desk.tieback(['exceptions', 'retry', 'vendor/1'])).code).toBe(2);
  expect((await desk.tieback(['conflicts', 'settle', 'vendor/1'])).err).toMatch(
    /Say what to choose for which field/,
  );
});

test('sweep: without a daemon it says so, and what to do', async () => {
  const { code, err } = await desk.tieback(['sweep', 'acme']);
  expect(code).toBe(1);
  expect(err).toMatch(/No daemon runs that could sweep\.[\s\S]*Start `tieback daemon`/);
});

test('sweep: a line for each kind, and what could not be read', () => {
  const counts = { linked: 400, listed: 399, missing: 0, doubted: false, missed: 0, opened: 0, closed: 0 };
  const swept = {
    connection: 'acme',
    kinds: [
      { kind: 'vendor' as const, ...counts, missing: 250, doubted: true },
      { kind: 'project' as const, ...counts, missed: 2 },
      { kind: 'budget' as const, ...counts, linked: 0, listed: 0 },
    ],
    problems: [{ kind: 'commitment' as const, problem: 'no right to read APVM' }],
  };
  const cli = {
    paint: pc.createColors(false),
    tableOptions: { paint: pc.createColors(false), width: Infinity },
  };
  expect(renderSweep(cli, swept).split('\n')).toEqual([
    'acme',
    expect.stringMatching(/^ {2}records +linked +in the ERP +missing +not told$/),
    expect.stringMatching(/^ {2}vendors +400 +399 +250, doubted +0$/),
    expect.stringMatching(/^ {2}projects +400 +399 +0 +2$/),
    '  nothing to compare: budgets',
    'commitments: nothing was concluded: no right to read APVM',
    '',
    'What waits for somebody: `tieback exceptions`.',
  ]);
});
