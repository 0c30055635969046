import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { Dialog } from '../../kit/dialog';
import { Failed } from '../../kit/failed';
import { Money, moneyText } from '../../kit/money';
import sections from '../../kit/sections.module.css';
import { answerOf, POST } from '../../lib/api';
import { useKeys } from '../../lib/keys';
import { texts } from '../../texts/en';
import styles from './inbox.module.css';
import { ROWS } from './queries';
import type { Receipts } from './receipt';
import { becameOf, bulkBody, Told, UndoOne } from './receipt';
import { sumsOf } from './sums';
import type { Row } from './types';
import { choiceOf, keyOf } from './types';

/** Several plans without warnings that were chosen: how many they are, and what they come to. */
export function Bulk({
  rows,
  onAsk,
  onClear,
}: {
  readonly rows: readonly Row[];
  readonly onAsk: () => void;
  readonly onClear: () => void;
}) {
  useKeys({ a: onAsk });
  return (
    <div className={`${styles['bulk']} screen`} role="region" aria-label={texts.bulk.title(rows.length)}>
      <strong>{texts.bulk.title(rows.length)}</strong>
      {sumsOf(rows).map(({ currency, amount }) => (
        <Money key={currency} amount={amount} currency={currency} />
      ))}
      <Button onClick={onAsk}>{texts.bulk.approve(rows.length)}</Button>
      <Button variant="subtle" onClick={onClear}>
        {texts.bulk.clear}
      </Button>
    </div>
  );
}

/** They are approved together: each by its own hash, after count and sum were seen. `rows`: as they were shown when it was asked; nothing joins or leaves them. */
export function Confirm({
  rows,
  receipts,
  comment,
  onType,
  onDone,
  onClose,
}: {
  readonly rows: readonly Row[];
  readonly receipts: Receipts;
  readonly comment: string;
  readonly onType: (comment: string) => void;
  readonly onDone: (keys: readonly string[]) => void;
  readonly onClose: () => void;
}) {
  const queries = useQueryClient();
  // Made once: sent twice, it decides once.
  const key = useRef(crypto.randomUUID());
  const sums = sumsOf(rows);
  const decide = useMutation({
    mutationFn: () =>
      answerOf(
        POST('/api/decisions/bulk', {
          body: { ...bulkBody(rows, comment), answer: 'approve', key: key.current },
        }),
      ),
    onSuccess: ({ outcomes }) => receipts.keep(rows, outcomes),
    onSettled: () => queries.invalidateQueries({ queryKey: ['requests'] }),
  });
  const results = decide.data?.outcomes;
  const close = (): void => {
    if (results !== undefined)
      onDone(
        rows
          .filter((row) => results.some((one) => one.done && keyOf(one) === keyOf(row)))
          .map((row) => choiceOf(row)),
      );
    // Not before: rows that are gone would take the receipt with them.
    if (!decide.isIdle) void queries.invalidateQueries({ queryKey: [...ROWS] });
    onClose();
  };
  const amounts = sums.map(({ currency, amount }) => moneyText(amount, currency)).join(' + ');
  return (
    <Dialog
      wide
      locked={decide.isPending || receipts.undoing}
      title={texts.bulk.confirmTitle(rows.length)}
      onClose={close}
    >
      <form
        className={styles['confirm']}
        onSubmit={(event) => {
          event.preventDefault();
          if (results === undefined && !decide.isPending) decide.mutate();
        }}
      >
        <p>{texts.bulk.confirmText}</p>
        <div
          className={styles['scrolls']}
          tabIndex={0}
          role="region"
          aria-label={texts.bulk.title(rows.length)}
        >
          <table>
            <tbody>
              {rows.map((row) => {
                return (
                  <tr key={keyOf(row)}>
                    <th scope="row">{row.record.title ?? row.number}</th>
                    <td>{row.vendor}</td>
                    <td className="number">
                      <Money amount={row.amount} currency={row.currency} />
                    </td>
                    <td>
                      <code>{row.planHash?.slice(0, 12)}</code>
                    </td>
                    {results === undefined ? null : (
                      <td>
                        {becameOf(row, receipts)} <UndoOne row={row} receipts={receipts} />
                      </td>
                    )}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
        {decide.error === null ? null : <Failed error={decide.error} />}
        {results === undefined ? (
          <>
            <Textarea
              label={texts.decide.comment}
              value={comment}
              maxLength={4000}
              onChange={({ currentTarget }) => onType(currentTarget.value)}
            />
            <div className={sections['line']}>
              <Button type="submit" loading={decide.isPending} data-first>
                {texts.bulk.confirm(rows.length, amounts)}
              </Button>
              <Button variant="default" disabled={decide.isPending} onClick={close}>
                {texts.cancel}
              </Button>
            </div>
          </>
        ) : (
          <>
            <Told receipts={receipts} inDialog />
            <div className={sections['line']}>
              <Button onClick={close}>{texts.close}</Button>
            </div>
          </>
        )}
      </form>
    </Dialog>
  );
}
