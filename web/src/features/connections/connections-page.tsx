import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Fact } from '../../kit/fact';
import { Failed } from '../../kit/failed';
import { Notice } from '../../kit/notice';
import styles from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { Pill } from '../../kit/status';
import { Table } from '../../kit/table';
import type { AnswerTo } from '../../lib/api';
import { answerOf, GET, POST } from '../../lib/api';
import { useNow } from '../../lib/now';
import { asked } from '../../lib/queries';
import { ageOf, moment, span, useZone } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { texts } from '../../texts/en';

type Answer = AnswerTo<'/api/connections'>;
type Connection = Answer['connections'][number];
type Reconcile = Connection['reconciles'][number];

const EVERY_MS = 15_000;
const LOOKS = { on_time: ['done', '✓'], late: ['needs', '!'], down: ['stuck', '✕'] } as const;

/** How each connection stands, and what is wrong where something is. */
export function ConnectionsPage() {
  useZone();
  useTitle(texts.nav.connections);
  const { data, error, refetch } = useQuery({
    queryKey: ['connections', 'list'],
    queryFn: ({ signal }) => answerOf(GET('/api/connections', { signal })),
    refetchInterval: EVERY_MS,
  });
  const me = useQuery(asked.me());
  const roles = new Set(me.data?.grants.map(({ role }) => role));
  return (
    <div className={styles['page']}>
      <h1>{texts.nav.connections}</h1>
      {error !== null && data === undefined ? <Failed error={error} again={() => void refetch()} /> : null}
      {data === undefined ? (
        error === null && <Skeleton />
      ) : (
        <>
          {data.connections.map((connection) => (
            <OneConnection key={connection.id} connection={connection} mayAct={roles.has('admin')} />
          ))}
          <Daemons daemons={data.daemons} />
        </>
      )}
      {roles.has('admin') || roles.has('auditor') ? <Doctor /> : null}
    </div>
  );
}

function OneConnection({
  connection,
  mayAct,
}: {
  readonly connection: Connection;
  readonly mayAct: boolean;
}) {
  const now = useNow();
  const words = texts.connections;
  const { id, state, sentence, lastPoll, lastWebhook, reconciles, payroll, census, callsLeft, openRequests } =
    connection;
  const [look, sign] = LOOKS[state];
  const ago = (at: string | null): string => (at === null ? words.never : words.ago(ageOf(at, now)));
  return (
    <article className={styles['card']} aria-label={id}>
      <header className={styles['head']}>
        <h2>{id}</h2>
        <Pill look={look} sign={sign}>
          {words.state[state]}
        </Pill>
        <span>{sentence}</span>
      </header>
      <dl className={styles['facts']}>
        <Fact label={words.lastPoll}>{lastPoll.problem ?? ago(lastPoll.at)}</Fact>
        <Fact label={words.lastWebhook}>{ago(lastWebhook)}</Fact>
        <Fact label={words.open}>{openRequests.toLocaleString('en-US')}</Fact>
        {callsLeft === null ? null : (
          <Fact label={words.calls}>
            {Object.entries(callsLeft.remaining)
              .map(([window, left]) => `${left.toLocaleString('en-US')} (${texts.word(window)})`)
              .join(', ') || texts.empty}
          </Fact>
        )}
        {census === null ? null : (
          <Fact label={words.census}>
            {`${census.isClean ? words.clean : (census.foreign ?? words.foreign)}, ${moment(census.takenAt)}`}
          </Fact>
        )}
        {payroll === null ? null : <Fact label={texts.nav.payroll}>{payroll.why ?? ago(payroll.at)}</Fact>}
      </dl>
      {reconciles.length === 0 ? (
        <p className="muted">{words.noReconciles}</p>
      ) : (
        <Table
          label={words.reconciles(id)}
          rows={reconciles}
          keyOf={({ kind }) => kind}
          columns={[
            { label: texts.inbox.filter.kind, cell: ({ label }) => label },
            {
              label: texts.records.state,
              cell: (row) => <ReconcileState row={row} />,
            },
            { label: words.last, cell: ({ at }) => ago(at) },
            { label: words.goal, cell: ({ goalMs }) => span(goalMs) },
            { label: words.next, cell: ({ next }) => (next === null ? texts.empty : moment(next)) },
            {
              label: words.progress,
              cell: ({ progress }) => (progress === null ? '' : words.pages(progress.done, progress.open)),
            },
            ...(mayAct
              ? [{ label: words.act, cell: (row: Reconcile) => <Act connection={id} row={row} /> }]
              : []),
          ]}
        />
      )}
    </article>
  );
}

function ReconcileState({ row: { state, why, paused, running } }: { readonly row: Reconcile }) {
  const words = texts.connections;
  if (paused !== null) return `${words.paused(paused.by, moment(paused.at))}: ${paused.comment}`;
  return [
    words.fresh[state],
    ...(running === null ? [] : [words.running]),
    ...(why === null ? [] : [why]),
  ].join(' · ');
}

/** Another look now, or none until somebody says so. */
function Act({
  connection,
  row: { kind, paused },
}: {
  readonly connection: string;
  readonly row: Reconcile;
}) {
  const words = texts.connections;
  const queries = useQueryClient();
  const [asking, ask] = useState(false);
  const act = useMutation({
    mutationFn: ({
      action,
      comment = '',
    }: {
      readonly action: 'pause' | 'resume' | 'now';
      readonly comment?: string;
    }) =>
      answerOf(
        POST('/api/connections/{connection}/reconcile', {
          params: { path: { connection } },
          body: { kind, action, comment },
        }),
      ),
    onSuccess: () => ask(false),
    onSettled: () => queries.invalidateQueries({ queryKey: ['connections'] }),
  });
  return (
    <div className={`${styles['line']} screen`}>
      {act.error === null ? null : <Failed error={act.error} />}
      {paused === null ? (
        <>
          <Button
            variant="subtle"
            size="compact-xs"
            loading={act.isPending}
            onClick={() => act.mutate({ action: 'now' })}
          >
            {words.now}
          </Button>
          <Button variant="subtle" size="compact-xs" onClick={() => ask(!asking)} aria-expanded={asking}>
            {words.pause}
          </Button>
          {asking ? <PauseForm onSay={(comment) => act.mutate({ action: 'pause', comment })} /> : null}
        </>
      ) : (
        <Button
          variant="subtle"
          size="compact-xs"
          loading={act.isPending}
          onClick={() => act.mutate({ action: 'resume' })}
        >
          {words.resume}
        </Button>
      )}
    </div>
  );
}

function PauseForm({ onSay }: { readonly onSay: (comment: string) => void }) {
  const words = texts.connections;
  const [comment, setComment] = useState('');
  return (
    <form
      className={styles['line']}
      onSubmit={(event) => {
        event.preventDefault();
        onSay(comment);
      }}
    >
      <label>
        {words.pauseWhy}{' '}
        <input
          value={comment}
          maxLength={4000}
          onChange={({ currentTarget }) => setComment(currentTarget.value)}
        />
      </label>
      <Button type="submit" variant="default" size="compact-xs">
        {words.pause}
      </Button>
    </form>
  );
}

function Daemons({ daemons }: { readonly daemons: Answer['daemons'] }) {
  const now = useNow();
  const words = texts.connections;
  return (
    <section className={styles['part']}>
      <h2>{words.daemons}</h2>
      <Table
        label={words.daemons}
        rows={daemons}
        keyOf={({ host, pid, startedAt }) => `${host} ${pid} ${startedAt}`}
        columns={[
          { label: words.host, cell: ({ host, pid }) => `${host}, process ${pid}` },
          {
            label: texts.records.state,
            cell: ({ lives, problem, stoppedAt }) =>
              problem ?? (lives ? words.lives : stoppedAt === null ? words.silent : words.stopped),
          },
          { label: words.heartbeat, cell: ({ beatAt }) => words.ago(ageOf(beatAt, now)) },
          { label: words.version, cell: ({ version }) => version },
          { label: words.queues, cell: ({ queues }) => queues.join(', ') },
        ]}
      />
    </section>
  );
}

/** What the doctor finds: the worst first, and three lines where all is well. */
function Doctor() {
  const words = texts.connections.doctor;
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: ['doctor'],
    queryFn: ({ signal }) => answerOf(GET('/api/connections/doctor', { signal })),
    refetchInterval: ({ state }) => (state.data?.job?.state === 'running' ? 1_000 : false),
  });
  const examine = useMutation({
    mutationFn: () => answerOf(POST('/api/connections/doctor', {})),
    onSettled: () => queries.invalidateQueries({ queryKey: ['doctor'] }),
  });
  const job = data?.job ?? null;
  const running = job?.state === 'running';
  return (
    <section className={styles['part']}>
      <div className={styles['head']}>
        <h2>{words.title}</h2>
        <Button
          variant="default"
          size="compact-sm"
          className={`${styles['apart']} screen`}
          loading={running || examine.isPending}
          onClick={() => examine.mutate()}
        >
          {words.examine}
        </Button>
      </div>
      {examine.error === null ? null : <Failed error={examine.error} />}
      {running ? <p role="status">{words.running}</p> : null}
      {data !== undefined && job === null ? <p className="muted">{words.notYet}</p> : null}
      {job === null || job.problem === null ? null : <Notice look="stuck" title={job.problem} />}
      {job === null || job.result === null ? null : (
        <>
          {job.result.summary.map((line) => (
            <p key={line}>{line}</p>
          ))}
          {job.result.trouble.map(({ area, name, status, detail, hint }) => (
            <Notice
              key={`${area} ${name}`}
              look={status === 'failed' ? 'stuck' : 'needs'}
              title={`${texts.word(area)}: ${texts.word(name)}: ${detail}`}
            >
              {hint}
            </Notice>
          ))}
          <details>
            <summary>
              {words.all(job.result.areas.reduce((sum, { findings }) => sum + findings.length, 0))}
            </summary>
            {job.result.areas.map(({ name, findings }) => (
              <div key={name}>
                <h3>{texts.word(name)}</h3>
                <ul className={styles['list']}>
                  {findings.map((finding) => (
                    <li key={finding.name}>{`${texts.word(finding.name)}: ${finding.detail}`}</li>
                  ))}
                </ul>
              </div>
            ))}
          </details>
        </>
      )}
    </section>
  );
}
