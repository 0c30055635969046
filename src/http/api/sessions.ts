import { z } from 'zod';
import type { EndedBy, Ending } from '../../desk/access/sessions';
import { DeskRefusal } from '../../desk/refusal';
import type { Visitor } from '../../domain/people/access';
import type { SealedSession } from '../../domain/people/session';
import { LOGIN_WAYS } from '../../domain/people/session';
import type { Feature } from './api';
import { visitorOf } from './api';

/** What is behind it. */
export interface SessionSource {
  /** Sessions that hold. */
  sessions(): Promise<readonly SealedSession[]>;
  /** Ends sessions, and closes their streams. */
  end(which: Ending, how: EndedBy, actor: string): Promise<readonly SealedSession[]>;
}

const sessions = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      person: z.string(),
      name: z.string().nullable(),
      way: z.enum(LOGIN_WAYS),
      createdAt: z.string(),
      lastSeenAt: z.string(),
      expiresAt: z.string(),
      /** The one in which this is asked. */
      isThis: z.boolean(),
    }),
  ),
});

/** Whoever administers everything sees the sessions of others, too; everybody sees their own. */
const maySee =
  ({ id, grants }: Visitor) =>
  ({ person }: SealedSession): boolean =>
    person === id || grants.some(({ role, connections }) => role === 'admin' && connections === null);

/** `GET /api/sessions` and `POST /api/sessions/end`: who is logged in to the Desk. */
export const sessionFeature =
  (source: SessionSource): Feature =>
  (api) => {
    api.get(
      '/sessions',
      { config: { roles: 'known' }, schema: { response: { 200: sessions } } },
      async (request) => {
        const visitor = visitorOf(request);
        const seen = (await source.sessions()).filter(maySee(visitor));
        return {
          sessions: seen.map(({ id, person, name, way, createdAt, lastSeenAt, endsAt }) => ({
            ...{ id, person, name, way, createdAt, lastSeenAt },
            expiresAt: endsAt,
            isThis: id === visitor.sessionId,
          })),
        };
      },
    );
    api.post(
      '/sessions/end',
      {
        config: { roles: 'known' },
        schema: {
          body: z.strictObject({ id: z.string().min(1).max(40) }),
          response: { 200: z.object({ ended: z.array(z.string()) }) },
        },
      },
      async (request) => {
        const { id } = request.body;
        const visitor = visitorOf(request);
        const isSeen = (await source.sessions()).filter(maySee(visitor)).some((one) => one.id === id);
        if (!isSeen) throw new DeskRefusal('SESSION_UNKNOWN', `There is no session "${id}".`);
        const ended = await source.end({ id }, 'revoked', visitor.id);
        return { ended: ended.map((one) => one.id) };
      },
    );
  };
