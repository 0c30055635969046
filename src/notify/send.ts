import type { Secret } from '../domain/base/secret';

/** Where somebody is told: an address of e-mail, or a webhook of a channel. Who knows the address of a webhook may write there: it is a secret. */
export type Address =
  { readonly kind: 'mail'; readonly to: string } | { readonly kind: 'teams' | 'slack'; readonly url: Secret };

/** A message as it leaves. */
export interface Letter {
  /** The same whenever it is tried again, so that a mail server that has it may know it. */
  readonly id: string;
  readonly line: string;
  /** Full address in the Desk. */
  readonly link: string;
}

/** Sends a letter, and answers what the other end said. Throws where it did not take it, or where that is not known. */
export type Send = (address: Address, letter: Letter) => Promise<string>;

/** Why something was not sent, in words that hold no secret. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}
