import Big from 'big.js';

/*
 * How the amounts of a payload hang together, as the samples of the events dictionary show it. Each relation knows by its fields what it is
 * about, so that it can be looked for in anything that Procore sends.
 */

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `"$1,234.50"`, `"12.0"`, `12`: an amount. */
const amount = (value: unknown): Big =>
  new Big(typeof value === 'string' ? value.replace(/[$,]/g, '') : Number(value ?? 0));
const add = (values: readonly unknown[]): Big =>
  values.reduce<Big>((total, value) => total.plus(amount(value)), new Big(0));
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const sumOf = (items: readonly Json[], field: string): Big => add(items.map((item) => item[field]));

/** The sum that should be there, or null where the relation is not about this object. */
type Relation = readonly [name: string, what: (object: Json) => readonly [shown: unknown, made: Big] | null];

const has = (object: Json, ...fields: string[]): boolean => fields.every((field) => field in object);

const RELATIONS: readonly Relation[] = [
  [
    'amount of a prime change = extended amount + markups',
    (o) =>
      has(o, 'markup_line_items', 'extended_amount') && listOf(o['markup_line_items']).length > 0
        ? [o['amount'], add([o['extended_amount']]).plus(sumOf(listOf(o['markup_line_items']), 'amount'))]
        : null,
  ],
  [
    'total of a prime change = extended amount, without markups and tax',
    (o) =>
      has(o, 'markup_line_items', 'extended_amount', 'total_amount')
        ? [o['total_amount'], add([o['extended_amount']])]
        : null,
  ],
  [
    'total of a contract line = amount + tax',
    (o) =>
      has(o, 'extended_amount', 'total_amount', 'tax_amount') && !has(o, 'markup_line_items')
        ? [o['total_amount'], add([o['amount'], o['tax_amount']])]
        : null,
  ],
  [
    'a contract is the sum of its lines',
    (o) =>
      isObject(o['commitment']) && !isObject(o['change_order']) && has(o, 'commitment_items')
        ? [o['commitment']['grand_total'], sumOf(listOf(o['commitment_items']), 'amount')]
        : null,
  ],
  ...(
    [
      ['revised_contract', 'approved_change_orders', 'grand_total'],
      ['revised_contract_amount', 'approved_change_orders', 'grand_total'],
      ['pending_revised_contract', 'pending_change_orders', 'revised_contract'],
      ['revised_contract', 'total_payments', 'remaining_balance_outstanding'],
      ['revised_contract_amount', 'total_payments', 'outstanding_balance'],
      ['contract_sum_to_date', 'contract_original_sum', 'net_change_by_change_order'],
      ['total_retainage', 'completed_work_retainage_amount', 'stored_materials_retainage_amount'],
      ['total_completed_and_stored_to_date', 'total_earned_less_retainage', 'total_retainage'],
      ['total_earned_less_retainage', 'current_payment_due', 'less_previous_certificates_for_payment'],
      ['contract_sum_to_date', 'balance_to_finish_including_retainage', 'total_earned_less_retainage'],
      ['scheduled_value', 'balance_to_finish', 'total_completed_and_stored_to_date'],
      [
        'total_retainage_currently_retained',
        'work_completed_retainage_currently_retained',
        'materials_stored_retainage_currently_retained',
      ],
      [
        'retainage_this_period',
        'retainage_work_completed_this_period',
        'retainage_materials_presently_stored',
      ],
    ] as const
  ).map(([total, first, second]): Relation => [
    `${total} = ${first} + ${second}`,
    (o) => (has(o, total, first, second) ? [o[total], add([o[first], o[second]])] : null),
  ]),
  [
    'a line of an owner invoice is complete: before + this period + stored',
    (o) =>
      has(o, 'work_completed_this_period', 'total_completed_and_stored_to_date')
        ? [
            o['total_completed_and_stored_to_date'],
            add([
              o['work_completed_from_previous_application'],
              o['work_completed_this_period'],
              o['materials_presently_stored'],
            ]),
          ]
        : null,
  ],
  [
    'an owner invoice is the sum of its lines',
    (o) =>
      isObject(o['summary']) && has(o['summary'], 'total_completed_and_stored_to_date') && has(o, 'items')
        ? [
            o['summary']['total_completed_and_stored_to_date'],
            sumOf(listOf(o['items']), 'total_completed_and_stored_to_date'),
          ]
        : null,
  ],
  [
    'payment due = amounts - retainage + released retainage',
    (o) => {
      const items = listOf(o['line_items']);
      return has(o, 'formatted_payment_due')
        ? [
            o['formatted_payment_due'],
            sumOf(items, 'amount')
              .minus(sumOf(items, 'retainage_this_period'))
              .plus(sumOf(items, 'released_work_completed_this_period')),
          ]
        : null;
    },
  ],
  [
    'what was billed of a direct cost = the total of its lines',
    (o) =>
      has(o, 'billed_amount', 'line_item_total') ? [o['billed_amount'], add([o['line_item_total']])] : null,
  ],
  [
    'a direct cost is the sum of its lines',
    (o) =>
      has(o, 'line_item_total', 'line_items')
        ? [o['line_item_total'], sumOf(listOf(o['line_items']), 'total_amount')]
        : null,
  ],
  [
    'a direct cost line = quantity x unit cost, within rounding',
    (o) => {
      if (!has(o, 'direct_cost_id', 'quantity', 'unit_cost', 'total_amount')) return null;
      const made = amount(o['quantity']).times(amount(o['unit_cost']));
      const isNear = made
        .minus(amount(o['total_amount']))
        .abs()
        .lte(amount(o['quantity']).abs().div(20000).plus(0.005));
      return [o['total_amount'], isNear ? amount(o['total_amount']) : made];
    },
  ],
  [
    'an amount is shown as it is written',
    (o) => (has(o, 'amount', 'formatted_amount') ? [o['formatted_amount'], add([o['amount']])] : null),
  ],
];

/** Every relation that does not hold in a value, with its place; and how often each was looked at. */
export function brokenRelations(value: unknown, at = '$', seen: Map<string, number> = new Map()): string[] {
  if (Array.isArray(value))
    return value.flatMap((item, index) => brokenRelations(item, `${at}[${index}]`, seen));
  if (!isObject(value)) return [];
  const own = RELATIONS.flatMap(([name, what]) => {
    const found = what(value);
    if (found === null) return [];
    seen.set(name, (seen.get(name) ?? 0) + 1);
    const [shown, made] = found;
    return amount(shown).eq(made) ? [] : [`${at}: ${name}: ${String(shown)}, not ${made.toFixed()}`];
  });
  return [
    ...own,
    ...Object.entries(value).flatMap(([key, item]) => brokenRelations(item, `${at}.${key}`, seen)),
  ];
}

export const RELATION_NAMES: readonly string[] = RELATIONS.map(([name]) => name);
