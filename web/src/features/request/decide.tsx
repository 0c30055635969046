import { Button, Checkbox, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Dialog } from '../../kit/dialog';
import { Failed } from '../../kit/failed';
import { moneyText } from '../../kit/money';
import { Notice } from '../../kit/notice';
import { answerOf, POST, Refusal } from '../../lib/api';
import { useKeys } from '../../lib/keys';
import type { RequestAddress } from '../../lib/queries';
import { OLD_AFTER } from '../../lib/queries';
import { clock } from '../../lib/time';
import { texts } from '../../texts/en';
import { Correct } from './correct';
import type { Page, Plan } from './types';
import styles from './request.module.css';

type Answer = 'approve' | 'reject' | 'correct' | 'withdraw';

/** Warnings to tick, and the buttons. `blocked`: the plan moved, and the new one was not looked at yet. */
export function Decide({
  page,
  address,
  blocked,
}: {
  readonly page: Page;
  readonly address: RequestAddress;
  readonly blocked: boolean;
}) {
  const { request, plan, nextSteps, may } = page;
  const [open, setOpen] = useState<Answer | null>(null);
  const [ticked, tick] = useState<readonly string[]>([]);
  const warnings = plan?.warnings ?? [];
  const left = warnings.filter(({ text }) => !ticked.includes(text)).length;
  const decide = useDecision(page, ticked, () => setOpen(null));
  const steps = new Set(may.decide ? nextSteps : []);
  const canApprove = steps.has('approve') && !blocked && left === 0 && page.attention.hold === null;
  useKeys({
    a: canApprove ? () => setOpen('approve') : undefined,
    r: steps.has('reject') ? () => setOpen('reject') : undefined,
    e: steps.has('correct') ? () => setOpen('correct') : undefined,
  });
  const amount = plan === null || plan.amount === null ? null : moneyText(plan.amount, plan.currency);
  const pending = decide.isPending;
  return (
    <>
      {warnings.length === 0 ? null : (
        <Warnings warnings={warnings} ticked={ticked} tick={tick} asks={steps.has('approve')} />
      )}
      {may.decide || nextSteps.length === 0 ? null : (
        <Notice look="waiting" title={texts.request.mayNot}>
          {may.because}
        </Notice>
      )}
      {steps.size === 0 ? null : (
        <div className={`${styles['buttons']} screen`}>
          {steps.has('approve') ? (
            <Button
              disabled={!canApprove || pending}
              loading={pending && decide.variables?.answer === 'approve'}
              onClick={() => setOpen('approve')}
            >
              {texts.decide.approve(amount)}
            </Button>
          ) : null}
          {steps.has('correct') ? (
            <Button variant="default" disabled={pending} onClick={() => setOpen('correct')}>
              {texts.decide.correct}
            </Button>
          ) : null}
          {steps.has('retry') ? (
            <Button
              variant="default"
              disabled={pending}
              loading={pending && decide.variables?.answer === 'correct'}
              onClick={() => decide.mutate({ answer: 'correct', comment: '', values: {} })}
            >
              {texts.decide.retry}
            </Button>
          ) : null}
          {steps.has('reject') ? (
            <Button
              variant="default"
              className={styles['apart'] ?? ''}
              disabled={pending}
              onClick={() => setOpen('reject')}
            >
              {texts.decide.reject}
            </Button>
          ) : null}
        </div>
      )}
      {steps.has('approve') && left > 0 ? <p className="muted">{texts.request.tickFirst(left)}</p> : null}
      {decide.error === null || open !== null ? null : <Failed error={decide.error} />}
      {page.undo === null ? null : (
        <Undo
          until={page.undo}
          pending={pending}
          onUndo={() => decide.mutate({ answer: 'withdraw', comment: '' })}
        />
      )}
      {decide.data === undefined || page.undo !== null ? null : (
        <Notice look="done" title={texts.decide.done}>
          <span role="status">{decide.data.receipt.message}</span>
        </Notice>
      )}
      {open === 'correct' ? (
        <Correct
          address={address}
          pending={pending}
          problem={decide.error}
          onClose={() => setOpen(null)}
          onSay={(values, comment) => decide.mutate({ answer: 'correct', comment, values })}
        />
      ) : null}
      {open === 'approve' || open === 'reject' ? (
        <Confirm
          key={`${request.id} ${open}`}
          answer={open}
          amount={amount}
          pending={pending}
          problem={decide.error}
          onClose={() => setOpen(null)}
          onSay={(comment) => decide.mutate({ answer: open, comment })}
        />
      ) : null}
    </>
  );
}

/** An approval that is not acted on yet. */
function Undo({
  until,
  pending,
  onUndo,
}: {
  readonly until: string;
  readonly pending: boolean;
  readonly onUndo: () => void;
}) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    setOver(false);
    const timer = setTimeout(() => setOver(true), Math.max(0, Date.parse(until) - Date.now()));
    return () => clearTimeout(timer);
  }, [until]);
  useKeys({ z: over || pending ? undefined : onUndo });
  if (over) return null;
  return (
    <Notice look="waiting" title={texts.decide.undoTitle}>
      <span role="status">{texts.decide.undoUntil(clock(until))}</span>
      <div className={`${styles['buttons']} screen`}>
        <Button variant="default" loading={pending} onClick={onUndo}>
          {texts.decide.undo}
        </Button>
      </div>
    </Notice>
  );
}

interface Said {
  readonly answer: Answer;
  readonly comment: string;
  readonly values?: Readonly<Record<string, string | boolean | null>>;
}

/** One decision at a time: while one is under way, another is not even begun. */
function useDecision({ request, plan }: Page, ticked: readonly string[], done: () => void) {
  const queries = useQueryClient();
  const busy = useRef(false);
  return useMutation({
    mutationFn: async ({ answer, comment, values }: Said) => {
      if (busy.current) return new Promise<never>(() => undefined);
      busy.current = true;
      try {
        return await answerOf(
          POST('/api/decisions', {
            body: {
              request: request.id,
              connection: request.connectionId,
              answer,
              comment,
              channel: 'desk',
              ...(values === undefined ? {} : { values }),
              ...(plan === null || answer === 'correct' ? {} : { plan: plan.hash }),
              ...(answer === 'approve' ? { ticked: [...ticked] } : {}),
            },
          }),
        );
      } finally {
        busy.current = false;
      }
    },
    onSuccess: done,
    onSettled: async (_data, error) => {
      // What was typed stays as long as it can still be said.
      if (!(error instanceof Refusal && (error.status === 401 || error.status === 0))) done();
      await Promise.all(
        OLD_AFTER.request.map((queryKey) => queries.invalidateQueries({ queryKey: [...queryKey] })),
      );
    },
  });
}

function Warnings({
  warnings,
  ticked,
  tick,
  asks,
}: {
  readonly warnings: Plan['warnings'];
  readonly ticked: readonly string[];
  readonly tick: (texts: readonly string[]) => void;
  readonly asks: boolean;
}) {
  return (
    <section className={styles['side-by-side']} aria-label={texts.request.warnings(warnings.length)}>
      <h2>{texts.request.warnings(warnings.length)}</h2>
      {warnings.map(({ code, text, contradiction }) => (
        <div
          key={`${code} ${text}`}
          className={`${styles['warning']} ${contradiction ? styles['grave'] : ''}`}
        >
          <span>
            <span aria-hidden="true">{contradiction ? '!! ' : '! '}</span>
            {text}
          </span>
          {contradiction ? <span>{texts.request.contradiction}</span> : null}
          {asks ? (
            <Checkbox
              label={texts.request.tick}
              size="sm"
              checked={ticked.includes(text)}
              onChange={({ currentTarget }) =>
                tick(currentTarget.checked ? [...ticked, text] : ticked.filter((one) => one !== text))
              }
            />
          ) : null}
        </div>
      ))}
    </section>
  );
}

function Confirm({
  answer,
  amount,
  pending,
  problem,
  onClose,
  onSay,
}: {
  readonly answer: 'approve' | 'reject';
  readonly amount: string | null;
  readonly pending: boolean;
  /** Why it was not taken; null: it was, or was not said yet. */
  readonly problem: unknown;
  readonly onClose: () => void;
  readonly onSay: (comment: string) => void;
}) {
  const [comment, setComment] = useState('');
  const words = texts.decide;
  const approves = answer === 'approve';
  const complete = approves || comment.trim() !== '';
  return (
    <Dialog locked={pending} title={approves ? words.confirmTitle : words.rejectTitle} onClose={onClose}>
      <form
        className={styles['side-by-side']}
        onSubmit={(event) => {
          event.preventDefault();
          if (complete && !pending) onSay(comment);
        }}
      >
        <p>{approves ? words.confirmText('the ERP') : words.rejectText}</p>
        <Textarea
          label={approves ? words.comment : words.reason}
          value={comment}
          required={!approves}
          minRows={2}
          maxLength={4000}
          onChange={({ currentTarget }) => setComment(currentTarget.value)}
          {...(approves ? {} : { 'data-first': true })}
        />
        {problem === null ? null : <Failed error={problem} />}
        <div className={styles['buttons']}>
          <Button
            type="submit"
            loading={pending}
            disabled={!complete}
            color={approves ? 'desk' : 'gray'}
            {...(approves ? { 'data-first': true } : {})}
          >
            {approves ? words.confirm(amount) : words.reject}
          </Button>
          <Button variant="default" disabled={pending} onClick={onClose}>
            {texts.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
