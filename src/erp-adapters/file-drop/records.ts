import type { Kind, RefTarget } from '../../domain/kinds';
import { definitionOf, isKind } from '../../domain/kinds';
import { likenessOf, sharedText } from '../../domain/kinds/likeness';
import type { CanonicalRecord } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';
import type {
  ErpRecord,
  ErpRef,
  ErpRefState,
  KindCapability,
  RecordPage,
  WriteResult,
} from '../contract/adapter';
import type { Drop } from './drop';
import { rulesOf } from './rules';
import type { Row } from './state';
import { write } from './write';

const MOST_SIMILAR = 50;

const shownOf = ({ key, state, record }: Row): ErpRecord => ({ key, state, record });

/** What is known of one kind: exports of the ERP, and what was handed over since. */
export function capabilityOf(drop: Drop, kind: Kind): KindCapability {
  const { settings, state } = drop;
  const rows = async (): Promise<readonly Row[]> => {
    await drop.refresh();
    return state.all(kind);
  };
  const capability: KindCapability = {
    rules: async () => rulesOf(settings, kind),
    async read(keys) {
      const wanted = new Set(keys);
      return (await rows()).filter(({ key }) => wanted.has(key)).map(shownOf);
    },
    async findSame(record) {
      const fields = settings.layouts[kind]?.number ?? [];
      const wanted = fields.map((field) => textIn(record, field));
      if (wanted.includes('')) return [];
      const isSame = (row: Row): boolean =>
        fields.every((field, index) => textIn(row.record, field) === wanted[index]);
      return (await rows()).filter(isSame).map(shownOf);
    },
    readChanged: (cursor, pageSize) => changed(rows, drop, cursor, pageSize),
    async write(operations) {
      const results: WriteResult[] = [];
      for (const operation of operations) results.push(await write(drop, kind, operation));
      return results;
    },
  };
  if (definitionOf(kind).likeness === undefined) return capability;
  return { ...capability, findSimilar: async (record) => similar(drop, kind, record, await rows()) };
}

/** A cursor is the entry of the log that changed a record, and its key: what changes later comes after it. */
async function* changed(
  rows: () => Promise<readonly Row[]>,
  { log }: Drop,
  cursor: string | null,
  size: number,
): AsyncIterable<RecordPage> {
  let [entry, key] = cursorOf(cursor);
  for (;;) {
    const all = await rows();
    if (!(await log.stillHas(entry))) [entry, key] = [0, ''];
    const [after, afterKey] = [entry, key];
    const page = all
      .filter((row) => row.changed > after || (row.changed === after && row.key > afterKey))
      .sort((a, b) => a.changed - b.changed || (a.key < b.key ? -1 : 1))
      .slice(0, size);
    const last = page.at(-1);
    if (last !== undefined) [entry, key] = [last.changed, last.key];
    yield { records: page.map(shownOf), cursor: `${entry} ${key}` };
    if (page.length < size) return;
  }
}

function cursorOf(cursor: string | null): [number, string] {
  const [, entry = '0', key = ''] = /^(\d+) (.*)$/.exec(cursor ?? '') ?? [];
  return [Number(entry), key];
}

/** The surest first: the same unique value, then what else is the same, then what is merely called alike. */
function similar(
  { settings }: Drop,
  kind: Kind,
  record: CanonicalRecord,
  rows: readonly Row[],
): readonly ErpRecord[] {
  const rules = rulesOf(settings, kind).fields;
  const unique = Object.keys(rules).filter((field) => rules[field]?.unique);
  const ranked = rows.flatMap((row) => {
    const [reason] = likenessOf(definitionOf(kind), record, row.record);
    const isSame = unique.some((field) => {
      const value = sharedText(textIn(record, field));
      return value !== null && value === sharedText(textIn(row.record, field));
    });
    const rank = isSame ? 0 : reason === 'similar name' ? 2 : 1;
    return isSame || reason !== undefined ? [{ row, rank }] : [];
  });
  ranked.sort((a, b) => a.rank - b.rank);
  return ranked.slice(0, MOST_SIMILAR).map(({ row }) => shownOf(row));
}

/** How a record or line stands. */
export function standingOf({ state, references }: Drop, { target, key }: ErpRef): ErpRefState {
  const absent: ErpRefState = {
    target,
    key,
    state: 'absent',
    label: `${target} ${key}`,
    parentKey: null,
    number: null,
  };
  if (isKind(target)) {
    const row = state.row(target, key);
    if (row === undefined) return absent;
    const code = references.ownNumber(row) || null;
    const name = textIn(row.record, 'name') || null;
    return {
      target,
      key,
      state: row.state,
      label: labelOf(target, code ?? key),
      parentKey: null,
      number: code,
      code,
      name,
    };
  }
  const found = state.lines.get(target)?.get(key);
  if (found === undefined) return absent;
  const { row, line } = found;
  const own = line.fields['isActive'] === false ? 'inactive' : 'active';
  const label = `${labelOf(target, line.number)} of ${labelOf(row.kind, references.ownNumber(row) || row.key)}`;
  const [code, name] = [textIn(line, 'code') || null, textIn(line, 'name') || null];
  return {
    target,
    key,
    state: row.state === 'active' ? own : row.state,
    label,
    parentKey: row.key,
    number: line.number,
    code,
    name,
  };
}

const labelOf = (target: RefTarget, number: string): string => `${target.replaceAll('_', ' ')} ${number}`;
