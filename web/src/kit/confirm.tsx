import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { texts } from '../texts/en';
import { Dialog } from './dialog';
import { Failed } from './failed';
import { Notice } from './notice';
import styles from './sections.module.css';

/** Something that a person says with a comment. What was refused stays open, with what was typed. `old`: keys of what is old afterwards. */
export function Confirm({
  title,
  label,
  ready = true,
  late = null,
  comment: { label: commentLabel, required },
  old,
  run,
  onClose,
  onDone,
  children,
}: {
  readonly title: string;
  readonly label: string;
  /** Whether all that is asked for was given. */
  readonly ready?: boolean;
  /** Why it cannot be said any more: something moved since it was asked. Null: it can. */
  readonly late?: string | null;
  readonly comment: { readonly label: string; readonly required: boolean };
  readonly old: readonly (readonly string[])[];
  readonly run: (comment: string) => Promise<unknown>;
  readonly onClose: () => void;
  readonly onDone: () => void;
  readonly children?: ReactNode;
}) {
  const queries = useQueryClient();
  const [comment, setComment] = useState('');
  const say = useMutation({
    mutationFn: () => run(comment),
    onSuccess: onDone,
    onSettled: () =>
      Promise.all(old.map((queryKey) => queries.invalidateQueries({ queryKey: [...queryKey] }))),
  });
  const complete = ready && late === null && (!required || comment.trim() !== '');
  return (
    <Dialog title={title} locked={say.isPending} onClose={onClose}>
      <form
        className={styles['part']}
        onSubmit={(event) => {
          event.preventDefault();
          if (complete && !say.isPending) say.mutate();
        }}
      >
        {children}
        <Textarea
          label={commentLabel}
          required={required}
          value={comment}
          maxLength={4000}
          onChange={({ currentTarget }) => setComment(currentTarget.value)}
        />
        {late === null || say.isPending || say.isSuccess ? null : <Notice look="moved" title={late} alert />}
        {say.error === null ? null : <Failed error={say.error} />}
        <div className={styles['buttons']}>
          <Button type="submit" disabled={!complete} loading={say.isPending}>
            {label}
          </Button>
          <Button variant="default" disabled={say.isPending} onClick={onClose}>
            {texts.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
