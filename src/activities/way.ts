import type { ErrorShape } from '../domain/base/errors';
import type { Plan, Planned } from '../domain/plan/plan';
import type { SnapshotOf } from '../domain/plan/snapshot';
import type { PageRef, RequestResult } from '../domain/request/flow';
import type { Way } from '../domain/request/intent';
import type { Repositories } from '../store/repositories';
import type { ActivityDeps, ConnectionParts } from './deps';
import type { ApprovedPlan, InHand } from './in-hand';
import { asWay, inHandOf } from './in-hand';
import type { Outcome } from './record/outcome';
import type { Sent } from './send';

/** Reads one page from a source, ready to be stored. */
export type Read<W extends Way> = (
  deps: ActivityDeps,
  connection: ConnectionParts,
  page: PageRef,
) => Promise<SnapshotOf<W>>;

/**
 * How one way of working a request differs from the others. What is the same for all - snapshot, policy, approval, recording - is in the
 * steps of `steps/`.
 */
export interface WaySteps<W extends Way> {
  readonly way: W;
  /** What a plan is made from where nothing had to be read. */
  readonly nothingRead?: SnapshotOf<W>;
  /** What the plan depends on, from the ERP. */
  readonly readErp?: Read<W>;
  /** What the plan depends on, from Procore; after the ERP was read, where both are. */
  readonly readProcore?: Read<W>;
  /** Whether Procore must be asked as well, as far as the ERP's answer tells. */
  mustAsk?(t: Repositories, inHand: InHand<W>, snapshot: SnapshotOf<W>): Promise<boolean>;
  /** Plans one page from what was read. */
  plan(
    t: Repositories,
    inHand: InHand<W>,
    snapshot: SnapshotOf<W>,
    by: { readonly people: ActivityDeps['people']; readonly now: string; readonly together: Together },
  ): Promise<Planned | Gone | Old | Over>;
  /** Sends what is for Procore; absent: the operations of the plan as they are. */
  send?(inHand: InHand<W>, approved: ApprovedPlan, given: Given<W>): Promise<Sent>;
  /** What `outcome` will ask of our store, as far as it is known before. */
  asks?(t: Repositories, inHand: InHand<W>, approved: ApprovedPlan): readonly Promise<unknown>[];
  /** What happened, for the one function that writes it down. Runs in the transaction that records it. */
  outcome(t: Repositories, inHand: InHand<W>, done: Done<W>): Promise<Outcome>;
  /** Whether what was read is needed again when the plan is carried out. Absent: it is not. */
  needsSnapshot?(plan: Plan): boolean;
  /** A plan that writes to no other side needs no hop: it is recorded as soon as it is approved. */
  readonly finishesInStore?: true;
}

/** Pages that are planned one after the other: what holds for all of them is asked once. */
export class Together {
  private readonly known = new Map<string, Promise<unknown>>();

  once<T>(what: string, ask: () => Promise<T>): Promise<T> {
    const asked = this.known.get(what) ?? ask();
    this.known.set(what, asked);
    return asked as Promise<T>;
  }
}

/** What was read is older than what is known by now: it is read again. */
export interface Old {
  readonly kind: 'old';
}

/** There is nothing more to do: the request is closed with this. */
export interface Over {
  readonly kind: 'over';
  readonly result: RequestResult;
}

/** What asked for a record that is not there any more: closed as failed. */
export interface Gone {
  readonly kind: 'gone';
  readonly error: ErrorShape;
}

/** What is known when an approved page is carried out. */
export interface Given<W extends Way> {
  /** Where the way needs it. */
  readonly snapshot: SnapshotOf<W> | null;
  /** From the step that wrote to the ERP, for people. */
  readonly summary: string | null;
}

/** An approved page and what Procore answered. */
export interface Done<W extends Way> extends Given<W> {
  readonly approved: ApprovedPlan;
  readonly sent: Sent;
}

/** A reader in two halves: what to look for (our store), and the looking (one source). Neither decides. */
export const reading =
  <W extends Way, S>(
    way: W,
    subject: (t: Repositories, inHand: InHand<W>, page: number) => Promise<S>,
    look: (connection: ConnectionParts, subject: S) => Promise<SnapshotOf<W>>,
  ): Read<W> =>
  async (deps, connection, page) => {
    const wanted = await deps.store.read(`${way}.subject`, async (t) => {
      const inHand = await inHandOf(t, connection, page);
      return subject(t, asWay(inHand, way), page.page);
    });
    return look(connection, wanted);
  };
