import { Button, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Failed } from '../../kit/failed';
import { Notice } from '../../kit/notice';
import styles from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import type { AnswerTo } from '../../lib/api';
import { answerOf, GET, POST } from '../../lib/api';
import { addressOf } from '../../lib/request-address';
import { moment, useZone } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { useTyped } from '../../lib/typed';
import { texts } from '../../texts/en';

const route = getRouteApi('/audit');
const EVERY_MS = 2_000;

type Entry = AnswerTo<'/api/audit'>['entries'][number];
type Verification = AnswerTo<'/api/audit/verify'>['verifications'][number];

/** The log as people read it, whether it holds, and all of it for a third party. */
export function AuditPage() {
  useZone();
  useTitle(texts.nav.audit);
  return (
    <div className={styles['page']}>
      <div className={styles['head']}>
        <h1>{texts.nav.audit}</h1>
        <span className={`${styles['apart']} screen`}>
          <a href="/api/audit/export?format=jsonl" download>
            {texts.audit.jsonl}
          </a>
          {' · '}
          <a href="/api/audit/export?format=csv" download>
            {texts.audit.csv}
          </a>
        </span>
      </div>
      <Verify />
      <Timeline />
    </div>
  );
}

function Verify() {
  const words = texts.audit;
  const queries = useQueryClient();
  const heads = useQuery({
    queryKey: ['audit', 'heads'],
    queryFn: ({ signal }) => answerOf(GET('/api/audit/head', { signal })),
  });
  const jobs = useQuery({
    queryKey: ['audit', 'verify'],
    queryFn: ({ signal }) => answerOf(GET('/api/audit/verify', { signal })),
    refetchInterval: ({ state }) =>
      state.data?.verifications.some(({ job }) => job?.state === 'running') === true ? EVERY_MS : false,
  });
  const verify = useMutation({
    mutationFn: (connection: string) => answerOf(POST('/api/audit/verify', { body: { connection } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['audit', 'verify'] }),
  });
  if (heads.error !== null) return <Failed error={heads.error} again={() => void heads.refetch()} />;
  if (heads.data === undefined) return <Skeleton lines={2} />;
  return (
    <section className={styles['part']} aria-label={words.verification}>
      <h2>{words.verification}</h2>
      {verify.error === null ? null : <Failed error={verify.error} />}
      {heads.data.heads.map(({ connectionId, links, hash, keyId, anchor }) => (
        <article key={connectionId} className={styles['card']}>
          <header className={styles['head']}>
            <h3>{connectionId}</h3>
            <span className="muted">{words.links(links)}</span>
            <code>{hash.slice(0, 12)}</code>
            <span className="muted">{keyId === null ? words.noKey : words.key(keyId)}</span>
            <span className="muted">
              {anchor === null ? words.noAnchor : words.anchor(anchor.seq, moment(anchor.at))}
            </span>
            <Button
              variant="default"
              size="compact-sm"
              className={`${styles['apart']} screen`}
              onClick={() => verify.mutate(connectionId)}
            >
              {words.verify}
            </Button>
          </header>
          <Verdict of={jobs.data?.verifications.find((one) => one.connectionId === connectionId)} />
        </article>
      ))}
    </section>
  );
}

function Verdict({ of }: { readonly of: Verification | undefined }) {
  const words = texts.audit;
  const job = of?.job ?? null;
  if (job === null) return null;
  if (job.state === 'running') {
    const { links = 0, of: all = null } = job.progress ?? {};
    return (
      <p role="status">
        {words.running(links, all)}{' '}
        {all === null ? null : <progress value={links} max={all} aria-label={words.verification} />}
      </p>
    );
  }
  if (job.result === null) return <Notice look="stuck" title={job.problem ?? texts.word(job.state)} />;
  const { findings, moreFindings, entries, requests, erp } = job.result;
  if (findings.length === 0) {
    return (
      <Notice look="done" title={words.holds(entries, requests)}>
        {[
          erp.compared ? words.ledger(erp.entries) : erp.reason,
          words.checkedAt(moment(job.endedAt ?? job.startedAt), job.by),
        ].join(' ')}
      </Notice>
    );
  }
  return (
    <Notice look="stuck" title={words.findings(findings.length + moreFindings)} alert>
      <ul className={styles['list']}>
        {findings.map(({ seq, idx, what }) => (
          <li key={`${seq} ${idx} ${what}`}>{what}</li>
        ))}
      </ul>
    </Notice>
  );
}

function Timeline() {
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const words = texts.audit;
  const [typed, type] = useTyped(q, (text) => void navigate({ search: text === '' ? {} : { q: text } }));
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['audit', 'timeline', q],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        GET('/api/audit', {
          params: {
            query: { ...(q === '' ? {} : { q }), ...(pageParam === '' ? {} : { after: pageParam }) },
          },
          signal,
        }),
      ),
    getNextPageParam: ({ after }) => after,
  });
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <section className={styles['part']} aria-label={words.timeline}>
      <h2>{words.timeline}</h2>
      <TextInput
        className="screen"
        type="search"
        label={words.search}
        placeholder={words.placeholder}
        value={typed}
        onChange={({ currentTarget }) => type(currentTarget.value)}
      />
      {error === null ? null : <Failed error={error} again={() => void refetch()} />}
      {data === undefined ? error === null && <Skeleton /> : null}
      {data !== undefined && entries.length === 0 ? (
        <p className="muted">{texts.inbox.nothingFound}</p>
      ) : null}
      <ol className={styles['timeline']}>
        {entries.map((entry) => (
          <OneEntry key={`${entry.connectionId} ${entry.seq} ${entry.idx}`} entry={entry} />
        ))}
      </ol>
      {hasNextPage ? (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {data?.pages.at(-1)?.stopped === true ? words.searchOn : texts.inbox.more}
        </Button>
      ) : null}
    </section>
  );
}

function OneEntry({ entry }: { readonly entry: Entry }) {
  return (
    <li className={styles['entry']}>
      <time dateTime={entry.at} className="muted">
        {moment(entry.at)}
      </time>
      <span>
        {texts.told(entry.sentence)}
        {entry.requestId === null ? null : (
          <>
            {' '}
            <Link
              to="/requests/$connection/$source/$name"
              params={addressOf({ connectionId: entry.connectionId, id: entry.requestId })}
              aria-label={texts.audit.openNamed(entry.requestId)}
            >
              {texts.audit.open}
            </Link>
          </>
        )}
        <span className="muted">{` ${entry.connectionId} #${entry.seq}`}</span>
      </span>
    </li>
  );
}
