import { randomUUID } from 'node:crypto';
import type { TiebackError } from '../../../domain/base/errors';
import type { Fields } from '../../../domain/kinds/record';
import type { Dialect } from '../../sql/dialect';
import type { KindSpec, LineRow, Moment, Work } from '../../sql/model';
import { refused } from '../../sql/refusals';
import type { Row } from '../../sql/session';
import { askAll, query } from '../../sql/session';
import { attempt } from '../batches';
import type { VistaOptions } from '../settings';
import { OUR_LINK } from '../sql';

/** What becomes of one piece of work: as it is to be done, or why it is not done. */
export type Prepared = Work | TiebackError;

export type Prepare = (moment: Moment, spec: KindSpec, work: readonly Work[]) => Promise<readonly Prepared[]>;

export const isNew = ({ held }: Pick<Work, 'held'>): boolean => held === null;

/** A field as text; '' where it is empty. */
export const textIn = (fields: Fields, field: string): string => {
  const value = fields[field];
  return typeof value === 'string' ? value : '';
};

/** The fields of a line as they were sent, of records whose lines are all of one sort. */
export const sentLine = ({ operation }: Work, index: number): Fields =>
  operation.record.lines[index]?.fields ?? {};

export const companyOf = ({ scope }: Moment): number => Number(scope.company);

/** A refusal as an answer. */
export const turnedAway = (reason: string): TiebackError => {
  const answer = attempt(() => refused(reason));
  return answer;
};

/** The header gets these values. */
export const withHeader = (work: Work, values: Row): Work => ({
  ...work,
  header: { ...work.header, values: { ...work.header.values, ...values } },
});

interface MoreOfLine {
  /** Values by column. */
  readonly values?: Row;
  /** SQL by column, as `derived` of a spec. */
  readonly made?: Readonly<Record<string, string>>;
}

/** New lines get more columns; the number of a line that no column keeps as such is taken out of them. */
export const withLines = (work: Work, more: (line: LineRow, index: number) => MoreOfLine): Work => ({
  ...work,
  lines: work.lines.map((line, index) => {
    if (line.held !== null) return line;
    const { values = {}, made = {} } = more(line, index);
    const own = Object.entries(line.row.values).filter(([column]) => column !== 'LineNumber');
    return {
      ...line,
      row: { values: { ...Object.fromEntries(own), ...values }, made: { ...line.row.made, ...made } },
    };
  }),
});

/** A link of attachments that tells one of our documents, for good. */
export const newLink = (): string => `${OUR_LINK}${randomUUID().slice(OUR_LINK.length)}`.toUpperCase();

/** A lump sum has no units: its unit of measure says so. `column`: of the quantity. */
export function unitOf(
  { row: { values } }: LineRow,
  { basis }: Fields,
  column: string,
  { defaultUnit }: VistaOptions,
): Row {
  if (basis !== 'lump_sum' && (values['UM'] ?? null) !== null) return {};
  const hasUnits = basis !== 'lump_sum' && Number(values[column] ?? 0) !== 0;
  return { UM: hasUnits ? defaultUnit : 'LS' };
}

/** A phase says of which job it is. */
export const JOB_OF_PHASE = { Job: '(SELECT Job FROM JCJP WHERE KeyID = @Phase)', PhaseGroup: '@PhaseGroup' };

/** FROM: ids bound under this name (`w.value`), with the rows of the table (`t`) that have them. */
export const rowsOfIds = (dialect: Dialect, { table, match = '' }: KindSpec): string => {
  const list = dialect.name === 'sqlite' ? 'json_each(@ids)' : 'OPENJSON(@ids)';
  return `${list} w JOIN ${table} t ON ${match.replace(dialect.collated('j.tieback_id'), dialect.collated('w.value'))}`;
};

export const idsHeld = (work: readonly Work[]): readonly string[] =>
  work.flatMap(({ held }) => (held === null ? [] : [held.id]));

/** Where a document is or goes: of new ones as the batches said, of others as they are. */
export async function placesOf(
  moment: Moment,
  spec: KindSpec,
  work: readonly Work[],
): Promise<(work: Work) => Row> {
  const ids = idsHeld(work);
  const { dialect } = moment.session;
  const rows =
    ids.length === 0
      ? []
      : await askAll(
          moment.session,
          'places',
          query(
            `SELECT w.value AS id, ${dialect.read('t.Mth', 'date')} AS Mth, t.BatchId, t.BatchSeq FROM ${rowsOfIds(dialect, spec)} WHERE t.Co = @company`,
            { ids: JSON.stringify(ids), company: companyOf(moment) },
          ),
        );
  const held = new Map(
    rows.map(({ id, Mth = null, BatchId = null, BatchSeq = null }) => [
      String(id),
      { Co: companyOf(moment), Mth, BatchId, BatchSeq },
    ]),
  );
  return ({ held: there, place }) =>
    there === null ? { Co: companyOf(moment), ...place } : (held.get(there.id) ?? {});
}

/** Numbers for rows in batches where each line is a row of its own, one after the other. */
export async function sequences(
  moment: Moment,
  { table }: KindSpec,
  places: readonly Row[],
): Promise<(place: Row) => number> {
  const { session } = moment;
  const months = [...new Set(places.map(({ Mth }) => String(Mth)))];
  const rows = await askAll(
    session,
    'sequences',
    query(
      `SELECT ${session.dialect.read('Mth', 'date')} AS Mth, BatchId, MAX(BatchSeq) AS last_seq FROM ${table}
        WHERE Co = @company AND ${session.dialect.read('Mth', 'date')} ${session.dialect.inList('months')} GROUP BY Mth, BatchId`,
      { company: companyOf(moment), months: JSON.stringify(months) },
    ),
  );
  const nameOf = ({ Mth, BatchId }: Row): string => `${String(Mth)} ${String(BatchId)}`;
  const last = new Map(rows.map((row) => [nameOf(row), Number(row['last_seq'])]));
  return (place) => {
    const next = (last.get(nameOf(place)) ?? 0) + 1;
    last.set(nameOf(place), next);
    return next;
  };
}
