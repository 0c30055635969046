import type { Visitor } from '../../domain/people/access';
import type { Decided, Proposed, RulesReceipt } from './change';
import { decideRules, proposeRules, withdrawRules } from './change';
import type { RulesParts } from './parts';
import { bodyOf, connectionOfAdmin } from './parts';
import type { RulesPage } from './read';
import { readRules } from './read';
import type { TrialShown } from './try';
import { tryRules } from './try';

/** Where the rules of a connection are looked at, tried and changed. Everything throws `DeskRefusal`. */
export class RulesRoom {
  constructor(private readonly parts: RulesParts) {}

  read(visitor: Visitor, connectionId: string): Promise<RulesPage> {
    return readRules(this.parts, visitor, connectionId);
  }

  async try(
    visitor: Visitor,
    asked: { readonly connectionId: string; readonly body: unknown; readonly since?: string | undefined },
  ): Promise<TrialShown> {
    const { connectionId, body, since } = asked;
    const connection = connectionOfAdmin(this.parts, visitor, connectionId);
    const { store, now } = this.parts;
    return tryRules(store, connectionId, bodyOf(this.parts, connection, body), { now: now(), since });
  }

  propose(visitor: Visitor, asked: Proposed): Promise<RulesReceipt> {
    return proposeRules(this.parts, visitor, asked);
  }

  settle(
    visitor: Visitor,
    { answer, ...asked }: Decided & { readonly answer: 'approve' | 'reject' | 'withdraw' },
  ): Promise<RulesReceipt> {
    return answer === 'withdraw'
      ? withdrawRules(this.parts, visitor, asked)
      : decideRules(this.parts, visitor, { ...asked, answer });
  }
}
