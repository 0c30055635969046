import type { Visitor } from '../../domain/people/access';
import type { JobState } from '../jobs';

/** One thing the doctor looked at, as `tieback doctor --json` tells it. */
export interface Finding {
  readonly name: string;
  /** `warning`: it works, and somebody should look. `skipped`: it could not be asked here, which is no fault. */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
  /** What to do when it is not ok. */
  readonly hint: string | null;
}

/** Findings about one part of the installation. */
export interface Area {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** A finding with the part of the installation that it is about. */
export interface PlacedFinding extends Finding {
  readonly area: string;
}

/** What the doctor found, worst first. */
export interface Diagnosis {
  readonly isWell: boolean;
  /** Failed first, then warnings. */
  readonly trouble: readonly PlacedFinding[];
  /** Three lines where all is well: what was looked at, and how much. */
  readonly summary: readonly string[];
  readonly areas: readonly Area[];
}

export type DoctorJob = JobState<{ readonly area: string }, Diagnosis>;

/** Who may send for the doctor. */
export type Asking = Pick<Visitor, 'id'>;

const WORST_FIRST = ['failed', 'warning'] as const;

/** What to say of these findings. */
export function diagnosisOf(areas: readonly Area[]): Diagnosis {
  const all = areas.flatMap(({ name: area, findings }) => findings.map((finding) => ({ ...finding, area })));
  const count = (status: Finding['status']): number => all.filter((one) => one.status === status).length;
  const trouble = WORST_FIRST.flatMap((status) => all.filter((one) => one.status === status));
  const [bad, odd] = [count('failed'), count('warning')];
  return {
    isWell: trouble.length === 0,
    trouble,
    summary: [
      bad === 0 && odd === 0
        ? 'All is well.'
        : [...(bad === 0 ? [] : [`${bad} to put right`]), ...(odd === 0 ? [] : [`${odd} to look at`])].join(
            ', ',
          ),
      `${all.length} checks: ${count('ok')} well, ${count('skipped')} could not be asked.`,
      `Looked at: ${areas.map(({ name }) => name).join(', ')}.`,
    ],
    areas,
  };
}
