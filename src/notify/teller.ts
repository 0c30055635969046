import { randomUUID } from 'node:crypto';
import { groupBy } from '../domain/base/group-by';
import { concernsOf } from '../domain/notify/concerns';
import type { Begun, Due, NoticeTopic, Receiver } from '../domain/notify/due';
import { dueFor, standing, topicsOf } from '../domain/notify/due';
import type { Matter } from '../domain/notify/matters';
import { mattersOf } from '../domain/notify/matters';
import { messageOf } from '../domain/notify/words';
import type { Grant } from '../domain/people/access';
import type { ConnectionPolicy } from '../domain/request/connection-policy';
import type { Repositories } from '../store/repositories';
import type { NoticeChange } from '../store/repositories/notices';
import type { NoticeRow } from '../store/rows';
import type { Store } from '../store/store';
import type { Logger } from '../telemetry/logger';
import type { Address, Send } from './send';

/** A receiver, and where they are told. */
export interface Addressee extends Receiver {
  readonly address: Address;
}

export interface TellerParts {
  readonly store: Store;
  readonly logger: Logger;
  readonly now: () => string;
  readonly send: Send;
  readonly receivers: readonly Addressee[];
  /** Every connection, with the policy of the configuration. */
  readonly connections: readonly { readonly id: string; readonly policy: ConnectionPolicy }[];
  /** The policy in force: that of the configuration, or what was changed in the Desk. */
  readonly policyNow: (
    t: Repositories,
    connection: { readonly id: string; readonly policy: ConnectionPolicy },
  ) => Promise<ConnectionPolicy>;
  /** What somebody is let in for. */
  readonly grantsOf: (person: string) => readonly Grant[];
  /** Address of the Desk, without a slash at its end. */
  readonly url: string;
  readonly amounts: boolean;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Longer than any server is waited for: whoever has not answered for by then is dead. */
const LEASE_MS = 5 * MINUTE_MS;
const LONGEST_PAUSE_MS = HOUR_MS;
const GIVE_UP_MS = 24 * HOUR_MS;
/** What ended and does not stand any more is remembered for so long. */
const REMEMBERED_MS = 30 * 24 * HOUR_MS;

/**
 * Tells people what is due. A notice is claimed in our store before it is sent, so nobody is told twice, after a restart or by two daemons. What a server
 * took while its answer was lost, or the daemon was killed, is sent again: such a message may come twice, with the same id.
 */
export class Teller {
  private forgotMs = 0;

  constructor(private readonly parts: TellerParts) {}

  /** Claims what is due, and sends what is to be sent. */
  async round(): Promise<void> {
    const matters = await this.claim();
    const waiting = await this.parts.store.read('notify.waiting', (t) => t.notices.waiting(this.parts.now()));
    const messages = [...groupBy(waiting, ({ message }) => message).values()];
    const told = await Promise.allSettled(messages.map((rows) => this.tell(rows, matters)));
    await this.forget(matters);
    for (const one of told) if (one.status === 'rejected') throw one.reason;
  }

  /** Answers what there is to tell of. Who claims holds the connections, as everybody does who changes what is told of them. */
  private async claim(): Promise<readonly Matter[]> {
    const { store, connections, now } = this.parts;
    const found = await store.read('notify.due', async (t) => {
      const matters = await this.matters(t);
      return { matters, due: this.due(matters, await t.notices.begun()) };
    });
    if (found.due.length === 0) return found.matters;
    const ids = connections.map(({ id }) => id);
    return store.transaction('notify.claim', ids, async (t) => {
      const matters = await this.matters(t);
      const at = now();
      const rows = this.due(matters, await t.notices.begun()).map(
        ({ message, receiver, topic, about }): NoticeRow => ({
          ...{ receiver, topic, about, message },
          ...{ state: 'open', tries: 0, claimedAt: at, nextAt: at, reason: null },
        }),
      );
      t.notices.claim(rows);
      return matters;
    });
  }

  private async matters(t: Repositories): Promise<readonly Matter[]> {
    const { connections, receivers, policyNow, grantsOf } = this.parts;
    const now = this.parts.now();
    const all = await Promise.all(
      connections.map(async (connection) => ({
        requests: await t.requests.openToTell(connection.id),
        exceptions: await t.exceptions.listOpen(connection.id),
        policy: await policyNow(t, connection),
      })),
    );
    const policies = new Map(
      connections.map(({ id }, index) => [id, all[index]?.policy as ConnectionPolicy]),
    );
    return mattersOf(
      all.flatMap(({ requests }) =>
        requests.map(({ about, ...request }) => ({
          ...request,
          amount: about?.amount ?? null,
          currency: about?.currency ?? null,
        })),
      ),
      all.flatMap(({ exceptions }) => exceptions),
      {
        now,
        blockedHours: (id) => connections.find((one) => one.id === id)?.policy.openDetailHours ?? 0,
        concerns: concernsOf({ receivers, policies, grantsOf, now }),
      },
    );
  }

  /** One message for all that is due of a topic. */
  private due(matters: readonly Matter[], begun: readonly Begun[]): readonly (Due & { message: string })[] {
    return this.parts.receivers.flatMap((receiver) => {
      const messages = new Map<NoticeTopic, string>();
      return dueFor(receiver, matters, begun, this.parts.now()).map((due) => {
        const message = messages.get(due.topic) ?? randomUUID();
        messages.set(due.topic, message);
        return { ...due, message };
      });
    });
  }

  private async tell(rows: readonly NoticeRow[], matters: readonly Matter[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const { message, nextAt, topic, receiver: name, tries, claimedAt } = first;
    const { now, logger, send, receivers, url, amounts } = this.parts;
    const receiver = receivers.find((one) => one.name === name);
    const stands = receiver === undefined ? [] : standing(receiver, topic, matters, now());
    const due = new Map(stands.map((one) => [one.about, one]));
    const dues = rows.flatMap(({ about }) => due.get(about) ?? []);
    const gone = rows.filter(({ about }) => !due.has(about));
    const left = rows.filter(({ about }) => due.has(about));
    const lease = later(now(), LEASE_MS);
    const isOurs = await this.change(rows, nextAt, { nextAt: lease, tries: tries + 1 }, gone);
    if (!isOurs || receiver === undefined || left.length === 0) return;
    const { line, path } = messageOf(topic, dues, { amounts });
    try {
      await send(receiver.address, { id: message, line, link: `${url}${path}` });
    } catch (error) {
      const reason = (error as Error).message.slice(0, 400);
      const isOver = Date.parse(now()) - Date.parse(claimedAt) >= GIVE_UP_MS;
      if (isOver)
        logger.error('Somebody could not be told for a day, and will not be', {
          receiver: name,
          topic,
          reason,
        });
      else logger.warn('Somebody could not be told; it is tried again', { receiver: name, topic, reason });
      const pauseMs = Math.min(MINUTE_MS * 2 ** tries, LONGEST_PAUSE_MS);
      await this.change(
        left,
        lease,
        isOver ? { state: 'given_up', reason } : { nextAt: later(now(), pauseMs), reason },
      );
      return;
    }
    await this.change(left, lease, { state: 'sent', reason: null });
  }

  /** False: another daemon has it. `gone`: what of it is let go. */
  private async change(
    rows: readonly NoticeRow[],
    nextAt: string,
    values: NoticeChange,
    gone: readonly NoticeRow[] = [],
  ): Promise<boolean> {
    const message = rows[0]?.message ?? '';
    try {
      await this.parts.store.transaction('notify.change', null, async (t) => {
        t.notices.change(message, { nextAt, rows: rows.length }, values);
        t.notices.drop(
          message,
          gone.map(({ about }) => about),
        );
      });
      return true;
    } catch (error) {
      if ((error as Error).name === 'NoticeTaken') return false;
      throw error;
    }
  }

  private async forget(matters: readonly Matter[]): Promise<void> {
    const { store, now, receivers } = this.parts;
    const at = now();
    if (Date.parse(at) - this.forgotMs < HOUR_MS) return;
    this.forgotMs = Date.parse(at);
    const all = receivers.flatMap((receiver) =>
      topicsOf(receiver).flatMap((topic) => standing(receiver, topic, matters, at).map(({ about }) => about)),
    );
    await store.transaction('notify.forget', null, (t) =>
      t.notices.forget(later(at, -REMEMBERED_MS), [...new Set(all)]),
    );
  }
}

const later = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();
