import type { Kind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import { liveColumns, liveProcedures } from '../sql/columns';
import type { KindSpec, Lack } from '../sql/model';
import type { SqlSession } from '../sql/session';
import { PROCEDURE } from './batches';

/** Columns that are taken where the tables of records alone do not show it: null of kinds: of all. What is only read is tried by reading. */
const needsOf = (
  inBatches: readonly Kind[],
): readonly (readonly [kinds: readonly Kind[] | null, table: string, columns: string])[] => [
  [null, 'HQST', 'State'],
  [null, 'HQCountry', 'Country'],
  [null, 'HQUM', 'UM'],
  [null, 'HQTX', 'TaxCode'],
  [inBatches, 'HQBC', 'Co Mth BatchId TableName CreatedBy InUseBy Status Rstrict'],
  [['project'], 'JCCM', 'JCCo Contract Description Department ContractStatus StartMonth'],
  [['project'], 'JCCI', 'JCCo Contract Item Description Department UM'],
  [['project'], 'JCPC', 'PhaseGroup Phase CostType UM BillFlag ItemUnitFlag PhaseUnitFlag'],
  ...(['SL', 'PO'] as const).map(
    (module) =>
      [
        ['commitment_change_order', 'requisition'] as const,
        `${module}IT`,
        `${module}Co ${module} ${module}Item ItemType JCCo Job PhaseGroup Phase JCCType Description UM GLCo GLAcct`,
      ] as const,
  ),
];

/** What the database of Vista lacks beside the columns of records: code tables, contracts, batches and the procedure that opens them. */
export async function vistaLacks(session: SqlSession, specs: readonly KindSpec[]): Promise<readonly Lack[]> {
  const inBatches = specs.flatMap(({ kind, batch }) => (batch === undefined ? [] : [kind]));
  const needs = needsOf(inBatches);
  const live = await liveColumns(
    session,
    needs.map(([, table]) => table),
  );
  const procedures = await liveProcedures(session, [PROCEDURE]);
  const lacks = needs.flatMap(([kinds, table, columns]): readonly Lack[] => {
    const there = live.get(table)?.map(({ name }) => name);
    if (there === undefined) return [lack(kinds, table, null, `table ${table}`)];
    return columns
      .split(' ')
      .filter((column) => !there.includes(column))
      .map((column) => lack(kinds, table, column, `column ${table}.${column}`));
  });
  return procedures.has(PROCEDURE)
    ? lacks
    : [...lacks, lack(inBatches, PROCEDURE, null, `procedure ${PROCEDURE}, which opens batches`)];
}

function lack(kinds: readonly Kind[] | null, table: string, column: string | null, what: string): Lack {
  const of =
    kinds === null ? 'all kinds' : [...new Set(kinds)].map((kind) => definitionOf(kind).plural).join(', ');
  return { kinds, table, column, says: `${of}: there is no ${what}, or we may not see it` };
}
