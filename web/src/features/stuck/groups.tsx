import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Failed } from '../../kit/failed';
import sections from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import type { AnswerTo } from '../../lib/api';
import { answerOf, POST } from '../../lib/api';
import { useNow } from '../../lib/now';
import { addressOf } from '../../lib/request-address';
import { ageOf, moment } from '../../lib/time';
import { texts } from '../../texts/en';
import type { Group } from './queries';
import { stuck } from './queries';
import styles from './stuck.module.css';

type Receipt = AnswerTo<'/api/stuck/retry', 'post'>;

/** Requests that wait, those of one cause together: what helps one of them mostly helps all. */
export function Groups() {
  const { data, error, refetch } = useQuery(stuck.groups());
  // Here and not in the group, which may be gone by then.
  const [receipt, keep] = useState<Receipt | null>(null);
  const words = texts.stuck;
  return (
    <section className={sections['part']} aria-labelledby="groups">
      <h2 id="groups">{words.requests}</h2>
      {error === null ? null : <Failed error={error} again={() => void refetch()} />}
      {receipt === null ? null : <Told receipt={receipt} />}
      {data === undefined ? (
        error === null && <Skeleton />
      ) : data.groups.length === 0 ? (
        <p className="muted">{words.none}</p>
      ) : (
        data.groups.map((group) => (
          <OneGroup key={`${group.connectionId} ${group.cause}`} group={group} onTold={keep} />
        ))
      )}
    </section>
  );
}

/** What became of those that were told to try again. */
function Told({ receipt: { outcomes, left } }: { readonly receipt: Receipt }) {
  const refused = outcomes.filter(({ done }) => !done);
  return (
    <div role="status">
      <p>{texts.stuck.retried(outcomes.length - refused.length, refused.length, left)}</p>
      {refused.map(({ id, message }) => (
        <p key={id}>{`${id}: ${message}`}</p>
      ))}
    </div>
  );
}

function OneGroup({ group, onTold }: { readonly group: Group; readonly onTold: (receipt: Receipt) => void }) {
  const now = useNow();
  const words = texts.stuck;
  const queries = useQueryClient();
  const retry = useMutation({
    mutationFn: () =>
      answerOf(
        POST('/api/stuck/retry', {
          body: { connection: group.connectionId, cause: group.cause, channel: 'desk' },
        }),
      ),
    onSuccess: onTold,
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['stuck'] }),
        queries.invalidateQueries({ queryKey: ['requests'] }),
      ]),
  });
  return (
    <article className={`${sections['card']} ${styles['group']}`}>
      <header className={sections['head']}>
        <h3>{`${group.words} (${group.count}${group.more ? '+' : ''})`}</h3>
        <span className="muted" title={moment(group.since)}>
          {words.since(ageOf(group.since, now))}
        </span>
        {group.nextTry === null ? null : (
          <span className="muted">{words.nextTry(moment(group.nextTry))}</span>
        )}
        <span className="muted">{group.connectionId}</span>
        {group.retryable === 0 ? null : (
          <Button
            variant="default"
            size="compact-sm"
            className={sections['apart'] ?? ''}
            loading={retry.isPending}
            onClick={() => retry.mutate()}
          >
            {words.retry(group.retryable)}
          </Button>
        )}
      </header>
      <p className="muted">{texts.told(group.helps)}</p>
      {retry.error === null ? null : <Failed error={retry.error} />}
      <ul className={sections['list']}>
        {group.examples.map((example) => (
          <li key={example.id}>
            <Link to="/requests/$connection/$source/$name" params={addressOf({ ...group, ...example })}>
              {example.title ?? example.id}
            </Link>
            {example.reason === null ? null : <span className="muted">{` ${example.reason}`}</span>}
          </li>
        ))}
      </ul>
      {group.waitsFor.length === 0 ? null : (
        <ul className={sections['list']}>
          {group.waitsFor.map(({ recordId, words: what, count }) => (
            <li key={recordId}>{words.holds(what, count)}</li>
          ))}
        </ul>
      )}
    </article>
  );
}
