import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Failed } from '../../kit/failed';
import { Notice } from '../../kit/notice';
import sections from '../../kit/sections.module.css';
import { answerOf, POST } from '../../lib/api';
import { useKeys } from '../../lib/keys';
import { useOver } from '../../lib/over';
import { OLD_AFTER } from '../../lib/queries';
import { clock } from '../../lib/time';
import { texts } from '../../texts/en';
import styles from './inbox.module.css';
import { ROWS } from './queries';
import { sumsOf } from './sums';
import type { Outcome, Row } from './types';
import { keyOf } from './types';

/** What became of plans that were approved together; of each, until when that can be undone, and whether it was. */
interface Receipt {
  readonly rows: readonly Row[];
  readonly outcomes: readonly Outcome[];
  /** By key of the row. */
  readonly undone: Readonly<Record<string, Outcome>>;
}

/** What a list knows of the plans that were approved from it last. */
export type Receipts = ReturnType<typeof useReceipts>;

/** The body of a decision about many, as it is sent. */
export const bulkBody = (rows: readonly Row[], comment: string) => ({
  requests: rows.map(({ connectionId, id, planHash }) => ({
    connectionId,
    request: id,
    plan: planHash ?? '',
  })),
  count: rows.length,
  sums: sumsOf(rows).map(({ currency, amount }) => ({ currency, amount })),
  comment,
  channel: 'desk' as const,
});

export function useReceipts() {
  const queries = useQueryClient();
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  const withdraw = useMutation({
    mutationFn: (rows: readonly Row[]) =>
      answerOf(
        POST('/api/decisions/bulk', {
          body: { ...bulkBody(rows, ''), answer: 'withdraw', key: crypto.randomUUID() },
        }),
      ),
    onSuccess: ({ outcomes }) => {
      const more = Object.fromEntries(outcomes.map((outcome) => [keyOf(outcome), outcome]));
      setReceipt((before) =>
        before === null ? before : { ...before, undone: { ...before.undone, ...more } },
      );
    },
    onSettled: () =>
      Promise.all(
        [ROWS, ...OLD_AFTER.request].map((queryKey) =>
          queries.invalidateQueries({ queryKey: [...queryKey] }),
        ),
      ),
  });
  return {
    receipt,
    keep: (rows: readonly Row[], outcomes: readonly Outcome[]): void => {
      withdraw.reset();
      setReceipt({ rows, outcomes, undone: {} });
    },
    drop: (): void => setReceipt(null),
    undo: (rows: readonly Row[]): void => {
      if (!withdraw.isPending) withdraw.mutate(rows);
    },
    undoing: withdraw.isPending,
    problem: withdraw.error,
  };
}

/** How many were approved, and what can be undone of it: all of them, or each. `inDialog`: their rows stand beside it. */
export function Told({
  receipts,
  inDialog = false,
}: {
  readonly receipts: Receipts;
  readonly inDialog?: boolean;
}) {
  const { receipt, undo, undoing, problem, drop } = receipts;
  const left = undoable(receipt);
  const first = left.map(({ until }) => until).sort()[0] ?? null;
  const last =
    left
      .map(({ until }) => until)
      .sort()
      .at(-1) ?? null;
  const over = useOver(last);
  const open = receipt !== null && left.length > 0 && !over;
  const all = (): void => undo(left.map(({ row }) => row));
  useKeys({ z: open && !undoing ? all : undefined });
  if (receipt === null) return null;
  const refused = receipt.outcomes.filter(({ done }) => !done).length;
  const undone = Object.values(receipt.undone).filter(({ done }) => done).length;
  const words = texts.bulk;
  const sentence = [
    words.result(receipt.outcomes.length - refused, refused),
    ...(undone === 0 ? [] : [words.undone(undone)]),
  ].join(' ');
  const body = (
    <>
      {open && first !== null ? <p role="status">{words.undoUntil(clock(first), left.length)}</p> : null}
      {Object.values(receipt.undone)
        .filter(({ done }) => !done)
        .map(({ id, message }) => (
          <p key={id} role="alert">
            {message}
          </p>
        ))}
      {problem === null ? null : <Failed error={problem} />}
      <div className={`${sections['line']} screen`}>
        {open ? (
          <Button variant="default" loading={undoing} onClick={all}>
            {words.undo(left.length)}
          </Button>
        ) : null}
        {inDialog ? null : (
          <Button variant="subtle" disabled={undoing} onClick={drop}>
            {texts.close}
          </Button>
        )}
      </div>
      {!inDialog && open && left.length > 1 ? (
        <details>
          <summary>{words.each}</summary>
          <ul className={styles['undoable']}>
            {left.map(({ row }) => (
              <li key={keyOf(row)}>
                {row.record.title ?? row.number} <UndoOne row={row} receipts={receipts} />
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
  if (inDialog)
    return (
      <div className={styles['confirm']}>
        <p role="status">{sentence}</p>
        {body}
      </div>
    );
  return (
    <Notice look={open ? 'waiting' : 'done'} title={sentence}>
      <div className={styles['confirm']}>{body}</div>
    </Notice>
  );
}

/** The button beside one of them; nothing where it cannot be undone any more. */
export function UndoOne({ row, receipts }: { readonly row: Row; readonly receipts: Receipts }) {
  const until = undoable(receipts.receipt).find((one) => keyOf(one.row) === keyOf(row))?.until ?? null;
  const over = useOver(until);
  if (until === null || over) return null;
  return (
    <Button
      variant="default"
      size="compact-xs"
      disabled={receipts.undoing}
      aria-label={texts.bulk.undoNamed(row.record.title ?? row.number)}
      onClick={() => receipts.undo([row])}
    >
      {texts.decide.undo}
    </Button>
  );
}

/** Those that can still be undone, as far as this page knows. */
const undoable = (receipt: Receipt | null): readonly { readonly row: Row; readonly until: string }[] =>
  receipt === null
    ? []
    : receipt.rows.flatMap((row) => {
        const key = keyOf(row);
        const until = receipt.outcomes.find((one) => keyOf(one) === key)?.undo ?? null;
        return until === null || receipt.undone[key]?.done === true ? [] : [{ row, until }];
      });

/** What became of one row, in a word or a sentence; null: that is not known. */
export function becameOf(row: Row, { receipt }: Receipts): string | null {
  const key = keyOf(row);
  const outcome = receipt?.outcomes.find((one) => keyOf(one) === key);
  if (outcome === undefined) return null;
  if (receipt?.undone[key]?.done === true) return texts.bulk.wasUndone;
  return outcome.done ? texts.bulk.done : outcome.message;
}
