import type { Secret } from '../domain/base/secret';
import type { Letter } from './send';
import { NotSent } from './send';

const ANSWER_MS = 20_000;
const LONGEST_ANSWER = 200;

/**
 * What Slack takes at an incoming webhook: `text`, in which `<address|words>` is a link and `&`, `<` and `>` are escaped
 * (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and .../formatting-message-text).
 */
const slack = ({ line, link }: Letter): object => ({
  text: `${escaped(line)} <${escaped(link)}|Open>`,
  unfurl_links: false,
});

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * What Teams takes at a webhook of a workflow ("Post to a channel when a webhook request is received"): a message with one adaptive card
 * (learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using, "Send Adaptive Cards"; connectors of Office 365
 * are retired). Runs of text, because a block of text reads Markdown, and a name could be a link.
 */
const teams = ({ line, link }: Letter): object => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      contentUrl: null,
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.2',
        body: [{ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: line }] }],
        actions: [{ type: 'Action.OpenUrl', title: 'Open', url: link }],
      },
    },
  ],
});

const BODIES = { slack, teams } as const;

/** Posts a letter to a channel and answers what the other end said. Throws `NotSent`, which never has the address in it. */
export async function postToChannel(kind: keyof typeof BODIES, url: Secret, letter: Letter): Promise<string> {
  const { status, text } = await post(kind, url, JSON.stringify(BODIES[kind](letter)));
  const said = `${status} ${text.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_ANSWER)}`.trim();
  if (status < 200 || status > 299) throw new NotSent(`The webhook of ${kind} did not take it: ${said}`);
  return said;
}

async function post(kind: string, url: Secret, body: string): Promise<{ status: number; text: string }> {
  try {
    const answer = await fetch(url.reveal(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    // What `fetch` says may hold the address.
    const { name, cause } = error as { name: string; cause?: { code?: string } };
    throw new NotSent(`The webhook of ${kind} did not answer (${cause?.code ?? name})`);
  }
}
