import { queryOptions } from '@tanstack/react-query';
import { Refusal, UNREACHABLE } from './api';

/** How people log in here, and who is logged in: `GET /auth/state`, which is no part of the API's document, because nobody is known yet. */
export interface AuthState {
  /** The address that counts; null: nobody can log in with a browser. */
  readonly url: string | null;
  readonly ways: {
    readonly oidc: boolean;
    readonly passkey: boolean;
    /** As whom everybody is let in; null: nobody is. */
    readonly itself: string | null;
  };
  readonly session: {
    readonly person: string;
    readonly name: string | null;
    readonly way: string;
    readonly expiresAt: string;
    readonly idleEndsAt: string;
  } | null;
  readonly refused: { readonly code: string; readonly message: string } | null;
}

async function call<Answer>(path: string, body?: object): Promise<Answer> {
  const answer = await fetch(path, {
    credentials: 'same-origin',
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Refusal(0, UNREACHABLE, 'The Finance Desk does not answer.', null);
  });
  const value = (await answer.json().catch(() => ({}))) as Answer & {
    readonly error?: { readonly code: string; readonly message: string; readonly hint: string | null };
  };
  if (answer.ok) return value;
  const { code = 'LOGIN_FAILED', message = 'This did not work.', hint = null } = value.error ?? {};
  throw new Refusal(answer.status, code, message, hint);
}

export const authState = (refused = '') =>
  queryOptions({
    queryKey: ['auth', refused],
    queryFn: () =>
      call<AuthState>(`/auth/state${refused === '' ? '' : `?refused=${encodeURIComponent(refused)}`}`),
    // What it says changes when somebody logs in or out, and then it is asked again.
    staleTime: Infinity,
  });

export const loginAs = (): Promise<{ person: string }> => call('/auth/login-as', {});
export const logout = (): Promise<{ redirect: string | null }> => call('/auth/logout', {});

type Options = Readonly<Record<string, unknown>>;

/** With the passkey that the person chooses; the browser asks for it. */
export async function loginWithPasskey(): Promise<{ person: string }> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const { options } = await call<{ options: Options }>('/auth/passkey/options', {});
  const answer = await startAuthentication({ optionsJSON: options as never });
  return call('/auth/passkey', { answer });
}

/** Makes a passkey on this device for whom the invitation was issued. */
export async function acceptInvitation(invitation: string): Promise<{ person: string }> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  const { options } = await call<{ options: Options }>('/auth/invitation/options', { invitation });
  const answer = await startRegistration({ optionsJSON: options as never });
  return call('/auth/invitation', { invitation, answer });
}

/** Where somebody goes on after a login: a path of ours, never another site. */
export const pathWithin = (path: string | undefined): string =>
  path !== undefined && /^\/(?![/\\])/.test(path) && !path.startsWith('/login') ? path : '/inbox';
