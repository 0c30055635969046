import { Button } from '@mantine/core';
import { useState } from 'react';
import { Confirm } from '../../kit/confirm';
import styles from '../../kit/sections.module.css';
import { answerOf, POST } from '../../lib/api';
import { OLD_AFTER } from '../../lib/queries';
import { texts } from '../../texts/en';
import type { RowOf } from './queries';

type Asks = RowOf<'questions'>['asks'];
type Answer = Asks[number]['answers'][number];

/** What a clerk may answer to one question of a pay period, and where they say why. */
export function Answers({
  connection,
  request,
  reason,
  asks,
}: {
  readonly connection: string;
  readonly request: string;
  readonly reason: string;
  readonly asks: Asks;
}) {
  const words = texts.payroll.answer;
  const [chosen, choose] = useState<{ readonly name: string; readonly answer: Answer } | null>(null);
  return (
    <div className={`${styles['buttons']} screen`}>
      {asks.flatMap(({ name, what, about, answers }) =>
        answers.map((answer) => (
          <Button
            key={`${name} ${answer}`}
            variant="default"
            size="compact-sm"
            aria-label={words.about(answer, what, about)}
            onClick={() => choose({ name, answer })}
          >
            {words.label[answer]}
          </Button>
        )),
      )}
      {chosen === null ? null : (
        <Confirm
          title={words.title}
          label={words.label[chosen.answer]}
          comment={{ label: texts.decide.comment, required: false }}
          old={OLD_AFTER.request}
          run={(comment) =>
            answerOf(
              POST('/api/decisions', {
                body: {
                  ...{ request, connection, answer: 'correct', comment, channel: 'desk' },
                  values: { [chosen.name]: chosen.answer },
                },
              }),
            )
          }
          onClose={() => choose(null)}
          onDone={() => choose(null)}
        >
          <p>{texts.told(reason)}</p>
          <p>{words.means[chosen.answer]}</p>
        </Confirm>
      )}
    </div>
  );
}
