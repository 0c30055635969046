import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Fact } from '../../kit/fact';
import { Failed } from '../../kit/failed';
import { Notice } from '../../kit/notice';
import styles from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { Status } from '../../kit/status';
import type { Column } from '../../kit/table';
import { Table } from '../../kit/table';
import { businessDate, useZone } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { texts } from '../../texts/en';
import { Answers } from './questions';
import type { List, Period, RowOf } from './queries';
import { payroll } from './queries';

const route = getRouteApi('/payroll/$connection/$name');
const words = texts.payroll;

/** Keys of the ERP (`1|501`) are shown only where nobody has a name for them. */
const named = (code: string | null, name: string | null): string =>
  code?.includes('|') === true && name !== null ? name : [code, name].filter(Boolean).join(' ');

/** Columns of each list, in the order in which a clerk reads them. */
const COLUMNS: { readonly [L in List]: readonly Column<RowOf<L>>[] } = {
  employees: [
    { label: words.employee, cell: ({ employee, name }) => named(employee, name) },
    { label: words.regular, cell: ({ regular }) => regular, number: true },
    { label: words.overtime, cell: ({ overtime }) => overtime, number: true },
    { label: words.double, cell: ({ double }) => double, number: true },
    { label: words.other, cell: ({ other }) => other, number: true },
    { label: words.hours, cell: ({ hours }) => hours, number: true },
    { label: words.allowances, cell: ({ allowances }) => allowances, number: true },
  ],
  jobs: [
    { label: words.job, cell: ({ code, name }) => named(code, name) || words.noJob },
    { label: words.hours, cell: ({ hours }) => hours, number: true },
  ],
  earnCodes: [
    { label: words.earnCode, cell: ({ code, name }) => named(code, name) },
    { label: words.hours, cell: ({ hours }) => hours, number: true },
  ],
  lines: [
    { label: words.employee, cell: ({ employee, employeeName }) => named(employee, employeeName) },
    { label: words.date, cell: ({ date }) => businessDate(date), still: true },
    { label: words.job, cell: ({ job, jobName }) => named(job, jobName) },
    { label: words.phase, cell: ({ phase, phaseName }) => named(phase, phaseName) },
    { label: words.earnCode, cell: ({ earnCode, earnCodeName }) => named(earnCode, earnCodeName) },
    { label: words.craft, cell: ({ craft, class: of }) => [craft, of].filter(Boolean).join(' / ') },
    { label: words.hours, cell: ({ hours }) => hours, number: true },
    {
      label: words.what,
      cell: ({ leg, isNew }) => (leg === null ? null : texts.word(leg)) ?? (isNew ? words.isNew : ''),
    },
  ],
  leftOut: [
    { label: words.employee, cell: ({ employee, person }) => named(employee, person) },
    { label: words.date, cell: ({ date }) => businessDate(date), still: true },
    { label: words.hours, cell: ({ hours }) => hours, number: true },
    { label: words.why, cell: ({ text }) => text },
  ],
  corrections: [
    { label: words.employee, cell: ({ employee, employeeName }) => named(employee, employeeName) },
    { label: words.date, cell: ({ date }) => businessDate(date), still: true },
    { label: words.job, cell: ({ job, jobName }) => named(job, jobName) },
    { label: words.phase, cell: ({ phase }) => phase },
    { label: words.posted, cell: ({ posted }) => posted, number: true },
    { label: words.true, cell: (row) => row.true, number: true },
    { label: words.difference, cell: ({ difference }) => difference, number: true },
  ],
  questions: [
    {
      label: words.question,
      cell: ({ reason, problems }) => (problems ?? [reason]).map((text) => texts.told(text)).join(' '),
    },
    { label: words.helps, cell: ({ hint }) => texts.told(hint) },
  ],
  byHand: [{ label: words.step, cell: (step) => step }],
  withoutHours: [{ label: words.employee, cell: (name) => name }],
  againstLast: [
    { label: words.employee, cell: ({ employee, name }) => named(employee, name) },
    { label: words.hours, cell: ({ hours }) => hours, number: true },
    { label: words.lastHours, cell: ({ lastHours }) => lastHours, number: true },
    { label: words.difference, cell: ({ difference }) => difference, number: true },
  ],
};

/** One pay period: what is planned by employee and by job, what is left out and why, and what is corrected. */
export function PeriodPage() {
  useZone();
  const { connection, name } = route.useParams();
  const id = `payroll/${name}`;
  const { data, error, refetch } = useQuery(payroll.period(connection, id));
  useTitle(
    data === undefined || data.period === null ? null : words.from(data.period.begin, data.period.end),
  );
  if (error !== null && data === undefined) return <Failed error={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  const { period, totals, plan, batches } = data;
  return (
    <article className={styles['page']}>
      <header className={styles['part']}>
        <div className={styles['head']}>
          <h1>{period === null ? id : words.title(period.group, period.begin, period.end)}</h1>
          <Status status={data.status} />
          <Link
            to="/requests/$connection/$source/$name"
            params={{ connection, source: 'payroll', name }}
            className={styles['apart'] ?? ''}
          >
            {words.decide}
          </Link>
        </div>
        {data.reason === null ? null : <p>{texts.told(data.reason)}</p>}
        {plan?.warnings.map((text) => (
          <Notice key={text} look="needs" title={text} />
        ))}
        {totals === null ? null : (
          <dl className={styles['facts']}>
            <Fact label={words.hours}>{totals.hours}</Fact>
            <Fact label={words.lines}>{totals.lines.toLocaleString('en-US')}</Fact>
            <Fact label={words.equipment}>{totals.equipmentHours}</Fact>
            <Fact label={words.allowances}>{totals.allowances}</Fact>
            {data.last === null ? null : <Fact label={words.last}>{data.last.lastHours}</Fact>}
            {batches.length === 0 ? null : (
              <Fact label={words.batches}>
                {batches.map(({ erpKey, state }) => `${erpKey ?? ''} ${texts.word(state)}`).join(', ')}
              </Fact>
            )}
          </dl>
        )}
      </header>
      <Part period={data} list="questions" />
      <Part period={data} list="leftOut" />
      <Part period={data} list="corrections" />
      <Part period={data} list="byHand" />
      <Part period={data} list="employees" />
      <Part period={data} list="jobs" />
      <Part period={data} list="earnCodes" />
      <Part period={data} list="againstLast" />
      <Part period={data} list="withoutHours" />
      <Part period={data} list="lines" />
    </article>
  );
}

/** What a clerk answers to a question, beside it. */
const answersTo = ({ connectionId, id }: Period): Column<RowOf<'questions'>> => ({
  label: words.answer.column,
  cell: ({ reason, asks }) => <Answers connection={connectionId} request={id} reason={reason} asks={asks} />,
});

function Part<L extends List>({ period, list }: { readonly period: Period; readonly list: L }) {
  const page: Period[L] = period[list];
  const rest = useInfiniteQuery(payroll.list(period.connectionId, period.id, list, page.after ?? ''));
  if (page.count === 0) return null;
  const more = rest.data === undefined ? page.after !== null : rest.hasNextPage;
  const pages: readonly { readonly rows: readonly unknown[] }[] = [page, ...(rest.data?.pages ?? [])];
  const rows = pages.flatMap((one) => one.rows) as RowOf<L>[];
  const title = words.list[list](page.count);
  return (
    <section className={styles['part']}>
      <h2>{title}</h2>
      <Table
        label={title}
        rows={rows}
        columns={
          list === 'questions' ? [...COLUMNS[list], answersTo(period) as Column<RowOf<L>>] : COLUMNS[list]
        }
        keyOf={(_, index) => String(index)}
      />
      {more ? (
        <Button variant="default" loading={rest.isFetching} onClick={() => void rest.fetchNextPage()}>
          {texts.inbox.more}
        </Button>
      ) : null}
    </section>
  );
}
