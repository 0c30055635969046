import { Button, Select, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Failed } from '../../kit/failed';
import { Notice } from '../../kit/notice';
import sections from '../../kit/sections.module.css';
import { answerOf, POST } from '../../lib/api';
import type { RequestAddress } from '../../lib/queries';
import { OLD_AFTER } from '../../lib/queries';
import { moment } from '../../lib/time';
import { texts } from '../../texts/en';
import styles from './request.module.css';
import type { Page } from './types';

type Said = 'comment' | 'assign' | 'hold' | 'release';

/** What people say about a request without deciding it: a word, who looks after it, and that it must wait. */
export function Attention({ page, address }: { readonly page: Page; readonly address: RequestAddress }) {
  const { attention, people, may, nextSteps } = page;
  const words = texts.attention;
  const [open, setOpen] = useState<'comment' | 'hold' | null>(null);
  const [comment, setComment] = useState('');
  const queries = useQueryClient();
  const say = useMutation({
    mutationFn: async ({ said, owner }: { readonly said: Said; readonly owner?: string | null }) =>
      answerOf(
        POST('/api/requests/{connection}/{source}/{name}/attention', {
          params: { path: address },
          body: said === 'assign' ? { say: said, owner: owner ?? null, comment: '' } : { say: said, comment },
        }),
      ),
    onSuccess: () => {
      setOpen(null);
      setComment('');
    },
    onSettled: () =>
      Promise.all(
        OLD_AFTER.request.map((queryKey) => queries.invalidateQueries({ queryKey: [...queryKey] })),
      ),
  });
  const { hold, owner } = attention;
  const mayHold = may.decide && nextSteps.length > 0;
  return (
    <section className={styles['side-by-side']} aria-label={words.title}>
      {hold === null ? null : (
        <Notice look="stuck" title={words.held(hold.by, moment(hold.at))}>
          {hold.comment}
        </Notice>
      )}
      {say.error === null ? null : <Failed error={say.error} />}
      <div className={`${sections['line']} screen`}>
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => setOpen(open === 'comment' ? null : 'comment')}
        >
          {words.comment}
        </Button>
        {!mayHold ? null : hold === null ? (
          <Button variant="subtle" size="compact-sm" onClick={() => setOpen(open === 'hold' ? null : 'hold')}>
            {words.hold}
          </Button>
        ) : (
          <Button
            variant="subtle"
            size="compact-sm"
            loading={say.isPending}
            onClick={() => say.mutate({ said: 'release' })}
          >
            {words.release}
          </Button>
        )}
      </div>
      {open === null ? null : (
        <form
          className={styles['side-by-side']}
          onSubmit={(event) => {
            event.preventDefault();
            if (comment.trim() !== '') say.mutate({ said: open });
          }}
        >
          <Textarea
            label={open === 'hold' ? words.holdWhy : words.commentWhat}
            required
            value={comment}
            maxLength={4000}
            onChange={({ currentTarget }) => setComment(currentTarget.value)}
          />
          <div className={sections['line']}>
            <Button type="submit" variant="default" disabled={comment.trim() === ''} loading={say.isPending}>
              {open === 'hold' ? words.hold : words.comment}
            </Button>
          </div>
        </form>
      )}
      {mayHold && people.length > 0 ? (
        <Select
          className="screen"
          label={words.owner}
          placeholder={words.nobody}
          data={[...new Set([...people, ...(owner === null ? [] : [owner])])]}
          value={owner}
          clearable
          clearButtonProps={{ 'aria-label': words.nobody }}
          disabled={say.isPending}
          onChange={(next) => say.mutate({ said: 'assign', owner: next })}
        />
      ) : owner === null ? null : (
        <p>{`${words.owner}: ${owner}`}</p>
      )}
    </section>
  );
}
