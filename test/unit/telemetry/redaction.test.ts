import { AxiosError, AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import * as fc from 'fast-check';
import {
  forgetSecrets,
  isSecretName,
  redact,
  REDACTED,
  redactText,
  registerSecret,
} from '../../../src/telemetry/redaction';

afterEach(() => forgetSecrets());

describe('by name', () => {
  test.each([
    'Authorization',
    'client_secret',
    'clientSecret',
    'CLIENT-SECRET',
    'access_token',
    'refreshToken',
    'token',
    'Password',
    'db_passwd',
    'SSN',
    'employee_ssn',
    'bank',
    'BankAccountNo',
    'api_key',
    'apiKey',
    'Set-Cookie',
    'payRate',
    'connectionString',
  ])('%s is secret', (name) => {
    expect(isSecretName(name)).toBe(true);
    expect(redact({ deep: [{ [name]: 'x' }] })).toEqual({ deep: [{ [name]: REDACTED }] });
  });

  test.each(['className', 'name', 'vendor', 'origin_id', 'company', 'passed', 'authorName', 'embankment'])(
    '%s is not',
    (name) => expect(isSecretName(name)).toBe(false),
  );

  test('whether a secret is set stays visible', () => {
    expect(redact({ token: null, password: undefined, hasToken: true })).toEqual({
      token: null,
      password: null,
      hasToken: true,
    });
  });

  test('in maps, in name-value pairs and in raw headers', () => {
    expect(redact(new Map([['token', 'x']]))).toEqual({ token: REDACTED });
    expect(redact([{ name: 'password', value: 'x' }])).toEqual([{ name: 'password', value: REDACTED }]);
    expect(JSON.stringify(redact({ rawHeaders: ['authorization', 'xyzzy'] }))).not.toContain('xyzzy');
  });
});

describe('by shape', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9';
  test.each([
    ['sent Bearer abc.def-123 to them', `sent Bearer ${REDACTED} to them`],
    ['Basic dXNlcjpwYXNz', `Basic ${REDACTED}`],
    [`got ${jwt}!`, `got ${REDACTED}!`],
    ['employee 123-45-6789 is', `employee ${REDACTED} is`],
    [
      'Server=erp;User Id=sa;Password=hunter2;Encrypt=true',
      `Server=erp;User Id=sa;Password=${REDACTED};Encrypt=true`,
    ],
    ["Server=erp;PWD='hun;ter2';x=1", `Server=erp;PWD=${REDACTED};x=1`],
    ['mssql://sa:hunter2@erp:1433/acme', `mssql://sa:${REDACTED}@erp:1433/acme`],
    ['grant_type=x&client_secret=hunter2&a=b', `grant_type=x&client_secret=${REDACTED}&a=b`],
    ['{"client_secret":"hun\\"ter2","a":1}', `{"client_secret":"${REDACTED}","a":1}`],
    [
      JSON.stringify('{"client_secret":"hun\\"ter2","a":1}'),
      JSON.stringify(`{"client_secret":"${REDACTED}","a":1}`),
    ],
    ['{"a":1,"password":"hunter2', `{"a":1,"password":"${REDACTED}"`],
  ])('%s', (text, expected) => expect(redactText(text)).toBe(expected));

  test.each([
    'PO-1234 of 2026-11-24',
    '555-123-4567',
    'Bearer',
    'the token expired',
    'https://host:8080/a@b',
  ])('"%s" stays as it is', (text) => expect(redactText(text)).toBe(text));
});

describe('errors', () => {
  test('say what happened, with their causes', () => {
    const error = Object.assign(new Error('outer', { cause: new TypeError('Password=hunter2') }), {
      code: 'ERP_BUSY',
      token: 'x',
    });
    expect(redact(error)).toMatchObject({
      name: 'Error',
      message: 'outer',
      code: 'ERP_BUSY',
      token: REDACTED,
      stack: expect.stringContaining('redaction.test') as string,
      cause: { name: 'TypeError', message: `Password=${REDACTED}` },
    });
    expect(redact(new AggregateError([new Error('one')], 'all'))).toMatchObject({
      errors: [{ message: 'one' }],
    });
  });

  test('of axios show the request without its credentials, and not the sockets', () => {
    const config: InternalAxiosRequestConfig = {
      url: '/oauth/token',
      method: 'post',
      headers: new AxiosHeaders({ Authorization: 'Bearer hunter2', Accept: 'text/plain' }),
      data: 'client_id=me&client_secret=hunter2',
      auth: { username: 'me', password: 'hunter2' },
    };
    const response = {
      status: 401,
      statusText: 'no',
      headers: { 'set-cookie': ['s=hunter2'] },
      data: {},
      config,
    };
    const error = new AxiosError('failed', 'ERR_BAD_REQUEST', config, { socket: 'hunter2' }, response);
    const text = JSON.stringify(redact({ error }));
    expect(text).not.toContain('hunter2');
    expect(redact(error)).toMatchObject({
      message: 'failed',
      config: {
        url: '/oauth/token',
        headers: { Accept: 'text/plain' },
        data: expect.stringContaining('client_id=me') as string,
      },
      response: { status: 401 },
    });
    expect(redact(error)).not.toHaveProperty('request');
  });
});

describe('whatever comes', () => {
  test('cycles, depth and size are bounded', () => {
    const cycle: Record<string, unknown> = { name: 'a' };
    cycle['self'] = cycle;
    expect(redact(cycle)).toEqual({ name: 'a', self: '[circular]' });
    const shared = { a: 1 };
    expect(redact([shared, shared])).toEqual([{ a: 1 }, { a: 1 }]);

    let deep: unknown = 'bottom';
    for (let i = 0; i < 10_000; i += 1) deep = { deep };
    expect(JSON.stringify(redact(deep))).toContain('[too deep]');

    const wide = Array.from({ length: 500 }, () => Array.from({ length: 500 }, () => 'x'.repeat(10)));
    expect(JSON.stringify(redact(wide)).length).toBeLessThan(50_000);
    expect(redactText('x'.repeat(100_000)).length).toBeLessThan(17_000);
  });

  test('what cannot be read is described', () => {
    const hostile = {
      get broken(): string {
        throw new Error('no');
      },
      proxy: new Proxy({}, { ownKeys: () => { throw new Error('no'); } }), // prettier-ignore
      json: { toJSON: () => { throw new Error('no'); } }, // prettier-ignore
      big: 10n,
      date: new Date('2026-11-24T00:00:00Z'),
      never: new Date(Number.NaN),
      bytes: Buffer.from('hunter2'),
      call: () => 1,
      symbol: Symbol('s'),
      nan: Number.NaN,
    };
    expect(redact(hostile)).toEqual({
      broken: '[unreadable]',
      proxy: '[unreadable]',
      json: '[unreadable]',
      big: '10',
      date: '2026-11-24T00:00:00.000Z',
      never: '[invalid date]',
      bytes: '[7 bytes]',
      call: '[function]',
      symbol: 'Symbol(s)',
      nan: 'NaN',
    });
  });

  test('anything can be redacted, and the result is JSON', () => {
    const options = { withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true };
    fc.assert(
      fc.property(fc.anything({ ...options, withNullPrototype: true }), (value) => {
        expect(typeof JSON.stringify(redact(value))).toBe('string');
      }),
    );
  });
});

describe('by value', () => {
  test('in every form in which secrets travel', () => {
    registerSecret('p@ss "word"/+');
    const forms = [
      'p@ss "word"/+',
      encodeURIComponent('p@ss "word"/+'),
      Buffer.from('p@ss "word"/+').toString('base64'),
    ];
    for (const form of forms) expect(redactText(`before ${form} after`)).toBe(`before ${REDACTED} after`);
  });

  test('across the cut of a long text', () => {
    const secret = 'hunter2hunter2';
    registerSecret(secret);
    for (let before = 16_384 - secret.length - 1; before <= 16_384; before += 1) {
      expect(redactText('x'.repeat(before) + secret + 'y'.repeat(50))).not.toMatch(/hunt/);
    }
  });

  test('very short values are left alone', () => {
    registerSecret('ab');
    registerSecret(undefined);
    expect(redactText('ab')).toBe('ab');
  });
});
