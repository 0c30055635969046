import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { EndedBy, Ending } from '../../desk/access/sessions';
import { endSessions, listSessions, notLoggedIn, sessionVisitor } from '../../desk/access/sessions';
import { DeskRefusal } from '../../desk/refusal';
import type { Visitor } from '../../domain/people/access';
import type { SealedSession } from '../../domain/people/session';
import type { VisitorSource } from '../api/api';
import { sessionCookie } from './cookies';
import { Ended } from './ended';
import { Guesses } from './guesses';
import type { AccessParts } from './parts';
import { authPlugin } from './routes';
import { assertSameOrigin } from './same-origin';

export type { AccessParts } from './parts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Browsers ask by themselves: it keeps no session alive. */
    readonly passive?: boolean;
  }
}

/** Failures without a pause: of an address at the API, of an address at the login, of an account. */
const FREE = { api: 20, login: 10, account: 5 } as const;

/** Who may come in: at the API with a personal token or the cookie of a session, and how they get one. */
export class Access implements VisitorSource {
  private readonly guesses: Guesses;
  private readonly ended = new Ended();
  /** `/auth/...`: how people log in and out. */
  readonly plugin: FastifyPluginAsync;

  constructor(private readonly parts: AccessParts) {
    const clock = (): number => Date.parse(parts.doorkeeper.now());
    this.guesses = new Guesses(FREE.api, clock);
    this.plugin = authPlugin({
      ...parts,
      end: (which, how, actor) => this.end(which, how, actor),
      addresses: new Guesses(FREE.login, clock),
      accounts: new Guesses(FREE.account, clock),
    });
  }

  /**
   * Who calls. A token is looked at first: no other page can have a browser send one. With a cookie, what changes something must come from our own pages. Throws
   * `DeskRefusal` `NOT_LOGGED_IN`, `FOREIGN_ORIGIN`, `NOT_JSON`, `TOO_MANY_TRIES`.
   */
  async visitor(request: FastifyRequest): Promise<Visitor> {
    const { authorization } = request.headers;
    const cookie = sessionCookie(request);
    if (authorization === undefined && cookie === null)
      throw notLoggedIn('Log in, or show a personal token: Authorization: Bearer tbk_...');
    try {
      return authorization === undefined
        ? await this.ofCookie(request, cookie ?? '')
        : await this.parts.bearer(authorization);
    } catch (error) {
      if (!(error instanceof DeskRefusal) || error.code !== 'NOT_LOGGED_IN') throw error;
      // Whoever shows what holds is never kept waiting: many may share an address.
      this.guesses.assertMayTry(request.ip);
      this.guesses.note(request.ip);
      throw error;
    }
  }

  private async ofCookie(request: FastifyRequest, secret: string): Promise<Visitor> {
    const url = this.parts.url();
    if (url === null) throw notLoggedIn('Nobody can log in with a browser here: desk.url is not set.');
    assertSameOrigin(request, url);
    const passive = request.routeOptions.config.passive === true;
    return (await sessionVisitor(this.parts.doorkeeper, secret, { passive })).visitor;
  }

  /** Calls back once when the session of a visitor is ended through this daemon; the answer takes that back. Their streams close then. */
  whenEnded({ sessionId }: Visitor, close: () => void): () => void {
    return sessionId === undefined ? () => undefined : this.ended.when(sessionId, close);
  }

  /** Sessions that hold, without what opens them. */
  sessions(): Promise<readonly SealedSession[]> {
    return listSessions(this.parts.doorkeeper);
  }

  /** Ends sessions and closes their streams. Answers those that were ended. */
  async end(which: Ending, how: EndedBy, actor: string): Promise<readonly SealedSession[]> {
    const ended = await endSessions(this.parts.doorkeeper, which, { actor, how });
    this.ended.tell(ended.map(({ id }) => id));
    return ended;
  }

  /**
   * For pages: whoever is not logged in is sent to the login and comes back. A hook, and nothing for what a page loads.
   */
  readonly pageGuard = async (
    request: FastifyRequest,
    reply: { redirect(url: string, code?: number): unknown },
  ): Promise<void> => {
    try {
      await this.visitor(request);
    } catch (error) {
      if (!(error instanceof DeskRefusal)) throw error;
      await reply.redirect(`/login?returnTo=${encodeURIComponent(request.url)}`, 302);
    }
  };
}
