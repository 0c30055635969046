import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { Failed } from '../../kit/failed';
import { Notice } from '../../kit/notice';
import styles from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { Pill, Status } from '../../kit/status';
import { Table } from '../../kit/table';
import { moment, useZone } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { texts } from '../../texts/en';
import { PeopleOf } from './people';
import { payroll } from './queries';

/** Pay periods: which are open, and where each stands. */
export function PayrollPage() {
  useZone();
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
              {
                label: words.tieOut,
                cell: ({ state, group, end }) =>
                  state === 'future' ? (
                    texts.empty
                  ) : (
                    <Files
                      of="tie-out"
                      asked={{ connection: connectionId, group, end }}
                      label={(format) => words.tieOutOf(group, end, format)}
                    />
                  ),
                still: true,
              },
              {
                label: words.labor,
                cell: ({ state, begin, end }) =>
                  state === 'future' ? (
                    texts.empty
                  ) : (
                    <Files
                      of="labor"
                      asked={{ connection: connectionId, from: begin, to: end }}
                      label={(format) => words.laborOf(begin, end, format)}
                    />
                  ),
                still: true,
              },
            ]}
          />
          <PeopleOf connection={connectionId} />
        </section>
      ))}
    </div>
  );
}

const nameIn = (id: string): string => id.slice(id.indexOf('/') + 1);

/** What clerks file of a period: as a table for the spreadsheet, and as paper. */
function Files({
  of,
  asked,
  label,
}: {
  readonly of: 'tie-out' | 'labor';
  readonly asked: Readonly<Record<string, string>>;
  readonly label: (format: string) => string;
}) {
  return (
    <span className="screen">
      {(['csv', 'pdf'] as const).map((format, index) => (
        <Fragment key={format}>
          {index === 0 ? null : ' · '}
          <a
            href={`/api/payroll/${of}?${new URLSearchParams({ ...asked, format }).toString()}`}
            aria-label={label(format.toUpperCase())}
            download
          >
            {format.toUpperCase()}
          </a>
        </Fragment>
      ))}
    </span>
  );
}
