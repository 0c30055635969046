import { Button, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { Failed } from '../../kit/failed';
import styles from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { Status } from '../../kit/status';
import type { Column } from '../../kit/table';
import { Table } from '../../kit/table';
import { useKeys } from '../../lib/keys';
import { addressOf } from '../../lib/request-address';
import { moment, useZone } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { useTyped } from '../../lib/typed';
import { texts } from '../../texts/en';
import type { Candidate } from './queries';
import { records } from './queries';

const route = getRouteApi('/records');

/** Whatever has a number, a name, an id or a key: found by it. */
export function RecordsPage() {
  useZone();
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, type] = useTyped(q, (text) => void navigate({ search: text === '' ? {} : { q: text } }));
  const box = useRef<HTMLInputElement>(null);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    records.find(q),
  );
  const words = texts.records;
  useKeys({ '/': () => box.current?.focus() });
  useTitle(texts.nav.records);
  const first = data?.pages[0];
  const found = data?.pages.flatMap((page) => page.records) ?? [];
  return (
    <div className={styles['page']}>
      <h1>{texts.nav.records}</h1>
      <search className="screen">
        <TextInput
          ref={box}
          type="search"
          label={texts.search.label}
          placeholder={words.placeholder}
          value={typed}
          onChange={({ currentTarget }) => type(currentTarget.value)}
        />
      </search>
      {error === null ? null : <Failed error={error} again={() => void refetch()} />}
      {first === undefined ? (
        error === null && <Skeleton />
      ) : (
        <>
          <Candidates label={words.exact} rows={first.exact} />
          <Candidates label={words.found} rows={found} />
          {first.requests.length === 0 ? null : (
            <section className={styles['part']}>
              <h2>{words.requests}</h2>
              <Table
                label={words.requests}
                rows={first.requests}
                keyOf={({ connectionId, id }) => `${connectionId} ${id}`}
                columns={[
                  {
                    label: texts.inbox.column.record,
                    cell: (row) => (
                      <Link to="/requests/$connection/$source/$name" params={addressOf(row)}>
                        {row.title ?? row.id}
                      </Link>
                    ),
                  },
                  { label: words.status, cell: ({ status }) => <Status status={status} /> },
                  { label: texts.request.received, cell: ({ receivedAt }) => moment(receivedAt) },
                ]}
              />
            </section>
          )}
          {first.exact.length + found.length + first.requests.length === 0 ? (
            <p className="muted">{texts.inbox.nothingFound}</p>
          ) : null}
          {hasNextPage ? (
            <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {texts.inbox.more}
            </Button>
          ) : null}
        </>
      )}
    </div>
  );
}

function Candidates({ label, rows }: { readonly label: string; readonly rows: readonly Candidate[] }) {
  const words = texts.records;
  if (rows.length === 0) return null;
  const columns: readonly Column<Candidate>[] = [
    {
      label: texts.inbox.column.record,
      cell: ({ connectionId, kind, id, code, name }) => (
        <Link to="/records/$connection/$kind/$id" params={{ connection: connectionId, kind, id }}>
          {[code, name].filter(Boolean).join(' ') || id}
        </Link>
      ),
    },
    { label: texts.inbox.filter.kind, cell: ({ kind }) => texts.kinds[kind] },
    { label: words.state, cell: ({ state }) => texts.word(state) },
    { label: words.erpKey, cell: ({ erpKey }) => <code>{erpKey}</code> },
    { label: words.procoreId, cell: ({ procoreId }) => procoreId, number: true },
    { label: texts.inbox.filter.connection, cell: ({ connectionId }) => connectionId },
  ];
  return (
    <section className={styles['part']}>
      <h2>{label}</h2>
      <Table
        label={label}
        rows={rows}
        columns={columns}
        keyOf={({ connectionId, id }) => `${connectionId} ${id}`}
      />
    </section>
  );
}
