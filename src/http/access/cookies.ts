import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSealedBy, sealedBy } from '../../domain/people/sealed';
import type { Sealed } from '../../domain/people/sealed';
import type { SigningKeys } from '../../domain/people/signing-keys';

/** Of the session. The prefix has browsers keep it to this host, and take it over a safe connection alone. */
export const SESSION_COOKIE = '__Host-desk';
/** Of a login that has begun: what is to come back, for a few minutes. */
const LOGIN_COOKIE = '__Host-desk-login';

/** Lax, not strict: coming back from the provider would look like not being logged in. */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** Values of ours need no quoting: base64url. */
function cookieOf({ headers }: FastifyRequest, name: string): string | null {
  const all = (headers.cookie ?? '').split(';').map((text) => text.trim());
  const found = all.find((text) => text.startsWith(`${name}=`));
  return found?.slice(name.length + 1) || null;
}

/** Without `seconds` it is gone when the browser is closed. */
const send = (reply: FastifyReply, name: string, value: string, seconds?: number): void => {
  const age = seconds === undefined ? '' : `Max-Age=${seconds}; `;
  void reply.header('set-cookie', `${name}=${value}; ${age}${ATTRIBUTES}`);
};

/** What the browser shows of its session; null: nothing. */
export const sessionCookie = (request: FastifyRequest): string | null => cookieOf(request, SESSION_COOKIE);

export const giveSession = (reply: FastifyReply, secret: string): void => send(reply, SESSION_COOKIE, secret);
export const takeSession = (reply: FastifyReply): void => send(reply, SESSION_COOKIE, '', 0);

/** A login that has begun, at the provider or with a passkey. */
export type Begun =
  | {
      readonly kind: 'oidc';
      readonly state: string;
      readonly nonce: string;
      readonly verifier: string;
      readonly returnTo: string;
      /** ISO 8601 UTC. */
      readonly expiresAt: string;
    }
  | { readonly kind: 'register' | 'passkey'; readonly challenge: string; readonly expiresAt: string };

/** So long a login may take. */
export const LOGIN_MS = 600_000;

export function giveLogin(reply: FastifyReply, keys: SigningKeys, begun: Begun): void {
  const sealed = sealedBy(keys, 'login', begun);
  const text = Buffer.from(JSON.stringify(sealed)).toString('base64url');
  send(reply, LOGIN_COOKIE, text, LOGIN_MS / 1000);
}

export const takeLogin = (reply: FastifyReply): void => send(reply, LOGIN_COOKIE, '', 0);

/** The login that this browser has begun here; null: none that is ours, of this kind and not over. */
export function loginCookie<Kind extends Begun['kind']>(
  request: FastifyRequest,
  keys: SigningKeys,
  { kind, now }: { readonly kind: Kind; readonly now: string },
): Extract<Begun, { kind: Kind }> | null {
  const text = cookieOf(request, LOGIN_COOKIE);
  if (text === null) return null;
  try {
    const given = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Sealed<Begun>;
    const holds = given.kind === kind && isSealedBy(keys, 'login', given) && given.expiresAt > now;
    return holds ? (given as unknown as Extract<Begun, { kind: Kind }>) : null;
  } catch {
    return null;
  }
}
