import type { ClosedRequest, RequestResult } from '../domain/request/flow';

/** How the work on a request came to its end. */
export type Ending =
  /** It is over for us, and still has to be closed in Procore and in our store. */
  | {
      readonly kind: 'ended';
      readonly result: RequestResult;
      /** What is wrong, for people in Procore; empty where nothing is. */
      readonly messages: readonly string[];
      /** Nobody decided in time. */
      readonly expired: boolean;
    }
  | ({ readonly kind: 'closed' } & ClosedRequest);

export type Ended = Extract<Ending, { kind: 'ended' }>;

export const ended = (result: RequestResult, messages: readonly string[], expired = false): Ended => ({
  kind: 'ended',
  result,
  messages,
  expired,
});

export const isEnded = (outcome: object | string): outcome is Ended =>
  typeof outcome === 'object' && 'kind' in outcome && outcome.kind === 'ended';
