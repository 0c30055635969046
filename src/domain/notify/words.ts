import { withSeparators } from '../base/money';
import { maskText } from '../base/personal';
import { shorten } from '../base/text';
import { requestWords } from '../request/id';
import type { Due, NoticeTopic } from './due';
import type { Matter } from './matters';

/** A message: one line, and where it leads. */
export interface Message {
  readonly line: string;
  /** In the Desk, from its first slash. */
  readonly path: string;
}

const LONGEST_LINE = 200;

/** What is said of one, and of several. */
const SAYS: Readonly<Record<Exclude<NoticeTopic, 'digest'>, (what: string, count: number) => string>> = {
  needs_me: (what, count) => (count === 1 ? `Needs you: ${what}` : `${count} requests need you`),
  stuck: (what, count) => (count === 1 ? `Stuck: ${what}` : `${count} things are stuck`),
  late: (what, count) =>
    count === 1
      ? `Late: ${what}; its sender has been blocked for most of the time`
      : `${count} requests are late; their senders have been blocked for most of the time`,
  overdue: (what, count) =>
    count === 1 ? `Overdue: ${what} still waits for finance` : `${count} requests are overdue at finance`,
  escalation: (what, count) =>
    count === 1 ? `Still waiting: ${what}` : `${count} things are waiting for too long`,
};

const PAGES: Readonly<Record<NoticeTopic, string>> = {
  needs_me: '/inbox',
  stuck: '/stuck',
  late: '/inbox',
  overdue: '/inbox',
  digest: '/inbox',
  escalation: '/inbox',
};

/** What one message says of one or more notices of the same topic. It names what the subject of a request says, and no amounts unless they are wanted. */
export function messageOf(
  topic: NoticeTopic,
  dues: readonly Due[],
  { amounts }: { readonly amounts: boolean },
): Message {
  const matters = dues.flatMap((due) => due.matters);
  const line =
    topic === 'digest' ? digestLine(matters) : SAYS[topic](whatOf(matters[0], amounts), matters.length);
  const connections = new Set(matters.map(({ connectionId }) => connectionId));
  const [only] = connections.size === 1 ? connections : [];
  const said = maskText(line.replaceAll(/\s+/g, ' ').trim());
  return {
    line: shorten(only === undefined ? said : `${only}: ${said}`, LONGEST_LINE),
    path: pathOf(topic, matters),
  };
}

function digestLine(matters: readonly Matter[]): string {
  const count = (why: Matter['why']): number => matters.filter((one) => one.why === why).length;
  const parts = [
    [count('needs_me'), 'needs you', 'need you'],
    [count('stuck'), 'is stuck', 'are stuck'],
    [count('late'), 'is late', 'are late'],
  ] as const;
  const said = parts.flatMap(([n, one, many]) => (n === 0 ? [] : [`${n} ${n === 1 ? one : many}`]));
  const oldest = matters.map(({ since }) => since).sort()[0] ?? '';
  return `Today ${said.join(', ')}; the oldest since ${oldest.slice(0, 10)}`;
}

function whatOf(matter: Matter | undefined, amounts: boolean): string {
  if (matter === undefined) return '';
  const { requestId, subject, amount, currency } = matter;
  const number = requestId === null ? null : requestWords(requestId);
  const what =
    subject === null
      ? (number ?? 'something of payroll')
      : number === null
        ? subject
        : `${subject} (${number})`;
  return amounts && amount !== null
    ? `${what}, ${withSeparators(amount)}${currency === null ? '' : ` ${currency}`}`
    : what;
}

function pathOf(topic: NoticeTopic, matters: readonly Matter[]): string {
  const [only, second] = matters;
  if (topic === 'digest' || only === undefined || second !== undefined) return PAGES[topic];
  const { connectionId, requestId } = only;
  if (requestId === null) return '/stuck';
  return `/requests/${[connectionId, ...requestId.split('/')].map(encodeURIComponent).join('/')}`;
}
