import { createHash } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { z } from 'zod';
import type { NewPasskey } from '../../desk/access/passkeys';
import { DeskRefusal } from '../../desk/refusal';
import type { Passkey } from '../../domain/people/passkey';

/*
 * The ceremonies of WebAuthn. A passkey counts only with user verification (a finger, a face, a PIN): possession alone would be one factor.
 */

/** Shown by the authenticator. */
const RP_NAME = 'Tieback';

const text = z.string().max(20_000);
const credential = { id: text, rawId: text, type: z.literal('public-key') };
const more = {
  authenticatorAttachment: z.enum(['cross-platform', 'platform']).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
};

/** What the browser sends of a passkey that was made. */
export const registrationAnswer = z.object({
  ...credential,
  ...more,
  response: z.object({
    clientDataJSON: text,
    attestationObject: text,
    transports: z.array(z.string().max(40)).max(10).optional(),
  }),
});

/** What the browser sends of a passkey that was shown. */
export const loginAnswer = z.object({
  ...credential,
  ...more,
  response: z.object({
    clientDataJSON: text,
    authenticatorData: text,
    signature: text,
    userHandle: text.optional(),
  }),
});

const rpIdOf = (url: string): string => new URL(url).hostname;

/** What a new passkey of a person is made from. */
export const registrationOptions = (
  url: string,
  person: string,
  known: readonly Pick<Passkey, 'credentialId'>[],
): Promise<PublicKeyCredentialCreationOptionsJSON> =>
  generateRegistrationOptions({
    rpName: RP_NAME,
    rpID: rpIdOf(url),
    userName: person,
    // The same for all passkeys of a person, and without their address in it.
    userID: new Uint8Array(createHash('sha256').update(person, 'utf8').digest()),
    attestationType: 'none',
    excludeCredentials: known.map(({ credentialId }) => ({ id: credentialId })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });

/** Throws `DeskRefusal` `PASSKEY_FAILED`. */
export async function registered(
  url: string,
  challenge: string,
  answer: z.infer<typeof registrationAnswer>,
): Promise<NewPasskey> {
  const { registrationInfo: info } = await verifyRegistrationResponse({
    response: answer as RegistrationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: url,
    expectedRPID: rpIdOf(url),
    requireUserVerification: true,
  }).catch(failed);
  if (info === undefined) throw failure();
  const { id, publicKey, counter, transports = [] } = info.credential;
  return {
    credentialId: id,
    publicKey: Buffer.from(publicKey).toString('base64url'),
    counter,
    transports,
  };
}

/** Any passkey of ours: whose it is, says the passkey. */
export const loginOptions = (url: string): Promise<PublicKeyCredentialRequestOptionsJSON> =>
  generateAuthenticationOptions({ rpID: rpIdOf(url), userVerification: 'required' });

/** How often the passkey was used now. Throws `DeskRefusal` `PASSKEY_FAILED`. */
export async function shown(
  url: string,
  challenge: string,
  { passkey, answer }: { readonly passkey: Passkey; readonly answer: z.infer<typeof loginAnswer> },
): Promise<number> {
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: answer as AuthenticationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: url,
    expectedRPID: rpIdOf(url),
    requireUserVerification: true,
    credential: {
      id: passkey.credentialId,
      publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
      counter: passkey.counter,
    },
  }).catch(failed);
  if (!verified) throw failure();
  return authenticationInfo.newCounter;
}

const failure = (error?: unknown): DeskRefusal => {
  const why = error instanceof Error ? error.message : 'it was not verified';
  return new DeskRefusal('PASSKEY_FAILED', `This passkey does not count: ${why}.`, null, error);
};

const failed = (error: unknown): never => {
  throw failure(error);
};
