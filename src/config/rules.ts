import { z } from 'zod';
import { issueLines } from '../domain/base/issue-words';
import { atMost, below } from '../domain/base/money';
import { isContradiction, WARNING_CODES, WARNINGS } from '../domain/base/warning';
import { KINDS } from '../domain/kinds';
import { isDate } from '../domain/kinds/fit-record';
import { FACTS } from '../domain/request/facts';
import { RULE_DECISIONS } from '../domain/request/policy';
import type { RulesBody } from '../domain/rules/body';

/** Text, because a number in YAML would lose digits. */
const amountSchema = z
  .string({ error: 'an amount in quotes, such as "25000.00"' })
  .regex(/^\d{1,15}(\.\d{1,4})?$/, 'an amount without separators, such as "25000.00"');
const dateSchema = z.string().refine(isDate, 'a date such as 2026-03-31');

/** Refuses a second item of one name, wherever it stands: nobody could say which of the two is meant. */
export const withoutDoubles =
  <T>(what: string, nameOf: (item: T) => string | number | undefined) =>
  (items: readonly T[], context: z.core.$RefinementCtx<unknown>): void => {
    const names = items.map(nameOf);
    for (const [index, name] of names.entries()) {
      if (name === undefined || names.indexOf(name) === index) continue;
      const message = `${what} "${name}" is there already (number ${names.indexOf(name) + 1} of the list); take one out or rename it`;
      context.addIssue({ code: 'custom', path: [index], message });
    }
  };

const facts = z.record(z.string(), z.boolean()).superRefine((given, context) => {
  for (const name of Object.keys(given)) {
    if ((FACTS as readonly string[]).includes(name)) continue;
    const message = `there is no fact "${name}"; facts: ${FACTS.join(', ')}`;
    context.addIssue({ code: 'custom', path: [name], message });
  }
});

const someOf = <T extends z.ZodType>(item: T) =>
  z.array(item).min(1, 'an empty list would never match; leave the condition out, or name at least one');

const conditions = z
  .strictObject({
    events: someOf(z.string()).optional(),
    kinds: someOf(z.enum(KINDS)).optional(),
    projects: someOf(z.int().positive()).optional(),
    vendors: someOf(z.string().trim().min(1).max(120)).optional(),
    amountFrom: amountSchema.optional(),
    amountBelow: amountSchema.optional(),
    amountAtMost: amountSchema.optional(),
    dateFrom: dateSchema.optional(),
    dateTo: dateSchema.optional(),
    erpActions: someOf(z.enum(['create', 'update'])).optional(),
    warnings: someOf(z.enum(WARNING_CODES)).optional(),
    maxErpOperations: z.int().min(0).optional(),
    facts: facts.optional(),
  })
  .refine(
    ({ amountFrom, amountBelow }) =>
      amountFrom === undefined || amountBelow === undefined || below(amountFrom, amountBelow),
    'amountFrom is not less than amountBelow: no plan would ever match',
  )
  .refine(
    ({ amountFrom, amountAtMost }) =>
      amountFrom === undefined || amountAtMost === undefined || atMost(amountFrom, amountAtMost),
    'amountFrom is more than amountAtMost: no plan would ever match',
  )
  .refine(
    ({ dateFrom, dateTo }) => dateFrom === undefined || dateTo === undefined || dateFrom <= dateTo,
    'dateFrom is later than dateTo: no plan would ever match',
  );

/** The word for a rule without conditions: an empty `when` is more likely a mistake than a wish to approve everything. */
const EVERYTHING = 'everything';

const when = z
  .unknown()
  .superRefine((given, context) => {
    if (typeof given !== 'object' || given === null || !Object.values(given).every(isEmptyObject)) return;
    const message = `without a condition this rule would decide about every plan; if that is meant, write "when: ${EVERYTHING}"`;
    context.addIssue({ code: 'custom', message });
  })
  .transform((given) => (given === EVERYTHING ? {} : given))
  .pipe(conditions);

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

const rule = z
  .strictObject({
    name: z.string().trim().min(1).max(80),
    decision: z.enum(RULE_DECISIONS),
    when,
  })
  .superRefine(({ decision, when: { warnings = [] } }, context) => {
    for (const [index, code] of warnings.entries()) {
      if (decision !== 'approve' || !isContradiction(code)) continue;
      const message = `"${code}" contradicts itself about money (${WARNINGS[code].means}): no rule may approve it, a person decides; take it out`;
      context.addIssue({ code: 'custom', path: ['when', 'warnings', index], message });
    }
  });

const person = z.string().trim().min(1).max(150);

/** Who decides in the name of an approver, on which days (both included). */
const delegation = z.strictObject({
  from: person,
  to: person,
  procoreUserId: z.int().positive().optional(),
  begin: dateSchema,
  end: dateSchema,
});

/** Who is told of what waits for finance that long. */
const deadline = z.strictObject({
  afterHours: z.number().positive().max(8760),
  tell: z.union([z.strictObject({ person }), z.strictObject({ channel: z.string().trim().min(1).max(60) })], {
    error: 'a person or a channel, such as { person: maria@acme.example }',
  }),
});

const rulesList = z.array(rule).superRefine(withoutDoubles('rule', ({ name }) => name));

/** The keys of a connection that are its rules, as long as nobody changes them in the Desk. */
export const rulesShape = {
  /** Nobody approves what they asked for themselves (needs `procoreUserId` of the approvers). */
  requireSecondPerson: z.boolean().default(true),
  /** The first rule that matches decides; without one, what writes to the ERP goes to finance. */
  policy: rulesList.default([]),
  /** Who decides in whose name, and when. */
  delegations: z.array(delegation).default([]),
  /** Who is told of what waits for finance too long. */
  deadlines: z.array(deadline).default([]),
};

/** A version of the rules as the Desk is sent it: the same shapes under the names that the Desk has for them. */
const bodySchema = z.strictObject({
  rules: rulesList,
  requireSecondPerson: z.boolean(),
  delegations: z.array(delegation).default([]),
  deadlines: z.array(deadline).default([]),
});

/** What somebody proposes, checked as the configuration is; or what is wrong with it, a sentence each. */
export function readRules(
  given: unknown,
): { readonly body: RulesBody } | { readonly problems: readonly string[] } {
  const read = bodySchema.safeParse(given);
  return read.success
    ? { body: read.data as RulesBody }
    : { problems: issueLines(read.error.issues, given, 'the rules') };
}
