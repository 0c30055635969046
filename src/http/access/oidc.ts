import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import type { Claims } from '../../desk/access/identities';
import { DeskRefusal } from '../../desk/refusal';

/** The identity provider, and how it knows us. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly emailClaim: string;
  readonly trustEmail: boolean;
}

/** What a login at the provider begins with; it is needed again when people come back. */
export interface LoginBegun {
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Somebody as the provider says. */
export interface Vouched extends Claims {
  readonly name: string | null;
  readonly sid: string | null;
  readonly idToken: string;
}

/** Whose sessions the provider wants ended. */
export interface LoggedOutThere {
  readonly issuer: string;
  readonly subject: string | null;
  readonly sid: string | null;
}

/** Clocks of two machines differ. */
const TOLERANCE_SECONDS = 30;
const TIMEOUT_SECONDS = 10;
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Where people log in: OpenID Connect, authorization code with PKCE. The provider is asked what it can do when it is first needed, and again where it did not answer. */
export class IdentityProvider {
  private asked: Promise<client.Configuration> | null = null;
  private jwks: { readonly uri: string; readonly keys: ReturnType<typeof createRemoteJWKSet> } | null = null;

  constructor(private readonly settings: OidcSettings) {}

  /** Throws `DeskRefusal` `PROVIDER_AWAY`. */
  async begin(redirectUri: string): Promise<LoginBegun> {
    const configuration = await this.configuration();
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const nonce = client.randomNonce();
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: ['openid', ...this.settings.scopes].join(' '),
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { url: url.href, state, nonce, verifier };
  }

  /**
   * Who came back. `address`: where, with all that the provider added; its token request names the same place. Access and refresh tokens are dropped. Throws `DeskRefusal`
   * `PROVIDER_AWAY`, `LOGIN_FAILED`.
   */
  async finish(
    address: URL,
    { state, nonce, verifier }: Pick<LoginBegun, 'state' | 'nonce' | 'verifier'>,
  ): Promise<Vouched> {
    const configuration = await this.configuration();
    try {
      const tokens = await client.authorizationCodeGrant(configuration, address, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined || tokens.id_token === undefined) throw new Error('there is no id token');
      const { iss: issuer, sub: subject } = claims;
      const { emailClaim, trustEmail } = this.settings;
      const told: Readonly<Record<string, unknown>> =
        typeof claims[emailClaim] === 'string' ||
        configuration.serverMetadata().userinfo_endpoint === undefined
          ? claims
          : { ...claims, ...(await client.fetchUserInfo(configuration, tokens.access_token, subject)) };
      const textOf = (claim: string): string | null => {
        const value = told[claim];
        return typeof value === 'string' && value !== '' ? value : null;
      };
      return {
        issuer,
        subject,
        sid: textOf('sid'),
        name: textOf('name'),
        email: textOf(emailClaim),
        emailVerified: trustEmail || told['email_verified'] === true,
        idToken: tokens.id_token,
      };
    } catch (error) {
      throw new DeskRefusal(
        'LOGIN_FAILED',
        `The login at the provider failed: ${reasonOf(error)}.`,
        null,
        error,
      );
    }
  }

  /** Where people log out at the provider as well; null: it has no such place, or does not answer. */
  async logoutUrl(idToken: string | null, returnTo: string): Promise<string | null> {
    try {
      const configuration = await this.configuration();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return null;
      return client.buildEndSessionUrl(configuration, {
        post_logout_redirect_uri: returnTo,
        ...(idToken === null ? {} : { id_token_hint: idToken }),
      }).href;
    } catch {
      return null;
    }
  }

  /**
   * Whose sessions are to end, as a logout token says that the provider signed: of that type, with that event, and without a nonce, so that an id token is none.
   * Throws `DeskRefusal` `LOGOUT_TOKEN`, `PROVIDER_AWAY`.
   */
  async loggedOut(token: string): Promise<LoggedOutThere> {
    const metadata = (await this.configuration()).serverMetadata();
    const refuse = (why: string, cause?: unknown): DeskRefusal =>
      new DeskRefusal('LOGOUT_TOKEN', `This logout token does not count: ${why}.`, null, cause);
    if (metadata.jwks_uri === undefined) throw refuse('the provider names no keys');
    const { payload } = await jwtVerify(token, this.keysAt(metadata.jwks_uri), {
      issuer: metadata.issuer,
      audience: this.settings.clientId,
      typ: 'logout+jwt',
      requiredClaims: ['iat', 'jti', 'events'],
      maxTokenAge: '5 minutes',
      clockTolerance: TOLERANCE_SECONDS,
    }).catch((error: unknown) => {
      throw refuse(reasonOf(error), error);
    });
    const { events, nonce, sub, sid } = payload;
    const event = typeof events === 'object' && events !== null ? events : {};
    if (!(LOGOUT_EVENT in event)) throw refuse('it names no logout');
    if (nonce !== undefined) throw refuse('it has a nonce');
    const subject = typeof sub === 'string' ? sub : null;
    const session = typeof sid === 'string' ? sid : null;
    if (subject === null && session === null) throw refuse('it names neither a person nor a session');
    return { issuer: metadata.issuer, subject, sid: session };
  }

  private keysAt(uri: string): ReturnType<typeof createRemoteJWKSet> {
    if (this.jwks?.uri !== uri)
      this.jwks = {
        uri,
        keys: createRemoteJWKSet(new URL(uri), { timeoutDuration: TIMEOUT_SECONDS * 1000 }),
      };
    return this.jwks.keys;
  }

  private async configuration(): Promise<client.Configuration> {
    this.asked ??= this.discover();
    try {
      return await this.asked;
    } catch (error) {
      this.asked = null;
      throw new DeskRefusal(
        'PROVIDER_AWAY',
        `The identity provider at ${this.settings.issuer} does not answer: ${reasonOf(error)}.`,
        'Try again in a moment.',
        error,
      );
    }
  }

  private async discover(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const server = new URL(issuer);
    const configuration = await client.discovery(
      server,
      clientId,
      { client_secret: clientSecret, [client.clockTolerance]: TOLERANCE_SECONDS },
      undefined,
      {
        timeout: TIMEOUT_SECONDS,
        // The configuration lets that be on this machine alone.
        execute: server.protocol === 'http:' ? [client.allowInsecureRequests] : [],
      },
    );
    // Their signature is looked at too, although they come straight from the provider: they are kept.
    client.enableNonRepudiationChecks(configuration);
    return configuration;
  }
}

/** Never what was sent: error objects of the client carry answers. */
function reasonOf(error: unknown): string {
  const { message, error: code } = error as { message?: unknown; error?: unknown };
  const text = typeof code === 'string' ? code : typeof message === 'string' ? message : 'an unknown error';
  return text.slice(0, 200);
}
