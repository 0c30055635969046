import type { AuditAction, AuditEntry } from '../audit/chain';
import { signatureTexts } from '../audit/evidence';
import type { Signature, Statement } from '../people/signature';
import type { SigningKeys } from '../people/signing-keys';

/*
 * Versions of the rules of a connection, as the sealed entries of its log tell them. The rows of the table hold the bodies; which of them counts is
 * decided here, from what people did and the daemon signed, and from nothing else.
 */

/** What people do with a version. `reseal`: the daemon signs with its new keys what is in force. */
export type RuleStep = 'propose' | 'approve' | 'reject' | 'withdraw' | 'reseal';

/** One step, as it is signed. */
export interface RuleAct {
  readonly step: RuleStep;
  /** 1, 2, ...; no number comes twice. */
  readonly version: number;
  /** The version that was in force when it was proposed; 0: the configuration. */
  readonly basedOn: number;
  /** `hashOfRules` of the body. */
  readonly hash: string;
  readonly by: string;
  readonly comment: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** Who the identity provider says they are; null: they showed a token of ours, or a passkey. */
export type Identity = { readonly issuer: string; readonly subject: string } | null;

export interface SignedAct extends RuleAct {
  readonly identity: Identity;
  readonly signatures: readonly Signature[];
}

export type VersionState = 'proposed' | 'in_force' | 'replaced' | 'rejected' | 'withdrawn';

export interface RuleVersion {
  readonly version: number;
  readonly basedOn: number;
  readonly hash: string;
  readonly state: VersionState;
  /** Null: it was sealed anew, and what was signed with the keys before cannot be checked any more. */
  readonly proposed: SignedAct | null;
  /** What decided about it. */
  readonly decided: SignedAct | null;
  /** The newest signatures that vouch for it while it is in force. */
  readonly sealedBy: readonly Signature[];
}

/** Subject of all entries about the rules of a connection. */
export const RULES_SUBJECT = 'rules';

const ACTION: Readonly<Record<RuleStep, AuditAction>> = {
  propose: 'rule.proposed',
  approve: 'rule.approved',
  reject: 'rule.rejected',
  withdraw: 'rule.withdrawn',
  reseal: 'rule.resealed',
};
export const RULE_ACTIONS: readonly AuditAction[] = Object.values(ACTION);

/** What the daemon signs of a step. */
export const ruleStatement = (
  connectionId: string,
  { step, version, basedOn, hash, by, comment, at }: RuleAct,
): Statement => ({ purpose: 'rules', connectionId, step, version, basedOn, hash, by, comment, at });

/** A step as the log keeps it. */
export const ruleEntry = (act: SignedAct): AuditEntry => {
  const { step, version, basedOn, hash, by, comment, at, identity, signatures } = act;
  return {
    at,
    actor: by,
    action: ACTION[step],
    subject: RULES_SUBJECT,
    requestId: null,
    planHash: null,
    workflowId: null,
    detail: {
      version,
      basedOn,
      hash,
      comment,
      signedAt: at,
      ...(identity === null ? {} : { identity }),
      signatures,
    },
  };
};

/** The steps that entries tell of, each once, as far as the daemon signed them. */
export function actsIn(
  connectionId: string,
  sealed: readonly AuditEntry[],
  keys: Pick<SigningKeys, 'isSigned'>,
): readonly SignedAct[] {
  const known = new Set<unknown>();
  return sealed.flatMap((entry) => {
    const act = actIn(entry);
    if (act === null) return [];
    const own = signatureTexts(entry.detail);
    const isCopy = own.some((text) => known.has(text));
    for (const text of own) known.add(text);
    return isCopy || !keys.isSigned(ruleStatement(connectionId, act), act.signatures) ? [] : [act];
  });
}

/** Null: it tells of no step, or of none that we wrote. */
export function actIn({ action, actor, detail }: AuditEntry): SignedAct | null {
  const step = (Object.keys(ACTION) as RuleStep[]).find((one) => ACTION[one] === action);
  const { version, basedOn, hash, comment, signedAt, identity, signatures } = detail;
  if (step === undefined || typeof version !== 'number' || typeof basedOn !== 'number') return null;
  if (typeof hash !== 'string' || typeof comment !== 'string' || typeof signedAt !== 'string') return null;
  return {
    ...{ step, version, basedOn, hash, comment },
    by: actor,
    at: signedAt,
    identity: (identity ?? null) as Identity,
    signatures: Array.isArray(signatures) ? (signatures as readonly Signature[]) : [],
  };
}

/** Why a step cannot be taken as things stand: a code and a sentence; null: it can. */
export interface NotNow {
  readonly code: 'RULES_UNKNOWN' | 'RULES_DECIDED' | 'RULES_CHANGED' | 'SAME_PERSON' | 'NOT_YOURS';
  readonly message: string;
}

/** The versions of a connection, oldest first, and the steps that made them. */
export class RuleVersions {
  private readonly versions = new Map<number, RuleVersion>();
  /** Number of the version in force; 0: the configuration. */
  inForce = 0;
  /** Highest number that was ever given out. */
  last = 0;

  constructor(acts: readonly SignedAct[] = []) {
    for (const act of acts) this.take(act);
  }

  get all(): readonly RuleVersion[] {
    return [...this.versions.values()].sort((one, other) => one.version - other.version);
  }

  get(version: number): RuleVersion | null {
    return this.versions.get(version) ?? null;
  }

  /** Takes a step where it can be taken, and leaves out one that cannot: so a log that somebody continued by hand changes nothing. */
  take(act: SignedAct): boolean {
    const { step, version, basedOn, hash } = act;
    if (step === 'reseal') return this.reseal(act);
    if (this.whyNot(act) !== null) return false;
    const known = this.versions.get(version);
    const set = (state: VersionState): void => {
      this.versions.set(version, {
        ...{ version, basedOn, hash, state },
        proposed: known?.proposed ?? act,
        decided: known === undefined ? null : act,
        sealedBy: act.signatures,
      });
    };
    switch (step) {
      case 'propose':
        set('proposed');
        this.last = version;
        break;
      case 'approve':
        this.replace();
        set('in_force');
        this.inForce = version;
        break;
      case 'reject':
        set('rejected');
        break;
      case 'withdraw':
        set('withdrawn');
    }
    return true;
  }

  /** Why a step cannot be taken now. */
  whyNot({ step, version, basedOn, hash, by, identity }: Omit<SignedAct, 'signatures'>): NotNow | null {
    if (step === 'propose') {
      if (version <= this.last)
        return { code: 'RULES_CHANGED', message: `There is a version ${version} already.` };
      return basedOn === this.inForce ? null : this.moved(basedOn);
    }
    const known = this.versions.get(version);
    if (known === undefined)
      return { code: 'RULES_UNKNOWN', message: `Nobody proposed a version ${version} of the rules.` };
    if (known.state !== 'proposed')
      return {
        code: 'RULES_DECIDED',
        message: `Version ${version} of the rules is ${known.state.replaceAll('_', ' ')} already.`,
      };
    if (known.hash !== hash)
      return { code: 'RULES_CHANGED', message: `Version ${version} is not what you looked at.` };
    const isOwn = isSamePerson(known.proposed, { by, identity });
    if (step === 'withdraw')
      return isOwn
        ? null
        : { code: 'NOT_YOURS', message: `Only ${known.proposed?.by ?? 'nobody'} can withdraw it.` };
    if (isOwn)
      return {
        code: 'SAME_PERSON',
        message: `"${by}" proposed version ${version}; another admin decides about it.`,
      };
    // A proposal that came too late is still turned down.
    if (step === 'reject') return null;
    return known.basedOn === this.inForce && basedOn === known.basedOn ? null : this.moved(known.basedOn);
  }

  private moved(basedOn: number): NotNow {
    const words = (version: number): string =>
      version === 0 ? 'the rules of the configuration' : `version ${version}`;
    return {
      code: 'RULES_CHANGED',
      message: `It was made from ${words(basedOn)}, and ${words(this.inForce)} ${this.inForce === 0 ? 'are' : 'is'} in force now.`,
    };
  }

  private replace(): void {
    const before = this.versions.get(this.inForce);
    if (before !== undefined) this.versions.set(before.version, { ...before, state: 'replaced' });
  }

  /** What was in force before the keys changed: only the daemon says so. A version that was replaced since never comes back. */
  private reseal({ version, basedOn, hash, signatures }: SignedAct): boolean {
    const known = this.versions.get(version);
    if (known !== undefined) {
      if (known.state !== 'in_force' || known.hash !== hash) return false;
      this.versions.set(version, { ...known, sealedBy: signatures });
      return true;
    }
    if (version <= this.last) return false;
    this.replace();
    const bare = { version, basedOn, hash, proposed: null, decided: null };
    this.versions.set(version, { ...bare, state: 'in_force', sealedBy: signatures });
    this.inForce = version;
    this.last = version;
    return true;
  }
}

/** The same id in whatever case, or the same person of an identity provider. */
const isSamePerson = (
  one: { readonly by: string; readonly identity: Identity } | null,
  other: { readonly by: string; readonly identity: Identity },
): boolean =>
  one !== null &&
  (one.by.toLowerCase() === other.by.toLowerCase() ||
    (one.identity !== null &&
      one.identity.issuer === other.identity?.issuer &&
      one.identity.subject === other.identity.subject));
