import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCheckedRules } from '../../../src/composition';
import { ConfigError, deskUrl, loadConfig } from '../../../src/config/load';
import type { Config } from '../../../src/config/load';
import { grantsOf, personByEmail } from '../../../src/domain/people/grants';
import { approversOf, whyNotApprover } from '../../../src/domain/request/connection-policy';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-desk-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(more: string): Config {
  const file = join(folder, 'tieback.yaml');
  writeFileSync(
    file,
    `procoreApps:
  main: { apiUrl: 'https://api.procore.com', loginUrl: 'https://login.procore.com', clientId: id, clientSecret: { env: SECRET } }
connections:
  acme:
    procore: { app: main, companyId: 1 }
    erp: { adapter: sample }
    requireSecondPerson: false
    approvers: [{ id: Maria@acme.example, projects: [7], decides: [records] }]
${more}`,
  );
  return loadConfig(file, { SECRET: 'a-long-secret-of-the-tests' });
}

const OIDC = "oidc: { issuer: 'https://login.acme.example', clientId: desk, clientSecret: { env: SECRET } }";

test.each([
  ["desk: { url: 'https://10.0.0.7' }", /passkeys are made for a name/],
  ["desk: { url: 'http://desk.acme.example' }", /must be https/],
  ["desk: { url: 'https://acme.example/desk' }", /a host of its own/],
  [`http: { host: 0.0.0.0 }\ndesk: { ${OIDC} }`, /where to send people back to/],
  [`desk: { ${OIDC.replace('https', 'http')} }`, /it must be https/],
  ['http: { host: 0.0.0.0 }\ndesk: { loginAs: Maria@acme.example }', /everybody who reaches 0\.0\.0\.0/],
  ['desk: { loginAs: nobody@acme.example }', /nothing is granted to/],
  ['desk: { grants: [{ person: a, role: viewer, connections: [other] }] }', /there is no connection "other"/],
  ['desk: { grants: [{ person: a, role: approver }] }', /desk\.grants\.0\.role/],
])('%s is refused', (more, message) => {
  expect(() => load(more)).toThrow(ConfigError);
  expect(() => load(more)).toThrow(message);
});

const told = (receiver: string, more = ''): string =>
  `desk: { url: 'https://desk.acme.example', notify: { receivers: [${receiver}]${more} } }`;
const SLACK = '{ name: office, to: { kind: slack, url: { env: SECRET } } }';
const SMTP = ", smtp: { host: mail.acme.example, from: 'tieback@acme.example' }";

/** What can be wrong with each key, and the place and the words that its reader gets. */
test.each([
  ['desk: { url: desk }', /desk\.url/],
  ['desk: { colour: red }', /desk.*colour/s],
  ['desk: { loginAs: "" }', /desk\.loginAs/],
  ['desk: { hsts: yes please }', /desk\.hsts/],
  ['desk: { session: { idleMinutes: 0 } }', /desk\.session\.idleMinutes/],
  ['desk: { session: { absoluteHours: 9999 } }', /desk\.session\.absoluteHours/],
  ['desk: { grants: [{ role: viewer }] }', /desk\.grants\.0\.person/],
  ['desk: { grants: [{ person: a, role: viewer, projects: [x] }] }', /desk\.grants\.0\.projects\.0/],
  ['desk: { grants: [{ person: a, role: viewer, projects: [] }] }', /desk\.grants\.0\.projects/],
  ['desk: { oidc: { issuer: acme, clientId: desk, clientSecret: { env: SECRET } } }', /desk\.oidc\.issuer/],
  [
    "desk: { oidc: { issuer: 'https://login.acme.example', clientSecret: { env: SECRET } } }",
    /desk\.oidc\.clientId/,
  ],
  [
    "desk: { oidc: { issuer: 'https://login.acme.example', clientId: desk, clientSecret: open } }",
    /desk\.oidc\.clientSecret/,
  ],
  [
    "desk: { oidc: { issuer: 'https://login.acme.example', clientId: desk, clientSecret: { env: NOWHERE } } }",
    /NOWHERE/,
  ],
  [`desk: { notify: { receivers: [${SLACK}] } }`, /desk\.url: messages lead to the Desk/],
  [
    "desk: { url: 'https://desk.acme.example', notify: { receivers: [] } }",
    /an empty list would tell nobody/,
  ],
  [told('{ to: maria@acme.example }', SMTP), /receivers\.0\.name/],
  [told('{ name: Maria Q, to: maria@acme.example }', SMTP), /receivers\.0\.name.*lower-case/s],
  [told('{ name: maria, to: maria }', SMTP), /receivers\.0\.to.*an e-mail address, or a channel/s],
  [
    told('{ name: maria, to: maria@acme.example }'),
    /an e-mail address needs a mail server: desk\.notify\.smtp/,
  ],
  [told('{ name: office, to: { kind: irc, url: { env: SECRET } } }'), /receivers\.0\.to/],
  [told('{ name: office, to: { kind: slack, url: { env: NOWHERE } } }'), /NOWHERE/],
  [told(`${SLACK}, ${SLACK}`), /office/],
  [
    told(SLACK.replace('}  }', '').replace('{ name', '{ connections: [other], name')),
    /there is no connection "other"/,
  ],
  [
    told(SLACK.replace('{ name', '{ person: nobody@acme.example, name')),
    /nobody is let in as "nobody@acme\.example": name an approver/,
  ],
  [told(SLACK.replace('{ name', '{ topics: [gossip], name')), /receivers\.0\.topics\.0/],
  [told(SLACK.replace('{ name', '{ topics: [], name')), /receivers\.0\.topics/],
  [told(SLACK.replace('{ name', "{ at: '25:00', name")), /a time of the day such as/],
  [told(SLACK.replace('{ name', '{ timeZone: Mars, name')), /a time zone by its IANA name/],
  [told(SLACK.replace('{ name', '{ after: 0, name')), /receivers\.0\.after/],
  [told(SLACK, ', amounts: some'), /desk\.notify\.amounts/],
  [told(SLACK, ", smtp: { host: '', from: a }"), /desk\.notify\.smtp\.host/],
  [told(SLACK, ', smtp: { host: mail, from: a, port: 70000 }'), /desk\.notify\.smtp\.port/],
  [told(SLACK, ', smtp: { host: mail, from: a, password: open }'), /desk\.notify\.smtp\.password/],
])('%s is refused by its key', (more, message) => {
  expect(() => load(more)).toThrow(ConfigError);
  expect(() => load(more)).toThrow(message);
});

test('a deadline that nobody hears of is refused, and says which receiver is missing', () => {
  const late = (tell: string, desk: string): Config =>
    load(`    deadlines: [{ afterHours: 8, tell: { ${tell} } }]\n${desk}`);
  expect(() => late('channel: office', '')).toThrow(
    'connections.acme.deadlines: after 8 h nobody is told: no receiver under desk.notify.receivers has the name "office".',
  );
  expect(() => late('person: Maria@acme.example', told(SLACK))).toThrow(
    'no receiver under desk.notify.receivers has person "Maria@acme.example".',
  );
  expect(late('channel: office', told(SLACK)).desk.notify?.receivers).toHaveLength(1);
  const hers = told(SLACK.replace('{ name', '{ person: Maria@acme.example, name'));
  expect(late('person: Maria@acme.example', hers).desk.notify?.receivers[0]).toMatchObject({
    person: 'Maria@acme.example',
  });
  const body = {
    rules: [],
    requireSecondPerson: false,
    deadlines: [{ afterHours: 8, tell: { channel: 'office' } }],
  };
  expect(readCheckedRules(body, [])).toEqual({
    problems: [expect.stringContaining('has the name "office"')],
  });
  expect(readCheckedRules(body, [{ name: 'office', person: null }])).toHaveProperty('body');
});

test('without an address the Desk is on this machine, where the daemon is', () => {
  expect(deskUrl(load(''))).toBe('http://localhost:8480');
  expect(deskUrl(load('http: { port: 0 }'))).toBeNull();
  expect(deskUrl(load('http: { port: 0 }'), 9000)).toBe('http://localhost:9000');
  expect(deskUrl(load('http: { host: 0.0.0.0 }'))).toBeNull();
  expect(deskUrl(load("desk: { url: 'https://desk.acme.example/' }"))).toBe('https://desk.acme.example');
});

test('grants are those of approvers and those that are named', () => {
  const config = load(
    'desk: { grants: [{ person: Maria@acme.example, role: auditor, connections: [acme] }] }',
  );
  expect(grantsOf(config, 'Maria@acme.example')).toEqual([
    { role: 'approver', connections: ['acme'], projects: [7] },
    { role: 'auditor', connections: ['acme'], projects: null },
  ]);
  expect(grantsOf(config, 'tom')).toEqual([]);
  expect(personByEmail(config, 'maria@ACME.example')).toBe('Maria@acme.example');
});

test('an approver of projects decides about what reaches no other', () => {
  const { policy } = load('').connections[0] ?? {};
  if (policy === undefined) throw new Error('there is no connection');
  const asked = { by: 'Maria@acme.example', requestedBy: null };
  const why = (projects?: readonly (number | null)[]): string | null =>
    whyNotApprover(policy, { ...asked, ...(projects === undefined ? {} : { projects }) });
  expect(why([7])).toBeNull();
  for (const projects of [[7, 8], [7, null], [], undefined]) expect(why(projects)).toMatch(/some projects/);
  expect(approversOf(policy, 'records', [7])).toHaveLength(1);
  expect(approversOf(policy, 'records', [8])).toEqual([]);
});
