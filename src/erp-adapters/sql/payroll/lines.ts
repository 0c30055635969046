import type { KnownLine } from '../../../domain/payroll/line';
import { roundTo } from '../../../domain/base/money';
import type { Surroundings } from '../model';
import { keyOf } from '../scope';
import type { Row } from '../session';
import { keyInMemo } from './memo';
import { textIn, textOf } from './rows';
import type { PayrollSpec } from './spec';

/** Rows of one period, as they were answered. */
export interface LinesRead {
  readonly unposted: readonly Row[];
  readonly posted: readonly Row[];
  readonly batches: readonly Row[];
  readonly problems: readonly Row[];
}

/** Name of a batch, as people find it, and as our ledger keeps it: `2026-07/12`. */
export const batchName = (spec: PayrollSpec, { month, batch }: Row): string =>
  `${spec.shownMonth(String(month))}/${String(batch)}`;

/**
 * Lines of a period. A key of ours counts once, for the first line that carries it: who copies a line by hand or by rule copies its memo, and a copy is not
 * ours.
 */
export function knownLines(
  spec: PayrollSpec,
  around: Surroundings,
  { unposted, posted, batches, problems }: LinesRead,
): readonly KnownLine[] {
  const statuses = new Map(
    batches.map((row) => [batchName(spec, row), spec.batchStatuses[textOf(row, 'status')]]),
  );
  const said = new Map<string, string[]>();
  for (const row of problems) {
    const id = textOf(row, 'id');
    said.set(id, [...(said.get(id) ?? []), textOf(row, 'says')]);
  }
  const seen = new Set<string>();
  const known = (row: Row, state: (id: string, batch: string) => KnownLine['state']): KnownLine => {
    const id = textOf(row, 'id');
    const batch = row['batch'] === null ? null : batchName(spec, row);
    return {
      ...contentOf(spec, around, row),
      id,
      key: ourKey(row, seen),
      state: state(id, batch ?? ''),
      madeFrom: textIn(row['made_from']),
      problems: said.get(id) ?? [],
      batch,
    };
  };
  return [
    ...posted.map((row) => known(row, () => 'posted')),
    ...unposted.map((row) =>
      known(row, (id, batch) => {
        if (said.has(id)) return 'rejected';
        return statuses.get(batch)?.isAccepted ? 'accepted' : 'batch';
      }),
    ),
  ];
}

function ourKey(row: Row, seen: Set<string>): string | null {
  const key = textIn(row['made_from']) === null ? keyInMemo(textIn(row['memo'])) : null;
  if (key === null || seen.has(key)) return null;
  seen.add(key);
  return key;
}

type Content = Omit<KnownLine, 'id' | 'key' | 'state' | 'madeFrom' | 'problems' | 'batch'>;

function contentOf(spec: PayrollSpec, { catalogue, scope }: Surroundings, row: Row): Content {
  const key = (target: 'project' | 'cost_code', column: string): string | null =>
    row[column] === null ? null : catalogue.keyOf(target, row[column] ?? null, scope);
  const equipment = textIn(row['equipment']);
  return {
    employee: keyOf(scope.company, textOf(row, 'employee'), 'number'),
    date: textOf(row, 'work_date'),
    job: key('project', 'job'),
    phase: key('cost_code', 'phase'),
    earnCode: textOf(row, 'earn_code'),
    family: equipment === null ? spec.families(textOf(row, 'family')) : 'equipment',
    craft: textIn(row['craft']),
    class: textIn(row['craft_class']),
    shift: textIn(row['shift']),
    department: textIn(row['dept']),
    certified: textOf(row, 'certified') === 'Y',
    equipment: equipment === null ? null : keyOf(scope.company, equipment, 'text'),
    hours: roundTo(textOf(row, 'hours'), 2),
  };
}
