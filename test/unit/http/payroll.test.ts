import type { AskedPerson } from '../../../src/desk/payroll/people';
import { DeskRefusal } from '../../../src/desk/refusal';
import { accepted } from '../domain/payroll/people';
import { doorWith } from './door';

const HASH = 'a'.repeat(64);
const ACCEPT = {
  how: 'accept',
  personId: 7,
  employeeKey: '1|501',
  personRevision: HASH,
  employeeRevision: HASH,
};

async function post(
  payload: object,
): Promise<{ status: number; body: unknown; asked: readonly (readonly unknown[])[] }> {
  const asked: (readonly [string, AskedPerson, string])[] = [];
  const app = await doorWith({
    decidePerson: ({ id }, given, channel) => {
      asked.push([id, given, channel]);
      return given.answer.employeeKey === '1|502'
        ? Promise.reject(new DeskRefusal('SIDES_UNREAD', 'The ERP is away.'))
        : Promise.resolve(accepted());
    },
  });
  const headers = { authorization: 'Bearer tbk_maria' };
  const answer = await app.inject({ method: 'POST', url: '/api/payroll/people', headers, payload });
  await app.close();
  return { status: answer.statusCode, body: answer.json(), asked };
}

test('what is asked goes to the desk as it was asked, in the name of who asks', async () => {
  const { status, body, asked } = await post({ connection: 'acme', answer: ACCEPT, channel: 'cli' });
  expect([status, body]).toEqual([200, { decided: accepted() }]);
  expect(asked).toEqual([['maria', { connectionId: 'acme', answer: ACCEPT, comment: '' }, 'cli']]);
});

test.each<[string, object, number, string]>([
  ['a pair that nobody looked at', { ...ACCEPT, personRevision: undefined }, 400, 'BAD_INPUT'],
  ['a person that is none', { ...ACCEPT, personId: 1.5 }, 400, 'BAD_INPUT'],
  ['no answer', { how: 'guess' }, 400, 'BAD_INPUT'],
  ['an ERP that is away', { ...ACCEPT, employeeKey: '1|502' }, 503, 'SIDES_UNREAD'],
])('%s is refused', async (_what, answer, status, code) => {
  expect(await post({ connection: 'acme', answer })).toMatchObject({ status, body: { error: { code } } });
});
