import { Button, Checkbox, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Dialog } from '../../kit/dialog';
import { Failed } from '../../kit/failed';
import { NotSent } from '../../kit/not-sent';
import sections from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { answerOf, POST } from '../../lib/api';
import { useNow } from '../../lib/now';
import { addressOf } from '../../lib/request-address';
import { ageOf } from '../../lib/time';
import { texts } from '../../texts/en';
import type { Exception } from './queries';
import { stuck } from './queries';
import styles from './stuck.module.css';

/** Its reason is part of it: what was chosen for one reason is not chosen for another. */
const keyOf = ({ connectionId, recordId, reason }: Exception): string =>
  JSON.stringify([connectionId, recordId, reason]);

/** Records that are left alone until somebody puts them right, and what they hold up. */
export function Exceptions() {
  const { data, error, refetch } = useQuery(stuck.exceptions());
  const [chosen, setChosen] = useState<readonly string[]>([]);
  // What is confirmed is what was shown when it was asked.
  const [ignoring, ignore] = useState<readonly Exception[] | null>(null);
  // Here and not in the dialog: who has to choose again has typed it already.
  const [comment, setComment] = useState('');
  const now = useNow();
  const words = texts.stuck.exceptions;
  const act = useActions(() => setChosen([]));
  if (error !== null && data === undefined) return <Failed error={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  const keys = new Set(data.exceptions.map(keyOf));
  const confirm =
    ignoring === null ? null : (
      <Ignore
        rows={ignoring}
        late={ignoring.every((row) => keys.has(keyOf(row))) ? null : words.moved}
        comment={comment}
        onType={setComment}
        onClose={() => ignore(null)}
        onDone={() => {
          ignore(null);
          setComment('');
          setChosen([]);
        }}
      />
    );
  if (data.exceptions.length === 0) return confirm;
  const rows = data.exceptions.filter((row) => chosen.includes(keyOf(row)));
  return (
    <section className={sections['part']} aria-labelledby="exceptions">
      <div className={sections['head']}>
        <h2 id="exceptions">{words.title(data.exceptions.length, data.more)}</h2>
        <div className={`${sections['line']} ${sections['apart']}`}>
          <Button
            variant="default"
            size="compact-sm"
            disabled={rows.length === 0}
            loading={act.isPending}
            onClick={() => act.mutate({ action: 'retry', rows, comment: '' })}
          >
            {words.retry(rows.length)}
          </Button>
          <Button
            variant="default"
            size="compact-sm"
            disabled={rows.length === 0}
            onClick={() => ignore(rows)}
          >
            {words.ignore(rows.length)}
          </Button>
        </div>
      </div>
      {act.error === null ? null : <Failed error={act.error} />}
      {(act.data ?? []).map((problem) => (
        <p key={problem} role="alert">
          {problem}
        </p>
      ))}
      <div tabIndex={0} role="region" aria-label={words.record} className="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span className="unseen">{texts.inbox.column.choose}</span>
              </th>
              <th scope="col">{texts.inbox.column.age}</th>
              <th scope="col">{words.record}</th>
              <th scope="col">{words.reason}</th>
              <th scope="col">{words.holdsUp}</th>
            </tr>
          </thead>
          <tbody>
            {data.exceptions.map((row) => (
              <tr key={keyOf(row)}>
                <td>
                  <Checkbox
                    size="sm"
                    aria-label={texts.inbox.choose(texts.record(row.recordId))}
                    checked={chosen.includes(keyOf(row))}
                    onChange={({ currentTarget }) =>
                      setChosen(
                        currentTarget.checked
                          ? [...chosen, keyOf(row)]
                          : chosen.filter((one) => one !== keyOf(row)),
                      )
                    }
                  />
                </td>
                <td className={styles['age']}>{ageOf(row.openedAt, now)}</td>
                <td>
                  {row.erpKey ?? texts.record(row.recordId)}
                  {row.requestId === null ? null : (
                    <div>
                      <Link
                        to="/requests/$connection/$source/$name"
                        params={addressOf({ connectionId: row.connectionId, id: row.requestId })}
                      >
                        {row.requestId}
                      </Link>
                    </div>
                  )}
                </td>
                <td className={styles['why']}>
                  {(row.problems ?? []).length > 1 ? (
                    <ul className={sections['list']}>
                      {row.problems?.map((problem) => (
                        <li key={problem}>{texts.told(problem)}</li>
                      ))}
                    </ul>
                  ) : (
                    texts.told(row.reason)
                  )}
                  {row.hint === null ? null : <div className="muted">{texts.told(row.hint)}</div>}
                </td>
                <td>{row.holdsUp.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {confirm}
    </section>
  );
}

interface Act {
  readonly action: 'retry' | 'ignore';
  readonly rows: readonly Exception[];
  readonly comment: string;
}

function useActions(done: (refused: readonly string[]) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ action, rows, comment }: Act) => {
      const refused: string[] = [];
      for (const connection of new Set(rows.map(({ connectionId }) => connectionId))) {
        const ids = rows.filter((row) => row.connectionId === connection).map(({ recordId }) => recordId);
        const body =
          action === 'ignore'
            ? { action, connection, ids, comment, channel: 'desk' as const }
            : { action, connection, ids, channel: 'desk' as const };
        const receipt = await answerOf(POST('/api/exceptions', { body }));
        refused.push(...receipt.refused.map(({ id, message }) => `${id}: ${message}`));
      }
      return refused;
    },
    onSuccess: done,
    onSettled: () => queries.invalidateQueries({ queryKey: ['stuck'] }),
  });
}

function Ignore({
  rows,
  late,
  comment,
  onType,
  onClose,
  onDone,
}: {
  readonly rows: readonly Exception[];
  /** Why it cannot be said any more; null: it can. */
  readonly late: string | null;
  readonly comment: string;
  readonly onType: (comment: string) => void;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const words = texts.stuck.exceptions;
  const act = useActions((refused) => {
    if (refused.length === 0) onDone();
  });
  const complete = comment.trim() !== '' && late === null;
  return (
    <Dialog locked={act.isPending} title={words.ignoreTitle(rows.length)} onClose={onClose}>
      <form
        className={sections['part']}
        onSubmit={(event) => {
          event.preventDefault();
          if (complete && !act.isPending) act.mutate({ action: 'ignore', rows, comment });
        }}
      >
        <p>{words.ignoreText}</p>
        <Textarea
          label={words.ignoreWhy}
          required
          data-first
          value={comment}
          maxLength={4000}
          onChange={({ currentTarget }) => onType(currentTarget.value)}
        />
        <NotSent late={act.isPending || act.isSuccess ? null : late} problem={act.error} />
        {(act.data ?? []).map((problem) => (
          <p key={problem} role="alert">
            {problem}
          </p>
        ))}
        <div className={sections['line']}>
          <Button type="submit" disabled={!complete} loading={act.isPending}>
            {words.ignore(rows.length)}
          </Button>
          <Button variant="default" onClick={onClose}>
            {texts.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
