import type { ColumnRule } from './column-rules';
import type { CustomColumns, CustomLabels } from './custom-fields';
import { columnOf, withCustomFields } from './custom-fields';
import type { FieldDefinition, KindDefinition } from './definition';
import type { RecordColumns } from './fit-record';
import type { LineKind } from './names';

/** Definition and columns of a kind with custom fields; a column that the ERP does not offer is a problem. */
export function withCustomColumns(
  definition: KindDefinition,
  columns: RecordColumns,
  labels: CustomLabels,
): {
  readonly definition: KindDefinition;
  readonly columns: RecordColumns;
  readonly problems: readonly string[];
} {
  const header = offered(labels.fields, columns.custom?.fields, definition.plural);
  const lines = Object.entries(labels.lines).map(([kind, fields]) => ({
    kind: kind as LineKind,
    ...offered(
      fields,
      columns.custom?.lines[kind as LineKind],
      `${(definition.lines[kind as LineKind]?.label ?? kind).toLowerCase()}s of ${definition.plural}`,
    ),
  }));
  const named = withCustomFields(definition, labels);
  return {
    definition: {
      ...named,
      fields: { ...named.fields, ...header.definitions },
      lines: {
        ...named.lines,
        ...Object.fromEntries(
          lines.flatMap(({ kind, definitions }) => {
            const line = named.lines[kind];
            return line === undefined
              ? []
              : [[kind, { ...line, fields: { ...line.fields, ...definitions } }]];
          }),
        ),
      },
    },
    columns: {
      ...columns,
      fields: { ...columns.fields, ...header.rules },
      lines: {
        ...columns.lines,
        ...Object.fromEntries(lines.map(({ kind, rules }) => [kind, { ...columns.lines[kind], ...rules }])),
      },
    },
    problems: [...header.problems, ...lines.flatMap(({ problems }) => problems)],
  };
}

function offered(labels: CustomLabels['fields'], columns: CustomColumns = {}, of: string) {
  const definitions: Record<string, FieldDefinition> = {};
  const rules: Record<string, ColumnRule> = {};
  const problems: string[] = [];
  for (const [field, label] of Object.entries(labels)) {
    const column = columns[columnOf(field)];
    if (column === undefined)
      problems.push(`${label ?? columnOf(field)}: ${notOffered(columnOf(field), columns, of)}`);
    else {
      definitions[field] = { label: label ?? column.label, type: column.type };
      rules[field] = column.rule;
    }
  }
  return { definitions, rules, problems };
}

/** `the ERP offers no column "udPermit" for commitments (it offers udBond, udLot)`. */
export function notOffered(column: string, columns: CustomColumns, of: string): string {
  const names = Object.keys(columns).join(', ');
  return `the ERP offers no column "${column}" for ${of} (it offers ${names === '' ? 'none' : names}); map it to another one in customFields, or take it out there.`;
}
