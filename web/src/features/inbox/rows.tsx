import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Money } from '../../kit/money';
import { Status } from '../../kit/status';
import { useNow } from '../../lib/now';
import { ageOf, moment, span } from '../../lib/time';
import { addressOf } from '../../lib/request-address';
import { texts } from '../../texts/en';
import type { Search, Sort } from './filter';
import { isDescending, sortIn } from './filter';
import styles from './inbox.module.css';
import type { Row, Stage } from './types';
import { keyOf } from './types';

/** What a reconcile found is named by its moment. */
const ISO = /^\d{4}-\d\d-\d\dT[\d:.]+$/;
const SOON_MS = 4 * 3_600_000;

/** The rows: never virtual, so that the browser's own search finds them and paper has all of them. */
export function Rows({
  rows,
  stage,
  search,
  current,
  chosen,
  onToggle,
  onToggleAll,
  onCurrent,
  onSort,
}: {
  readonly rows: readonly Row[];
  readonly stage: Stage;
  readonly search: Search;
  readonly current: string | null;
  readonly chosen: readonly Row[];
  readonly onToggle: (row: Row) => void;
  /** Chooses these, and no others. */
  readonly onToggleAll: (rows: readonly Row[]) => void;
  readonly onCurrent: (key: string) => void;
  readonly onSort: (change: Record<string, string | undefined>) => void;
}) {
  const now = useNow();
  const plain = rows.filter(({ bulk }) => bulk);
  const words = texts.inbox.column;
  const head = (sort: Sort, label: string, number = false) => (
    <SortHead sort={sort} label={label} number={number} search={search} onSort={onSort} />
  );
  return (
    <div tabIndex={0} role="region" aria-label={texts.inbox.stage(stage)} className={styles['scroll']}>
      <table className={styles['rows']}>
        <thead>
          <tr>
            {stage === 'needs_me' ? (
              <th scope="col" className="screen">
                <Checkbox
                  size="sm"
                  aria-label={texts.inbox.chooseAll}
                  disabled={plain.length === 0}
                  checked={plain.length > 0 && chosen.length === plain.length}
                  indeterminate={chosen.length > 0 && chosen.length < plain.length}
                  onChange={({ currentTarget }) => onToggleAll(currentTarget.checked ? plain : [])}
                />
              </th>
            ) : null}
            {head('age', words.age)}
            {head('number', words.record)}
            <th scope="col" className={styles['minor']}>
              {words.project}
            </th>
            {head('vendor', words.vendor)}
            {head('amount', words.amount, true)}
            <th scope="col">{words.warnings}</th>
            <th scope="col" className={styles['minor']}>
              {words.sender}
            </th>
            <th scope="col">{stage === 'done' ? words.outcome : words.waitsFor}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = keyOf(row);
            return (
              <tr
                key={key}
                id={`row ${key}`}
                className={key === current ? styles['current'] : ''}
                aria-current={key === current ? 'true' : undefined}
                onFocus={() => onCurrent(key)}
              >
                {stage === 'needs_me' ? (
                  <td className="screen">
                    {row.bulk ? (
                      <Checkbox
                        size="sm"
                        aria-label={texts.inbox.choose(row.record.title ?? row.number)}
                        checked={chosen.some((one) => keyOf(one) === key)}
                        onChange={() => onToggle(row)}
                      />
                    ) : null}
                  </td>
                ) : null}
                <td title={moment(row.since)} className={styles['age']}>
                  {ageOf(row.since, now)}
                  <Blocked row={row} now={now} />
                </td>
                <td className={styles['what']}>
                  <Link
                    to="/requests/$connection/$source/$name"
                    params={addressOf(row)}
                    className={styles['open']}
                  >
                    {row.record.title ?? row.number}
                  </Link>
                  <div className={styles['below']}>
                    {[row.record.words, ISO.test(row.number) ? moment(`${row.number}Z`) : row.number]
                      .filter(Boolean)
                      .join(' · ')}
                  </div>
                </td>
                <td className={styles['minor']}>{row.project}</td>
                <td>{row.vendor}</td>
                <td className="number">
                  <Money amount={row.amount} currency={row.currency} />
                </td>
                <td>
                  <Warnings row={row} />
                </td>
                <td className={styles['minor']}>{texts.sentBy(row.sender)}</td>
                <td>
                  <Status status={row.status} />
                  <div className={styles['below']}>{texts.told(row.waitsFor ?? row.reason)}</div>
                  <Due row={row} now={now} />
                  <Attention row={row} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** How long its sender cannot go on in Procore, and until when it is closed by itself. */
function Blocked({ row: { blockedSince, deadline }, now }: { readonly row: Row; readonly now: number }) {
  if (blockedSince === null) return null;
  const left = deadline === null ? null : Date.parse(deadline) - now;
  const soon = left !== null && left < SOON_MS;
  return (
    <div className={soon ? styles['soon'] : styles['below']}>
      {soon ? texts.inbox.closesIn(span(Math.max(0, left))) : texts.inbox.blocked(ageOf(blockedSince, now))}
    </div>
  );
}

/** Until when finance has time; after that somebody was told. */
function Due({ row: { due }, now }: { readonly row: Row; readonly now: number }) {
  if (due === null) return null;
  const isOver = Date.parse(due) <= now;
  return (
    <div className={isOver ? styles['soon'] : styles['below']}>
      {isOver ? texts.inbox.overdue(ageOf(due, now)) : texts.inbox.due(moment(due))}
    </div>
  );
}

/** Who holds it, and who looks after it. */
function Attention({ row: { heldBy, owner } }: { readonly row: Row }) {
  return (
    <>
      {heldBy === null ? null : <div className={styles['warned']}>{texts.inbox.heldBy(heldBy)}</div>}
      {owner === null ? null : <div className={styles['below']}>{texts.inbox.owner(owner)}</div>}
    </>
  );
}

function Warnings({ row: { warnings } }: { readonly row: Row }) {
  if (warnings.count === 0) return null;
  return (
    <span className={warnings.contradiction ? styles['grave'] : styles['warned']}>
      {texts.inbox.warnings(warnings.count, warnings.contradiction)}
    </span>
  );
}

function SortHead({
  sort,
  label,
  number,
  search,
  onSort,
}: {
  readonly sort: Sort;
  readonly label: string;
  readonly number: boolean;
  readonly search: Search;
  readonly onSort: (change: Record<string, string | undefined>) => void;
}) {
  const on = sortIn(search) === sort;
  const descending = isDescending(search);
  const direction = on && !descending ? 'desc' : 'asc';
  return (
    <th
      scope="col"
      className={number ? 'number' : ''}
      aria-sort={on ? (descending ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" className={styles['sort']} onClick={() => onSort({ sort, direction })}>
        {label}
        <span aria-hidden="true">{on ? (descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}
