import type { Visitor } from '../../domain/people/access';
import { hashOfRules } from '../../domain/rules/body';
import type { RuleAct, RuleStep, SignedAct, VersionState } from '../../domain/rules/versions';
import { ruleEntry, ruleStatement } from '../../domain/rules/versions';
import type { Repositories } from '../../store/repositories';
import { commentOf } from '../decide';
import { DeskRefusal } from '../refusal';
import { bodyIn } from './read';
import type { RuledConnection, RulesParts } from './parts';
import { bodyOf, connectionOfAdmin } from './parts';

/** What became of a proposal or a decision about one. */
export interface RulesReceipt {
  readonly connectionId: string;
  readonly version: number;
  readonly hash: string;
  readonly state: VersionState;
}

/** A new version of the rules. */
export interface Proposed {
  readonly connectionId: string;
  readonly body: unknown;
  /** The version that they looked at while they wrote it; 0: the configuration. */
  readonly basedOn: number;
  readonly comment: string;
}

/**
 * Proposes a version of the rules; another admin decides. Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `NotAllowed`, `RULES_INVALID`, `RULES_CHANGED`,
 * `RULES_SAME`, `NO_COMMENT`.
 */
export async function proposeRules(
  parts: RulesParts,
  visitor: Visitor,
  { connectionId, body: given, basedOn, comment: said }: Proposed,
): Promise<RulesReceipt> {
  const connection = connectionOfAdmin(parts, visitor, connectionId);
  const body = bodyOf(parts, connection, given);
  const comment = wordsOf(said);
  const hash = hashOfRules(body);
  return parts.store.transaction('rules.propose', connectionId, async (t) => {
    const { versions, rows } = await t.rules.history(connectionId, parts.keys);
    const highest = Math.max(versions.last, ...rows.map((row) => row.version));
    const before = versions.get(versions.inForce)?.hash;
    if (before === hash)
      throw new DeskRefusal(
        'RULES_SAME',
        `Version ${versions.inForce}, which is in force, says exactly this.`,
      );
    const act = signed(parts, visitor, connectionId, {
      ...{ step: 'propose', version: highest + 1, basedOn, hash, comment },
    });
    const whyNot = versions.whyNot(act);
    if (whyNot !== null) throw new DeskRefusal(whyNot.code, whyNot.message, 'Look at the rules again.');
    await t.rules.add({
      ...{ connectionId, version: act.version, basedOn, body, hash, state: 'proposed' },
      ...{ proposedBy: act.by, proposedAt: act.at, proposedComment: comment },
      ...{ decidedBy: null, decidedAt: null, decidedComment: null, seal: act.signatures },
    });
    await t.audit.append(connectionId, [ruleEntry(act)]);
    return { connectionId, version: act.version, hash, state: 'proposed' };
  });
}

/** An answer to a proposal: exactly the one that was looked at. */
export interface Decided {
  readonly connectionId: string;
  readonly version: number;
  readonly hash: string;
  readonly comment: string;
}

/**
 * Approves or rejects a proposal of another admin. What is approved is in force from now on, for every plan that is not written yet. Throws `DeskRefusal`
 * `CONNECTION_UNKNOWN`, `NotAllowed`, `RULES_UNKNOWN`, `RULES_DECIDED`, `RULES_CHANGED`, `RULES_INVALID`, `SAME_PERSON`, `NO_COMMENT`.
 */
export const decideRules = (
  parts: RulesParts,
  visitor: Visitor,
  asked: Decided & { readonly answer: 'approve' | 'reject' },
): Promise<RulesReceipt> => settle(parts, visitor, asked, asked.answer);

/** Takes back a proposal of one's own. Throws as above, and `NOT_YOURS`. */
export const withdrawRules = (parts: RulesParts, visitor: Visitor, asked: Decided): Promise<RulesReceipt> =>
  settle(parts, visitor, asked, 'withdraw');

const STATE = { approve: 'in_force', reject: 'rejected', withdraw: 'withdrawn' } as const;

async function settle(
  parts: RulesParts,
  visitor: Visitor,
  { connectionId, version, hash, comment: said }: Decided,
  step: keyof typeof STATE,
): Promise<RulesReceipt> {
  const connection = connectionOfAdmin(parts, visitor, connectionId);
  const comment = step === 'reject' ? wordsOf(said) : commentOf(said);
  return parts.store.transaction(`rules.${step}`, connectionId, async (t) => {
    const { versions, rows } = await t.rules.history(connectionId, parts.keys);
    const { basedOn = 0 } = versions.get(version) ?? {};
    const act = signed(parts, visitor, connectionId, { ...{ step, version, basedOn, hash, comment } });
    const whyNot = versions.whyNot(act);
    if (whyNot !== null) throw new DeskRefusal(whyNot.code, whyNot.message, 'Look at the rules again.');
    if (step === 'approve') {
      const body = bodyIn(rows, { version, hash });
      if (body === null)
        throw new DeskRefusal(
          'RULES_CHANGED',
          `Version ${version} was changed in our store past Tieback: it cannot be approved.`,
          'Propose it again, and find out who did that: `tieback audit verify`.',
        );
      // Approvers may be others by now than when it was proposed.
      bodyOf({ check: () => ({ body }) }, connection, body);
      await t.rules.replace(connectionId);
    }
    await t.rules.update(
      { connectionId, version },
      {
        state: STATE[step],
        decidedBy: act.by,
        decidedAt: act.at,
        decidedComment: comment,
        seal: act.signatures,
      },
    );
    await t.audit.append(connectionId, [ruleEntry(act)]);
    return { connectionId, version, hash, state: STATE[step] };
  });
}

/** Why the rules change is what the next one asks first. Throws `DeskRefusal` `NO_COMMENT`. */
function wordsOf(said: string): string {
  const comment = commentOf(said);
  if (comment !== '') return comment;
  throw new DeskRefusal('NO_COMMENT', 'Say why: it is what everybody asks who looks at the rules later.');
}

const signed = (
  { keys, now }: Pick<RulesParts, 'keys' | 'now'>,
  { id: by, identity }: Pick<Visitor, 'id' | 'identity'>,
  connectionId: string,
  given: Omit<RuleAct, 'by' | 'at'> & { readonly step: RuleStep },
): SignedAct => {
  const act = { ...given, by, at: now() };
  return { ...act, identity, signatures: keys.sign(ruleStatement(connectionId, act)) };
};

/** Signs anew what is in force, where the signing keys are others than those that signed it: once the old ones are gone, nobody could check it. */
export async function resealRules(
  { store, keys, now }: Pick<RulesParts, 'store' | 'keys' | 'now'>,
  { id: connectionId, policy }: RuledConnection,
): Promise<boolean> {
  const isSealedByAll = async (t: Repositories): Promise<boolean> => {
    const { versions } = await t.rules.history(connectionId, keys);
    const version = versions.get(versions.inForce);
    return (
      version === null ||
      keys.publicKeys.every(({ keyId }) => version.sealedBy.some((given) => given.keyId === keyId))
    );
  };
  if (await store.read('rules.sealed', isSealedByAll)) return false;
  return store.transaction('rules.reseal', connectionId, async (t) => {
    const { problem } = await t.rules.inForce({ id: connectionId, policy }, keys);
    const { versions } = await t.rules.history(connectionId, keys);
    const version = versions.get(versions.inForce);
    if (problem !== null || version === null || (await isSealedByAll(t))) return false;
    const given = {
      step: 'reseal',
      version: version.version,
      basedOn: version.basedOn,
      hash: version.hash,
    } as const;
    const by = { id: 'tieback', identity: null };
    const act = signed({ keys, now }, by, connectionId, { ...given, comment: 'the signing keys changed' });
    await t.audit.append(connectionId, [ruleEntry(act)]);
    return true;
  });
}
