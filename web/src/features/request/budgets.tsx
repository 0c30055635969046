import { Link } from '@tanstack/react-router';
import { Money } from '../../kit/money';
import { Table } from '../../kit/table';
import { addressOf } from '../../lib/request-address';
import { moment } from '../../lib/time';
import { texts } from '../../texts/en';
import type { Budget, Page } from './types';
import styles from './request.module.css';

/** What the plan costs each job, beside what the ERP tells of its budget. */
export function Budgets({ page: { budgets, plan, request } }: { readonly page: Page }) {
  return budgets.map((budget) => (
    <section
      key={budget.job}
      className={styles['side-by-side']}
      aria-label={texts.request.budget.title(budget.jobName ?? budget.job)}
    >
      <h2>{texts.request.budget.title(budget.jobName ?? budget.job)}</h2>
      {budget.told === null ? (
        <p className="muted">{texts.request.budget.none}</p>
      ) : (
        <Figures
          budget={budget}
          told={budget.told}
          currency={plan?.currency ?? null}
          connectionId={request.connectionId}
        />
      )}
    </section>
  ));
}

function Figures({
  budget: { job, jobName, rows, total, billed },
  told,
  currency,
  connectionId,
}: {
  readonly budget: Budget;
  readonly told: NonNullable<Budget['told']>;
  readonly currency: string | null;
  readonly connectionId: string;
}) {
  const words = texts.request.budget;
  const all = [
    ...rows.map((row) => ({
      ...row,
      code: [row.costCode, row.costCodeName].filter(Boolean).join(' ') || words.unknown,
      type: row.costTypeName ?? row.costType ?? '',
    })),
    ...(rows.length > 1 ? [{ ...total, code: words.total, type: '' }] : []),
  ];
  const figure = (label: string, of: (row: (typeof all)[number]) => string | null) => ({
    label,
    number: true,
    cell: (row: (typeof all)[number]) => {
      const amount = of(row);
      return amount === null ? (
        <span className="muted">{texts.empty}</span>
      ) : (
        <span className={label === words.left && amount.startsWith('-') ? styles['emptied'] : ''}>
          <Money amount={amount} currency={currency} />
        </span>
      );
    },
  });
  return (
    <>
      <Table
        label={words.title(jobName ?? job)}
        rows={all}
        keyOf={({ code, type }, index) => `${code} ${type} ${index}`}
        columns={[
          { label: words.costCode, cell: ({ code }) => code },
          { label: words.costType, cell: ({ type }) => type },
          figure(words.budget, ({ budget }) => budget),
          figure(words.committed, ({ committed }) => committed),
          figure(words.otherCosts, ({ otherCosts }) => otherCosts),
          figure(words.plan, ({ plan }) => plan),
          figure(words.left, ({ left }) => left),
        ]}
      />
      <p className="muted">
        {told.by === 'refresh' ? words.refresh(moment(told.at)) : words.link(moment(told.at))}
        {billed ? ` ${words.billed}` : ''}
        {told.requestId === null ? null : (
          <span className="screen">
            {' '}
            <Link
              to="/requests/$connection/$source/$name"
              params={addressOf({ connectionId, id: told.requestId })}
            >
              {words.readBy}
            </Link>
          </span>
        )}
      </p>
    </>
  );
}
