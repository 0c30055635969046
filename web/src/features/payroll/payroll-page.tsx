import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Failed } from '../../kit/failed';
import { Notice } from '../../kit/notice';
import styles from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { Pill, Status } from '../../kit/status';
import { Table } from '../../kit/table';
import { moment } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { texts } from '../../texts/en';
import { payroll } from './queries';

/** Pay periods: which are open, and where each stands. */
export function PayrollPage() {
  const { data, error, refetch } = useQuery(payroll.periods());
  const words = texts.payroll;
  useTitle(texts.nav.payroll);
  return (
    <div className={styles['page']}>
      <h1>{texts.nav.payroll}</h1>
      {error !== null && data === undefined ? <Failed error={error} again={() => void refetch()} /> : null}
      {data === undefined ? error === null && <Skeleton /> : null}
      {data?.connections.length === 0 ? <p className="muted">{words.none}</p> : null}
      {data?.connections.map(({ connectionId, periods, problem }) => (
        <section key={connectionId} className={styles['part']} aria-label={connectionId}>
          <h2>{connectionId}</h2>
          {problem === null ? null : <Notice look="stuck" title={problem} />}
          <Table
            label={words.periods(connectionId)}
            rows={periods}
            keyOf={({ group, end, run }) => `${group} ${end} ${run}`}
            columns={[
              {
                label: words.period,
                cell: ({ request, begin, end }) =>
                  request === null ? (
                    words.from(begin, end)
                  ) : (
                    <Link
                      to="/payroll/$connection/$name"
                      params={{ connection: connectionId, name: nameIn(request) }}
                    >
                      {words.from(begin, end)}
                    </Link>
                  ),
              },
              { label: words.group, cell: ({ group }) => group },
              { label: words.run, cell: ({ run }) => run, number: true },
              { label: words.inErp, cell: ({ state }) => words.state[state] },
              { label: words.cutOff, cell: ({ cutOff }) => (cutOff === null ? texts.empty : moment(cutOff)) },
              {
                label: texts.records.status,
                cell: ({ status }) =>
                  status === null ? (
                    texts.empty
                  ) : status === 'held' ? (
                    <Pill look="waiting" sign="…">
                      {words.underWay}
                    </Pill>
                  ) : (
                    <Status status={status} />
                  ),
              },
            ]}
          />
          <Reports connection={connectionId} periods={periods} />
        </section>
      ))}
    </div>
  );
}

const nameIn = (id: string): string => id.slice(id.indexOf('/') + 1);

/** What clerks file: as a table for the spreadsheet, and as paper. */
function Reports({
  connection,
  periods,
}: {
  readonly connection: string;
  readonly periods: readonly { readonly group: string; readonly begin: string; readonly end: string }[];
}) {
  const words = texts.payroll;
  const [last] = [...periods].sort((one, two) => (one.end < two.end ? 1 : -1));
  if (last === undefined) return null;
  const tieOut = new URLSearchParams({ connection, group: last.group, end: last.end });
  const labor = new URLSearchParams({ connection, from: last.begin, to: last.end });
  return (
    <ul className={`${styles['list']} screen`}>
      {(['csv', 'pdf'] as const).map((format) => (
        <li key={format}>
          <a href={`/api/payroll/tie-out?${tieOut.toString()}&format=${format}`} download>
            {words.tieOut(last.group, last.end, format.toUpperCase())}
          </a>
          {' · '}
          <a href={`/api/payroll/labor?${labor.toString()}&format=${format}`} download>
            {words.labor(last.begin, last.end, format.toUpperCase())}
          </a>
        </li>
      ))}
    </ul>
  );
}
