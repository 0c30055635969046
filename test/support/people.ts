/** People of tests: a signing key that everybody may know, and decisions signed with it. */
import type { DeskConfig } from '../../src/config/load';
import { decisionStatement } from '../../src/domain/people/decision';
import { SigningKeys } from '../../src/domain/people/signing-keys';
import type { Correction, Decision, RequestRef } from '../../src/domain/request/flow';

/** The Desk of a configuration that says nothing of it. */
export const NO_DESK: DeskConfig = {
  url: null,
  grants: [],
  oidc: null,
  session: { idleMs: 1_800_000, absoluteMs: 36_000_000 },
  loginAs: null,
  hsts: false,
  notify: null,
};

/** 32 bytes in base64. */
export const TEST_KEY = Buffer.alloc(32, 7).toString('base64');
export const TEST_KEYS = new SigningKeys([{ id: 'test', key: TEST_KEY }]);

/** Signs a decision as the daemon would. */
export function signedBy<T extends Decision | Correction>(
  keys: SigningKeys,
  ref: RequestRef,
  update: 'approve' | 'reject' | 'correct' | 'withdraw',
  input: Omit<T, 'signatures' | 'at' | 'account'> & Partial<T>,
): T {
  const bare = { account: null, at: new Date().toISOString(), ...input, signatures: [] } as unknown as T;
  return { ...bare, signatures: keys.sign(decisionStatement(ref, update, bare)) };
}
