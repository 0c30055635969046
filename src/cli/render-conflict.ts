import type { ConflictView } from '../desk/conflicts';
import { resultOf } from '../desk/conflicts';
import { definitionOf } from '../domain/kinds';
import type { Choice } from '../domain/reconcile/conflict';
import { requestWords } from '../domain/request/id';
import type { Cli } from './cli';
import { age } from './format';
import { fold, table } from './print-table';
import { fieldWords } from './values';

const words = ({ type }: ConflictView, value: ConflictView['erp']): string =>
  fieldWords(value, type ?? undefined);

/** One line a field. */
export function conflictTable(
  cli: Cli,
  views: readonly ConflictView[],
  { several }: { readonly several: boolean },
): string {
  const rows = views.map((view) => [
    ...(several ? [view.connectionId] : []),
    age(view.openedAt, cli.now()),
    view.recordId,
    view.names.erp || view.names.procore,
    view.field,
    words(view, view.procore),
    words(view, view.erp),
    view.rule,
    view.owner ?? '',
    stateOf(view),
  ]);
  const head = [
    ...(several ? ['connection'] : []),
    'age',
    'record',
    'name',
    'field',
    'Procore',
    'ERP',
    'rule',
    'owner',
    'chosen',
  ];
  return table(head, rows, { ...cli.tableOptions, flex: several ? 3 : 2 });
}

const stateOf = ({ decision }: ConflictView): string =>
  decision === null ? '' : `${choiceWords(decision.choice)} (${decision.by})`;

/** A choice as people type it. */
export const choiceWords = (choice: Choice): string =>
  choice.take === 'value' ? `value:${String(choice.value ?? '-')}` : choice.take;

/** `the ERP gets 206-555-0199`: what a choice leads to. */
export function resultWords(view: ConflictView, choice: Choice): string {
  const result = resultOf(view, choice);
  if (result.problem !== null) return `cannot be kept: ${result.problem}`;
  const writes = [
    ...(result.procore === undefined ? [] : [`Procore gets ${words(view, result.procore)}`]),
    ...(result.erp === undefined ? [] : [`the ERP gets ${words(view, result.erp)}`]),
  ];
  if (writes.length > 0) return writes.join(', ');
  return choice.take === 'ignore'
    ? 'both keep what they have until one of them changes'
    : 'nothing is written';
}

const RULES: Readonly<Record<string, string>> = {
  ask: 'either side may change it; where both did, a person decides',
  last: 'whoever was last, where both sides tell when; here that cannot be told',
  erp: 'the ERP',
  procore: 'Procore',
  never: 'nobody',
};

/** Everything that is known of the conflicts of one record. */
export function renderRecord(cli: Cli, views: readonly ConflictView[]): string {
  const [first] = views;
  if (first === undefined) return '';
  const { recordKind, recordId, erpKey, names, holdsUp, connectionId } = first;
  const { label } = definitionOf(recordKind);
  const name = names.erp === names.procore ? names.erp : `${names.erp} (in Procore ${names.procore})`;
  return [
    cli.paint.bold(fold(`${label} ${name}`, cli.width)),
    `${recordId} in Procore, ${erpKey} in the ERP, connection ${connectionId}`,
    holdsUp.length === 0
      ? 'Nothing waits for it.'
      : `What waits for it: ${holdsUp.map(requestWords).join(', ')}.`,
    ...views.flatMap((view) => ['', ...renderField(cli, view)]),
    '',
    cli.paint.dim(`Times are ${cli.zone}. Who changed a value neither side tells.`),
  ].join('\n');
}

function renderField(cli: Cli, view: ConflictView): readonly string[] {
  const { field, label, agreed, procoreAt, erpAt, rule, owner, openedAt, decision, recordId } = view;
  const at = (iso: string | null): string => (iso === null ? 'when: not known' : cli.time(iso));
  const agreedWords =
    agreed.at === null && agreed.procore === null && agreed.erp === null
      ? ['not known', '']
      : [
          agreed.procore === agreed.erp
            ? words(view, agreed.erp)
            : `${words(view, agreed.procore)} in Procore, ${words(view, agreed.erp)} in the ERP`,
          agreed.at === null ? 'when: not known' : `settled ${cli.time(agreed.at)}`,
        ];
  const rows = [
    ['agreed last', ...agreedWords],
    ['Procore', words(view, view.procore), `record changed, ${at(procoreAt)}`],
    ['ERP', words(view, view.erp), `record changed, ${at(erpAt)}`],
  ];
  const choices = (['procore', 'erp', 'ignore'] as const).map((take) => [
    `${field}=${take}`,
    resultWords(view, { take }),
  ]);
  return [
    `${cli.paint.bold(label)} (${field}), open for ${age(openedAt, cli.now())}, ${owner === null ? 'nobody looks after it' : `looked after by ${owner}`}`,
    table(null, rows, { ...cli.tableOptions, indent: 2, flex: 1 }),
    fold(`  Rule "${rule}": ${RULES[rule] ?? ''}.`, cli.width),
    ...(decision === null
      ? []
      : [
          fold(
            `  ${decision.by} chose ${choiceWords(decision.choice)} at ${cli.time(decision.at)}${decision.comment === '' ? '' : ` ("${decision.comment}")`}.`,
            cli.width,
          ),
        ]),
    `  tieback conflicts settle ${recordId} ...`,
    table(null, [...choices, [`"${field}=value:..."`, 'both get what you type']], {
      ...cli.tableOptions,
      indent: 4,
      wrap: true,
    }),
  ];
}
