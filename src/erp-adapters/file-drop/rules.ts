import type { Kind, LineKind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { ColumnRule } from '../../domain/kinds/column-rules';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import { charsetOf, fieldsOf, isNumber } from './layout';
import type { FileDropSettings } from './settings';

/** The rules of a kind: the layout is the catalog. */
export function rulesOf({ layouts, currency }: FileDropSettings, kind: Kind): RecordColumns {
  const layout = layouts[kind];
  const fields: Record<string, ColumnRule> = {};
  const lines: Partial<Record<LineKind, Record<string, ColumnRule>>> = {};
  const file = layout?.outgoing ?? layout?.incoming;
  if (layout === undefined || file === undefined) return { fields, lines };
  for (const { name, isHeader, at, column, definition } of fieldsOf(file, definitionOf(kind))) {
    if (definition.type === 'reference' || definition.type === 'flag') continue;
    const isKey = isHeader && layout.number.includes(name);
    const words = Object.keys(column.values ?? {});
    const date = definition.type === 'date' ? 10 : 0;
    const point = column.impliedPoint ? 1 : 0;
    const rule: ColumnRule = {
      maxLength: Math.max(
        (date === 0 ? (column.width ?? 0) : 0) + point,
        date,
        ...words.map(({ length }) => length),
      ),
      unit: 'characters',
      charset: charsetOf(file),
      required:
        column.required === true || definition.required === true || (isKey && layout.numbers === 'number'),
      ...(column.lineBreaks ? { lineBreaks: true } : {}),
      ...(column.values === undefined ? {} : { allowed: words }),
      ...(isNumber(definition) ? { decimals: column.decimals ?? 0 } : {}),
      ...(column.unique || (isKey && layout.number.length === 1) ? { unique: true } : {}),
    };
    const into = isHeader ? fields : (lines[at as LineKind] ??= {});
    const known = into[name];
    into[name] = known !== undefined && known.maxLength < rule.maxLength ? known : rule;
  }
  return { fields, lines, ...(currency === undefined ? {} : { currency }) };
}
