import { Button, Checkbox, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Dialog } from '../../kit/dialog';
import { Failed } from '../../kit/failed';
import { NotSent } from '../../kit/not-sent';
import sections from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { valueText } from '../../kit/value';
import { answerOf, POST } from '../../lib/api';
import { useNow } from '../../lib/now';
import { ageOf } from '../../lib/time';
import { without } from '../../lib/without';
import { texts } from '../../texts/en';
import type { Conflict } from './queries';
import { stuck } from './queries';
import styles from './stuck.module.css';

type Take = 'procore' | 'erp' | 'ignore' | 'value';
interface Choice {
  readonly take: Take;
  readonly value: string;
}
interface Chosen {
  readonly conflict: Conflict;
  readonly choice: Choice;
}

/** Its two values are part of it: a choice between others is none between these. */
const keyOf = ({ connectionId, id, procore, erp }: Conflict): string =>
  JSON.stringify([connectionId, id, procore, erp]);

/** Fields that both sides changed: side by side, a choice for each or for a whole side, and what it does before it is done. */
export function Conflicts() {
  const { data, error, refetch } = useQuery(stuck.conflicts());
  const [choices, setChoices] = useState<Readonly<Record<string, Choice>>>({});
  // What is confirmed is what was shown when it was asked.
  const [asking, ask] = useState<readonly Chosen[] | null>(null);
  // Here and not in the dialog: who has to choose again has typed it already.
  const [comment, setComment] = useState('');
  const words = texts.stuck.conflicts;
  if (error !== null && data === undefined) return <Failed error={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  const shown = data.conflicts;
  const keys = new Set(shown.map(keyOf));
  const confirm =
    asking === null ? null : (
      <Confirm
        chosen={asking}
        late={asking.every(({ conflict }) => keys.has(keyOf(conflict))) ? null : words.moved}
        comment={comment}
        onType={setComment}
        onClose={() => ask(null)}
        onDone={() => {
          setChoices({});
          setComment('');
          ask(null);
        }}
      />
    );
  if (shown.length === 0) return confirm;
  const chosen = shown.flatMap((conflict) => {
    const choice = choices[keyOf(conflict)];
    return choice === undefined ? [] : [{ conflict, choice }];
  });
  const chooseAll = (take: 'procore' | 'erp'): void =>
    setChoices(
      Object.fromEntries(
        shown
          .filter((one) => one.choices.some((option) => option.take === take && option.problem === null))
          .map((one) => [keyOf(one), { take, value: '' }]),
      ),
    );
  return (
    <section className={sections['part']} aria-labelledby="conflicts">
      <div className={sections['head']}>
        <h2 id="conflicts">{words.title(shown.length, data.more)}</h2>
        <div className={`${sections['line']} ${sections['apart']}`}>
          <Button variant="default" size="compact-sm" onClick={() => chooseAll('procore')}>
            {words.all(texts.side('procore'))}
          </Button>
          <Button variant="default" size="compact-sm" onClick={() => chooseAll('erp')}>
            {words.all(texts.side('erp'))}
          </Button>
          <Button size="compact-sm" disabled={chosen.length === 0} onClick={() => ask(chosen)}>
            {words.settle(chosen.length)}
          </Button>
        </div>
      </div>
      {shown.map((conflict) => (
        <OneConflict
          key={keyOf(conflict)}
          conflict={conflict}
          choice={choices[keyOf(conflict)]}
          onChoose={(choice) => {
            const others = without(choices, keyOf(conflict));
            setChoices(choice === null ? others : { ...others, [keyOf(conflict)]: choice });
          }}
        />
      ))}
      {confirm}
    </section>
  );
}

function OneConflict({
  conflict,
  choice,
  onChoose,
}: {
  readonly conflict: Conflict;
  readonly choice: Choice | undefined;
  readonly onChoose: (choice: Choice | null) => void;
}) {
  const now = useNow();
  const words = texts.stuck.conflicts;
  const { names, label, type, agreed, procore, erp, choices, openedAt, owner } = conflict;
  const option = (take: 'procore' | 'erp' | 'ignore', value: string | boolean | null | undefined) => {
    const { words: does, problem } = choices.find((one) => one.take === take) ?? { words: '', problem: null };
    return (
      <label className={`${styles['option']} ${choice?.take === take ? styles['picked'] : ''}`}>
        <input
          type="radio"
          name={`choice ${keyOf(conflict)}`}
          checked={choice?.take === take}
          disabled={problem !== null}
          onChange={() => onChoose({ take, value: '' })}
        />
        <span className="muted">{take === 'ignore' ? words.leave : texts.side(take)}</span>
        {value === undefined ? null : <strong>{valueText(value, type)}</strong>}
        <span className="muted">{problem ?? does}</span>
      </label>
    );
  };
  return (
    <article className={`${sections['card']} ${styles['group']}`} aria-label={`${names.erp} ${label}`}>
      <header className={sections['head']}>
        <h3>{`${names.erp} · ${label}`}</h3>
        <span className="muted">{words.agreed(valueText(agreed.erp ?? agreed.procore, type))}</span>
        <span className="muted">{texts.stuck.since(ageOf(openedAt, now))}</span>
        {owner === null ? null : <span className="muted">{words.owner(owner)}</span>}
      </header>
      <div className={styles['options']}>
        {option('procore', procore)}
        {option('erp', erp)}
        <label className={`${styles['option']} ${choice?.take === 'value' ? styles['picked'] : ''}`}>
          <input
            type="radio"
            name={`choice ${keyOf(conflict)}`}
            checked={choice?.take === 'value'}
            onChange={() => onChoose({ take: 'value', value: choice?.value ?? '' })}
          />
          <span className="muted">{words.another}</span>
          {choice?.take === 'value' ? (
            type === 'flag' ? (
              <Checkbox
                label={label}
                checked={choice.value === 'true'}
                onChange={({ currentTarget }) =>
                  onChoose({ take: 'value', value: String(currentTarget.checked) })
                }
              />
            ) : (
              <TextInput
                aria-label={words.another}
                value={choice.value}
                onChange={({ currentTarget }) => onChoose({ take: 'value', value: currentTarget.value })}
              />
            )
          ) : null}
        </label>
        {option('ignore', undefined)}
      </div>
    </article>
  );
}

function Confirm({
  chosen,
  late,
  comment,
  onType,
  onClose,
  onDone,
}: {
  readonly chosen: readonly Chosen[];
  /** Why it cannot be said any more; null: it can. */
  readonly late: string | null;
  readonly comment: string;
  readonly onType: (comment: string) => void;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const words = texts.stuck.conflicts;
  const queries = useQueryClient();
  const settle = useMutation({
    mutationFn: async () => {
      const refused: string[] = [];
      for (const connection of new Set(chosen.map(({ conflict }) => conflict.connectionId))) {
        const answers = chosen
          .filter(({ conflict }) => conflict.connectionId === connection)
          .map(({ conflict, choice }) => ({
            id: conflict.id,
            choice:
              choice.take === 'value'
                ? { take: 'value' as const, value: typedValue(conflict, choice.value) }
                : { take: choice.take },
            pair: { procore: conflict.procore, erp: conflict.erp },
          }));
        const receipt = await answerOf(
          POST('/api/conflicts', {
            body: { action: 'settle', connection, answers, comment, channel: 'desk' },
          }),
        );
        refused.push(...receipt.refused.map(({ id, message }) => `${id}: ${message}`));
      }
      return refused;
    },
    onSuccess: (refused) => {
      if (refused.length === 0) onDone();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['stuck'] }),
  });
  return (
    <Dialog wide locked={settle.isPending} title={words.confirm(chosen.length)} onClose={onClose}>
      <form
        className={sections['part']}
        onSubmit={(event) => {
          event.preventDefault();
          if (late === null && !settle.isPending) settle.mutate();
        }}
      >
        <ul className={sections['list']}>
          {chosen.map(({ conflict, choice }) => (
            <li key={keyOf(conflict)}>
              {`${conflict.names.erp} · ${conflict.label}: `}
              {choice.take === 'value'
                ? words.both(valueText(typedValue(conflict, choice.value), conflict.type))
                : conflict.choices.find(({ take }) => take === choice.take)?.words}
            </li>
          ))}
        </ul>
        <Textarea
          label={texts.decide.comment}
          value={comment}
          maxLength={4000}
          onChange={({ currentTarget }) => onType(currentTarget.value)}
        />
        <NotSent late={settle.isPending || settle.isSuccess ? null : late} problem={settle.error} />
        {(settle.data ?? []).map((problem) => (
          <p key={problem} role="alert">
            {problem}
          </p>
        ))}
        <div className={sections['line']}>
          <Button type="submit" loading={settle.isPending} disabled={late !== null} data-first>
            {words.settle(chosen.length)}
          </Button>
          <Button variant="default" disabled={settle.isPending} onClick={onClose}>
            {texts.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const typedValue = ({ type }: Conflict, text: string): string | boolean | null =>
  type === 'flag' ? text === 'true' : text === '' ? null : text;
