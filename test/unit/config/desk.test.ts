import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
