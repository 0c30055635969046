import type { AskedLinks } from '../../../src/desk/links/decide';
import { DeskRefusal } from '../../../src/desk/refusal';
import { doorWith } from './door';

const HASH = 'a'.repeat(64);
const PAIR = { erpKey: '1|1', procoreId: 901, erpRevision: HASH, procoreRevision: HASH };

/** Behind the door stands whoever may link on `acme`. */
async function post(
  payload: object,
  authorization = 'Bearer tbk_maria',
): Promise<{ status: number; body: unknown; asked: readonly AskedLinks[] }> {
  const asked: AskedLinks[] = [];
  const app = await doorWith({
    decideLinks: ({ id }, given) => {
      if (given.connectionId !== 'acme')
        return Promise.reject(new DeskRefusal('NotAllowed', `"${id}" is no approver of this connection.`));
      asked.push(given);
      return Promise.resolve(given.answers.map((answer) => ({ answer, refused: null })));
    },
  });
  const answer = await app.inject({ method: 'POST', url: '/api/links', headers: { authorization }, payload });
  await app.close();
  return { status: answer.statusCode, body: answer.json(), asked };
}

test('what is asked goes to the desk as it was asked, and its answers come back', async () => {
  const answers = [
    { how: 'accept', ...PAIR },
    { how: 'merge', procoreId: 1, into: 2 },
  ];
  const { status, body, asked } = await post({ connection: 'acme', kind: 'vendor', answers, channel: 'cli' });
  expect(status).toBe(200);
  expect(asked).toEqual([{ connectionId: 'acme', kind: 'vendor', answers, comment: '' }]);
  expect(body).toEqual({ outcomes: answers.map((answer) => ({ answer, refused: null })) });
});

test.each<[string, object, number, string]>([
  ['no such kind', { kind: 'supplier' }, 400, 'BAD_INPUT'],
  ['no answers', { answers: [] }, 400, 'BAD_INPUT'],
  [
    'a pair that nobody looked at',
    { answers: [{ how: 'accept', erpKey: '1|1', procoreId: 901 }] },
    400,
    'BAD_INPUT',
  ],
  ['an id that is none', { answers: [{ how: 'link', erpKey: '1|1', procoreId: 1.5 }] }, 400, 'BAD_INPUT'],
  ['a connection that is not theirs', { connection: 'larkspur' }, 403, 'NotAllowed'],
])('%s is refused', async (_what, more, status, code) => {
  const whole = { connection: 'acme', kind: 'vendor', answers: [{ how: 'reject', ...PAIR }] };
  expect(await post({ ...whole, ...more })).toMatchObject({ status, body: { error: { code } }, asked: [] });
});

test('without a token that holds nobody is heard', async () => {
  const whole = { connection: 'acme', kind: 'vendor', answers: [{ how: 'reject', ...PAIR }] };
  expect(await post(whole, 'Bearer tbk_other')).toMatchObject({ status: 401, asked: [] });
  expect(await post(whole, '')).toMatchObject({ status: 401, asked: [] });
});
