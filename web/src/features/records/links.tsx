import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Confirm } from '../../kit/confirm';
import styles from '../../kit/sections.module.css';
import { answerOf, POST, Refusal } from '../../lib/api';
import { asked, OLD_AFTER } from '../../lib/queries';
import type { paths } from '../../lib/schema';
import { texts } from '../../texts/en';
import type { RecordPage } from './queries';

type Answer = NonNullable<
  paths['/api/links']['post']['requestBody']
>['content']['application/json']['answers'][number];
type Move = keyof typeof texts.records.links.move;

/** Kinds whose pairs people make; others are linked when they are exported or imported. */
const PAIRED: readonly string[] = ['vendor', 'project', 'sub_job', 'standard_cost_code', 'line_item_type'];

/** What may be done to the link of a record by hand. */
function movesOf({ state, kind, erpKey, procoreId }: RecordPage): readonly Move[] {
  if (state === 'linked' && erpKey !== null)
    return PAIRED.includes(kind) ? ['unlink', 'relink', 'rename', 'merge'] : ['unlink', 'rename', 'merge'];
  if (!PAIRED.includes(kind)) return [];
  if (erpKey !== null) return ['link'];
  return procoreId === null ? [] : ['linkToErp'];
}

/** Which record is which, said by a person with the reason; nothing is written to either side by it. */
export function Links({ page }: { readonly page: RecordPage }) {
  const me = useQuery(asked.me());
  const [move, begin] = useState<Move | null>(null);
  const moves = movesOf(page);
  const words = texts.records.links;
  if (moves.length === 0 || me.data?.mayApprove.includes(page.connectionId) !== true) return null;
  return (
    <section className={`${styles['part']} screen`}>
      <h2>{words.title}</h2>
      <div className={styles['buttons']}>
        {moves.map((one) => (
          <Button key={one} variant="default" onClick={() => begin(one)}>
            {words.move[one].label}
          </Button>
        ))}
      </div>
      {move === null ? null : <Say page={page} move={move} onClose={() => begin(null)} />}
    </section>
  );
}

function Say({
  page,
  move,
  onClose,
}: {
  readonly page: RecordPage;
  readonly move: Move;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  // A move is about the link as it was shown.
  const [begun] = useState({ generation: page.generation, state: page.state });
  const words = texts.records.links;
  const { label, text, other } = words.move[move];
  const answer = answerTo(move, page, typed.trim());
  const moved = page.generation !== begun.generation || page.state !== begun.state;
  return (
    <Confirm
      title={label}
      label={label}
      ready={answer !== null}
      late={moved ? words.moved : null}
      comment={{ label: words.why, required: true }}
      old={OLD_AFTER.link}
      run={async (comment) => {
        if (answer === null) return;
        const { connectionId: connection, kind } = page;
        const { outcomes } = await answerOf(
          POST('/api/links', { body: { connection, kind, answers: [answer], comment, channel: 'desk' } }),
        );
        const refused = outcomes.find((one) => one.refused !== null)?.refused ?? null;
        if (refused !== null) throw new Refusal(409, refused.code, refused.message, refused.hint);
      }}
      onClose={onClose}
      onDone={onClose}
    >
      <p>{text}</p>
      {other === null ? null : (
        <TextInput
          label={other}
          value={typed}
          required
          data-first
          error={typed.trim() !== '' && answer === null ? words.noId : null}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      )}
    </Confirm>
  );
}

/** Null: what was typed is no key, or there is none yet. */
function answerTo(move: Move, { erpKey, procoreId }: RecordPage, typed: string): Answer | null {
  const id = /^\d{1,15}$/.test(typed) ? Number(typed) : 0;
  switch (move) {
    case 'unlink':
      return erpKey === null ? null : { how: 'unlink', erpKey };
    case 'rename':
      return erpKey === null || typed === '' ? null : { how: 'rename', erpKey, to: typed };
    case 'link':
    case 'relink':
      return erpKey === null || id === 0 ? null : { how: move, erpKey, procoreId: id };
    case 'linkToErp':
      return procoreId === null || typed === '' ? null : { how: 'link', erpKey: typed, procoreId };
    case 'merge':
      return procoreId === null || id === 0 ? null : { how: 'merge', procoreId, into: id };
  }
}
