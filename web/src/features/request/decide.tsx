import { Button, Checkbox, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Dialog } from '../../kit/dialog';
import { Failed } from '../../kit/failed';
import { moneyText } from '../../kit/money';
import { NotSent } from '../../kit/not-sent';
import { Notice } from '../../kit/notice';
import sections from '../../kit/sections.module.css';
import { answerOf, POST } from '../../lib/api';
import { useKeys } from '../../lib/keys';
import { useOver } from '../../lib/over';
import type { RequestAddress } from '../../lib/queries';
import { OLD_AFTER } from '../../lib/queries';
import { clock } from '../../lib/time';
import { texts } from '../../texts/en';
import type { Corrections } from './correct';
import { Correct } from './correct';
import type { Page, Plan } from './types';
import styles from './request.module.css';

type Answer = 'approve' | 'reject' | 'correct' | 'withdraw';
type Question = Exclude<Answer, 'withdraw'>;

/** What somebody is asked, about the plan that they saw when they began: what they say is said of that plan and of no other. */
interface Asking {
  readonly answer: Question;
  /** Its hash; null: there was none. */
  readonly plan: string | null;
  readonly amount: string | null;
  readonly ticked: readonly string[];
}

/** What was typed and not sent yet, by what it answers. It stays until it is taken. */
interface Drafts {
  readonly approve: string;
  readonly reject: string;
  readonly correct: Corrections;
}
const NOTHING_TYPED: Drafts = { approve: '', reject: '', correct: { changed: {}, comment: '' } };

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
  const [asking, ask] = useState<Asking | null>(null);
  const [drafts, setDrafts] = useState(NOTHING_TYPED);
  const [ticked, tick] = useState<readonly string[]>([]);
  const warnings = plan?.warnings ?? [];
  const left = warnings.filter(({ text }) => !ticked.includes(text)).length;
  const decide = useDecision(page, ({ answer }) => {
    ask(null);
    if (answer !== 'withdraw') setDrafts((typed) => ({ ...typed, [answer]: NOTHING_TYPED[answer] }));
  });
  const steps = new Set(may.decide ? nextSteps : []);
  const canApprove = steps.has('approve') && !blocked && left === 0 && page.attention.hold === null;
  const amount = plan === null || plan.amount === null ? null : moneyText(plan.amount, plan.currency);
  const pending = decide.isPending;
  const begin = (answer: Question): void => {
    decide.reset();
    ask({ answer, plan: plan?.hash ?? null, amount, ticked });
  };
  useKeys({
    a: canApprove ? () => begin('approve') : undefined,
    r: steps.has('reject') ? () => begin('reject') : undefined,
    e: steps.has('correct') ? () => begin('correct') : undefined,
  });
  const late =
    asking === null || pending
      ? null
      : asking.plan !== (plan?.hash ?? null)
        ? texts.decide.moved
        : steps.has(asking.answer)
          ? null
          : texts.decide.decidedMeanwhile;
  const say = (said: Omit<Said, 'answer' | 'plan'>): void => {
    if (asking === null || late !== null) return;
    const { answer, plan: about, ticked: seen } = asking;
    decide.mutate({ ...said, answer, plan: about, ...(answer === 'approve' ? { ticked: seen } : {}) });
  };
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
        <div className={`${sections['line']} screen`}>
          {steps.has('approve') ? (
            <Button
              disabled={!canApprove || pending}
              loading={pending && decide.variables?.answer === 'approve'}
              onClick={() => begin('approve')}
            >
              {texts.decide.approve(amount)}
            </Button>
          ) : null}
          {steps.has('correct') ? (
            <Button variant="default" disabled={pending} onClick={() => begin('correct')}>
              {texts.decide.correct}
            </Button>
          ) : null}
          {steps.has('retry') ? (
            <Button
              variant="default"
              disabled={pending}
              loading={pending && decide.variables?.answer === 'correct'}
              onClick={() => decide.mutate({ answer: 'correct', plan: null, comment: '', values: {} })}
            >
              {texts.decide.retry}
            </Button>
          ) : null}
          {steps.has('reject') ? (
            <Button
              variant="default"
              className={sections['apart'] ?? ''}
              disabled={pending}
              onClick={() => begin('reject')}
            >
              {texts.decide.reject}
            </Button>
          ) : null}
        </div>
      )}
      {steps.has('approve') && left > 0 ? <p className="muted">{texts.request.tickFirst(left)}</p> : null}
      {decide.error === null || asking !== null ? null : <Failed error={decide.error} />}
      {page.undo === null ? null : (
        <Undo
          until={page.undo}
          pending={pending}
          onUndo={() => decide.mutate({ answer: 'withdraw', plan: plan?.hash ?? null, comment: '' })}
        />
      )}
      {decide.data === undefined || page.undo !== null ? null : (
        <Notice look="done" title={texts.decide.done}>
          <span role="status">{decide.data.receipt.message}</span>
        </Notice>
      )}
      {asking?.answer === 'correct' ? (
        <Correct
          address={address}
          typed={drafts.correct}
          onType={(correct) => setDrafts((typed) => ({ ...typed, correct }))}
          pending={pending}
          late={late}
          problem={decide.error}
          onClose={() => ask(null)}
          onSay={({ changed, comment }) => say({ comment, values: changed })}
        />
      ) : null}
      {asking?.answer === 'approve' || asking?.answer === 'reject' ? (
        <Confirm
          key={`${request.id} ${asking.answer}`}
          answer={asking.answer}
          amount={asking.amount}
          comment={drafts[asking.answer]}
          onType={(comment) => setDrafts((typed) => ({ ...typed, [asking.answer]: comment }))}
          pending={pending}
          late={late}
          problem={decide.error}
          onClose={() => ask(null)}
          onSay={() => say({ comment: drafts[asking.answer as 'approve' | 'reject'] })}
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
  const over = useOver(until);
  useKeys({ z: over || pending ? undefined : onUndo });
  if (over) return null;
  return (
    <Notice look="waiting" title={texts.decide.undoTitle}>
      <span role="status">{texts.decide.undoUntil(clock(until))}</span>
      <div className={`${sections['line']} screen`}>
        <Button variant="default" loading={pending} onClick={onUndo}>
          {texts.decide.undo}
        </Button>
      </div>
    </Notice>
  );
}

interface Said {
  readonly answer: Answer;
  /** Hash of the plan that it is said of. */
  readonly plan: string | null;
  readonly comment: string;
  readonly ticked?: readonly string[];
  readonly values?: Corrections['changed'];
}

/** One decision at a time: while one is under way, another is not even begun. */
function useDecision({ request }: Page, onTaken: (said: Said) => void) {
  const queries = useQueryClient();
  const busy = useRef(false);
  return useMutation({
    mutationFn: async ({ answer, plan, comment, ticked, values }: Said) => {
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
              ...(plan === null ? {} : { plan }),
              ...(ticked === undefined ? {} : { ticked: [...ticked] }),
            },
          }),
        );
      } finally {
        busy.current = false;
      }
    },
    // What was refused stays open, with what was typed.
    onSuccess: (_receipt, said) => onTaken(said),
    onSettled: () =>
      Promise.all(
        OLD_AFTER.request.map((queryKey) => queries.invalidateQueries({ queryKey: [...queryKey] })),
      ),
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
  comment,
  onType,
  pending,
  late,
  problem,
  onClose,
  onSay,
}: {
  readonly answer: 'approve' | 'reject';
  readonly amount: string | null;
  readonly comment: string;
  readonly onType: (comment: string) => void;
  readonly pending: boolean;
  /** Why it cannot be said any more: something moved since it was asked. Null: it can. */
  readonly late: string | null;
  /** Why it was not taken; null: it was, or was not said yet. */
  readonly problem: unknown;
  readonly onClose: () => void;
  readonly onSay: () => void;
}) {
  const words = texts.decide;
  const approves = answer === 'approve';
  const complete = (approves || comment.trim() !== '') && late === null;
  return (
    <Dialog locked={pending} title={approves ? words.confirmTitle : words.rejectTitle} onClose={onClose}>
      <form
        className={styles['side-by-side']}
        onSubmit={(event) => {
          event.preventDefault();
          if (complete && !pending) onSay();
        }}
      >
        <p>{approves ? words.confirmText('the ERP') : words.rejectText}</p>
        <Textarea
          label={approves ? words.comment : words.reason}
          value={comment}
          required={!approves}
          minRows={2}
          maxLength={4000}
          onChange={({ currentTarget }) => onType(currentTarget.value)}
          {...(approves ? {} : { 'data-first': true })}
        />
        <NotSent late={late} problem={problem} />
        <div className={sections['line']}>
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
