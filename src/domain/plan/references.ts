import { erpKeyOfOriginId, isTyped, recordIdOf } from '../base/identity';
import { capital, shorten } from '../base/text';
import type { RefTarget } from '../kinds';
import { isKind, KIND_DEFINITIONS } from '../kinds';
import type { CanonicalRecord, ProcoreId, Standing } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { DraftLine, RecordDraft, RecordRef } from '../request/intent';
import type { Wait } from './plan';

/** What became of one reference: the ERP key, or why there is none. */
export type ResolvedRef =
  /** `untyped`: nothing but an `origin_id` without its type says so: it is ours only if the ERP knows the key. */
  | { readonly kind: 'key'; readonly key: string; readonly untyped?: true }
  | { readonly kind: 'wait'; readonly wait: Wait }
  | { readonly kind: 'problem'; readonly problem: string };

/** How a record or line stands in the ERP, as the adapter said. */
export interface RefState extends Standing {
  readonly target: RefTarget;
  readonly key: string;
}

export const notOurs = (label: string, originId: string): string =>
  `${capital(label)} has the origin_id "${shorten(originId, 100)}", which is not one of ours: another integration may own it.`;

/** Every record that a draft refers to, header first. */
export const refsOf = (draft: RecordDraft): readonly RecordRef[] =>
  [draft.refs, ...draft.lines.map(({ refs }) => refs)]
    .flatMap((refs) => Object.values(refs))
    .filter((ref) => ref !== null);

/** Records of one batch refer to each other by this until the ERP gave the first of them its key. */
export const pendingKeyOf = (recordId: string): string => `->${recordId}`;
export const recordIdOfPending = (key: string): string | null => (key.startsWith('->') ? key.slice(2) : null);

/** Records of the same request: the key each will have when those after it are written, or why it has none. */
export type Batch = ReadonlyMap<string, { readonly key: string } | 'left out' | 'not before'>;

/**
 * Finds the ERP key of what Procore names: by our link (it knows what happened after the request was made), else by the `origin_id` in
 * the request. What is not in the ERP yet is waited for. `links`: of everything the draft names, in any state; `batch`: the records of
 * the same request, looked at with every question.
 */
export class RefResolver {
  private readonly byId = new Map<string, string>();

  constructor(
    links: readonly RecordLink[],
    private readonly batch: Batch = new Map(),
  ) {
    for (const link of links) {
      if (link.state !== 'linked') continue;
      if (link.procoreId !== null) this.byId.set(recordIdOf(link.kind, link.procoreId), link.erpKey);
      this.learnLines(link.erp);
    }
  }

  resolve(ref: RecordRef, projectId: ProcoreId | null): ResolvedRef {
    const recordId = ref.procoreId === null ? null : recordIdOf(ref.target, ref.procoreId);
    const linked = recordId === null ? undefined : this.byId.get(recordId);
    if (linked !== undefined) return { kind: 'key', key: linked };
    const sibling = recordId === null ? undefined : this.batch.get(recordId);
    if (typeof sibling === 'object') return { kind: 'key', key: sibling.key };
    if (sibling !== undefined) {
      const why =
        sibling === 'left out'
          ? 'of the same request is left out, and this record needs it.'
          : 'of the same request cannot be written before this record.';
      return { kind: 'problem', problem: `${capital(ref.label)} ${why}` };
    }
    if (ref.originId !== null) {
      const key = erpKeyOfOriginId(ref.target, ref.originId);
      if (key !== null)
        return { kind: 'key', key, ...(isTyped(ref.target, ref.originId) ? {} : { untyped: true as const }) };
      return { kind: 'problem', problem: notOurs(ref.label, ref.originId) };
    }
    return { kind: 'wait', wait: { recordId: waitsFor(ref, projectId), reason: reasonOf(ref) } };
  }

  private learnLines(shadow: CanonicalRecord | null): void {
    for (const { kind, procoreId, erpKey } of shadow?.lines ?? []) {
      if (procoreId !== null && erpKey !== null) this.byId.set(recordIdOf(kind, procoreId), erpKey);
    }
  }
}

/** A line becomes known with its record: a cost code is waited for through its project. */
function waitsFor({ target, procoreId }: RecordRef, projectId: ProcoreId | null): string {
  if (!isKind(target) && target === 'cost_code' && projectId !== null)
    return recordIdOf('project', projectId);
  return recordIdOf(target, procoreId ?? 'unknown');
}

function reasonOf({ target, label }: RecordRef): string {
  const subject = capital(label);
  switch (target) {
    case 'vendor':
      return `${subject} is not in the ERP yet. Export or link it; this request then goes on by itself.`;
    case 'cost_code':
      return `${subject} is not in the ERP yet. Send the project to the ERP again; this request then goes on by itself.`;
    case 'line_item_type':
      return `${subject} is not in the ERP yet. Add it there and refresh the cost types; this request then goes on by itself.`;
    default:
      return `${subject} is not in the ERP yet. Export it first; this request then goes on by itself.`;
  }
}

/** Words for a kind of record or line: `commitment`, `cost code`. */
export const wordFor = (target: RefTarget): string =>
  isKind(target) ? KIND_DEFINITIONS[target].label.toLowerCase() : target.replaceAll('_', ' ');

export const lineLabel = (line: Pick<DraftLine, 'kind' | 'number'>): string => {
  const words: Partial<Record<DraftLine['kind'], string>> = {
    cost_code: 'Cost code',
    cost_type_assignment: 'Cost type assignment',
    budget_line: 'Budget movement',
    prime_change_markup: 'Markup',
  };
  return `${words[line.kind] ?? 'Line'} ${line.number}`;
};
