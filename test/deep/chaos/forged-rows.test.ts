/**
 * A row forged in any table of our store, as whoever may write to the database could. The tables are asked of the database itself: a new one
 * without an expectation here fails the first test. What an expectation says is one of three: found (`tieback audit verify` names it), refused
 * (nobody acts on it), or harmless, with the reason.
 */
import { join } from 'node:path';
import { personOf } from '../../../src/desk/access/identities';
import { invited, passkeyOf } from '../../../src/desk/access/passkeys';
import type { Register } from '../../../src/desk/access/register';
import { identityIdOf } from '../../../src/domain/people/identity';
import { hashOfToken, tokenFrom } from '../../../src/domain/people/token';
import type { RulesBody } from '../../../src/domain/rules/body';
import { hashOfRules } from '../../../src/domain/rules/body';
import { openSqlite } from '../../../src/sqlite';
import { Store } from '../../../src/store/store';
import { assertOwnIntake, identifyInstallation, reconcileInput } from '../../../src/provision';
import { startReconcile } from '../../../src/temporal/starter';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { PayrollWeeks } from '../../support/payroll-weeks';
import { MARIA, vendorFields, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;
/** Of the worlds with payroll. */
let weeks: PayrollWeeks;
/** A vendor that a rule let through, and one that waits for finance. */
let done: number;
let waits: number;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  world = await World.create(temporal);
  done = vendor('Harborline Electric', '10501', true);
  waits = vendor('Cobalt Mechanical LLC', '10442', false);
  await world.poll();
  await world.result(done);
  await world.until(waits, 'waiting_for_finance');
});
afterEach(() => world.close());

function vendor(name: string, code: string, prequalified: boolean): number {
  const own = { abbreviated_name: name.slice(0, 8).toUpperCase(), email_address: null, business_phone: null };
  const [seeded] = world.procore.seedVendors([vendorFields({ name, prequalified, ...own })]);
  const customFields = { vendor_type_origin_id: '1|SUB' };
  return world.procore.exportVendor(seeded?.id ?? 0, { code, customFields }).requestId;
}

const EVERYTHING: RulesBody = {
  rules: [{ name: 'everything', decision: 'approve', when: {} }],
  requireSecondPerson: false,
  delegations: [],
  deadlines: [],
};
const FORGED_TOKEN = tokenFrom(Buffer.alloc(32, 3));
const names = (): string[] => world.erp.vendors().map(({ Name }) => Name);
const ID = (requestId: number): string => `erp/${requestId}`;

/** Another row like one that is there, with these columns as SQL says. */
function copyRow(table: string, key: string, value: string, changed: Readonly<Record<string, string>>): void {
  const info = world.rows<{ name: string }>(`SELECT name FROM pragma_table_info('${table}')`);
  const names = info.map(({ name }) => name);
  for (const name of Object.keys(changed)) expect(names).toContain(name);
  const columns = names.map((name) => changed[name] ?? name).join(', ');
  forge(`INSERT INTO ${table} SELECT ${columns} FROM ${table} WHERE ${key} = ?`, value);
}

/** Writes past Tieback; a forgery that changes nothing would prove nothing. */
function forge(sql: string, ...values: readonly unknown[]): void {
  const db = openSqlite(join(world.folder, 'tieback.db'));
  try {
    db.pragma('busy_timeout = 5000');
    expect(db.prepare(sql).run(...values).changes).toBeGreaterThan(0);
  } finally {
    db.close();
  }
}

interface Forgery {
  readonly is: 'found' | 'refused' | 'harmless';
  readonly what: string;
  readonly forge: () => void | Promise<void>;
  /** Found: what `tieback audit verify` says. Otherwise: what shows it. */
  readonly shown: RegExp | (() => Promise<void>);
  /** Of what is harmless. */
  readonly because?: string;
}

/** Finance approves the vendor that waits: what was approved is written, whatever was forged. */
const writtenAsApproved = async (): Promise<void> => {
  await world.approve(waits);
  expect(await world.result(waits)).toMatchObject({ status: 'applied' });
  expect(names()).toEqual(['Cobalt Mechanical LLC', 'Harborline Electric']);
};

const EVIL = { issuer: 'https://login.example', subject: 'evil' };

/** What the Desk does at its door, on the store of the daemon. */
async function asDesk<T>(work: (register: Register) => Promise<T>): Promise<T> {
  const store = await Store.open(world.config.store, { migrate: false });
  const now = (): string => new Date().toISOString();
  try {
    return await work({ store, keys: world.keys, connectionIds: [world.connectionId], now });
  } finally {
    await store.close();
  }
}

const FORGERIES: Readonly<Record<string, readonly Forgery[]>> = {
  installation: [
    {
      is: 'refused',
      what: 'another id',
      forge: () => forge(`UPDATE installation SET id = 'somebody else'`),
      shown: async () => {
        const store = await Store.open(world.config.store, { migrate: false });
        const id = await identifyInstallation(store, new Date().toISOString());
        await store.close();
        await expect(assertOwnIntake(world.client, world.config, id)).rejects.toThrow(
          /Another installation of Tieback works in the Temporal namespace/,
        );
      },
    },
  ],
  daemon: [
    {
      is: 'harmless',
      what: 'a daemon that never ran',
      forge: () =>
        forge(
          `INSERT INTO daemon VALUES ('forged', 'nowhere', 1, '0.0.0', '["tieback"]', ?, ?, null, null)`,
          ...[new Date().toISOString(), new Date().toISOString()],
        ),
      shown: writtenAsApproved,
      because:
        'the table says who works, never what may be done; it quiets the doctor at most, until the row is 45 seconds old',
    },
  ],
  notice: [
    {
      is: 'harmless',
      what: 'a message that was never sent',
      forge: () =>
        forge(
          `INSERT INTO notice VALUES ('maria', 'needs_me', ?, 'forged', 'sent', 1, ?, ?, null)`,
          ...[
            `${world.connectionId}/${ID(waits)}@forged`,
            new Date().toISOString(),
            new Date().toISOString(),
          ],
        ),
      shown: writtenAsApproved,
      because:
        'it may keep a person from being told of something, which waits on the page all the same; nothing is decided by it',
    },
  ],
  policy_version: [
    {
      is: 'refused',
      what: 'rules that nobody approved',
      forge: () =>
        forge(
          `INSERT INTO policy_version SELECT id, 1, 0, ?, ?, 'in_force', 'ada', ?, '', 'bea', ?, '', '[]' FROM connection`,
          JSON.stringify(EVERYTHING),
          hashOfRules(EVERYTHING),
          ...[new Date().toISOString(), new Date().toISOString()],
        ),
      shown: async () => {
        const late = vendor('Dunlin Paving', '10443', false);
        await world.poll();
        await world.until(late, 'waiting_for_finance');
        await writtenAsApproved();
      },
    },
  ],
  person_token: [
    {
      is: 'refused',
      what: 'a token of somebody who may approve',
      forge: () =>
        forge(
          `INSERT INTO person_token VALUES ('forged', ?, ?, ?, '2099-01-01T00:00:00.000Z', '[]', null)`,
          ...[MARIA, hashOfToken(FORGED_TOKEN), new Date().toISOString()],
        ),
      shown: async () => {
        const headers = { authorization: `Bearer ${FORGED_TOKEN}` };
        const answered = await fetch(`${world.daemon.url}/api/me`, { headers });
        expect(answered.status).toBe(401);
        expect(await answered.text()).toContain('Tieback did not issue this token');
      },
    },
  ],
  desk_session: [
    {
      is: 'refused',
      what: 'a session of somebody who may approve',
      forge: () =>
        forge(
          `INSERT INTO desk_session VALUES ('forged', ?, ?, null, 'passkey', null, null, null, null, ?, ?, '2099-01-01T00:00:00.000Z', null, '[]')`,
          ...[hashOfToken('forged'), MARIA, new Date().toISOString(), new Date().toISOString()],
        ),
      shown: async () => {
        const headers = { cookie: '__Host-desk=forged' };
        const answered = await fetch(`${world.daemon.url}/api/me`, { headers });
        expect(answered.status).toBe(401);
        expect(await answered.text()).toContain('Tieback did not open this session');
      },
    },
  ],
  desk_identity: [
    {
      is: 'refused',
      what: 'an account of the provider that is bound to somebody who may approve',
      forge: () =>
        forge(
          `INSERT INTO desk_identity VALUES (?, 'https://login.example', 'evil', ?, ?, ?, '[]')`,
          ...[identityIdOf(EVIL), MARIA, MARIA, new Date().toISOString()],
        ),
      shown: async () => {
        const claims = { ...EVIL, email: null, emailVerified: false };
        await expect(asDesk((register) => personOf(register, claims, () => null))).rejects.toThrow(
          /Tieback did not bind this account/,
        );
      },
    },
  ],
  passkey: [
    {
      is: 'refused',
      what: 'a passkey of somebody who may approve',
      forge: () =>
        forge(
          `INSERT INTO passkey VALUES (?, ?, 'forged', 'forged', 0, '[]', ?, null, null, '[]')`,
          ...[hashOfToken('forged'), MARIA, new Date().toISOString()],
        ),
      shown: async () => {
        await expect(asDesk((register) => passkeyOf(register, 'forged'))).rejects.toThrow(
          /This passkey is not known here/,
        );
      },
    },
  ],
  invitation: [
    {
      is: 'refused',
      what: 'an invitation of somebody who may approve',
      forge: () =>
        forge(
          `INSERT INTO invitation VALUES ('forged', ?, ?, ?, '2099-01-01T00:00:00.000Z', null, '[]')`,
          ...[MARIA, hashOfToken('forged'), new Date().toISOString()],
        ),
      shown: async () => {
        await expect(asDesk((register) => invited(register, 'forged'))).rejects.toThrow(
          /This invitation is not known here/,
        );
      },
    },
  ],
  connection: [
    {
      is: 'found',
      what: 'the head of the audit log set back',
      forge: () => forge(`UPDATE connection SET audit_seq = audit_seq - 1`),
      shown: /the chain goes on to link \d+, but its head was noted at link \d+/,
    },
    {
      is: 'refused',
      what: 'another company of Procore',
      forge: () => forge(`UPDATE connection SET company_id = 1`),
      shown: async () => {
        await expect(world.restart({})).rejects.toThrow(/belongs to Procore company 1/);
        forge(`UPDATE connection SET company_id = 4264807`);
        await world.start();
      },
    },
    {
      is: 'harmless',
      what: 'a census that finds nobody else',
      forge: () =>
        forge(`UPDATE connection SET census = '{"takenAt":"2026-01-01T00:00:00.000Z","counts":[]}'`),
      shown: writtenAsApproved,
      because: 'it lifts the guard against a second integration; every write still needs its own approval',
    },
  ],
  intake_event: [
    {
      is: 'harmless',
      what: 'an event that never came',
      forge: () =>
        forge(
          `INSERT INTO intake_event VALUES (?, 'FORGED', 'webhook', 'erp/999', 7710, null, '{}', ?)`,
          world.connectionId,
          new Date().toISOString(),
        ),
      shown: async () => {
        await world.poll();
        expect(world.rows(`SELECT id FROM sync_request WHERE id = 'erp/999'`)).toEqual([]);
      },
      because: 'an event is a memory of what came; requests are made where it comes, never from the table',
    },
  ],
  saved_view: [
    {
      is: 'harmless',
      what: 'a view that nobody saved',
      forge: () =>
        forge(
          `INSERT INTO saved_view VALUES (?, 'forged', 'stage=done', ?)`,
          MARIA,
          new Date().toISOString(),
        ),
      shown: writtenAsApproved,
      because: 'it is a filter of a list, and what is decided is read from the plan',
    },
  ],
  sync_request: [
    {
      is: 'harmless',
      what: 'what a list sorts, filters and warns by',
      forge: () =>
        forge(
          `UPDATE sync_request SET vendor = 'forged', amount_key = '', currency = 'XXX', project_id = 1, warnings = 0, contradiction = 0, plan_hash = ?, blocked_since = null, owner = 'forged', held_by = 'forged' WHERE id = ?`,
          ...['f'.repeat(64), ID(waits)],
        ),
      shown: writtenAsApproved,
      because:
        'a list is a list: what is approved is bound to the hash of the stored plan, its warnings, sums and amounts are read from that plan, and who holds it from the log',
    },
    {
      is: 'found',
      what: 'a status that nobody gave',
      forge: () => forge(`UPDATE sync_request SET status = 'applied' WHERE id = ?`, ID(waits)),
      shown: /it is "applied", but the log has no entry that it was closed/,
    },
    {
      is: 'found',
      what: 'another reason of a closed one',
      forge: () => forge(`UPDATE sync_request SET reason = 'Never happened.' WHERE id = ?`, ID(done)),
      shown: /was closed with ".*", but says "Never happened."/,
    },
    {
      is: 'found',
      what: 'another person who asked',
      forge: () => forge(`UPDATE sync_request SET requested_by = 4711 WHERE id = ?`, ID(waits)),
      shown: /says that user 4711 of Procore asked for it, but the log says nobody/,
    },
    {
      is: 'refused',
      what: 'corrections that nobody entered',
      forge: () =>
        forge(
          `UPDATE sync_request SET corrections = '{"name":"Cobalt Mechanicals"}' WHERE id = ?`,
          ID(waits),
        ),
      shown: async () => {
        await world.correct(waits, {});
        expect((await world.until(waits, 'parked')).reason).toMatch(/stored corrections are not those/);
      },
    },
    {
      is: 'refused',
      what: 'a request with its body, that Procore never sent',
      forge: () => {
        copyRow('sync_request', 'id', ID(done), {
          id: `'erp/999'`,
          position: '999',
          erp_request_id: '999',
          workflow_id: `connection_id || '/erp/999'`,
          event_name: 'null',
          way: 'null',
          subject: 'null',
          record_id: 'null',
          search_text: 'null',
          status: `'received'`,
          reason: 'null',
          fetched: '1',
          started: '0',
          closed_at: 'null',
        });
        copyRow('request_body', 'request_id', ID(done), {
          request_id: `'erp/999'`,
          body: `replace(body, 'Harborline', 'Harbourline')`,
          reading: `replace(reading, 'Harborline', 'Harbourline')`,
        });
      },
      shown: async () => {
        await world.poll();
        expect((await world.until(999, 'parked')).reason).toMatch(
          /the audit log does not know that the body of this request arrived/,
        );
        expect(names()).toEqual(['Harborline Electric']);
      },
    },
  ],
  request_body: [
    {
      is: 'refused',
      what: 'another body',
      forge: () =>
        forge(
          `UPDATE request_body SET body = replace(body, 'Cobalt', 'Kobold') WHERE request_id = ?`,
          ID(waits),
        ),
      shown: async () => {
        await world.correct(waits, {});
        expect((await world.until(waits, 'parked')).reason).toMatch(/not the one that arrived/);
      },
    },
  ],
  snapshot: [
    {
      is: 'harmless',
      what: 'nothing that was read of the ERP',
      forge: () => forge(`UPDATE snapshot SET body = '{}' WHERE request_id = ?`, ID(waits)),
      shown: writtenAsApproved,
      because:
        'an export is planned again from fresh reads before it is written, and must have the approved hash',
    },
  ],
  plan: [
    {
      is: 'refused',
      what: 'another name in an approved plan',
      forge: () =>
        forge(`UPDATE plan SET body = replace(body, 'Cobalt', 'Kobold') WHERE request_id = ?`, ID(waits)),
      shown: async () => {
        await world.approve(waits);
        const { reason } = await world.until(waits, 'waiting_for_finance');
        expect(reason).toMatch(/the stored plan does not have the hash/);
        expect(names()).toEqual(['Harborline Electric']);
      },
    },
    {
      is: 'found',
      what: 'another name in a plan that was written',
      forge: () =>
        forge(
          `UPDATE plan SET body = replace(body, 'Harborline', 'Harbourline') WHERE request_id = ?`,
          ID(done),
        ),
      shown: /it was changed: its hash is/,
    },
  ],
  operation: [
    {
      is: 'found',
      what: 'another ERP number',
      forge: () =>
        forge(`UPDATE operation SET erp_key = '1|10999' WHERE side = 'erp' AND request_id = ?`, ID(done)),
      shown: /its ERP key is 1\|10999, the (log|ERP's ledger) says/,
    },
    {
      is: 'found',
      what: 'a write that never was',
      forge: () =>
        forge(
          `INSERT INTO operation SELECT connection_id, ?, operation_key || 'x', plan_hash, side, action, record_id, erp_key, state, reason, record, at
           FROM operation WHERE side = 'erp' AND request_id = ?`,
          ID(waits),
          ID(done),
        ),
      shown: /it was written to the ERP, but the log has no entry of it/,
    },
    {
      is: 'found',
      what: 'a write that passes for lost with a restored ERP',
      forge: () =>
        forge(`UPDATE operation SET state = 'lost' WHERE side = 'erp' AND request_id = ?`, ID(done)),
      shown: /it passes for lost with a restored ERP, but the log has no entry that somebody accepted that/,
    },
  ],
  approval: [
    {
      is: 'found',
      what: 'an approval that nobody gave',
      forge: forgeApproval,
      shown: /"maria@acme.example" approved plan [0-9a-f]{12}, but the log has no entry of it/,
    },
    {
      is: 'refused',
      what: 'an approval that nobody gave, acted on',
      forge: forgeApproval,
      shown: async () => {
        await world.client.workflow.getHandle(world.workflowId(waits)).terminate('emptied');
        await world.poll();
        await world.until(waits, 'waiting_for_finance');
        expect(names()).toEqual(['Harborline Electric']);
      },
    },
  ],
  record_link: [
    {
      is: 'found',
      what: 'another ERP record',
      forge: () => forge(`UPDATE record_link SET erp_key = '1|10999'`),
      shown: /the link of vendor\/\d+ differs from its last entry: erpKey is 1\|10999/,
    },
    {
      is: 'found',
      what: 'a link that is gone',
      forge: () => forge(`DELETE FROM record_link`),
      shown: /the link of vendor\/\d+ is gone/,
    },
  ],
  checkpoint: [
    {
      is: 'harmless',
      what: 'a reader that claims to be far ahead',
      forge: () => forge(`UPDATE checkpoint SET cursor = '999999999' WHERE reader = 'erp-requests'`),
      shown: async () => {
        const later = vendor('Juniper Paving', '10600', true);
        await world.poll();
        expect(await world.result(later)).toMatchObject({ status: 'applied' });
      },
      because:
        'a look begins below the newest request that is in the store, wherever the checkpoint claims to be',
    },
  ],
  link_rejection: [
    {
      is: 'harmless',
      what: 'two records that nobody said are not one',
      forge: () =>
        forge(
          `INSERT INTO link_rejection SELECT connection_id, kind, erp_key, 1, ?, ?, 'nobody', '', ?
            FROM record_link WHERE state = 'linked'`,
          '0'.repeat(64),
          '0'.repeat(64),
          new Date().toISOString(),
        ),
      shown: writtenAsApproved,
      because: 'it only keeps a suggestion from being shown; nothing is linked or written by it',
    },
  ],
  payroll_person: [
    {
      is: 'refused',
      what: 'an employee that nobody said somebody is',
      forge: () =>
        forge(
          `INSERT INTO payroll_person VALUES (?, 71, '1|501', '501', 'written', '{"originId":"1|501"}', '{"originId":null}', null, ?, ?)`,
          world.connectionId,
          MARIA,
          new Date().toISOString(),
        ),
      shown: async () => {
        const store = await Store.open(world.config.store, { migrate: false });
        const accepted = await store.read('forged', (t) => t.payrollPeople.accepted(world.connectionId));
        await store.close();
        expect(accepted).toEqual([]);
      },
    },
  ],
  timecard_entry: [
    {
      is: 'harmless',
      what: 'an entry whose hours were not written, as written',
      forge: async () => {
        await aWrittenPeriod();
        const id = weeks.enter(502, '6.00');
        await weeks.look();
        await world.until(weeks.period, 'waiting_for_finance');
        forge(
          `UPDATE timecard_entry SET written_in = ?, hours = 600, written_revision =
            (SELECT written_revision FROM timecard_entry WHERE entry_id <> ?) WHERE entry_id = ?`,
          ...[weeks.period, id, id],
        );
      },
      shown: async () => {
        weeks.enter(501, '1.00');
        await approvedCome(['501 1.00', '501 8.00', '502 6.00']);
      },
      because: 'what Procore approved is held against the rows of the ERP, not against what we remember',
    },
    {
      is: 'harmless',
      what: 'a written entry that is gone',
      forge: async () => {
        await aWrittenPeriod();
        forge('DELETE FROM timecard_entry');
      },
      shown: () => approvedCome(['501 8.00']),
      because: 'its line has the same key, and takes the place of the one that is there',
    },
  ],
  pay_line: [
    {
      is: 'harmless',
      what: 'a line that was never written',
      forge: async () => {
        await aWrittenPeriod();
        forge(
          `INSERT INTO pay_line SELECT connection_id, 'forged', state, request_id, purpose, period, batch, employee, work_date,
            replace(line, '"key":"', '"key":"x'), reason, at FROM pay_line`,
        );
      },
      shown: async () => {
        await world.correct(weeks.period, {});
        await weeks.untilTold(/a line of ours is not in the ERP any more/);
        expect(weeks.hours()).toEqual(['501 8.00']);
      },
      because: 'the period asks about it, and writes nothing for it',
    },
    {
      is: 'harmless',
      what: 'a written line that is gone',
      forge: async () => {
        await aWrittenPeriod();
        forge('DELETE FROM pay_line');
      },
      shown: async () => {
        weeks.edit(weeks.entered[0] ?? 0, '9.00');
        await approvedCome(['501 9.00']);
      },
      because: 'the row of the ERP tells by its key what it stands for',
    },
  ],
  side_record: [
    {
      is: 'harmless',
      what: 'a record that nobody wanted to have looked at again',
      forge: () =>
        forge(
          `INSERT INTO side_record SELECT connection_id, kind, 'erp', erp_key, 'again', null, null, 'active', null, null, ?
            FROM record_link WHERE state = 'linked'`,
          new Date().toISOString(),
        ),
      shown: writtenAsApproved,
      because: 'it is only read again, and both sides are compared as they are then',
    },
  ],
  conflict: [
    {
      is: 'refused',
      what: 'a choice that nobody made',
      forge: () => {
        const choice = {
          choice: { take: 'value', value: '206-555-0100' },
          pair: { procore: null, erp: null },
        };
        const linked = `FROM record_link WHERE state = 'linked' AND kind = 'vendor'`;
        forge(
          `INSERT INTO conflict SELECT connection_id, 'forged', id, kind, 'vendor/1', erp_key, 'phone', '{}', null, null, '{}', null, null,
            'ask', null, ?, ?, null, null ${linked}`,
          new Date().toISOString(),
          JSON.stringify({ ...choice, by: MARIA, comment: '', at: new Date().toISOString() }),
        );
        forge(
          `INSERT INTO side_record SELECT connection_id, kind, 'erp', erp_key, 'again', null, null, 'active', null, null, ? ${linked}`,
          new Date().toISOString(),
        );
      },
      shown: async () => {
        const { client, config, connectionId } = world;
        const input = reconcileInput(config, connectionId, 'vendor');
        await (await startReconcile(client, config.temporal.taskQueue, input)).result();
        expect(world.erp.vendors().map(({ Phone }) => Phone)).not.toContain('206-555-0100');
        expect(world.rows(`SELECT detail FROM audit_entry WHERE action = 'incident.found'`)).toMatchObject([
          { detail: expect.stringContaining('the audit log does not know it') as string },
        ]);
      },
    },
  ],
  exception: [
    {
      is: 'harmless',
      what: 'a record that was never parked',
      forge: () =>
        forge(
          `INSERT INTO exception VALUES (?, 'vendor/1', 'vendor', 'data', 'forged', null, null, null, null, null, ?, ?, null)`,
          world.connectionId,
          ID(waits),
          new Date().toISOString(),
        ),
      shown: writtenAsApproved,
      because: 'exceptions are a list for people; no step reads them',
    },
  ],
  wait: [
    {
      is: 'harmless',
      what: 'a request that never waited',
      forge: () =>
        forge(
          `INSERT INTO wait VALUES (?, ?, ?, 'forged', null, ?, null)`,
          world.connectionId,
          ID(waits),
          ID(done),
          new Date().toISOString(),
        ),
      shown: writtenAsApproved,
      because: 'whoever is in the table is only told to look again, and looks for itself',
    },
  ],
  audit_link: [
    {
      is: 'found',
      what: 'another hash',
      forge: () =>
        forge(`UPDATE audit_link SET hash = replace(hash, substr(hash, 1, 4), '0000') WHERE seq = 2`),
      shown: /link itself was changed/,
    },
    {
      is: 'found',
      what: 'a link that is gone',
      forge: () => forge(`DELETE FROM audit_link WHERE seq = 3`),
      shown: /missing|belongs to no link/,
    },
  ],
  audit_entry: [
    {
      is: 'found',
      what: 'another person',
      forge: () => forge(`UPDATE audit_entry SET actor = 'eve' WHERE action = 'approval.granted'`),
      shown: /it says now: .* eve approval.granted/,
    },
  ],
  tieback_migration: [
    {
      is: 'refused',
      what: 'a migration that this release does not know',
      forge: () => forge(`INSERT INTO tieback_migration (timestamp, name) VALUES (1, 'Forged1')`),
      shown: async () => {
        await expect(Store.open(world.config.store)).rejects.toMatchObject({ code: 'STORE_NEWER' });
        forge(`DELETE FROM tieback_migration WHERE name = 'Forged1'`);
      },
    },
  ],
};

/** Another world, in which eight hours of a pay period are in the ERP. */
async function aWrittenPeriod(): Promise<void> {
  await world.close();
  world = await World.create(temporal, { seedErp: true });
  weeks = await PayrollWeeks.on(world);
  weeks.enter(501, '8.00');
  weeks.cutOff();
  await weeks.look();
  await weeks.approve(weeks.period);
  await weeks.untilRests(weeks.period, /waits to be posted/);
}

/** The clerk approves what is asked, and these hours are in the ERP then. */
async function approvedCome(hours: readonly string[]): Promise<void> {
  await weeks.look();
  await weeks.approve(weeks.period);
  await weeks.untilRests(weeks.period, /waits to be posted/);
  expect(weeks.hours()).toEqual(hours);
  expect(await world.auditFindings()).toEqual([]);
}

function forgeApproval(): void {
  forge(
    `INSERT INTO approval SELECT connection_id, request_id, hash, 'approved', ?, '', 'cli', built_at FROM plan WHERE request_id = ?`,
    MARIA,
    ID(waits),
  );
}

test('every table has an expectation', () => {
  const tables = world.rows<{ name: string }>(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
  );
  expect(Object.keys(FORGERIES).sort()).toEqual(tables.map(({ name }) => name).sort());
});

const all = Object.entries(FORGERIES).flatMap(([table, forgeries]) =>
  forgeries.map((one) => [`${table}: ${one.what} is ${one.is}`, one] as const),
);

test.each(all)('%s', async (_name, { is, forge: act, shown, because }) => {
  expect(await world.auditFindings()).toEqual([]);
  await act();
  if (shown instanceof RegExp) {
    const findings = (await world.auditFindings()).map(({ what }) => what);
    expect(findings).toEqual(expect.arrayContaining([expect.stringMatching(shown)]));
  } else await shown();
  // Whoever calls a forgery harmless says why.
  expect(because !== undefined).toBe(is === 'harmless');
});
