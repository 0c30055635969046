import type { AuditEntry } from '../../domain/audit/chain';
import { contentHash } from '../../domain/base/identity';
import type { Plan } from '../../domain/plan/plan';
import type { SigningKeys } from '../../domain/people/signing-keys';
import type { ConnectionPolicy } from '../../domain/request/connection-policy';
import { hashOfRules, withoutProof, withRules } from '../../domain/rules/body';
import {
  actIn,
  actsIn,
  RULE_ACTIONS,
  RULES_SUBJECT,
  RuleVersions,
  ruleStatement,
} from '../../domain/rules/versions';
import type { ApprovalRow, AuditEntryRow, PolicyVersionRow, SyncRequestRow } from '../rows';
import type { AuditRepository } from './audit';
import { planRow } from './plans';
import type { Where } from './table';
import { above, both, from, oneOf, upTo } from './table';
import type { StoreTables } from './tables';

type Keys = Pick<SigningKeys, 'isSigned' | 'publicKeys'>;

/** The rules that count, and why they are not those that somebody may expect. */
export interface InForce {
  readonly policy: ConnectionPolicy;
  /** Number of the version; 0: the configuration. */
  readonly version: number;
  /** Why nobody can say which rules count, in one sentence: everything goes to finance. Null: they are proven. */
  readonly problem: string | null;
}

/** Where the log has which version in force: after which link. */
export interface Reign {
  readonly version: number;
  readonly from: number;
  /** Null: it is in force. */
  readonly to: number | null;
}

/** How often a rule decided while a version was in force. */
export interface Hits {
  readonly count: number;
  readonly last: string | null;
  /** Ids of the last requests. */
  readonly examples: readonly string[];
}

const EXAMPLES = 3;

/** A plan with what was decided about it, for a trial of other rules. */
export interface DecidedPlan {
  readonly plan: Plan;
  readonly requestId: string;
  readonly isSuperseded: boolean;
  readonly request: Pick<SyncRequestRow, 'id' | 'eventName' | 'status'> | null;
  readonly approvals: readonly ApprovalRow[];
  /** Rules that asked about it, in order. */
  readonly asked: readonly string[];
}

/** Versions of the rules of each connection, and which one counts. */
export class RulesRepository {
  constructor(
    private readonly tables: Pick<
      StoreTables,
      'policyVersion' | 'auditEntry' | 'plan' | 'syncRequest' | 'approval'
    >,
    private readonly audit: AuditRepository,
  ) {}

  /**
   * The policy of a connection as it counts now: everybody who asks the policy asks here. The log says which version is in force; its row must hold the
   * body that the log vouches for. Where the Desk never changed a rule, the configuration counts.
   */
  async inForce(
    connection: { readonly id: string; readonly policy: ConnectionPolicy },
    keys: Keys,
  ): Promise<InForce> {
    const { id, policy } = connection;
    const [sealed, rows] = await Promise.all([
      this.entries(id),
      this.tables.policyVersion.find({ where: { connectionId: id, state: 'in_force' } }),
    ]);
    const { inForce: version, get } = versionsIn(id, sealed, keys);
    const known = get(version);
    const row = rows.find((one) => one.version === version);
    const forgotten = rows.find((one) => one.version > version && isApproved(one, keys));
    const unproven = (problem: string): InForce => ({
      policy: withoutProof(policy, version),
      version,
      problem,
    });
    if (forgotten !== undefined)
      return unproven(
        `version ${forgotten.version} of the rules was approved, and the audit log does not know it any more`,
      );
    if (sealed.some((entry) => isOfOtherKeys(entry, version, keys)))
      return unproven(
        'a version of the rules was signed with a key that is not configured any more (people.signingKeys)',
      );
    if (known === null) return { policy, version: 0, problem: null };
    if (row === undefined)
      return unproven(`version ${version} of the rules, which the audit log has in force, is gone`);
    if (hashOfRules(row.body) !== known.hash)
      return unproven(`version ${version} of the rules was changed in our store past Tieback`);
    return { policy: withRules(policy, row.body, version), version, problem: null };
  }

  /** Every version, as the log vouches for it, and the rows that hold them. */
  async history(
    connectionId: string,
    keys: Keys,
  ): Promise<{ readonly versions: RuleVersions; readonly rows: readonly PolicyVersionRow[] }> {
    const [sealed, rows] = await Promise.all([this.entries(connectionId), this.all(connectionId)]);
    return { versions: new RuleVersions(actsIn(connectionId, sealed, memo(keys))), rows };
  }

  /** Every row of a connection, newest first, whatever the log says of it. */
  async all(connectionId: string): Promise<readonly PolicyVersionRow[]> {
    return this.tables.policyVersion.find({ where: { connectionId }, order: [['version', 'DESC']] });
  }

  async add(row: PolicyVersionRow): Promise<void> {
    this.tables.policyVersion.insert([row]);
  }

  async update(
    { connectionId, version }: Pick<PolicyVersionRow, 'connectionId' | 'version'>,
    values: Partial<PolicyVersionRow>,
  ): Promise<void> {
    this.tables.policyVersion.update({ connectionId, version }, values);
  }

  /** Another version is in force than those that were. */
  async replace(connectionId: string): Promise<void> {
    this.tables.policyVersion.update({ connectionId, state: 'in_force' }, { state: 'replaced' });
  }

  /** Which version was in force after which link of the log, oldest first. */
  async reigns(connectionId: string, versions: RuleVersions): Promise<readonly Reign[]> {
    const rows = await this.tables.auditEntry.find({
      where: {
        connectionId,
        requestId: null,
        subject: RULES_SUBJECT,
        action: oneOf(['rule.approved', 'rule.resealed']),
      },
      order: [
        ['seq', 'ASC'],
        ['idx', 'ASC'],
      ],
    });
    const begins = new Map<number, number>([[0, 0]]);
    for (const row of rows) {
      const act = actIn(row);
      const version = act === null ? null : versions.get(act.version);
      const was = version?.state === 'in_force' || version?.state === 'replaced';
      if (act !== null && was && version.hash === act.hash && !begins.has(act.version))
        begins.set(act.version, row.seq);
    }
    const ordered = [...begins].sort(([, one], [, other]) => one - other);
    return ordered.map(([version, start], index) => ({
      version,
      from: start,
      to: ordered[index + 1]?.[1] ?? null,
    }));
  }

  /** How often a rule let a plan through or asked, while a version was in force: counted in the log. */
  async hits(connectionId: string, rule: string, { from: start, to }: Reign): Promise<Hits> {
    const seq = both(above(start), ...(to === null ? [] : [upTo(to)]));
    const where: Where<AuditEntryRow> = {
      connectionId,
      actor: actorOfRule(rule),
      seq,
      action: oneOf(['approval.granted', 'approval.asked']),
    };
    const [count, newest] = await Promise.all([
      this.tables.auditEntry.count(where),
      this.tables.auditEntry.findPart({ where, order: [['seq', 'DESC']], take: EXAMPLES }, [
        'at',
        'requestId',
      ]),
    ]);
    const examples = [...new Set(newest.flatMap(({ requestId }) => requestId ?? []))];
    return { count, last: newest[0]?.at ?? null, examples };
  }

  /** Plans that were built in this time, oldest first, a few at a time: a plan may hold a page of a thousand records. */
  async plansBuilt(
    connectionId: string,
    {
      since,
      until,
      skip,
      take,
    }: { readonly since: string; readonly until: string; readonly skip: number; readonly take: number },
  ): Promise<readonly DecidedPlan[]> {
    const found = await this.tables.plan.find({
      where: { connectionId, builtAt: both(from(since), upTo(until)) },
      order: [
        ['builtAt', 'ASC'],
        ['requestId', 'ASC'],
        ['page', 'ASC'],
        ['version', 'ASC'],
      ],
      skip,
      take,
    });
    const plans = found.map(planRow);
    const ids = [...new Set(plans.map(({ requestId }) => requestId))];
    const of = { connectionId, requestId: oneOf(ids) };
    const [requests, approvals, asked] = await Promise.all([
      this.tables.syncRequest.findPart({ where: { connectionId, id: oneOf(ids) } }, [
        'id',
        'eventName',
        'status',
      ]),
      this.tables.approval.find({ where: of }),
      this.tables.auditEntry.findPart(
        { where: { ...of, action: 'approval.asked' }, order: [['seq', 'ASC']] },
        ['requestId', 'planHash', 'actor'],
      ),
    ]);
    return plans.map(({ requestId, hash, body, state }) => ({
      plan: { ...body, hash },
      requestId,
      isSuperseded: state === 'superseded',
      request: requests.find(({ id }) => id === requestId) ?? null,
      approvals: approvals.filter((row) => row.requestId === requestId && row.planHash === hash),
      asked: asked
        .filter((row) => row.requestId === requestId && row.planHash === hash)
        .map(({ actor }) => ruleOfActor(actor)),
    }));
  }

  private async entries(connectionId: string): Promise<readonly AuditEntry[]> {
    return this.audit.sealedAboutAll(connectionId, { subjects: [RULES_SUBJECT], actions: RULE_ACTIONS });
  }
}

const RULE = 'rule:';
const actorOfRule = (name: string): string => `${RULE}${name}`;
const ruleOfActor = (actor: string): string => (actor.startsWith(RULE) ? actor.slice(RULE.length) : actor);

const isApproval = ({ action }: AuditEntry): boolean =>
  action === 'rule.approved' || action === 'rule.resealed';

/** Whether a later version may be in force, which nobody here can check. */
function isOfOtherKeys(entry: AuditEntry, version: number, { publicKeys }: Keys): boolean {
  const act = isApproval(entry) ? actIn(entry) : null;
  if (act === null || act.version <= version || act.signatures.length === 0) return false;
  return !act.signatures.some((given) => publicKeys.some(({ keyId }) => keyId === given.keyId));
}

/** Whether a row carries what the daemon signed when the version was approved. */
function isApproved(row: PolicyVersionRow, keys: Keys): boolean {
  const { connectionId, version, basedOn, hash, decidedBy, decidedComment, decidedAt, seal } = row;
  const act = {
    version,
    basedOn,
    hash,
    by: decidedBy ?? '',
    comment: decidedComment ?? '',
    at: decidedAt ?? '',
  };
  return memo(keys).isSigned(ruleStatement(connectionId, { step: 'approve', ...act }), seal);
}

const versionsIn = (
  connectionId: string,
  sealed: readonly AuditEntry[],
  keys: Keys,
): { readonly inForce: number; readonly get: RuleVersions['get'] } => {
  const versions = new RuleVersions(actsIn(connectionId, sealed, memo(keys)));
  return { inForce: versions.inForce, get: (version) => versions.get(version) };
};

/** What a signature is of never changes, and a check takes milliseconds: every plan asks about the same few. */
const checked = new Map<string, boolean>();
const MOST_CHECKED = 1000;

const memo = (keys: Keys): Pick<SigningKeys, 'isSigned'> => ({
  isSigned: (statement, signatures) => {
    const key = contentHash({ statement, signatures, keys: keys.publicKeys });
    const known = checked.get(key);
    if (known !== undefined) return known;
    const isSigned = keys.isSigned(statement, signatures);
    if (checked.size >= MOST_CHECKED) checked.clear();
    checked.set(key, isSigned);
    return isSigned;
  },
});
