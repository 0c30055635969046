import { Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Dialog } from '../../kit/dialog';
import { Failed } from '../../kit/failed';
import { NotSent } from '../../kit/not-sent';
import sections from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import type { AnswerTo } from '../../lib/api';
import type { RequestAddress } from '../../lib/queries';
import { asked } from '../../lib/queries';
import { without } from '../../lib/without';
import { texts } from '../../texts/en';
import styles from './request.module.css';

type Correctable = AnswerTo<'/api/requests/{connection}/{source}/{name}/correctable'>;
type Field = Omit<Correctable['values'][number], 'value' | 'corrected'>;
type Values = Readonly<Record<string, string | boolean | null>>;

/** What was typed over the values, and why. */
export interface Corrections {
  readonly changed: Values;
  readonly comment: string;
}

interface Form {
  readonly typed: Corrections;
  readonly onType: (typed: Corrections) => void;
  readonly pending: boolean;
  /** Why it cannot be said any more: something moved since it was asked. Null: it can. */
  readonly late: string | null;
  /** Why it was not taken; null: it was, or was not said yet. */
  readonly problem: unknown;
  readonly onClose: () => void;
  readonly onSay: (typed: Corrections) => void;
}

/** Values that are written instead of what Procore sent: of the record, and of its lines. Only what was changed is sent. */
export function Correct({ address, ...form }: Form & { readonly address: RequestAddress }) {
  const { data, error } = useQuery(asked.correctable(address));
  return (
    <Dialog wide locked={form.pending} title={texts.correct.title} onClose={form.onClose}>
      {error === null ? null : <Failed error={error} />}
      {data === undefined ? error === null && <Skeleton /> : <CorrectForm record={data} {...form} />}
    </Dialog>
  );
}

function CorrectForm({
  record,
  typed,
  onType,
  pending,
  late,
  problem,
  onClose,
  onSay,
}: Form & { readonly record: Correctable }) {
  const { changed, comment } = typed;
  const change = (name: string, was: string | boolean | null, now: string | boolean | null): void => {
    const others = without(changed, name);
    onType({ comment, changed: now === was ? others : { ...others, [name]: now } });
  };
  const count = Object.keys(changed).length;
  return (
    <form
      className={styles['side-by-side']}
      onSubmit={(event) => {
        event.preventDefault();
        if (count > 0 && !pending && late === null) onSay(typed);
      }}
    >
      <p className="muted">{texts.correct.text(record.label)}</p>
      <div className={styles['form']}>
        {record.values.map(({ value, corrected, ...field }) => (
          <Input
            key={field.name}
            field={field}
            was={value}
            corrected={corrected}
            now={field.name in changed ? (changed[field.name] ?? null) : value}
            onChange={(now) => change(field.name, value, now)}
          />
        ))}
      </div>
      {record.lines.map(({ kind, label, fields, lines }) =>
        lines.map(({ number, values }) => (
          <details key={`${kind} ${number}`}>
            <summary>{texts.correct.line(label, number, summaryOf(values))}</summary>
            <div className={styles['form']}>
              {fields.map((field) => {
                const name = `${kind}[${number}].${field.name}`;
                const { value = null, corrected = false } = values[field.name] ?? {};
                return (
                  <Input
                    key={name}
                    field={field}
                    was={value}
                    corrected={corrected}
                    now={name in changed ? (changed[name] ?? null) : value}
                    onChange={(now) => change(name, value, now)}
                  />
                );
              })}
            </div>
          </details>
        )),
      )}
      <Textarea
        label={texts.decide.comment}
        value={comment}
        maxLength={4000}
        onChange={({ currentTarget }) => onType({ changed, comment: currentTarget.value })}
      />
      <NotSent late={late} problem={problem} />
      <div className={sections['line']}>
        <Button type="submit" disabled={count === 0 || late !== null} loading={pending}>
          {texts.correct.save(count)}
        </Button>
        <Button variant="default" disabled={pending} onClick={onClose}>
          {texts.cancel}
        </Button>
      </div>
    </form>
  );
}

const summaryOf = (values: Correctable['lines'][number]['lines'][number]['values']): string =>
  [values['description']?.value, values['amount']?.value]
    .filter((part) => typeof part === 'string')
    .join(' · ');

function Input({
  field: { label, type, required, rule },
  was,
  corrected,
  now,
  onChange,
}: {
  readonly field: Field;
  readonly was: string | boolean | null;
  readonly corrected: boolean;
  readonly now: string | boolean | null;
  readonly onChange: (now: string | boolean | null) => void;
}) {
  const words = texts.correct;
  if (type === 'flag') {
    return (
      <Checkbox
        label={label}
        checked={now === true}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
    );
  }
  const text = typeof now === 'string' ? now : '';
  const problem = required && text === '' ? words.required : problemOf(text, rule);
  const changed = now !== was;
  const description = [
    ...(corrected ? [words.corrected] : []),
    ...(changed ? [words.was(typeof was === 'string' && was !== '' ? was : texts.empty)] : []),
  ].join(' · ');
  const common = {
    label,
    description: description === '' ? null : description,
    error: problem,
    withAsterisk: required,
  };
  if (rule?.allowed !== undefined) {
    return (
      <Select
        {...common}
        data={[...new Set([...rule.allowed, ...(text === '' ? [] : [text])])]}
        value={text === '' ? null : text}
        searchable
        // Above the dialog, which nothing outside of it is.
        comboboxProps={{ withinPortal: false }}
        clearable={!required}
        onChange={(chosen) => onChange(chosen)}
      />
    );
  }
  // Amounts too are text: a number would lose digits.
  return (
    <TextInput
      {...common}
      value={text}
      inputMode={type === 'text' || type === 'date' ? 'text' : 'decimal'}
      placeholder={type === 'date' ? words.date : ''}
      onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? null : currentTarget.value)}
    />
  );
}

/** What the column says against a text; null: nothing. The plan decides: this only saves a round. */
function problemOf(text: string, rule: Field['rule']): string | null {
  if (rule === null || text === '') return null;
  if (text.length > rule.maxLength) return texts.correct.tooLong(text.length, rule.maxLength);
  return rule.pattern === undefined || matches(rule.pattern.source, text) ? null : rule.pattern.explains;
}

const matches = (source: string, text: string): boolean => {
  try {
    return new RegExp(`^(?:${source})$`, 'u').test(text);
  } catch {
    return true;
  }
};
