import type { Kind, LineKind } from './names';
import type { ProcoreId } from './record';

/** Records of Procore that carry an `origin_id`. */
export type OriginKind = Extract<
  Kind | LineKind,
  'vendor' | 'project' | 'sub_job' | 'cost_code' | 'line_item_type' | 'standard_cost_code' | 'commitment'
>;

export const ORIGIN_LABELS: Readonly<Record<OriginKind, string>> = {
  vendor: 'vendors',
  project: 'projects',
  sub_job: 'sub jobs',
  cost_code: 'cost codes',
  line_item_type: 'cost types',
  standard_cost_code: 'standard cost codes',
  commitment: 'commitments',
};

/** A record of Procore, as far as its owner is concerned. */
export interface OriginRecord {
  readonly procoreId: ProcoreId | null;
  readonly originId: string | null;
  /** For people: `Cobalt Mechanical LLC`. */
  readonly label: string;
}

/** Who owns the `origin_id`s of one kind of record. */
export interface OriginCount {
  readonly kind: OriginKind;
  readonly total: number;
  readonly without: number;
  /** Readable as an ERP key of ours, and known to our links or to the ERP. */
  readonly ours: number;
  /** Set by another integration, or by hand. */
  readonly foreign: number;
  /** The first few foreign ones. */
  readonly examples: readonly { readonly originId: string; readonly label: string }[];
}

export interface Census {
  readonly takenAt: string;
  readonly counts: readonly OriginCount[];
}

const MOST_EXAMPLES = 5;

/** Counts the records of one kind; `isOurs` is asked about every `origin_id`. */
export function countOrigins(
  kind: OriginKind,
  records: readonly OriginRecord[],
  isOurs: (originId: string) => boolean,
): OriginCount {
  const owned = records.flatMap(({ originId, label }) => (originId === null ? [] : [{ originId, label }]));
  const foreign = owned.filter(({ originId }) => !isOurs(originId));
  return {
    kind,
    total: records.length,
    without: records.length - owned.length,
    ours: owned.length - foreign.length,
    foreign: foreign.length,
    examples: foreign.slice(0, MOST_EXAMPLES),
  };
}

export const isClean = ({ counts }: Census): boolean => counts.every(({ foreign }) => foreign === 0);

/** `12 vendors (such as "SAGE-100" of Cobalt Mechanical LLC), 1 project (...)`; empty when nothing is foreign. */
export const foreignWords = ({ counts }: Census): string =>
  counts
    .filter(({ foreign }) => foreign > 0)
    .map(({ kind, foreign, examples }) => {
      const such = examples.slice(0, 2).map(({ originId, label }) => `"${originId}" of ${label}`);
      return `${foreign} of the ${ORIGIN_LABELS[kind]} (such as ${such.join(' and ')})`;
    })
    .join(', ');
