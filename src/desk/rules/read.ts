import type { Visitor } from '../../domain/people/access';
import type { RulesBody } from '../../domain/rules/body';
import { asWritten, explainRules, hashOfRules, rulesOf, saysOtherwise } from '../../domain/rules/body';
import { explainRule } from '../../domain/request/policy';
import type { RuleVersion, SignedAct, VersionState } from '../../domain/rules/versions';
import type { Hits, InForce, Reign } from '../../store/repositories/rules';
import type { Repositories } from '../../store/repositories';
import type { PolicyVersionRow } from '../../store/rows';
import type { RuledConnection, RulesParts } from './parts';
import { connectionFor, seesAll } from './parts';

/** Who took a step, when, and what they said. */
export interface StepShown {
  readonly by: string;
  readonly at: string;
  readonly comment: string;
}

/** How often a rule decided while its version was in force. */
export interface RuleHits extends Hits {
  readonly rule: string;
}

/** A version in the list of all. */
export interface VersionShown {
  /** 0: the configuration. */
  readonly version: number;
  readonly basedOn: number;
  readonly state: VersionState;
  readonly hash: string;
  readonly proposed: StepShown | null;
  readonly decided: StepShown | null;
  readonly hits: readonly RuleHits[];
}

/** What a version says, for a page: as it is written, and in sentences. */
export interface BodyShown {
  readonly hash: string;
  readonly body: ReturnType<typeof asWritten>;
  /** A sentence for each rule, in their order. */
  readonly rules: readonly { readonly name: string; readonly sentence: string }[];
  readonly sentences: readonly string[];
}

export interface RulesPage {
  readonly connectionId: string;
  /** Number of the version in force; 0: the configuration. */
  readonly version: number;
  readonly inForce: BodyShown;
  /** Why nobody can say which rules are in force: everything goes to finance. Null: they are proven. */
  readonly problem: string | null;
  /** The configuration says other rules, which count for nothing. */
  readonly configurationDiffers: boolean;
  readonly approvers: readonly string[];
  /** What waits for another admin. */
  readonly proposed: readonly (VersionShown & BodyShown & { readonly outdated: boolean })[];
  /** Newest first, the newest hundred; the last one is the configuration. */
  readonly history: readonly VersionShown[];
}

const MOST_VERSIONS = 100;
/** Hits are counted for the newest ones: a count for each rule of each. */
const MOST_COUNTED = 20;

/** The rules of a connection: what is in force, what is proposed, and what was. Throws `DeskRefusal` `CONNECTION_UNKNOWN`. */
export async function readRules(
  parts: RulesParts,
  visitor: Visitor,
  connectionId: string,
): Promise<RulesPage> {
  const connection = connectionFor(parts, visitor, connectionId);
  return parts.store.read('desk.rules', (t) => pageOf(t, parts, connection, seesAll(visitor, connectionId)));
}

async function pageOf(
  t: Repositories,
  { keys }: Pick<RulesParts, 'keys'>,
  connection: RuledConnection,
  showsRequests: boolean,
): Promise<RulesPage> {
  const { id: connectionId, policy } = connection;
  const [now, { versions, rows }] = await Promise.all([
    t.rules.inForce(connection, keys),
    t.rules.history(connectionId, keys),
  ]);
  const reigns = await t.rules.reigns(connectionId, versions);
  const body = rulesOf(now.policy);
  const all = [...versions.all].reverse().slice(0, MOST_VERSIONS);
  const configured: RuleVersion = {
    ...{ version: 0, basedOn: 0, proposed: null, decided: null, sealedBy: [] },
    hash: hashOfRules(rulesOf(policy)),
    state: versions.inForce === 0 ? 'in_force' : 'replaced',
  };
  const history = await Promise.all(
    [...all, configured].map(async (version, index) => {
      const rules = version.version === 0 ? policy.rules : bodyIn(rows, version)?.rules;
      const reign = reigns.find((one) => one.version === version.version);
      const isCounted = index < MOST_COUNTED || version.version === 0;
      const hits =
        reign === undefined || !isCounted
          ? []
          : await hitsOf(t, connectionId, {
              reign,
              names: rules?.map(({ name }) => name) ?? [],
              showsRequests,
            });
      return versionShown(version, hits);
    }),
  );
  return {
    connectionId,
    version: now.version,
    inForce: bodyShown(body),
    problem: now.problem,
    configurationDiffers: now.version > 0 && now.problem === null && saysOtherwise(policy, body),
    approvers: policy.approvers.map(({ id }) => id),
    proposed: all.flatMap((version) => {
      const proposal = version.state === 'proposed' ? bodyIn(rows, version) : null;
      if (proposal === null) return [];
      const outdated = version.basedOn !== versions.inForce;
      return [{ ...versionShown(version, []), ...bodyShown(proposal), outdated }];
    }),
    history,
  };
}

const hitsOf = (
  t: Repositories,
  connectionId: string,
  given: { readonly reign: Reign; readonly names: readonly string[]; readonly showsRequests: boolean },
): Promise<readonly RuleHits[]> =>
  Promise.all(
    given.names.map(async (rule) => {
      const hits = await t.rules.hits(connectionId, rule, given.reign);
      return { rule, ...hits, examples: given.showsRequests ? hits.examples : [] };
    }),
  );

/** The body of a version, where its row holds what the log vouches for. */
export function bodyIn(
  rows: readonly PolicyVersionRow[],
  { version, hash }: Pick<RuleVersion, 'version' | 'hash'>,
): RulesBody | null {
  const row = rows.find((one) => one.version === version);
  return row !== undefined && hashOfRules(row.body) === hash ? row.body : null;
}

const bodyShown = (body: RulesBody): BodyShown => ({
  hash: hashOfRules(body),
  body: asWritten(body),
  rules: body.rules.map((rule) => ({ name: rule.name, sentence: `${capitalised(explainRule(rule))}.` })),
  sentences: explainRules(body),
});

const capitalised = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const versionShown = (
  { version, basedOn, state, hash, proposed, decided }: RuleVersion,
  hits: readonly RuleHits[],
): VersionShown => ({
  version,
  basedOn,
  state,
  hash,
  proposed: stepShown(proposed),
  decided: stepShown(decided),
  hits,
});

const stepShown = (act: SignedAct | null): StepShown | null =>
  act === null ? null : { by: act.by, at: act.at, comment: act.comment };

/** Which rules count for a connection, and what to tell about it: a sentence for the log and the doctor; null: nothing. */
export async function whichRules(
  t: Repositories,
  connection: RuledConnection,
  keys: RulesParts['keys'],
): Promise<InForce & { readonly words: string | null; readonly differs: boolean }> {
  const now = await t.rules.inForce(connection, keys);
  if (now.problem !== null)
    return {
      ...now,
      differs: false,
      words: `${now.problem}: every plan goes to finance until an admin looks into it`,
    };
  if (now.version === 0) return { ...now, differs: false, words: null };
  const differs = saysOtherwise(connection.policy, rulesOf(now.policy));
  const tail = differs
    ? `the rules of the configuration are others and count for nothing: take them out, or put in what \`tieback rules export ${connection.id}\` prints`
    : 'the configuration does not contradict them';
  return { ...now, differs, words: `version ${now.version} of the Desk is in force; ${tail}` };
}
