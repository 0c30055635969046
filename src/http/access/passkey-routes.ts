import { z } from 'zod';
import { acceptInvitation, invited, listPasskeys, notePasskey, passkeyOf } from '../../desk/access/passkeys';
import { DeskRefusal } from '../../desk/refusal';
import type { Api } from '../api/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { giveLogin, loginCookie } from './cookies';
import type { Doorstep } from './doorstep';
import {
  loginAnswer,
  loginOptions,
  registered,
  registrationAnswer,
  registrationOptions,
  shown,
} from './passkeys';

const invitation = z.string().min(1).max(200);
const options = z.object({ options: z.record(z.string(), z.unknown()) });
const welcome = z.object({ person: z.string() });

/** Logging in with a passkey, and making one with an invitation: each asks for its options first. */
export function passkeyRoutes(api: Api, door: Doorstep): void {
  const { doorkeeper } = door.parts;
  const challenges = new Challenges(door);

  api.post(
    '/invitation/options',
    { schema: { body: z.strictObject({ invitation }), response: { 200: options } } },
    async (request, reply) => {
      const { person } = await door.trying(request, null, () => invited(doorkeeper, request.body.invitation));
      const known = (await listPasskeys(doorkeeper)).filter((passkey) => passkey.person === person);
      const given = await registrationOptions(door.url, person, known);
      challenges.give(reply, 'register', given.challenge);
      return { options: { ...given } };
    },
  );

  api.post(
    '/invitation',
    {
      schema: {
        body: z.strictObject({ invitation, answer: registrationAnswer }),
        response: { 200: welcome },
      },
    },
    async (request, reply) => {
      return door.trying(request, null, async () => {
        const challenge = challenges.take(request, 'register');
        await invited(doorkeeper, request.body.invitation);
        const passkey = await registered(door.url, challenge, request.body.answer);
        const { person } = await acceptInvitation(doorkeeper, request.body.invitation, passkey);
        await door.letIn(request, reply, { ...WITH_PASSKEY, person });
        return { person };
      });
    },
  );

  api.post(
    '/passkey/options',
    { schema: { body: z.strictObject({}), response: { 200: options } } },
    async (_request, reply) => {
      const given = await loginOptions(door.url);
      challenges.give(reply, 'passkey', given.challenge);
      return { options: { ...given } };
    },
  );

  api.post(
    '/passkey',
    { schema: { body: z.strictObject({ answer: loginAnswer }), response: { 200: welcome } } },
    async (request, reply) => {
      const { answer } = request.body;
      const passkey = await door.trying(request, null, () => passkeyOf(doorkeeper, answer.id));
      const { person } = passkey;
      return door.trying(request, person, async () => {
        const challenge = challenges.take(request, 'passkey');
        await notePasskey(doorkeeper, passkey, await shown(door.url, challenge, { passkey, answer }));
        await door.letIn(request, reply, { ...WITH_PASSKEY, person });
        return { person };
      });
    },
  );
}

const WITH_PASSKEY = {
  name: null,
  way: 'passkey',
  issuer: null,
  subject: null,
  sid: null,
  idToken: null,
} as const;

/** What an authenticator signs. Each counts once. */
class Challenges {
  /** Those that were taken here and are not over, by when they are. */
  private readonly taken = new Map<string, string>();

  constructor(private readonly door: Doorstep) {}

  give(reply: FastifyReply, kind: 'register' | 'passkey', challenge: string): void {
    giveLogin(reply, this.door.keys, { kind, challenge, expiresAt: this.door.loginEnds });
  }

  /** Throws `DeskRefusal` `LOGIN_STATE`. */
  take(request: FastifyRequest, kind: 'register' | 'passkey'): string {
    const { keys, now } = this.door;
    const begun = loginCookie(request, keys, { kind, now });
    if (begun === null || this.taken.has(begun.challenge))
      throw new DeskRefusal('LOGIN_STATE', 'This login was not begun in this browser, or it is over.');
    for (const [challenge, expiresAt] of this.taken) if (expiresAt <= now) this.taken.delete(challenge);
    this.taken.set(begun.challenge, begun.expiresAt);
    return begun.challenge;
  }
}
