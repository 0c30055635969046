import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { correctionsFrom } from '../../../src/desk/corrections';
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
  ['no id', ['approve', 'vendor'], /"vendor" is not the id of a request.\nIds look like erp\/5012/],
  ['parked, not waiting', ['approve', '5011'], /5011 is parked, not waiting for approval: The ERP refused/],
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
    /There is no field "colour".\n`tieback correct --help` lists the fields/,
  ],
  ['no pair', ['correct', '5012', 'red'], /"red" is not field=value/],
  ['no values', ['correct', '5012'], /missing required argument/],
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
  expect(questions).toEqual([`\nApprove plan ${planOf('acme').hash.slice(0, 12)}? [y/N] `]);
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

test('values of a correction', () => {
  expect(correctionsFrom(['name= A=B ', 'fax=-', 'email=', 'isActive=false', 'code=7'])).toEqual({
    name: 'A=B',
    fax: null,
    email: null,
    isActive: false,
    code: '7',
  });
});
