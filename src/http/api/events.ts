import { PassThrough } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { LiveWatch, News } from '../../desk/live/watch';
import { DeskRefusal } from '../../desk/refusal';
import { positionIn, positionText, TOPICS, toldTo } from '../../domain/live/topics';
import type { Visitor } from '../../domain/people/access';
import type { Feature, VisitorSource } from './api';
import { visitorOf } from './api';

/** What is behind it. */
export interface LiveSource extends VisitorSource {
  readonly live: Pick<LiveWatch, 'join' | 'position'>;
}

/** How streams are kept. */
export interface EventLimits {
  /** Time between two signs of life, at which it is asked again who listens: half of what cuts a silent connection. */
  readonly beatMs: number;
  /** A browser has one stream; a person has a few browsers. */
  readonly perPerson: number;
  readonly inAll: number;
  /** What somebody does not take in, in bytes, before they are sent away: they go on from where they were. */
  readonly unread: number;
}

const LIMITS: EventLimits = { beatMs: 15_000, perPerson: 8, inAll: 250, unread: 256 * 1024 };

/** When a browser comes again by itself, in milliseconds. */
const RETRY_MS = 3_000;

const told = z.object({
  topic: z.enum(TOPICS),
  connection: z.string(),
  /** Null: several, or it is not said which. */
  id: z.string().nullable(),
});

const asked = z.object({
  /** Id of the last event that was heard, where the header `Last-Event-ID` cannot be set. */
  after: z.string().max(4_000).optional(),
});

/**
 * `GET /api/events`: what changed, as server-sent events, by topic, connection and id alone. `change` has a list of changes, `reset` says that everything
 * may be old, `beat` that all is well, `out` that nobody is logged in any more. The id of each is where to go on from. Written here, and not by
 * `@fastify/sse`: that wants a newer Node than we promise, and half of it is what is asked here at every beat.
 */
export const eventsFeature =
  (source: LiveSource, limits: EventLimits = LIMITS): Feature =>
  (api) => {
    const streams = new Map<string, number>();
    let all = 0;
    const enter = ({ id }: Visitor): (() => void) => {
      const own = streams.get(id) ?? 0;
      if (own >= limits.perPerson || all >= limits.inAll)
        throw new DeskRefusal('TOO_MANY_STREAMS', 'Too many pages listen at once: close some of them.');
      streams.set(id, own + 1);
      all += 1;
      return () => {
        const left = (streams.get(id) ?? 1) - 1;
        if (left === 0) streams.delete(id);
        else streams.set(id, left);
        all -= 1;
      };
    };
    api.get(
      '/events',
      {
        // A browser that asks by itself is nobody who is there.
        config: { roles: 'known', passive: true },
        exposeHeadRoute: false,
        schema: {
          querystring: asked,
          response: {
            200: {
              description: 'Server-sent events; this is the data of those that are called `change`.',
              content: { 'text/event-stream': { schema: z.array(told) } },
            },
          },
        },
      },
      async (request, reply) => {
        const leave = enter(visitorOf(request));
        const stream = new EventStream(source, request, limits);
        stream.out.once('close', leave);
        const { 'last-event-id': last } = request.headers;
        const since = positionIn(typeof last === 'string' ? last : (request.query.after ?? ''));
        await stream.begin(since);
        return reply
          .type('text/event-stream; charset=utf-8')
          .header('cache-control', 'no-store, no-transform')
          .header('x-accel-buffering', 'no')
          .send(stream.out as never);
      },
    );
  };

/** One listener: what it may hear is written as it happens, until it leaves or is not logged in any more. */
class EventStream {
  readonly out = new PassThrough();
  private visitor: Visitor;

  constructor(
    private readonly source: LiveSource,
    private readonly request: FastifyRequest,
    private readonly limits: EventLimits,
  ) {
    this.visitor = visitorOf(request);
    // Who goes away in the middle of a word is no error.
    this.out.on('error', () => undefined);
  }

  async begin(since: Parameters<LiveWatch['join']>[1]): Promise<void> {
    this.out.write(`retry: ${RETRY_MS}\n\n`);
    const leave = await this.source.live
      .join((news) => this.tell(news), since)
      .catch((error: unknown) => {
        this.out.destroy();
        throw error;
      });
    this.write('beat');
    const timer = setInterval(() => void this.beat(), this.limits.beatMs);
    const end = (): void => {
      clearInterval(timer);
      leave();
    };
    if (this.out.destroyed) end();
    else this.out.once('close', end);
  }

  private tell({ changes, position }: News): void {
    if (changes === 'all') return this.write('reset', {}, position);
    const list = toldTo(this.visitor.grants, changes);
    if (list.length > 0) this.write('change', list, position);
  }

  /** Asks again who listens. Whose answer does not come is let go, and comes again. */
  private async beat(): Promise<void> {
    try {
      this.visitor = await this.source.visitor(this.request);
      this.write('beat');
    } catch (error) {
      if (error instanceof DeskRefusal && error.code === 'NOT_LOGGED_IN') this.write('out');
      this.out.end();
    }
  }

  /** Everything up to the position was told before. */
  private write(name: string, data: unknown = {}, position = this.source.live.position): void {
    if (this.out.writableEnded || this.out.destroyed) return;
    if (this.out.writableLength > this.limits.unread) {
      this.out.destroy();
      return;
    }
    const id = position === null ? '' : `id: ${positionText(position, this.visitor.grants)}\n`;
    this.out.write(`${id}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
