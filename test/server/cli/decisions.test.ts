import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { z } from 'zod';
import { CORRECTABLE, correctionsFrom } from '../../../src/desk/corrections';
import { addCommitment } from './commitments';
import { Desk, ENV, planOf, seed } from './seed';

let desk: Desk;

beforeEach(async () => {
  desk = new Desk();
  await desk.store((store) => seed(store));
});
afterEach(() => desk.remove());

test('the daemon does not answer: every decision says so, and the store is as it was', async () => {
  const decisions = [
    ['approve', '5012'],
    ['reject', '5012', '--comment', 'no'],
    ['correct', '5012', 'fax=-'],
    ['retry', '5011'],
  ];
  const results = await Promise.all(decisions.map((args) => desk.tieback(args)));
  for (const { code, out, err } of results) {
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(
      /^error The daemon does not answer at http:\/\/127.0.0.1:1: .*\.\nDecisions go through the daemon\. None was started yet\. Start `tieback daemon`\./,
    );
    expect(err).not.toMatch(/\n +at /);
  }
  expect((await desk.tieback(['requests'])).out).toMatch(/3 open, 2 waiting for finance/);
});

test('a daemon that falls silent may have taken the decision: nobody is told otherwise', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const env = { ...ENV, TIEBACK_URL: `http://127.0.0.1:${port}` };
  const { code, err } = await desk.tieback(['reject', '5012', '--comment', 'no'], { env });
  server.close();
  expect(code).toBe(1);
  expect(err).toMatch(/The daemon does not answer .*\nIt may have taken the decision .*`tieback show`/);
});

test.each([
  ['approve', '5010'],
  ['reject', '5010', '--comment', 'no'],
  ['correct', '5010', 'fax=-'],
  ['retry', '5010'],
])('%s: a closed request is closed', async (...args) => {
  const { code, err } = await desk.tieback(args);
  expect(code).toBe(2);
  expect(err).toMatch(/ERP request 5010 is closed \(applied\): Vendor 10442 .*\nThere is nothing to decide/);
});

test.each([
  ['no such request', ['approve', '77'], /There is no ERP request 77/],
  ['no id', ['approve', 'nobody'], /"nobody" is not the id of a request.\nIds look like erp\/5012/],
  [
    'words instead of an id',
    ['approve', 'cobalt mechanical'],
    /is not the id of a request.\nIt occurs in: erp\/5013 all vendors \(waiting for finance\), erp\/5012 Cobalt Mechanical LLC/,
  ],
  ['a number that is no id', ['approve', '10442'], /no ERP request 10442.\nIt occurs in: erp\/5013/],
  [
    'parked, not waiting',
    ['approve', '5011'],
    /5011 is parked, not waiting for approval: This cannot be written/,
  ],
  [
    'another plan',
    ['approve', '5012', '--plan', 'abcdef123456'],
    /The plan is [0-9a-f]{12} now, not abcdef123456/,
  ],
  ['not a hash', ['approve', '5012', '--plan', 'x'], /"x" is not the beginning of a plan hash/],
  ['no reason', ['reject', '5012'], /A rejection needs a reason.*\nSay why: --comment "why"/],
  ['empty reason', ['reject', '5012', '--comment', ' '], /A rejection needs a reason/],
  [
    'unknown field',
    ['correct', '5012', 'colour=red'],
    /There is no field "colour" that can be corrected.\nThere are: code, name, sortName, .*`tieback correct <id>` shows/,
  ],
  ['no pair', ['correct', '5012', 'red'], /"red" is not field=value/],
  [
    'not correctable',
    ['correct', '5013', 'fax=-'],
    /Nothing of ERP request 5013 can be corrected here.*\nPut it right/,
  ],
  ['bad flag', ['correct', '5012', 'isActive=maybe'], /isActive is true or false, not "maybe"/],
  ['twice', ['correct', '5012', 'fax=1', 'fax=2'], /The field "fax" is given twice/],
  ['bad wait', ['retry', '5011', '--wait', 'long'], /"long" is not a number of seconds/],
])('%s is refused with exit code 2', async (_name, args, message) => {
  const { code, err } = await desk.tieback(args);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

test.each([
  [
    'not logged in',
    {},
    { TIEBACK_TOKEN: undefined },
    /You are not logged in at http:\/\/127.0.0.1:1.\n`tieback login`/,
  ],
  [
    "in somebody else's name",
    { as: 'maria@acme.example' },
    {},
    /Nobody decides in the name of somebody else here/,
  ],
  [
    'a token in the clear',
    {},
    { TIEBACK_URL: 'http://tieback.acme.example' },
    /would travel in the clear to/,
  ],
  ['no address', {}, { TIEBACK_URL: 'tieback' }, /"tieback" is no address of a daemon/],
])('%s: nobody decides', async (_name, { as }: { as?: string }, env, message) => {
  const args = ['approve', '5012', ...(as === undefined ? [] : ['--as', as])];
  const { code, err } = await desk.tieback(args, {
    env: { ...ENV, TIEBACK_CREDENTIALS: `${desk.folder}/none.json`, ...env },
  });
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

test('errors are JSON with --json', async () => {
  const { code, out, err } = await desk.tieback(['approve', '5010', '--json']);
  expect({ code, err }).toEqual({ code: 2, err: '' });
  expect(JSON.parse(out)).toEqual({
    error: {
      code: 'REQUEST_CLOSED',
      message: expect.stringContaining('is closed') as unknown,
      hint: expect.any(String) as unknown,
    },
  });
});

test('at a terminal the plan is shown, and no is no', async () => {
  const questions: string[] = [];
  const ask = async (question: string): Promise<string> => {
    questions.push(question);
    return 'n';
  };
  const { code, out } = await desk.tieback(['approve', '5012'], { ask });
  expect(code).toBe(0);
  expect(out).toMatch(/Plan [0-9a-f]{12}.*\n.*Possible duplicate/);
  expect(questions).toEqual([`\nApprove plan ${planOf('acme').hash.slice(0, 12)} with 1 warning? [y/N] `]);
  expect(out).toMatch(/Not approved; nothing was changed/);
});

test('at a terminal, yes and --yes go on', async () => {
  const yes = async (): Promise<string> => 'Yes';
  const never = async (): Promise<string> => {
    throw new Error('asked');
  };
  const results = await Promise.all([
    desk.tieback(['approve', '5012'], { ask: yes }),
    desk.tieback(['approve', '5012', '--yes'], { ask: never }),
  ]);
  for (const { err } of results) expect(err).toMatch(/The daemon does not answer/);
});

describe('several at once', () => {
  const isSent = z.object({
    request: z.string(),
    answer: z.string(),
    plan: z.string().optional(),
    comment: z.string(),
  });
  let sent: z.infer<typeof isSent>[];
  let daemon: Server;
  let env: Record<string, string>;

  /** A daemon that takes every decision but those about one request. */
  beforeEach(async () => {
    sent = [];
    daemon = createHttpServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const asked = isSent.parse(JSON.parse(body));
        sent.push(asked);
        const isRefused = asked.request === 'erp/6002';
        const receipt = { status: 'applying', message: `${asked.answer} taken.` };
        const error = { code: 'PLAN_CHANGED', message: 'The plan is another one now.', hint: null };
        response.writeHead(isRefused ? 409 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(isRefused ? { error } : { receipt }));
      });
    });
    await new Promise<void>((resolve) => daemon.listen(0, '127.0.0.1', resolve));
    env = { ...ENV, TIEBACK_URL: `http://127.0.0.1:${(daemon.address() as AddressInfo).port}` };
    await addCommitment(desk, { position: 6001, code: 'SC-2417-008', lines: 24, wrong: [22] });
    await addCommitment(desk, { position: 6002, code: 'PO-1234', lines: 2 });
  });
  afterEach(() => daemon.close());

  const hashes = async (...ids: string[]): Promise<string[]> =>
    Promise.all(
      ids.map(async (id) => {
        const { out } = await desk.tieback(['show', id, '--json']);
        return (JSON.parse(out) as { plan: { hash: string } }).plan.hash;
      }),
    );

  test('are listed with what they come to and warn of, asked about once, and decided each on its own plan', async () => {
    const questions: string[] = [];
    const ask = async (question: string): Promise<string> => {
      questions.push(question);
      return 'y';
    };
    const { code, out } = await desk.tieback(['approve', '6001', '6002', '5012', '--comment', 'ok'], {
      ask,
      env,
    });
    expect(questions).toEqual([
      '\nApprove these 3 plans, 390,150.00 USD in all, 2 of them with warnings? [y/N] ',
    ]);
    expect(out).toMatch(/erp\/6001 +[0-9a-f]{12} +360,138\.00 USD +1 +SC-2417-008 HVAC\n/);
    expect(out).toMatch(/erp\/6001\n {2}! Line 22: .*\nerp\/5012\n {2}! Possible duplicate/);
    const plans = await hashes('6001', '6002', '5012');
    expect(sent).toEqual(
      ['erp/6001', 'erp/6002', 'erp/5012'].map((request, index) => ({
        request,
        answer: 'approve',
        plan: plans[index],
        comment: 'ok',
      })),
    );
    expect(out).toMatch(
      /✓ erp\/6001: approve taken\.\n✗ erp\/6002: The plan is another one now\..*\n✓ erp\/5012: /,
    );
    expect(out).toMatch(/2 of 3 requests decided, 1 refused/);
    expect(code).toBe(2);
  });

  test('no is no, and --all-of means those that wait', async () => {
    const { code, out } = await desk.tieback(['approve', '--all-of', 'eastgate'], {
      ask: async () => 'n',
      env,
    });
    expect({ code, sent }).toEqual({ code: 0, sent: [] });
    expect(out).toMatch(/Not approved; nothing was changed/);
    const json = await desk.tieback(['approve', '--all-of', 'sc-2417', '--json'], { env });
    expect(JSON.parse(json.out)).toMatchObject({ decisions: [{ id: 'erp/6001', error: null }], unsent: [] });
    expect(sent.map(({ request }) => request)).toEqual(['erp/6001']);
  });

  test('rejected, with one comment', async () => {
    const { code } = await desk.tieback(['reject', '6001', '5011', '--comment', 'wrong project'], { env });
    expect(code).toBe(0);
    expect(sent.map(({ request, answer, comment }) => [request, answer, comment])).toEqual([
      ['erp/6001', 'reject', 'wrong project'],
      ['erp/5011', 'reject', 'wrong project'],
    ]);
  });

  test.each([
    [
      'one that is closed',
      ['6001', '5010'],
      /Nothing was decided: 1 request of 2 cannot be\.\n.*5010 is closed/,
    ],
    ['one that is parked', ['6001', '5011'], /5011 is parked, not waiting/],
    ['one hash for two', ['6001', '6002', '--plan', 'abcdef123456'], /--plan names the plan of one request/],
    ['none', [], /Say which requests/],
    [
      'words that nothing waits under',
      ['--all-of', 'cascadia'],
      /No request that waits for finance has all of/,
    ],
  ])('%s: nothing is decided', async (_name, args, message) => {
    const { code, err } = await desk.tieback(['approve', ...args], { env });
    expect({ code, sent }).toEqual({ code: 2, sent: [] });
    expect(err).toMatch(message);
  });

  test('nobody is there: the others are not tried', async () => {
    const { code, out } = await desk.tieback(['approve', '6001', '6002']);
    expect(code).toBe(1);
    expect(out).toMatch(
      /✗ erp\/6001: The daemon does not answer.*\n✗ not sent: erp\/6002\n0 of 2 requests decided/,
    );
  });
});

test('values of a correction', () => {
  const fields = CORRECTABLE.find(({ kind }) => kind === 'vendor')?.fields ?? [];
  const values = fields.map((field) => ({
    ...field,
    value: null,
    corrected: false,
    required: false,
    rule: null,
  }));
  expect(
    correctionsFrom(['name= A=B ', 'FAX=-', 'email=', 'isActive=false', 'Vendor number=7'], {
      values,
      lines: [],
    }),
  ).toEqual({
    name: 'A=B',
    fax: null,
    email: null,
    isActive: false,
    code: '7',
  });
});

describe('values of lines', () => {
  const field = (name: string) => ({
    name,
    label: `The ${name}`,
    type: 'text' as const,
    required: false,
    rule: null,
  });
  const record = {
    values: [{ ...field('description'), value: null, corrected: false }],
    lines: [
      {
        kind: 'commitment_line' as const,
        label: 'Line',
        numbers: ['1', '3'],
        fields: [field('description')],
      },
      {
        kind: 'budget_line' as const,
        label: 'Budget line',
        numbers: ['3', '23.050'],
        fields: [field('amount'), field('uom')],
      },
    ],
  };

  test.each([
    ['description=header', { description: 'header' }],
    ['1.description=first', { 'commitment_line[1].description': 'first' }],
    ['1.the Description=-', { 'commitment_line[1].description': null }],
    ['commitment_line[3].description=x', { 'commitment_line[3].description': 'x' }],
    ['23.050.amount=1.00', { 'budget_line[23.050].amount': '1.00' }],
    ['3.uom=ea', { 'budget_line[3].uom': 'ea' }],
  ])('%s', (pair, expected) => {
    expect(correctionsFrom([pair], record)).toEqual(expected);
  });

  test.each([
    '2.description=x',
    '1.amount=1',
    'commitment_line[1]description=x',
    'commitment_line[9].description=x',
  ])('%s is no field, and those of the lines are named', (pair) => {
    expect(() => correctionsFrom([pair], record)).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_FIELD',
        hint: expect.stringMatching(
          /Of a line \(1, 3\): 1\.description\. Of a budget line \(3, 23\.050\): 3\.amount, 3\.uom/,
        ) as string,
      }) as Error,
    );
  });
});
