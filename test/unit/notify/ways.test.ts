import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';
import { Secret } from '../../../src/domain/base/secret';
import type { Letter, SmtpSettings } from '../../../src/notify';
import { NotSent, sender } from '../../../src/notify';

const LETTER: Letter = {
  id: '3f9c21aa',
  line: 'acme: Needs you: <Harborline & Sons> [pay here](https://evil.example)',
  link: 'https://desk.acme.example/requests/acme/erp/640018',
};

/** A mail server and what it was given. */
async function mailServer(options: SMTPServerOptions = {}) {
  const got: { from: string; to: readonly string[]; text: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, { envelope }, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = envelope;
        got.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text,
        });
        (done as (error: null, answer: string) => void)(null, 'queued as 42');
      });
    },
    ...options,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const smtp: SmtpSettings = {
    ...{ host: '127.0.0.1', port, secure: false, user: null, password: null },
    from: 'Tieback <tieback@acme.example>',
  };
  return { got, smtp, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

const maria = { kind: 'mail', to: 'maria@acme.example' } as const;

test('a letter arrives at the mail server with line, link and an id of its own', async () => {
  const { got, smtp, close } = await mailServer();
  expect(await sender(smtp)(maria, LETTER)).toContain('queued as 42');
  await close();
  const [mail] = got;
  expect(mail).toMatchObject({ from: 'tieback@acme.example', to: ['maria@acme.example'] });
  expect(mail?.text).toContain('Message-ID: <3f9c21aa@desk.acme.example>');
  expect(mail?.text).toContain('Subject: acme: Needs you: <Harborline & Sons>');
  expect(mail?.text).toContain('Auto-Submitted: auto-generated');
  expect(mail?.text).toContain('https://desk.acme.example/requests/acme/erp/640018');
});

test('what the mail server says against it is told', async () => {
  const { smtp, close } = await mailServer({
    onRcptTo: (_address, _session, done) =>
      done(Object.assign(new Error('no such mailbox'), { responseCode: 550 })),
  });
  await expect(sender(smtp)(maria, LETTER)).rejects.toThrow(/550 no such mailbox/);
  await close();
});

test('a password is not sent to a server that offers no encryption, and stands in no error', async () => {
  const tries: string[] = [];
  const { got, smtp, close } = await mailServer({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) => {
      tries.push(String(password));
      done(null, { user: 'tieback' });
    },
  });
  const withPassword = { ...smtp, user: 'tieback', password: new Secret('correct-horse-battery') };
  const failed = await sender(withPassword)(maria, LETTER).catch((error: unknown) => error);
  await close();
  expect(failed).toBeInstanceOf(NotSent);
  expect(String(failed)).not.toContain('correct-horse-battery');
  expect(tries).toEqual([]);
  expect(got).toEqual([]);
});

test('a server that is not there is an error in time', async () => {
  const { smtp, close } = await mailServer();
  await close();
  await expect(sender(smtp)(maria, LETTER)).rejects.toThrow(/ECONNREFUSED/);
});

describe('channels', () => {
  let server: Server;
  let url: Secret;
  let answers: { status: number; body: string; headers?: Record<string, string> };
  const got: { path: string; body: unknown }[] = [];

  beforeEach(async () => {
    got.length = 0;
    answers = { status: 200, body: 'ok' };
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        got.push({ path: request.url ?? '', body: JSON.parse(body) });
        response.writeHead(answers.status, answers.headers).end(answers.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = new Secret(`http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/very-secret`);
  });
  afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));

  test('Slack gets text in which nothing is markup but our link', async () => {
    expect(await sender(null)({ kind: 'slack', url }, LETTER)).toBe('200 ok');
    expect(got).toEqual([
      {
        path: '/services/T0/B0/very-secret',
        body: {
          text: 'acme: Needs you: &lt;Harborline &amp; Sons&gt; [pay here](https://evil.example) <https://desk.acme.example/requests/acme/erp/640018|Open>',
          unfurl_links: false,
        },
      },
    ]);
  });

  test('Teams gets an adaptive card with plain runs of text', async () => {
    answers = { status: 202, body: '' };
    expect(await sender(null)({ kind: 'teams', url }, LETTER)).toBe('202');
    expect(got[0]?.body).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            type: 'AdaptiveCard',
            body: [{ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: LETTER.line }] }],
            actions: [{ type: 'Action.OpenUrl', url: LETTER.link }],
          },
        },
      ],
    });
  });

  test.each([
    ['refuses', { status: 403, body: 'invalid_token' }, /403 invalid_token/],
    [
      'sends elsewhere',
      { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } },
      /did not answer/,
    ],
  ])('one that %s is an error without its address', async (_what, given, words) => {
    answers = given;
    const failed = (await sender(null)({ kind: 'slack', url }, LETTER).catch(
      (error: unknown) => error,
    )) as Error;
    expect(failed).toBeInstanceOf(NotSent);
    expect(failed.message).toMatch(words);
    expect(failed.message).not.toContain('very-secret');
  });
});
