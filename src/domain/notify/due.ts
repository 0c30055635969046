import { clockIn } from '../base/time-zone';
import type { Matter } from './matters';

/** What people may be told of. */
export const NOTICE_TOPICS = ['needs_me', 'stuck', 'late', 'digest', 'escalation'] as const;
/** Those, and what is told to whom the rules of a connection name (`deadlines`). */
export type NoticeTopic = (typeof NOTICE_TOPICS)[number] | 'overdue';

/** A person or a channel that is told, and of what. */
export interface Receiver {
  readonly name: string;
  /** Who reads it: of what needs somebody, only what needs them. Null: a channel, or nobody alone. */
  readonly person: string | null;
  /** Null: all. */
  readonly connections: readonly string[] | null;
  readonly topics: readonly (typeof NOTICE_TOPICS)[number][];
  /** When the digest is due, by the clocks of `timeZone`. */
  readonly at: { readonly hour: number; readonly minute: number };
  readonly timeZone: string;
  /** After so many hours what still waits is told as an escalation. */
  readonly afterHours: number;
}

/** One thing that one receiver is told once. */
export interface NoticeKey {
  readonly receiver: string;
  readonly topic: NoticeTopic;
  /** Which matter, or of which day the digest is. */
  readonly about: string;
}

/** A notice that was begun, whatever became of it. */
export interface Begun extends NoticeKey {
  readonly claimedAt: string;
}

/** A notice with what it says. */
export interface Due extends NoticeKey {
  /** One; of a digest all that there is. */
  readonly matters: readonly Matter[];
}

const HOUR_MS = 3_600_000;

/** What comes within this time of a message is told with the next one: a hundred requests at once are one message, and not a hundred. */
const GATHER_MS = 5 * 60_000;

/** How a matter is known: one that ended and came back is another. */
export const aboutOf = ({ connectionId, id, since }: Matter): string => `${connectionId}/${id}@${since}`;

/**
 * What is due for somebody now, of what there is to tell, without what was begun before. Nothing that stays is left out for ever: it is due as soon as
 * the last message of its topic is old enough.
 */
export function dueFor(
  receiver: Receiver,
  matters: readonly Matter[],
  begun: readonly Begun[],
  now: string,
): readonly Due[] {
  const { name, connections } = receiver;
  const seen = matters.filter(({ connectionId }) => connections?.includes(connectionId) ?? true);
  const own = begun.filter((one) => one.receiver === name);
  const known = new Set(own.map(({ topic, about }) => `${topic} ${about}`));
  return topicsOf(receiver).flatMap((topic): readonly Due[] => {
    const last = own.filter((one) => one.topic === topic).map(({ claimedAt }) => Date.parse(claimedAt));
    const isTooSoon = last.some((at) => Date.parse(now) - at < GATHER_MS);
    if (isTooSoon) return [];
    return standing(receiver, topic, seen, now).filter((due) => !known.has(`${topic} ${due.about}`));
  });
}

/** What somebody is told of: what they want, and what the rules say that they are told. */
export const topicsOf = ({ topics }: Pick<Receiver, 'topics'>): readonly NoticeTopic[] => [
  ...topics,
  'overdue',
];

/** What one topic has to say at this moment, told or not. */
export function standing(
  receiver: Receiver,
  topic: NoticeTopic,
  matters: readonly Matter[],
  now: string,
): readonly Due[] {
  const { name, connections } = receiver;
  const seen = matters.filter(
    ({ connectionId, to }) =>
      (connections?.includes(connectionId) ?? true) && (to === null || to.includes(name)),
  );
  const each = (some: readonly Matter[]): readonly Due[] => [
    ...new Map(
      some.map((matter) => {
        const about = aboutOf(matter);
        return [about, { receiver: name, topic, about, matters: [matter] }];
      }),
    ).values(),
  ];
  switch (topic) {
    case 'digest': {
      const day = digestDay(receiver, now);
      const about = `digest@${day}`;
      const told = seen.filter(({ why }) => why !== 'overdue');
      return day === null || told.length === 0 ? [] : [{ receiver: name, topic, about, matters: told }];
    }
    case 'escalation':
      return each(
        seen.filter(
          ({ why, since }) =>
            why !== 'late' &&
            why !== 'overdue' &&
            Date.parse(since) + receiver.afterHours * HOUR_MS <= Date.parse(now),
        ),
      );
    default:
      return each(seen.filter(({ why }) => why === topic));
  }
}

/** The day whose digest is due, by the clocks of the receiver; null: it is too early there. */
function digestDay({ at, timeZone }: Receiver, now: string): string | null {
  const shown = new Date(clockIn(Date.parse(now), timeZone));
  const minutes = shown.getUTCHours() * 60 + shown.getUTCMinutes();
  return minutes < at.hour * 60 + at.minute ? null : shown.toISOString().slice(0, 10);
}
