import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { isContradiction, WARNING_CODES, WARNINGS } from '../../../src/domain/base/warning';
import { loadConfig } from '../../../src/config/load';
import { configSchema } from '../../../src/config/schema';
import { WEB_PAGES, WEB_PATHS } from '../../../src/domain/request/web-link';
import { PROCORE_DEFAULTS } from '../../../src/procore/client/settings';
import { Desk, ENV } from './seed';

/** A value as an operator would make it. */
const TOKEN = 'Bearer 6f1c9a07d2b84e35a9c1';

const DOCS = join(__dirname, '..', '..', '..', 'docs');

describe('mistakes', () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
  });
  afterEach(() => desk.remove());

  const app = {
    apiUrl: 'https://api.procore.com',
    loginUrl: 'https://login.procore.com',
    clientId: 'x',
    clientSecret: { env: 'PROCORE_SECRET' },
  };
  const connection = {
    procore: { app: 'main', companyId: 1 },
    erp: { adapter: 'sample', settings: { file: 'x.db' } },
  };
  const withConnection = (more: object): string =>
    JSON.stringify({ procoreApps: { main: app }, connections: { acme: { ...connection, ...more } } });

  const everything = { name: 'a', decision: 'approve', when: 'everything' };
  const withRule = (when: object): string =>
    withConnection({ policy: [{ name: 'a', decision: 'approve', when }] });
  const withToken = (env: string, before?: string): string =>
    withConnection({
      webhook: {
        publicUrl: 'https://x.example',
        authorization: { env },
        ...(before === undefined ? {} : { previousAuthorization: { env: before } }),
      },
    });
  const env = {
    ...ENV,
    SHORT: 'Bearer hook-secret-1',
    DRAFT: 'Bearer please-change-me-before-use',
    FEW: 'Bearer abababababababababababab',
    STRONG: TOKEN,
  };

  /** `acme`, and `beta` that differs in what is given only. */
  const twins = (more: object): object => ({
    acme: connection,
    beta: { ...connection, procore: { ...connection.procore, ...more } },
  });

  test.each([
    ['bad YAML', 'store: [', /tieback.yaml is not valid YAML: .*line 1/],
    [
      'unknown key',
      'stroe: {}\nprocoreApps: {}\nconnections: {}',
      /there is no key "stroe"; check the spelling/,
    ],
    [
      'unknown key deep inside',
      withConnection({ poll: { evrySeconds: 5 } }),
      /connections.acme.poll \(line 1\): there is no key "evrySeconds"/,
    ],
    [
      'wrong type',
      'http: { port: many }\nprocoreApps: {}\nconnections: {}',
      /http.port \(line 1\): .*number/,
    ],
    [
      'an amount that is a number',
      withConnection({ policy: [{ name: 'a', decision: 'approve', when: { amountBelow: 25000 } }] }),
      /connections.acme.policy.0.when.amountBelow .*an amount in quotes, such as "25000.00"/,
    ],
    [
      'an amount with separators',
      withConnection({ policy: [{ name: 'a', decision: 'approve', when: { amountAtMost: '25,000' } }] }),
      /amountAtMost .*an amount without separators/,
    ],
    [
      'a date that does not exist',
      withConnection({ policy: [{ name: 'a', decision: 'approve', when: { dateTo: '2026-02-30' } }] }),
      /dateTo .*a date such as 2026-03-31/,
    ],
    [
      'a kind of record that does not exist',
      withConnection({ policy: [{ name: 'a', decision: 'approve', when: { kinds: ['vendors'] } }] }),
      /policy.0.when.kinds.0 /,
    ],
    [
      'custom fields of a kind that has none',
      withConnection({ customFields: { commitments: { custom_field_1: 'udX' } } }),
      /connections.acme.customFields.commitments .*there are no custom fields of "commitments"; there are those of vendor,/,
    ],
    [
      'a column with two custom fields',
      withConnection({ customFields: { commitment: { custom_field_1: 'udX', custom_field_2: 'udX' } } }),
      /customFields.commitment.custom_field_2 .*the column "udX" is that of custom_field_1 already/,
    ],
    [
      'a column that is no name',
      withConnection({ customFields: { commitment: { custom_field_1: 'ud X' } } }),
      /customFields.commitment.custom_field_1 .*the name of a column as the ERP adapter offers it/,
    ],
    ['out of range', withConnection({ pageSize: 0 }), /connections.acme.pageSize .*>=1/],
    ['no connections', 'procoreApps: {}', /connections: /],
    [
      'missing secret',
      JSON.stringify({
        procoreApps: { main: { ...app, clientSecret: { env: 'NOT_SET' } } },
        connections: {},
      }),
      /procoreApps.main.clientSecret is empty: set environment variable NOT_SET/,
    ],
    [
      'missing secret file',
      JSON.stringify({ procoreApps: { main: { ...app, clientSecret: { file: 'nope' } } }, connections: {} }),
      /procoreApps.main.clientSecret: the secret file .*nope cannot be read/,
    ],
    [
      'secret in the file',
      JSON.stringify({ procoreApps: { main: { ...app, clientSecret: 'hunter2' } }, connections: {} }),
      /procoreApps.main.clientSecret/,
    ],
    [
      'unknown app',
      withConnection({ procore: { app: 'other', companyId: 1 } }),
      /connections.acme.procore.app: there is no "other" under procoreApps \(main\)/,
    ],
    [
      'a webhook for ERP requests that there are none of',
      withConnection({
        door: 'open',
        webhook: { publicUrl: 'https://x.example', authorization: { env: 'PROCORE_SECRET' } },
      }),
      /connections.acme.webhook: with "door: open" there are no ERP requests .*leave it out/,
    ],
    [
      'two connections on one company',
      JSON.stringify({ procoreApps: { main: app, other: app }, connections: twins({ app: 'other' }) }),
      /connections.beta.procore.companyId: Procore company 1 at https:\/\/api.procore.com is that of connection "acme" already, .*"beta" a company of its own, or take "beta" or "acme" out/,
    ],
    [
      'an event that does not exist',
      withRule({ events: ['create_vendr'] }),
      /connections.acme.policy: rule "a" names the event "create_vendr", which does not exist; docs\/events.md/,
    ],
    [
      'a fact that does not exist',
      withRule({ facts: { prequalifed: true } }),
      /connections.acme.policy.0.when.facts.prequalifed .*there is no fact "prequalifed"; facts: prequalified, /,
    ],
    ['a rule about everything, by mistake', withRule({}), /policy.0.when .*write "when: everything"/],
    [
      'a rule about everything, in other words',
      withRule({ facts: {} }),
      /policy.0.when .*write "when: everything"/,
    ],
    [
      'a list that never matches',
      withRule({ events: [] }),
      /policy.0.when.events .*an empty list would never match/,
    ],
    [
      'dates that never match',
      withRule({ dateFrom: '2026-03-02', dateTo: '2026-03-01' }),
      /policy.0.when .*dateFrom is later than dateTo/,
    ],
    [
      'two rules of one name',
      withConnection({ policy: [everything, { ...everything, decision: 'ask_finance' }] }),
      /connections.acme.policy.1 .*rule "a" is there already \(number 1 of the list\)/,
    ],
    [
      'two approvers of one name',
      withConnection({ approvers: [{ id: 'maria@acme.example' }, { id: 'Maria@acme.example' }] }),
      /connections.acme.approvers.1 .*approver "maria@acme.example" is there already/,
    ],
    [
      'one person under two names',
      withConnection({
        approvers: [
          { id: 'maria', procoreUserId: 7 },
          { id: 'mary', procoreUserId: 7 },
        ],
      }),
      /connections.acme.approvers.1 .*procoreUserId "7" is there already/,
    ],
    [
      'two connections of one name',
      'procoreApps: {}\nconnections:\n  acme: {}\n  acme: {}',
      /tieback.yaml is not valid YAML: .*keys must be unique at line 4/i,
    ],
    [
      'two payload keys of one name',
      JSON.stringify({
        temporal: { payloadKeys: [1, 2].map(() => ({ id: '2026', key: { env: 'PROCORE_SECRET' } })) },
        procoreApps: {},
        connections: {},
      }),
      /temporal.payloadKeys.1 .*payload key "2026" is there already/,
    ],
    [
      'a second person of whom nobody knows who it is',
      withConnection({ approvers: [{ id: 'maria', procoreUserId: 7 }, { id: 'tom' }] }),
      /requireSecondPerson cannot work: .* whether tom approved a request of their own.*procoreUserId, or say .*requireSecondPerson: false/,
    ],
    [
      'a second person who is the first',
      withConnection({ approvers: [{ id: 'maria', procoreUserId: 7 }] }),
      /requireSecondPerson cannot work with one approver: what maria asks for .*Name a second approver, or say/,
    ],
    [
      'a short token',
      withToken('SHORT'),
      /webhook.authorization is too short \(13 characters after the scheme; at least 20\)/,
    ],
    ['a token from a first draft', withToken('DRAFT'), /webhook.authorization is well known.*openssl rand/],
    ['a token of few characters', withToken('FEW'), /webhook.authorization repeats a few characters/],
    [
      'a weak token that is being replaced',
      withToken('STRONG', 'SHORT'),
      /webhook.previousAuthorization is too short/,
    ],
    [
      'unknown adapter',
      withConnection({ erp: { adapter: 'abacus' } }),
      /connections.acme.erp.adapter: there is no ERP adapter "abacus". Adapters: sample/,
    ],
    [
      'wrong adapter settings',
      withConnection({ erp: { adapter: 'sample', settings: { fiel: 'x' } } }),
      /connections.acme.erp.settings.file: /,
    ],
  ])('%s: names file, key and what to do', async (_name, text, message) => {
    writeFileSync(desk.configFile, text);
    const { code, out, err } = await desk.tieback(['provision', '--dry-run'], { env });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n +at |hunter2/);
    const doctor = await desk.tieback(['doctor', '--json'], { env });
    expect(doctor.code).toBe(1);
    const { areas } = JSON.parse(doctor.out) as {
      areas: { findings: { status: string; detail: string }[] }[];
    };
    expect(areas[0]?.findings[0]?.status).toBe('failed');
    expect(areas[0]?.findings[0]?.detail).toMatch(message);
  });

  test('a rule about everything is one that says so', () => {
    writeFileSync(desk.configFile, withConnection({ policy: [everything] }));
    expect(loadConfig(desk.configFile, ENV).connections[0]?.policy.rules).toEqual([
      { ...everything, when: {} },
    ]);
  });

  test('one approver is enough where the configuration says so', () => {
    writeFileSync(
      desk.configFile,
      withConnection({ approvers: [{ id: 'maria' }], requireSecondPerson: false }),
    );
    expect(loadConfig(desk.configFile, ENV).connections[0]?.policy.requireSecondPerson).toBe(false);
  });

  test('two companies of one number, in production and in a sandbox, are two', () => {
    const sandbox = { ...app, apiUrl: 'https://sandbox.procore.com' };
    const procoreApps = { main: app, sandbox };
    writeFileSync(desk.configFile, JSON.stringify({ procoreApps, connections: twins({ app: 'sandbox' }) }));
    expect(loadConfig(desk.configFile, ENV).connections.map(({ companyId }) => companyId)).toEqual([1, 1]);
  });

  test('missing file', async () => {
    const file = join(desk.folder, 'no.yaml');
    const { code, err } = await desk.tieback(['requests', '--config', file]);
    expect(code).toBe(2);
    expect(err).toMatch(/There is no configuration file .*no.yaml. Copy docs\/tieback.example.yaml/);
  });

  test('TIEBACK_CONFIG names the file', async () => {
    const result = await desk.tieback(['requests', '--config', ''], {
      env: { ...ENV, TIEBACK_CONFIG: desk.configFile },
    });
    expect(result.err).not.toMatch(/no configuration file .*no.yaml/);
  });
});

test('without the ERP tool nobody is blocked by an open request, and a look costs more', () => {
  const desk = new Desk();
  const [tool] = loadConfig(desk.configFile, ENV).connections;
  expect(tool).toMatchObject({ openDoor: null, acceptForeignOrigins: false, pollEveryMs: 60_000 });
  expect(tool?.policy.openDetailHours).toBe(24);
  const text = readFileSync(desk.configFile, 'utf8');
  writeFileSync(desk.configFile, text.replace('"erp": {', '"door": "open", "erp": {'));
  const [open] = loadConfig(desk.configFile, ENV).connections;
  expect(open).toMatchObject({
    openDoor: {
      vendors: 'needed',
      projects: 'active',
      commitments: { statuses: ['Approved', 'Complete'] },
      syncEveryMinutes: 60,
    },
    pollEveryMs: 900_000,
    policy: { openDetailHours: 0 },
  });
  desk.remove();
});

test('the example loads, with the secrets it names', () => {
  const config = loadConfig(join(DOCS, 'tieback.example.yaml'), {
    PROCORE_CLIENT_SECRET: 'a',
    TIEBACK_WEBHOOK_AUTHORIZATION: TOKEN,
  });
  expect(config.connections).toMatchObject([
    { id: 'acme', adapter: 'sample', policy: { rules: [{ name: 'prequalified-vendors' }] } },
  ]);
});

test('the example also loads with everything that is commented out', () => {
  const text = readFileSync(join(DOCS, 'tieback.example.yaml'), 'utf8')
    // The second `store` is an alternative to the first.
    .replace(/^# store:\n(#.*\n)+/m, '')
    .replace(/^( *)# ((?:- \{|[a-zA-Z.]+:).*)$/gm, '$1$2')
    .replace(/^( *)# {3}- \{/gm, '$1  - {')
    .replace(/^( *)# {3}([a-z]+\.[a-z]+: .*)$/gm, '$1  $2');
  const desk = new Desk();
  writeFileSync(desk.configFile, text);
  mkdirSync(join(desk.folder, 'secrets'));
  writeFileSync(join(desk.folder, 'secrets', 'audit-2026-11'), randomBytes(32).toString('base64'));
  const config = loadConfig(desk.configFile, {
    PROCORE_CLIENT_SECRET: 'a',
    TIEBACK_WEBHOOK_AUTHORIZATION: TOKEN,
    TIEBACK_WEBHOOK_AUTHORIZATION_OLD: 'Bearer 5d0e7c41b9a2f6380c7e',
    TIEBACK_PAYLOAD_KEY: randomBytes(32).toString('base64'),
  });
  desk.remove();
  expect(config.temporal.payloadKeys).toHaveLength(1);
  expect(config.audit.keys).toMatchObject([{ id: '2026-11' }]);
  expect(config.connections[0]).toMatchObject({ pageSize: 1000, erpSlots: 4, pollOverlap: 50 });
  expect(config.connections[0]?.webhook?.authorizations).toHaveLength(2);
});

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly out?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly defaultValue?: unknown;
}

/** Keys that hold no more keys, with their defaults. */
function leaves(type: z.ZodType, path = '', found = new Map<string, unknown>()): Map<string, unknown> {
  const def = type.def as unknown as Definition;
  if (def.type === 'default' && def.innerType) {
    found.set(path, def.defaultValue);
    return leaves(def.innerType, path, found);
  }
  if (def.innerType) return leaves(def.innerType, path, found);
  if (def.type === 'pipe' && def.out) return leaves(def.out, path, found);
  if (def.shape && !isSecret(def)) {
    for (const [key, value] of Object.entries(def.shape))
      leaves(value, path === '' ? key : `${path}.${key}`, found);
  } else if (
    def.options?.every((option) => (option.def as unknown as Definition).shape && !isSecretUnion(def))
  ) {
    for (const option of def.options) leaves(option, path, found);
  } else if (def.type === 'array' && shapeOf(def.element)) {
    if (!found.has(path)) found.set(path, undefined);
    if (def.element) leaves(def.element, `${path}[]`, found);
  } else if (def.type === 'record' && shapeOf(def.valueType) && def.valueType) {
    leaves(def.valueType, `${path}.<name>`, found);
  } else if (!found.has(path)) {
    found.set(path, undefined);
  }
  return found;
}

const shapeOf = (type: z.ZodType | undefined): unknown =>
  (type?.def as unknown as Definition | undefined)?.shape;
const isSecret = ({ shape }: Definition): boolean =>
  shape !== undefined && ('env' in shape || 'file' in shape) && Object.keys(shape).length === 1;
const isSecretUnion = ({ options }: Definition): boolean =>
  options?.every((option) => isSecret(option.def)) ?? false;

/** Rows of all tables of the page: first cell and last cell. */
function documented(): readonly (readonly [key: string, last: string])[] {
  const rows: [string, string][] = [];
  for (const line of readFileSync(join(DOCS, 'configuration.md'), 'utf8').split('\n')) {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const [, key] = /^`([^`]+)`$/.exec(cells[1] ?? '') ?? [];
    if (key !== undefined) rows.push([key, cells.at(-2) ?? '']);
  }
  return rows;
}

describe('docs/configuration.md', () => {
  const rows = documented();
  const page = new Map(rows);
  const schema = leaves(configSchema);
  /** Keys that hold others, but are worth a line. */
  const groups = ['connections.<name>.webhook', 'connections.<name>.policy[].when'];
  const paths = [...Object.keys(PROCORE_DEFAULTS.paths), ...WEB_PAGES];

  test('names every key once, and no other', () => {
    const others = [...groups, ...paths, ...WARNING_CODES];
    const keys = rows.map(([key]) => key).filter((key) => !others.includes(key) && !/^[A-Z_*]+$/.test(key));
    expect(keys.sort()).toEqual([...schema.keys()].filter((key) => key !== 'store').sort());
  });

  test('tells the defaults of the schema', () => {
    for (const [key, value] of schema) {
      if (value === undefined || key === 'store') continue;
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      expect(`${key} ${page.get(key) ?? ''}`).toBe(`${key} \`${text}\``);
    }
  });

  test('tells every code of a warning, and whether a rule may approve it', () => {
    const codes = rows.filter(([key]) => (WARNING_CODES as readonly string[]).includes(key));
    expect(codes).toEqual(
      WARNING_CODES.map((code) => [code, isContradiction(code) ? 'no: a person decides' : 'yes']),
    );
    const text = readFileSync(join(DOCS, 'configuration.md'), 'utf8');
    for (const { means } of Object.values(WARNINGS)) expect(text).toContain(`| ${means} `);
  });

  test('tells the paths of Procore', () => {
    for (const [key, path] of Object.entries({ ...PROCORE_DEFAULTS.paths, ...WEB_PATHS }))
      expect(page.get(key)).toBe(`\`${path}\``);
  });
});
