import { z } from 'zod';
import { issueLines } from '../../../../src/domain/base/issue-words';

const SCHEMA = z.strictObject({
  host: z.string(),
  port: z.int({ error: 'a whole number' }),
  login: z.strictObject({ user: z.string() }).optional(),
});

const linesOf = (given: unknown): readonly string[] =>
  issueLines(SCHEMA.safeParse(given).error?.issues ?? [], given, 'settings');

test.each([
  [{ port: 1 }, ['host: it is missing']],
  [{ host: 'sql01' }, ['port: it is missing: a whole number']],
  [{ host: 7, port: 1 }, ['host: a text is expected, not a number']],
  [{ host: 'sql01', port: 'x' }, ['port: a whole number']],
  [
    { host: 'sql01', port: 1, login: { user: 'a', pass: 'b' } },
    ['login.pass: there is no such key here; check the spelling'],
  ],
  [[], ['settings: a section with keys is expected, not a list']],
])('%j', (given, lines) => {
  expect(linesOf(given)).toEqual(lines);
});
