import { Button, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Failed } from '../../kit/failed';
import { Money } from '../../kit/money';
import { Notice } from '../../kit/notice';
import styles from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { Table } from '../../kit/table';
import type { AnswerTo } from '../../lib/api';
import { answerOf, GET, POST } from '../../lib/api';
import { asked } from '../../lib/queries';
import { moment, useZone } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { texts } from '../../texts/en';

type Page = AnswerTo<'/api/rules/{connection}'>;
type Trial = AnswerTo<'/api/rules/{connection}/try', 'post'>;
type Proposal = Page['proposed'][number];

/** What is approved by rule and what people are asked, as sentences; a change of it is tried, proposed by one admin and approved by another. */
export function RulesPage() {
  useZone();
  useTitle(texts.nav.rules);
  const me = useQuery(asked.me());
  const list = useQuery({
    queryKey: ['connections', 'list'],
    queryFn: ({ signal }) => answerOf(GET('/api/connections', { signal })),
  });
  const isAdmin = me.data?.grants.some(({ role }) => role === 'admin') === true;
  return (
    <div className={styles['page']}>
      <h1>{texts.nav.rules}</h1>
      {list.error === null ? null : <Failed error={list.error} again={() => void list.refetch()} />}
      {list.data?.connections.map(({ id }) => (
        <Connection key={id} connection={id} person={me.data?.person ?? ''} mayChange={isAdmin} />
      ))}
    </div>
  );
}

function Connection({
  connection,
  person,
  mayChange,
}: {
  readonly connection: string;
  readonly person: string;
  readonly mayChange: boolean;
}) {
  const words = texts.rules;
  const { data, error, refetch } = useQuery({
    queryKey: ['rules', connection],
    queryFn: ({ signal }) =>
      answerOf(GET('/api/rules/{connection}', { params: { path: { connection } }, signal })),
  });
  const [changing, change] = useState(false);
  if (error !== null && data === undefined) return <Failed error={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  const inForce = data.history.find(({ version }) => version === data.version);
  return (
    <section className={styles['part']} aria-label={connection}>
      <div className={styles['head']}>
        <h2>{connection}</h2>
        <span className="muted">{words.version(data.version)}</span>
        {mayChange ? (
          <Button
            variant="default"
            size="compact-sm"
            className={`${styles['apart']} screen`}
            aria-expanded={changing}
            onClick={() => change(!changing)}
          >
            {words.change}
          </Button>
        ) : null}
      </div>
      {data.problem === null ? null : <Notice look="stuck" title={data.problem} />}
      {data.configurationDiffers ? <Notice look="needs" title={words.differs} /> : null}
      <ul className={styles['plain']}>
        {data.inForce.sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {inForce === undefined || inForce.hits.length === 0 ? null : (
        <Table
          label={words.hits}
          rows={inForce.hits}
          keyOf={({ rule }) => rule}
          columns={[
            { label: words.rule, cell: ({ rule }) => rule },
            { label: words.decided, cell: ({ count }) => count.toLocaleString('en-US'), number: true },
            { label: words.last, cell: ({ last }) => (last === null ? texts.empty : moment(last)) },
          ]}
        />
      )}
      {changing ? <Change page={data} onDone={() => change(false)} /> : null}
      {data.proposed.map((proposal) => (
        <Proposed
          key={proposal.version}
          connection={connection}
          proposal={proposal}
          mayDecide={mayChange}
          isOwn={proposal.proposed?.by === person}
        />
      ))}
      {data.history.length === 0 ? null : (
        <details>
          <summary>{words.history(data.history.length)}</summary>
          <Table
            label={words.history(data.history.length)}
            rows={data.history}
            keyOf={({ version }) => String(version)}
            columns={[
              { label: words.number, cell: ({ version }) => version, number: true },
              { label: texts.records.state, cell: ({ state }) => words.state[state] },
              { label: words.proposedBy, cell: ({ proposed }) => stepText(proposed) },
              { label: words.decidedBy, cell: ({ decided }) => stepText(decided) },
            ]}
          />
        </details>
      )}
    </section>
  );
}

const stepText = (step: Proposal['proposed']): string =>
  step === null ? texts.empty : [`${step.by}, ${moment(step.at)}`, step.comment].filter(Boolean).join(': ');

/** The rules as the configuration writes them: what is typed is checked as the configuration is, and tried before anybody proposes it. */
function Change({ page, onDone }: { readonly page: Page; readonly onDone: () => void }) {
  const words = texts.rules;
  const queries = useQueryClient();
  const path = { connection: page.connectionId };
  const [text, setText] = useState(() => JSON.stringify(page.inForce.body, null, 2));
  // What was typed over is what stood here then: rules that came into force since would be taken back unseen.
  const [basedOn, base] = useState(page.version);
  const isLate = basedOn !== page.version;
  const [comment, setComment] = useState('');
  const body = parsed(text);
  const attempt = useMutation({
    mutationFn: (given: Record<string, unknown>) =>
      answerOf(POST('/api/rules/{connection}/try', { params: { path }, body: { body: given } })),
  });
  const propose = useMutation({
    mutationFn: (given: Record<string, unknown>) =>
      answerOf(
        POST('/api/rules/{connection}/proposals', {
          params: { path },
          body: { body: given, basedOn, comment },
        }),
      ),
    onSuccess: onDone,
    onSettled: () => queries.invalidateQueries({ queryKey: ['rules'] }),
  });
  return (
    <form
      className={styles['card']}
      onSubmit={(event) => {
        event.preventDefault();
        if (body !== null && comment.trim() !== '' && !isLate && !propose.isPending) propose.mutate(body);
      }}
    >
      <Textarea
        label={words.body}
        description={words.bodyHelp}
        value={text}
        error={body === null ? words.noJson : null}
        autosize
        minRows={8}
        maxRows={30}
        spellCheck={false}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          // What was tried is not what stands there now.
          attempt.reset();
        }}
      />
      <Textarea
        label={words.why}
        value={comment}
        maxLength={4000}
        onChange={({ currentTarget }) => setComment(currentTarget.value)}
      />
      {attempt.error === null ? null : <Failed error={attempt.error} />}
      {propose.error === null || isLate ? null : <Failed error={propose.error} />}
      {isLate ? (
        <Notice look="moved" title={words.moved(page.version)} alert>
          <div className={styles['line']}>
            <Button variant="default" size="compact-sm" onClick={() => base(page.version)}>
              {words.looked}
            </Button>
          </div>
        </Notice>
      ) : null}
      <div className={styles['line']}>
        <Button
          variant="default"
          disabled={body === null}
          loading={attempt.isPending}
          onClick={() => body !== null && attempt.mutate(body)}
        >
          {words.try}
        </Button>
        <Button
          type="submit"
          disabled={body === null || comment.trim() === '' || isLate}
          loading={propose.isPending}
        >
          {words.propose}
        </Button>
      </div>
      {attempt.data === undefined ? null : <TrialView trial={attempt.data} />}
    </form>
  );
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** What the proposed rules would have said about the plans of the last month, beside what was said. */
function TrialView({ trial }: { readonly trial: Trial }) {
  const words = texts.rules;
  return (
    <div className={styles['part']} role="status">
      <p>{words.tried(trial.plans, moment(trial.since), trial.differing)}</p>
      {trial.differences.length === 0 ? null : (
        <Table
          label={words.differences}
          rows={trial.differences}
          keyOf={({ requestId, planHash }) => `${requestId} ${planHash}`}
          columns={[
            { label: texts.inbox.column.record, cell: ({ subject }) => subject },
            {
              label: texts.inbox.column.amount,
              number: true,
              cell: ({ amount, currency }) => <Money amount={amount} currency={currency} />,
            },
            { label: words.said, cell: ({ said }) => words.decision[said.decision] },
            {
              label: words.would,
              cell: ({ would }) => `${words.decision[would.decision]}: ${would.because}`,
            },
          ]}
        />
      )}
    </div>
  );
}

/** Another admin than who proposed it says yes or no; who did may take it back. */
function Proposed({
  connection,
  proposal,
  mayDecide,
  isOwn,
}: {
  readonly connection: string;
  readonly proposal: Proposal;
  readonly mayDecide: boolean;
  readonly isOwn: boolean;
}) {
  const words = texts.rules;
  const queries = useQueryClient();
  const [comment, setComment] = useState('');
  const settle = useMutation({
    mutationFn: (answer: 'approve' | 'reject' | 'withdraw') =>
      answerOf(
        POST('/api/rules/{connection}/proposals/{version}', {
          params: { path: { connection, version: proposal.version } },
          body: { answer, hash: proposal.hash, comment },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['rules'] }),
  });
  const button = (
    answer: 'approve' | 'reject' | 'withdraw',
    label: string,
    variant: 'filled' | 'default',
  ) => (
    <Button variant={variant} loading={settle.isPending} onClick={() => settle.mutate(answer)}>
      {label}
    </Button>
  );
  return (
    <article className={styles['card']}>
      <header className={styles['head']}>
        <h3>{words.proposal(proposal.version)}</h3>
        <span className="muted">{stepText(proposal.proposed)}</span>
      </header>
      {proposal.outdated ? <Notice look="moved" title={words.outdated} /> : null}
      <ul className={styles['plain']}>
        {proposal.sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {settle.error === null ? null : <Failed error={settle.error} />}
      {mayDecide ? (
        <>
          <Textarea
            label={texts.decide.comment}
            value={comment}
            maxLength={4000}
            onChange={({ currentTarget }) => setComment(currentTarget.value)}
          />
          <div className={styles['line']}>
            {isOwn ? (
              <>
                {button('withdraw', words.withdraw, 'default')}
                <span className="muted">{words.another}</span>
              </>
            ) : (
              <>
                {proposal.outdated ? null : button('approve', words.approve, 'filled')}
                {button('reject', words.reject, 'default')}
              </>
            )}
          </div>
        </>
      ) : null}
    </article>
  );
}
