import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { Failed } from '../../kit/failed';
import { Money } from '../../kit/money';
import { Skeleton } from '../../kit/skeleton';
import { useKeys } from '../../lib/keys';
import { addressOf } from '../../lib/request-address';
import { useZone } from '../../lib/time';
import { texts } from '../../texts/en';
import { Bulk, Confirm } from './bulk';
import { FilterBar } from './filter-bar';
import type { Search } from './filter';
import { isFiltered, stageIn } from './filter';
import styles from './inbox.module.css';
import { ROWS, rowsOf, summaryOf } from './queries';
import { Told, useReceipts } from './receipt';
import { Rows } from './rows';
import type { Row, Stage, Summary } from './types';
import { choiceOf, keyOf, STAGES } from './types';

const route = getRouteApi('/inbox');

/** Everything that waits for somebody, and everything that is done. */
export function InboxPage() {
  useZone();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const stage = stageIn(search);
  const list = useInfiniteQuery(rowsOf(search));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data]);
  const summary = useQuery(summaryOf(search, list.data !== undefined));
  const [current, setCurrent] = useState<string | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [confirming, confirm] = useState<readonly Row[] | null>(null);
  // Here and not in the dialog: it stays until it is sent.
  const [comment, setComment] = useState('');
  const receipts = useReceipts();
  const at = rows.findIndex((row) => keyOf(row) === current);
  const go = (step: number): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    if (row === undefined) return;
    setCurrent(keyOf(row));
    document.getElementById(`row ${keyOf(row)}`)?.scrollIntoView({ block: 'nearest' });
  };
  const change = (next: Record<string, string | undefined>): void =>
    void navigate({
      search: (before) =>
        Object.fromEntries(
          Object.entries({ ...before, ...next }).filter((entry): entry is [string, string] =>
            Boolean(entry[1]),
          ),
        ),
    });
  const toggle = (row: Row): void => {
    const key = choiceOf(row);
    if (row.bulk) setChosen(chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key]);
  };
  const row = rows[at];
  useKeys({
    j: () => go(1),
    k: () => go(-1),
    ...(row === undefined
      ? {}
      : {
          x: () => toggle(row),
          Enter: () => void navigate({ to: '/requests/$connection/$source/$name', params: addressOf(row) }),
        }),
  });
  useEffect(() => {
    document.title = `${texts.inbox.stage(stage)} · ${texts.name}`;
  }, [stage]);
  // What is not shown is not chosen: a filter that hides a row takes it out.
  const shown = rows.filter((one) => chosen.includes(choiceOf(one)));
  const news = useNews(summary.data, stage, list.dataUpdatedAt);
  const showNews = (): void => void queries.invalidateQueries({ queryKey: [...ROWS] });
  return (
    <div className={styles['page']}>
      <h1 className="unseen">{texts.nav.inbox}</h1>
      <Stages stage={stage} summary={summary.data} onChoose={(next) => change({ stage: next })} />
      <FilterBar search={search} onChange={change} />
      <div className={styles['above']} aria-live="polite">
        {news ? (
          <Button variant="light" size="compact-sm" onClick={showNews}>
            {texts.inbox.news}
          </Button>
        ) : null}
      </div>
      {confirming !== null ? null : <Told receipts={receipts} />}
      {list.error === null ? null : <Failed error={list.error} again={() => void list.refetch()} />}
      {list.data === undefined ? (
        list.error === null && <Skeleton lines={12} />
      ) : rows.length === 0 ? (
        <Empty stage={stage} search={search} onClear={() => void navigate({ search: { stage } })} />
      ) : (
        <Rows
          rows={rows}
          stage={stage}
          search={search}
          current={current}
          chosen={shown}
          onToggle={toggle}
          onToggleAll={(all) => setChosen(all.map(choiceOf))}
          onCurrent={setCurrent}
          onSort={change}
        />
      )}
      {list.hasNextPage ? (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {texts.inbox.more}
        </Button>
      ) : null}
      {shown.length === 0 ? null : (
        <Bulk rows={shown} onAsk={() => confirm(shown)} onClear={() => setChosen([])} />
      )}
      {confirming === null ? null : (
        <Confirm
          rows={confirming}
          receipts={receipts}
          comment={comment}
          onType={setComment}
          onDone={(done) => {
            setChosen(chosen.filter((key) => !done.includes(key)));
            setComment('');
          }}
          onClose={() => confirm(null)}
        />
      )}
    </div>
  );
}

/** Whether something came or went since the rows were read; rows under somebody's eyes do not move by themselves. */
function useNews(summary: Summary | undefined, stage: Stage, rowsReadAt: number): boolean {
  const [known, setKnown] = useState<{
    readonly at: number;
    readonly stage: Stage;
    readonly text: string;
  } | null>(null);
  const text = summary === undefined ? null : JSON.stringify(summary[stage]);
  useEffect(() => {
    if (text !== null && (known === null || known.at !== rowsReadAt || known.stage !== stage))
      setKnown({ at: rowsReadAt, stage, text });
  }, [text, rowsReadAt, stage, known]);
  return (
    text !== null && known !== null && known.at === rowsReadAt && known.stage === stage && known.text !== text
  );
}

function Stages({
  stage,
  summary,
  onChoose,
}: {
  readonly stage: Stage;
  readonly summary: Summary | undefined;
  readonly onChoose: (stage: Stage) => void;
}) {
  return (
    <div className={styles['stages']} role="group" aria-label={texts.inbox.stages}>
      {STAGES.map((one) => {
        const { count, sums } = summary?.[one] ?? { count: null, sums: [] };
        return (
          <button
            key={one}
            type="button"
            className={styles['stage']}
            aria-pressed={one === stage}
            onClick={() => onChoose(one)}
          >
            <span>
              {texts.inbox.stage(one)}{' '}
              <span className={styles['count']}>{count === null ? '' : count.toLocaleString('en-US')}</span>
            </span>
            <span className={styles['sums']}>
              {sums.map(({ currency, amount }) => (
                <Money key={currency} amount={amount} currency={currency} />
              ))}
            </span>
          </button>
        );
      })}
    </div>
  );
}

function Empty({
  stage,
  search,
  onClear,
}: {
  readonly stage: Stage;
  readonly search: Search;
  readonly onClear: () => void;
}) {
  const filtered = isFiltered(search);
  return (
    <div className={styles['empty']}>
      <p>{filtered ? texts.inbox.nothingFound : texts.inbox.empty(stage)}</p>
      {filtered ? (
        <Button variant="default" onClick={onClear}>
          {texts.inbox.clear}
        </Button>
      ) : stage === 'needs_me' ? (
        <Link to="/inbox" search={{ stage: 'done' }}>
          {texts.inbox.seeDone}
        </Link>
      ) : null}
    </div>
  );
}
