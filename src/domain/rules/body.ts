import { contentHash } from '../base/identity';
import { dayNumber } from '../base/local-date';
import type { Approver, ConnectionPolicy, Deadline, Delegation, Told } from '../request/connection-policy';
import type { PolicyRule } from '../request/policy';
import { explainRule } from '../request/policy';

/** What one version of the rules of a connection says. Who its approvers are is no part of it: that stays with the configuration. */
export interface RulesBody {
  /** The first one that matches decides. */
  readonly rules: readonly PolicyRule[];
  readonly requireSecondPerson: boolean;
  readonly delegations: readonly Delegation[];
  readonly deadlines: readonly Deadline[];
}

const conditionsIn = ({ when }: PolicyRule): Readonly<Record<string, unknown>> => ({ ...when });

/** A body as people write it: a rule without a condition says so in a word. */
export const asWritten = ({ rules, ...rest }: RulesBody) => ({
  rules: rules.map((rule) => ({
    ...rule,
    when: Object.keys(rule.when).length === 0 ? ('everything' as const) : conditionsIn(rule),
  })),
  ...rest,
});

/** The rules of a policy as a version of its own would hold them. */
export const rulesOf = ({
  rules,
  requireSecondPerson,
  delegations = [],
  deadlines = [],
}: ConnectionPolicy): RulesBody => ({ rules, requireSecondPerson, delegations, deadlines });

/** Names a body: who proposes, approves or signs one means exactly this one. */
export const hashOfRules = ({ rules, requireSecondPerson, delegations, deadlines }: RulesBody): string =>
  contentHash({ rules, requireSecondPerson, delegations, deadlines });

/** The policy of a connection with these rules. */
export const withRules = (
  policy: ConnectionPolicy,
  { rules, requireSecondPerson, delegations, deadlines }: RulesBody,
  rulesVersion: number,
): ConnectionPolicy => ({
  ...policy,
  rules,
  requireSecondPerson,
  delegations,
  deadlines,
  rulesVersion,
});

/**
 * The policy while nobody can say which rules are in force, because somebody changed our store or its log: everything goes to finance, and nobody
 * decides in the name of another.
 */
export const withoutProof = (policy: ConnectionPolicy, rulesVersion: number): ConnectionPolicy =>
  withRules(
    policy,
    {
      rules: [{ name: UNPROVEN, decision: 'ask_finance', when: {} }],
      requireSecondPerson: true,
      delegations: [],
      deadlines: policy.deadlines ?? [],
    },
    rulesVersion,
  );

/** Name of the rule that asks about everything while the rules in force are not proven. */
export const UNPROVEN = 'rules-not-proven';

/** Whether the configuration says other rules than those in force; one that says none at all leaves them to the Desk. */
export function saysOtherwise(configured: ConnectionPolicy, inForce: RulesBody): boolean {
  const own = rulesOf(configured);
  if (hashOfRules(own) === hashOfRules(inForce)) return false;
  const isEmpty = own.rules.length + own.delegations.length + own.deadlines.length === 0;
  return !isEmpty;
}

/** Longest name of who decides in whose name: it is the actor of an entry. */
const LONGEST_ACTOR = 180;

/** What is wrong with a body beside its shape, a sentence each; empty: nothing. */
export function problemsOfRules(
  { rules, requireSecondPerson, delegations, deadlines }: RulesBody,
  approvers: readonly Approver[],
): readonly string[] {
  const asksTwo = rules.some(({ decision }) => decision === 'ask_two');
  const mustTell = requireSecondPerson || asksTwo;
  const unknown = approvers.filter(({ procoreUserId }) => procoreUserId === undefined).map(({ id }) => id);
  return [
    ...(asksTwo && approvers.length < 2
      ? ['A rule asks two people, and the connection names fewer approvers.']
      : []),
    ...(mustTell && approvers.length > 0 && unknown.length > 0
      ? [
          `Nobody could tell whether ${unknown.join(', ')} asked for what they approve: give them a procoreUserId in the configuration, or ask for no second person.`,
        ]
      : []),
    ...(requireSecondPerson && approvers.length === 1
      ? [
          'Nobody could approve what the only approver asks for: name a second one in the configuration, or ask for no second person.',
        ]
      : []),
    ...delegations.flatMap((delegation) => problemsOf(delegation, approvers, mustTell)),
    ...deadlines.flatMap(({ afterHours }, index) =>
      deadlines.findIndex(
        (other) => other.afterHours === afterHours && sameTold(other.tell, deadlines[index]?.tell),
      ) === index
        ? []
        : [`The deadline after ${afterHours} hours is there twice.`],
    ),
  ];
}

const sameTold = (one: Told, other: Told | undefined): boolean =>
  contentHash(one) === contentHash(other ?? null);

function problemsOf(
  { from, to, procoreUserId, begin, end }: Delegation,
  approvers: readonly Approver[],
  mustTell: boolean,
): readonly string[] {
  const words = `The delegation from ${from} to ${to}`;
  const named = approvers.find(({ id }) => id === to);
  const user = named?.procoreUserId ?? procoreUserId;
  const same = procoreUserId !== undefined && approvers.find((one) => one.procoreUserId === procoreUserId);
  return [
    ...(approvers.some(({ id }) => id === from)
      ? []
      : [`${words}: "${from}" is no approver of this connection.`]),
    ...(from.toLowerCase() === to.toLowerCase() ? [`${words} is to the same person.`] : []),
    ...(dayNumber(begin) > dayNumber(end) ? [`${words} ends before it begins.`] : []),
    ...(from.length + to.length > LONGEST_ACTOR ? [`${words}: the two names are too long.`] : []),
    ...(mustTell && user === undefined
      ? [
          `${words}: nobody could tell whether ${to} asked for what they approve; give it their procoreUserId.`,
        ]
      : []),
    ...(named !== undefined && procoreUserId !== undefined && named.procoreUserId !== procoreUserId
      ? [`${words}: the configuration gives ${to} another procoreUserId.`]
      : []),
    ...(same && same.id !== to ? [`${words}: its procoreUserId is that of ${same.id}.`] : []),
  ];
}

/** A body in sentences, in the order in which they count. */
export const explainRules = ({
  rules,
  requireSecondPerson,
  delegations,
  deadlines,
}: RulesBody): readonly string[] => [
  ...rules.map((rule, index) => `${index + 1}. "${rule.name}" ${explainRule(rule)}.`),
  'What no rule decides goes to finance; what writes nothing to the ERP and has no warning is approved.',
  requireSecondPerson
    ? 'Nobody approves what they asked for in Procore themselves.'
    : 'Whoever asked for something in Procore may approve it themselves.',
  ...delegations.map(explainDelegation),
  ...deadlines.map(explainDeadline),
];

export const explainDelegation = ({ from, to, begin, end }: Delegation): string =>
  `From ${begin} to ${end}, both days included, ${to} decides in the name of ${from}.`;

export const explainDeadline = ({ afterHours, tell }: Deadline): string =>
  `What waits for finance for ${afterHours} hour${afterHours === 1 ? '' : 's'} is told to ${'person' in tell ? tell.person : `the channel "${tell.channel}"`}.`;
