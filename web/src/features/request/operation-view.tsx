import { Link } from '@tanstack/react-router';
import sections from '../../kit/sections.module.css';
import { amountText } from '../../lib/money';
import { isNumeric, valueText } from '../../kit/value';
import { texts } from '../../texts/en';
import type { Operation, Line, Lines, Page, Value } from './types';
import styles from './request.module.css';

/** One write, value by value: what is there now, and what it will be. */
export function OperationView({
  operation,
  done,
  currency,
  record,
  connection,
}: {
  readonly operation: Operation;
  readonly done: boolean;
  readonly currency: string | null;
  /** Page of its record; null: it has none yet. */
  readonly record: Page['records'][number] | null;
  readonly connection: string;
}) {
  const { side, action, target, fields, lines, moreLines, total, batch, outcome } = operation;
  return (
    <section className={styles['operation']} aria-label={target}>
      <header className={styles['target']}>
        <span className={styles['side']}>{texts.side(side)}</span>
        <span className="muted">{texts.word(action)}</span>
        <h3>
          {record === null ? (
            target
          ) : (
            <Link
              to="/records/$connection/$kind/$id"
              params={{ connection, kind: record.kind, id: record.id }}
            >
              {target}
            </Link>
          )}
        </h3>
        {outcome === null ? null : (
          <span className="muted">
            {texts.word(outcome.state)}
            {outcome.erpKey === null ? '' : ` · ${outcome.erpKey}`}
          </span>
        )}
      </header>
      {fields.length === 0 ? null : <Fields fields={fields} done={done} />}
      {lines.map((one) => (
        <LineTable key={one.kind} lines={one} />
      ))}
      {moreLines === 0 ? null : <p className="muted">{texts.request.moreLines(moreLines)}</p>}
      {total === null ? null : <Total total={total} currency={currency} />}
      {batch === null ? null : <p>{texts.request.batch(batch.number, batch.added, batch.withdrawn)}</p>}
      {outcome === null || outcome.reason === null ? null : <p>{texts.told(outcome.reason)}</p>}
    </section>
  );
}

function Fields({ fields, done }: { readonly fields: Operation['fields']; readonly done: boolean }) {
  const isNew = fields.every(({ old }) => old === null);
  return (
    <table className={styles['fields']}>
      <thead>
        <tr>
          <th scope="col">{texts.request.field}</th>
          {isNew ? null : <th scope="col">{done ? texts.request.was : texts.request.old}</th>}
          <th scope="col">{texts.request.new}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ field, label, type, ...value }) => (
          <tr key={field}>
            <th scope="row">{label}</th>
            {isNew ? null : <td className="muted">{valueText(value.old, type)}</td>}
            <td>
              <NewValue value={value} type={type} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NewValue({ value, type }: { readonly value: Value; readonly type: string | null }) {
  if (value.new === null) return <span className={styles['emptied']}>{texts.request.emptied}</span>;
  return <span className={styles['now']}>{value.words ?? valueText(value.new, type)}</span>;
}

function LineTable({ lines: { columns, lines, label } }: { readonly lines: Lines }) {
  return (
    <div className={sections['wide']} tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.request.line}</th>
            {columns.map(({ name, label: words, type }) => (
              <th key={name} scope="col" className={isNumeric(type) ? 'number' : ''}>
                {words}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.number}>
              <th scope="row">{line.number}</th>
              {columns.map(({ name, type }) => (
                <td key={name} className={isNumeric(type) ? 'number' : ''}>
                  <LineCell line={line} name={name} type={type} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LineCell({
  line,
  name,
  type,
}: {
  readonly line: Line;
  readonly name: string;
  readonly type: string | null;
}) {
  const value = line.values[name];
  if (value === undefined) return null;
  return (
    <>
      {value.old === null ? null : <s className="muted">{`${valueText(value.old, type)} `}</s>}
      <NewValue value={value} type={type} />
    </>
  );
}

function Total({
  total: { lines, ofLines, header, difference },
  currency,
}: {
  readonly total: NonNullable<Operation['total']>;
  readonly currency: string | null;
}) {
  const words = texts.request.total;
  const same = difference === '0';
  return (
    <p className={same ? styles['total'] : styles['differs']}>
      <span className="muted">{words.lines(lines)}</span>
      <strong className="number">{amountText(ofLines, currency)}</strong>
      {header === null ? null : same ? (
        <span>
          <span aria-hidden="true">{'✓ '}</span>
          {words.same(header.label)}
        </span>
      ) : (
        <span>
          <span aria-hidden="true">{'✕ '}</span>
          {words.differs(header.label, amountText(header.amount, currency), amountText(difference, currency))}
        </span>
      )}
    </p>
  );
}
