import { randomBytes, randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Arrival, EndedBy, Ending, Present } from '../../desk/access/sessions';
import { openSession, sessionVisitor } from '../../desk/access/sessions';
import { DeskRefusal } from '../../desk/refusal';
import type { SigningKeys } from '../../domain/people/signing-keys';
import type { SealedSession } from '../../domain/people/session';
import { SESSION_BYTES } from '../../domain/people/session';
import { giveSession, LOGIN_MS, sessionCookie, takeLogin } from './cookies';
import type { Guesses } from './guesses';
import type { AccessParts } from './parts';
import { assertSameOrigin } from './same-origin';

/** What the routes of the login share. */
export interface DoorstepParts extends AccessParts {
  readonly end: (which: Ending, how: EndedBy, actor: string) => Promise<readonly SealedSession[]>;
  /** Failures at the login, by address and by account. */
  readonly addresses: Guesses;
  readonly accounts: Guesses;
}

/** Where people stand who are not known yet. */
export class Doorstep {
  constructor(readonly parts: DoorstepParts) {}

  /** Throws `DeskRefusal` `NOT_HERE`. */
  get url(): string {
    const url = this.parts.url();
    if (url === null)
      throw new DeskRefusal('NOT_HERE', 'Nobody can log in with a browser here: desk.url is not set.');
    return url;
  }

  get keys(): SigningKeys {
    return this.parts.doorkeeper.keys;
  }

  get now(): string {
    return this.parts.doorkeeper.now();
  }

  /** When a login that begins now is over. */
  get loginEnds(): string {
    return new Date(Date.parse(this.now) + LOGIN_MS).toISOString();
  }

  /** Throws `DeskRefusal` `FOREIGN_ORIGIN`, `NOT_JSON`. */
  fromOwnPage(request: FastifyRequest): void {
    const url = this.parts.url();
    if (url !== null) assertSameOrigin(request, url);
  }

  /** A try to log in: one that is refused counts against the address, and against the account where it is known. Throws `TooManyTries`. */
  async trying<T>({ ip }: FastifyRequest, account: string | null, work: () => Promise<T>): Promise<T> {
    const { addresses, accounts, logger } = this.parts;
    addresses.assertMayTry(ip);
    if (account !== null) accounts.assertMayTry(account);
    try {
      return await work();
    } catch (error) {
      if (error instanceof DeskRefusal && !OF_OURS.includes(error.code)) {
        addresses.note(ip);
        if (account !== null) accounts.note(account);
        logger.warn('A login was refused', { code: error.code, reason: error.message, address: ip, account });
      }
      throw error;
    }
  }

  /** Lets somebody in: a session with a new id, whatever the browser showed before; that one is over. Throws `DeskRefusal` `NOT_LET_IN`. */
  async letIn(request: FastifyRequest, reply: FastifyReply, arrival: Arrival): Promise<void> {
    const before = await this.present(request);
    const secret = randomBytes(SESSION_BYTES).toString('base64url');
    await openSession(this.parts.doorkeeper, arrival, { id: randomUUID(), secret });
    if (before !== null) await this.parts.end({ id: before.session.id }, 'logout', before.session.person);
    takeLogin(reply);
    giveSession(reply, secret);
  }

  /** Who is logged in already; null: nobody. It keeps no session alive. */
  async present(request: FastifyRequest): Promise<Present | null> {
    const secret = sessionCookie(request);
    if (secret === null) return null;
    return sessionVisitor(this.parts.doorkeeper, secret, { passive: true }).catch((error: unknown) => {
      if (error instanceof DeskRefusal) return null;
      throw error;
    });
  }
}

/** Refusals that are no failed try. */
const OF_OURS: readonly string[] = ['PROVIDER_AWAY', 'TOO_MANY_TRIES', 'NOT_HERE'];
