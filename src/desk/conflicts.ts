import { definitionOf } from '../domain/kinds';
import type { FieldDefinition } from '../domain/kinds';
import type { Kind } from '../domain/kinds';
import type { FieldValue } from '../domain/kinds/record';
import { textIn } from '../domain/kinds/record';
import type { RecordLink } from '../domain/kinds/record-link';
import type { Choice } from '../domain/reconcile/conflict';
import type { Repositories } from '../store/repositories';
import type { ConflictRow } from '../store/rows';
import type { Store } from '../store/store';
import { DeskRefusal } from './refusal';

/** A field on which both sides differ, with what a person needs to choose. */
export interface ConflictView extends ConflictRow {
  /** As its definition names it. */
  readonly label: string;
  readonly type: FieldDefinition['type'] | null;
  /** Number and name of the record, as each side knew them when both agreed last. */
  readonly names: { readonly procore: string; readonly erp: string };
  /** Its id in Procore; null: the link ties nothing any more. */
  readonly procoreId: number | null;
  /** Procore project that it lives in; null: in none. */
  readonly projectId: number | null;
  /** Requests that wait for the record. */
  readonly holdsUp: readonly string[];
  /** Somebody chose to leave it until a value changes. */
  readonly isIgnored: boolean;
}

/** Which conflicts. */
export interface ConflictFilter {
  readonly connectionId?: string | undefined;
  readonly kind?: Kind | undefined;
  readonly owner?: string | undefined;
  /** Words that all occur in record, names, field or values. */
  readonly search?: string | undefined;
  /** `vendor/98127745`, or `vendor/98127745#phone`. */
  readonly named?: string | undefined;
  /** Those too that somebody chose to leave. */
  readonly ignored?: boolean | undefined;
}

/** Conflicts that are open, the oldest first. */
export const listConflicts = (
  store: Store,
  filter: ConflictFilter,
): Promise<{ readonly conflicts: readonly ConflictView[]; readonly connectionIds: readonly string[] }> =>
  store.read('desk.conflicts', async (t) => {
    const connectionIds = (await t.connections.all()).map(({ id }) => id);
    const wanted = connectionIds.filter(
      (id) => filter.connectionId === undefined || id === filter.connectionId,
    );
    const views = await Promise.all(wanted.map((id) => viewsOf(t, id, filter)));
    return { conflicts: views.flat().filter((view) => hasWords(view, filter.search ?? '')), connectionIds };
  });

/** All conflicts of a record, or the one about a field. Throws `DeskRefusal` `CONFLICT_UNKNOWN`, `RECORD_AMBIGUOUS`. */
export async function findConflicts(
  store: Store,
  { named, connectionId }: { readonly named: string; readonly connectionId?: string | undefined },
): Promise<readonly ConflictView[]> {
  const { conflicts } = await listConflicts(store, { named, connectionId, ignored: true });
  if (conflicts.length === 0)
    throw new DeskRefusal(
      'CONFLICT_UNKNOWN',
      `There is no open conflict about "${named}".`,
      '`tieback conflicts` lists those that are open; a record is named as there, such as vendor/98127745.',
    );
  const connections = [...new Set(conflicts.map((one) => one.connectionId))];
  if (connections.length > 1)
    throw new DeskRefusal(
      'RECORD_AMBIGUOUS',
      `${connections.length} connections have conflicts about "${named}": ${connections.join(', ')}.`,
      'Say which one: --connection <name>.',
    );
  return conflicts;
}

async function viewsOf(
  t: Repositories,
  connectionId: string,
  { kind, owner, named, ignored = false }: ConflictFilter,
): Promise<readonly ConflictView[]> {
  const rows = (await t.conflicts.open(connectionId)).filter(
    (row) =>
      (kind === undefined || row.recordKind === kind) &&
      (owner === undefined || row.owner === owner) &&
      (named === undefined || row.recordId === named || row.id === named) &&
      (ignored || !isIgnored(row)),
  );
  const waitedFor = new Set(await t.waits.waitedFor(connectionId));
  const records = [...new Set(rows.map(({ recordId }) => recordId))].filter((id) => waitedFor.has(id));
  const [links, waiting] = await Promise.all([
    t.links.byIds(connectionId, [...new Set(rows.map(({ linkId }) => linkId))]),
    Promise.all(records.map((recordId) => t.waits.waitingFor(connectionId, [recordId]))),
  ]);
  const byId = new Map(links.map((link) => [link.id, link]));
  const holdsUp = new Map(records.map((recordId, index) => [recordId, waiting[index] ?? []]));
  return rows.map((row) => {
    const link = byId.get(row.linkId) ?? null;
    const definition = definitionOf(row.recordKind).fields[row.field];
    return {
      ...row,
      label: definition?.label ?? row.field,
      type: definition?.type ?? null,
      names: { procore: nameIn(link?.procore ?? null), erp: nameIn(link?.erp ?? null) },
      procoreId: link?.state === 'linked' ? link.procoreId : null,
      projectId: link?.projectId ?? null,
      holdsUp: holdsUp.get(row.recordId) ?? [],
      isIgnored: isIgnored(row),
    };
  });
}

const isIgnored = ({ decision }: ConflictRow): boolean => decision?.choice.take === 'ignore';

const nameIn = (record: RecordLink['erp']): string =>
  record === null
    ? ''
    : [textIn(record, 'code'), textIn(record, 'name')].filter((part) => part !== '').join(' ');

function hasWords(
  { recordId, erpKey, field, label, names, procore, erp }: ConflictView,
  search: string,
): boolean {
  const text = [recordId, erpKey, field, label, names.procore, names.erp, procore, erp]
    .join(' ')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** What a choice leads to; a side that is not named keeps what it has. */
export interface ChoiceResult {
  /** What is written to Procore, and to the ERP; absent: nothing. */
  readonly procore?: FieldValue;
  readonly erp?: FieldValue;
  /** Why it cannot be kept, in one sentence; null: it can, as far as is known. */
  readonly problem: string | null;
}

/** The plan that follows from a choice. What the ERP makes of a typed value is known when that plan is built. */
export function resultOf(
  { fits, procore, erp }: Pick<ConflictRow, 'fits' | 'procore' | 'erp'>,
  choice: Choice,
): ChoiceResult {
  switch (choice.take) {
    case 'ignore':
      return { problem: null };
    case 'value': {
      const { value } = choice;
      return {
        ...(value === procore ? {} : { procore: value }),
        ...(value === erp ? {} : { erp: value }),
        problem: null,
      };
    }
    case 'procore':
      return 'problem' in fits.erp ? { problem: fits.erp.problem } : { erp: fits.erp.value, problem: null };
    case 'erp':
      return 'problem' in fits.procore
        ? { problem: fits.procore.problem }
        : { procore: fits.procore.value, problem: null };
  }
}

/**
 * Choices as people type them: `phone=erp`, `phone=procore`, `phone=ignore`, `phone=value:206-555-0100`; a field by its name or label. Throws
 * `DeskRefusal` `UNKNOWN_FIELD`, `FIELD_VALUE`.
 */
export function choicesFrom(
  pairs: readonly string[],
  conflicts: readonly ConflictView[],
): ReadonlyMap<ConflictView, Choice> {
  const choices = new Map<ConflictView, Choice>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const typed = pair.slice(0, Math.max(at, 0)).trim().toLowerCase();
    if (typed === '') throw new DeskRefusal('FIELD_VALUE', `"${pair}" is not field=choice.`, HOW);
    const conflict = conflicts.find(({ field, label }) =>
      [field, label].some((word) => word.toLowerCase() === typed),
    );
    if (conflict === undefined)
      throw new DeskRefusal(
        'UNKNOWN_FIELD',
        `There is no conflict about "${pair.slice(0, at).trim()}".`,
        `Open are: ${conflicts.map(({ field }) => field).join(', ')}.`,
      );
    if (choices.has(conflict))
      throw new DeskRefusal('FIELD_VALUE', `The field "${conflict.field}" is given twice.`);
    choices.set(conflict, choiceFrom(pair.slice(at + 1).trim(), conflict));
  }
  return choices;
}

const VALUE = 'value:';

function choiceFrom(text: string, { field, type }: ConflictView): Choice {
  if (text === 'procore' || text === 'erp' || text === 'ignore') return { take: text };
  if (!text.startsWith(VALUE))
    throw new DeskRefusal('FIELD_VALUE', `"${text}" is no choice for ${field}.`, HOW);
  const value = text.slice(VALUE.length).trim();
  if (type !== 'flag') return { take: 'value', value: value === '' || value === '-' ? null : value };
  if (value === 'true' || value === 'false') return { take: 'value', value: value === 'true' };
  throw new DeskRefusal('FIELD_VALUE', `${field} is true or false, not "${value}".`, HOW);
}

const HOW = 'A choice is field=procore, field=erp, field=ignore, or "field=value:..." (value:- empties it).';
