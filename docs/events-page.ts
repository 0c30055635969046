import { definitionOf, isKind } from '../src/domain/kinds';
import type { CloseOutCall, EventDefinition, EventName } from '../src/procore/erp-tool/events';
import { aliasesOf, ALL_EVENTS } from '../src/procore/erp-tool/events';

type Row = readonly [name: EventName, event: EventDefinition];

/** `docs/events.md`, from the table that the code works with. The text is laid out as Prettier leaves it. */
export function eventsPage(): string {
  const rows = Object.entries(ALL_EVENTS) as readonly Row[];
  const groups = [...new Set(rows.map(([, { entity }]) => entity))].map(
    (entity) => [entity, rows.filter(([, event]) => event.entity === entity)] as const,
  );
  const waiting = rows.filter(([, { details }]) => details !== 'none').length;
  return [
    '<!-- Made by `npm run docs` from src/procore/erp-tool/events.ts. Change that file, not this one. -->',
    '# Events',
    `Procore's ERP tool tells by events what people did there. These are all ${rows.length} of Procore's ERP events dictionary, and what Tieback does for each. For ${waiting} of them Procore waits for an answer: the record or the button is blocked until it comes. An event that is in no dictionary is parked for a person.`,
    'Calls are named as in Procore\'s ERP guides. They are made in the order given, the answer last: a request that fails at any step ends with an answer "failed" and our sentences, and nothing half done looks finished. Tieback may repeat every one of them.',
    '## Summary',
    table(
      ['event', 'record', 'kind', 'Procore waits', 'calls'],
      rows.map(([name, event]) => [
        `[\`${name}\`](#${name})`,
        wordsOf(event.entity),
        event.kind,
        { none: 'no', one: 'yes', per_item: 'yes, for each record' }[event.details],
        [...event.closeOut, ...(event.optional ?? [])].map(shortCall).filter(isFirst).join(', ') || 'none',
      ]),
    ),
    ...groups.flatMap(([entity, events]) => [`## ${capital(wordsOf(entity))}`, ...events.flatMap(section)]),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function section([name, event]: Row): readonly string[] {
  const aliases = aliasesOf(name).map((alias) => `\`${alias}\``);
  return [
    `### ${name}`,
    ...(aliases.length === 0 ? [] : [`Procore may also send it as ${aliases.join(', ')}.`]),
    [
      `- **When:** ${event.trigger}`,
      `- **Procore waits:** ${WAITS[event.details]}`,
      `- **Tieback:** ${event.does}`,
      ...calls('Calls', event.closeOut),
      ...calls('Calls, where something changed', event.optional ?? []),
      `- **When it fails:** ${event.fails}`,
    ].join('\n'),
  ];
}

const WAITS: Readonly<Record<EventDefinition['details'], string>> = {
  none: 'no.',
  one: 'yes, for one answer.',
  per_item: 'yes, for one answer for each record.',
};

function calls(title: string, list: readonly CloseOutCall[]): readonly string[] {
  if (list.length === 0) return [];
  return [
    `- **${title}:**`,
    ...list.map(({ call, about }, index) => `  ${index + 1}. \`${call}\`: ${about}`),
  ];
}

const shortCall = ({ call }: CloseOutCall): string => `\`${call}\``;
const isFirst = (item: string, index: number, all: readonly string[]): boolean => all.indexOf(item) === index;
const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** Records of the dictionary that are lines or no records to us. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  cost_code: 'cost code',
  cost_code_line_item_type: 'cost type assignment',
  metadata: 'metadata configuration',
};

const wordsOf = (entity: string): string =>
  isKind(entity) ? definitionOf(entity).label.toLowerCase() : (OTHER_WORDS[entity] ?? entity);

/** A table with columns of even width, as Prettier writes it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
