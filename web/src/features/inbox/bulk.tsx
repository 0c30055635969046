import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Big from 'big.js';
import { useRef, useState } from 'react';
import { Dialog } from '../../kit/dialog';
import { Failed } from '../../kit/failed';
import { Money, moneyText } from '../../kit/money';
import { answerOf, POST } from '../../lib/api';
import { useKeys } from '../../lib/keys';
import { texts } from '../../texts/en';
import styles from './inbox.module.css';
import { ROWS } from './queries';
import type { Row, Sums } from './types';
import { choiceOf, keyOf } from './types';

/** What the chosen plans come to, by currency: exact. */
export function sumsOf(rows: readonly Pick<Row, 'amount' | 'currency'>[]): Sums {
  const sums = new Map<string | null, { sum: Big; count: number }>();
  for (const { amount, currency } of rows) {
    if (amount === null) continue;
    const { sum, count } = sums.get(currency) ?? { sum: new Big(0), count: 0 };
    sums.set(currency, { sum: sum.plus(amount), count: count + 1 });
  }
  return [...sums].map(([currency, { sum, count }]) => ({ currency, amount: sum.toFixed(), count }));
}

/** Several plans without warnings, approved together: each by its own hash, after count and sum were seen. */
export function Bulk({
  rows,
  onDone,
  onClear,
}: {
  readonly rows: readonly Row[];
  readonly onDone: (keys: readonly string[]) => void;
  readonly onClear: () => void;
}) {
  // What is confirmed is what was shown when it was asked: nothing joins or leaves it meanwhile.
  const [asked, setAsked] = useState<readonly Row[] | null>(null);
  const [comment, setComment] = useState('');
  useKeys({ a: () => setAsked(rows) }, asked === null);
  const sums = sumsOf(rows);
  return (
    <div className={`${styles['bulk']} screen`} role="region" aria-label={texts.bulk.title(rows.length)}>
      <strong>{texts.bulk.title(rows.length)}</strong>
      {sums.map(({ currency, amount }) => (
        <Money key={currency} amount={amount} currency={currency} />
      ))}
      <Button onClick={() => setAsked(rows)}>{texts.bulk.approve(rows.length)}</Button>
      <Button variant="subtle" onClick={onClear}>
        {texts.bulk.clear}
      </Button>
      {asked === null ? null : (
        <Confirm
          rows={asked}
          comment={comment}
          onType={setComment}
          onDone={onDone}
          onClose={() => setAsked(null)}
        />
      )}
    </div>
  );
}

function Confirm({
  rows,
  comment,
  onType,
  onDone,
  onClose,
}: {
  readonly rows: readonly Row[];
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
          body: {
            key: key.current,
            requests: rows.map(({ connectionId, id, planHash }) => ({
              connectionId,
              request: id,
              plan: planHash ?? '',
            })),
            count: rows.length,
            sums: sums.map(({ currency, amount }) => ({ currency, amount })),
            comment,
            channel: 'desk',
          },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['requests'] }),
  });
  const results = decide.data?.outcomes;
  const refused = results?.filter(({ done }) => !done) ?? [];
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
    <Dialog wide locked={decide.isPending} title={texts.bulk.confirmTitle(rows.length)} onClose={close}>
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
                const result = results?.find(
                  ({ connectionId, id }) => keyOf({ connectionId, id }) === keyOf(row),
                );
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
                      <td>{result === undefined || result.done ? texts.bulk.done : result.message}</td>
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
            <div className={styles['line']}>
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
            <p role="status">{texts.bulk.result(rows.length - refused.length, refused.length)}</p>
            <div className={styles['line']}>
              <Button onClick={close}>{texts.close}</Button>
            </div>
          </>
        )}
      </form>
    </Dialog>
  );
}
