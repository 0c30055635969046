import { Button, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Failed } from '../../kit/failed';
import sections from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { valueText } from '../../kit/value';
import { answerOf, POST } from '../../lib/api';
import { asked } from '../../lib/queries';
import { texts } from '../../texts/en';
import type { Kind, Pair } from './queries';
import { stuck } from './queries';
import styles from './stuck.module.css';

const MATCHED: readonly Kind[] = ['vendor', 'project', 'sub_job', 'standard_cost_code', 'line_item_type'];

/** Records of the two sides that may be one: the evidence beside each other, and a yes or no. */
export function Suggestions() {
  const me = useQuery(asked.me());
  const connections = me.data?.mayApprove ?? [];
  const [connection = connections[0], setConnection] = useState<string | undefined>(undefined);
  const [kind, setKind] = useState<Kind>('vendor');
  const words = texts.stuck.suggestions;
  if (connection === undefined) return null;
  return (
    <section className={sections['part']} aria-labelledby="suggestions">
      <div className={sections['head']}>
        <h2 id="suggestions">{words.title}</h2>
        <div className={`${sections['line']} ${sections['apart']}`}>
          {connections.length > 1 ? (
            <Select
              aria-label={texts.inbox.filter.connection}
              data={[...connections]}
              value={connection}
              allowDeselect={false}
              onChange={(next) => setConnection(next ?? undefined)}
            />
          ) : null}
          <Select
            aria-label={texts.inbox.filter.kind}
            data={MATCHED.map((value) => ({ value, label: texts.kinds[value] }))}
            value={kind}
            allowDeselect={false}
            onChange={(next) => setKind(MATCHED.find((one) => one === next) ?? 'vendor')}
          />
        </div>
      </div>
      <Pairs connection={connection} kind={kind} />
    </section>
  );
}

function Pairs({ connection, kind }: { readonly connection: string; readonly kind: Kind }) {
  const { data, error, refetch } = useQuery(stuck.suggestions(connection, kind));
  const words = texts.stuck.suggestions;
  if (error !== null && data === undefined) return <Failed error={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  return (
    <>
      <p className="muted">{words.counts(data.alone.erp, data.alone.procore)}</p>
      {data.pairs.map((pair) => (
        <OnePair key={`${pair.erpKey} ${pair.procoreId}`} connection={connection} kind={kind} pair={pair} />
      ))}
    </>
  );
}

function OnePair({
  connection,
  kind,
  pair,
}: {
  readonly connection: string;
  readonly kind: Kind;
  readonly pair: Pair;
}) {
  const words = texts.stuck.suggestions;
  const queries = useQueryClient();
  const { erpKey, procoreId, erpRevision, procoreRevision, records, reasons, verdict } = pair;
  const decide = useMutation({
    mutationFn: async (how: 'accept' | 'reject') =>
      answerOf(
        POST('/api/links', {
          body: {
            connection,
            kind,
            answers: [{ how, erpKey, procoreId, erpRevision, procoreRevision }],
            comment: '',
            channel: 'desk',
          },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['stuck'] }),
  });
  const refused = decide.data?.outcomes.find(({ refused: why }) => why !== null)?.refused;
  const fields = [...new Set([...Object.keys(records.erp.fields), ...Object.keys(records.procore.fields)])];
  return (
    <article
      className={`${sections['card']} ${styles['group']}`}
      aria-label={`${records.erp.name} ${records.procore.name}`}
    >
      <header className={sections['head']}>
        <h3>{`${records.erp.code} ${records.erp.name}`}</h3>
        <span className="muted">{`${verdict === 'match' ? words.match : words.ask}: ${reasons.join(', ')}`}</span>
        <div className={`${sections['line']} ${sections['apart']}`}>
          <Button size="compact-sm" loading={decide.isPending} onClick={() => decide.mutate('accept')}>
            {words.accept}
          </Button>
          <Button
            variant="default"
            size="compact-sm"
            disabled={decide.isPending}
            onClick={() => decide.mutate('reject')}
          >
            {words.reject}
          </Button>
        </div>
      </header>
      {decide.error === null ? null : <Failed error={decide.error} />}
      {(refused ?? null) === null ? null : <p role="alert">{refused?.message}</p>}
      <table className={styles['narrow']}>
        <thead>
          <tr>
            <th scope="col">{texts.request.field}</th>
            <th scope="col">{texts.side('erp')}</th>
            <th scope="col">{texts.side('procore')}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => {
            const [erp, procore] = [records.erp.fields[field] ?? null, records.procore.fields[field] ?? null];
            return (
              <tr key={field}>
                <th scope="row">{texts.word(field)}</th>
                <td>{valueText(erp, null)}</td>
                <td className={erp === procore ? '' : sections['differs']}>{valueText(procore, null)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </article>
  );
}
