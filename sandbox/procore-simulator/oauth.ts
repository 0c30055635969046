import type { Clock } from './clock';
import { DEFAULT_USER } from './erp-events';
import { ApiError } from './errors';
import { asString, isObject } from './json';
import type { Random } from './random';
import type { ClientCredentials } from './types';

const LIFETIME_SECONDS = 5400;

export interface Token {
  accessToken: string;
  refreshToken: string | null;
  clientId: string;
  userId: number;
  /** Service accounts must always name the company; people need not for `/me` and `/companies`. */
  person: boolean;
  createdAt: number;
  expiresAt: number;
}

export interface TokenAnswer {
  access_token: string;
  token_type: 'bearer';
  expires_in: number;
  refresh_token?: string;
  created_at: number;
}

/** Procore guide "OAuth 2.0 Endpoints"; errors in the words of Doorkeeper. */
export class OAuth {
  private readonly byAccess = new Map<string, Token>();
  private readonly byRefresh = new Map<string, Token>();
  private readonly byCode = new Map<string, { clientId: string; redirectUri: string }>();

  constructor(
    private readonly clients: ClientCredentials[],
    private readonly serviceUserId: number,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** `POST /oauth/token`: the client names itself in the body (JSON or form), or by HTTP Basic as OAuth 2.0 has it. */
  token(body: unknown, authorization?: string): TokenAnswer {
    const form = isObject(body) ? body : {};
    const clientId = this.authenticate(form, authorization);
    switch (asString(form['grant_type'])) {
      case 'client_credentials':
        return this.answer(this.issue(clientId, this.serviceUserId, false));
      case 'authorization_code': {
        const code = asString(form['code']) ?? '';
        const grant = this.byCode.get(code);
        this.byCode.delete(code);
        if (!grant || grant.clientId !== clientId || grant.redirectUri !== form['redirect_uri'])
          throw badGrant();
        return this.answer(this.issue(clientId, DEFAULT_USER, true));
      }
      case 'refresh_token': {
        const old = this.byRefresh.get(asString(form['refresh_token']) ?? '');
        if (!old || old.clientId !== clientId) throw badGrant();
        // The old pair dies on use, even when the answer never arrives.
        this.forget(old);
        return this.answer(this.issue(clientId, old.userId, true));
      }
      case undefined:
        throw new ApiError(400, {
          error: 'invalid_request',
          error_description: 'The request is missing a required parameter: grant_type.',
        });
      default:
        throw new ApiError(400, {
          error: 'unsupported_grant_type',
          error_description: 'The authorization grant type is not supported by the authorization server.',
        });
    }
  }

  /** `GET /oauth/authorize`: a person is signed in and agrees; answers where the browser is sent, with a code for one use. */
  authorize(query: URLSearchParams): string {
    const clientId = query.get('client_id') ?? '';
    const redirectUri = query.get('redirect_uri') ?? '';
    const isKnown = this.clients.some(({ id }) => id === clientId);
    if (!isKnown || query.get('response_type') !== 'code' || !URL.canParse(redirectUri)) {
      throw new ApiError(400, {
        error: 'invalid_request',
        error_description: 'The request is missing a required parameter, or names an unknown client.',
      });
    }
    const code = this.random.text(40);
    this.byCode.set(code, { clientId, redirectUri });
    const target = new URL(redirectUri);
    target.searchParams.set('code', code);
    const state = query.get('state');
    if (state !== null) target.searchParams.set('state', state);
    return target.href;
  }

  /** `POST /oauth/revoke`: always 200, takes the access and the refresh token with it. */
  revoke(body: unknown, authorization?: string): void {
    const form = isObject(body) ? body : {};
    this.authenticate(form, authorization);
    const value = asString(form['token']) ?? '';
    const token = this.byAccess.get(value) ?? this.byRefresh.get(value);
    if (token) this.forget(token);
  }

  /** `GET /oauth/token/info` */
  info(token: Token): object {
    return {
      resource_owner_id: token.userId,
      scopes: [],
      expires_in_seconds: Math.max(0, Math.ceil((token.expiresAt - this.clock.now()) / 1000)),
      application: { uid: token.clientId },
      created_at: Math.floor(token.createdAt / 1000),
    };
  }

  /** The token of a request, or the 401 of the guide. */
  check(authorization: string | undefined): Token {
    const value = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    const token = value === undefined ? undefined : this.byAccess.get(value);
    if (!token || token.expiresAt <= this.clock.now()) {
      throw new ApiError(
        401,
        { errors: 'The access token is invalid' },
        {
          'www-authenticate':
            'Bearer realm="Doorkeeper", error="invalid_token", error_description="The access token is invalid"',
        },
      );
    }
    return token;
  }

  /** What a person gets at the end of the authorization code flow. */
  issueForPerson(clientId: string, userId: number): TokenAnswer {
    return this.answer(this.issue(clientId, userId, true));
  }

  /** Make every token invalid at once, as a reinstallation of the app would. */
  revokeAll(): void {
    this.byAccess.clear();
    this.byRefresh.clear();
  }

  private authenticate(form: Record<string, unknown>, authorization: string | undefined): string {
    const [id, secret] =
      form['client_id'] === undefined
        ? basicCredentials(authorization)
        : [asString(form['client_id']), form['client_secret']];
    const client = this.clients.find((c) => c.id === id);
    if (!client || client.secret !== secret) {
      throw new ApiError(401, {
        error: 'invalid_client',
        error_description:
          'Client authentication failed due to unknown client, no client authentication included, or unsupported ' +
          'authentication method.',
      });
    }
    return client.id;
  }

  private issue(clientId: string, userId: number, person: boolean): Token {
    const now = this.clock.now();
    const token: Token = {
      accessToken: 'eyJ' + this.random.text(40),
      refreshToken: person ? this.random.text(40) : null,
      clientId,
      userId,
      person,
      createdAt: now,
      expiresAt: now + LIFETIME_SECONDS * 1000,
    };
    this.byAccess.set(token.accessToken, token);
    if (token.refreshToken !== null) this.byRefresh.set(token.refreshToken, token);
    return token;
  }

  private forget(token: Token): void {
    this.byAccess.delete(token.accessToken);
    if (token.refreshToken !== null) this.byRefresh.delete(token.refreshToken);
  }

  private answer(token: Token): TokenAnswer {
    return {
      access_token: token.accessToken,
      token_type: 'bearer',
      expires_in: LIFETIME_SECONDS,
      ...(token.refreshToken === null ? {} : { refresh_token: token.refreshToken }),
      created_at: Math.floor(token.createdAt / 1000),
    };
  }
}

const badGrant = (): ApiError =>
  new ApiError(400, {
    error: 'invalid_grant',
    error_description:
      'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI ' +
      'used in the authorization request, or was issued to another client.',
  });

/** `Basic <base64 of id:secret>`, both percent-encoded (RFC 6749, 2.3.1). */
function basicCredentials(authorization: string | undefined): [string?, string?] {
  const encoded = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return [];
  const [, id = '', secret = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  return [unescaped(id), unescaped(secret)];
}

/** Many clients do not encode, so a lone percent sign stands for itself. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
