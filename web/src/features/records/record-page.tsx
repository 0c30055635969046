import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Fact } from '../../kit/fact';
import { Failed } from '../../kit/failed';
import styles from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { Status } from '../../kit/status';
import { Table } from '../../kit/table';
import { isNumeric, valueText } from '../../kit/value';
import { addressOf } from '../../lib/request-address';
import { moment, useZone } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { texts } from '../../texts/en';
import { Links } from './links';
import type { Candidate, Field, RecordPage as Page } from './queries';
import { records } from './queries';

const route = getRouteApi('/records/$connection/$kind/$id');

/** Both sides of one record, what they last agreed on, and everything that was done with it. */
export function RecordPage() {
  useZone();
  const { connection, kind, id } = route.useParams();
  const address = { connection, kind: kind as Candidate['kind'], id };
  const { data, error, refetch } = useQuery(records.one(address));
  useTitle(data === undefined ? null : titleOf(data));
  if (error !== null && data === undefined) return <Failed error={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  const words = texts.records;
  const evidence = `/api/records/${[connection, kind, id].map(encodeURIComponent).join('/')}/evidence.zip`;
  return (
    <article className={styles['page']}>
      <header className={styles['part']}>
        <div className={styles['head']}>
          <h1>{titleOf(data)}</h1>
          <span className="muted">{`${texts.kinds[data.kind]} · ${texts.word(data.state)}`}</span>
          <a className={`${styles['apart']} screen`} href={evidence} download>
            {words.evidence}
          </a>
        </div>
        <dl className={styles['facts']}>
          <Fact label={words.erpKey}>
            <code>{data.erpKey ?? texts.empty}</code>
          </Fact>
          <Fact label={words.procoreId}>{data.procoreId ?? texts.empty}</Fact>
          {data.generation === null ? null : <Fact label={words.generation}>{data.generation}</Fact>}
          <Fact label={texts.inbox.filter.connection}>{data.connectionId}</Fact>
        </dl>
      </header>
      <section className={styles['part']}>
        <h2>{words.sides}</h2>
        <Fields fields={data.fields} label={words.sides} />
        {data.lines.map(({ kind: of, number, label, fields }) => (
          <details key={`${of} ${number}`}>
            <summary>{`${label} ${number}`}</summary>
            <Fields fields={fields} label={`${label} ${number}`} />
          </details>
        ))}
        {data.moreLines === 0 ? null : <p className="muted">{texts.request.moreLines(data.moreLines)}</p>}
      </section>
      <Trouble page={data} />
      <Links page={data} />
      <section className={styles['part']}>
        <h2>{words.requests}</h2>
        <Table
          label={words.requests}
          rows={data.requests.rows}
          keyOf={({ id: request }) => request}
          columns={[
            {
              label: texts.inbox.column.record,
              cell: (row) => (
                <Link
                  to="/requests/$connection/$source/$name"
                  params={addressOf({ connectionId: data.connectionId, id: row.id })}
                >
                  {row.title ?? row.subject ?? row.id}
                </Link>
              ),
            },
            { label: words.status, cell: ({ status }) => <Status status={status} /> },
            { label: texts.request.received, cell: ({ receivedAt }) => moment(receivedAt) },
            { label: texts.request.outcome, cell: ({ reason }) => texts.told(reason) },
          ]}
        />
      </section>
      <section className={styles['part']}>
        <h2>{words.writes}</h2>
        <Table
          label={words.writes}
          rows={data.writes.rows}
          keyOf={({ operationKey, at }) => `${operationKey} ${at}`}
          columns={[
            { label: words.at, cell: ({ at }) => <span className={styles['still']}>{moment(at)}</span> },
            {
              label: words.request,
              cell: ({ requestId }) => <RequestLink connectionId={data.connectionId} id={requestId} />,
            },
            { label: words.what, cell: ({ side, action }) => `${texts.side(side)}: ${texts.word(action)}` },
            {
              label: words.state,
              cell: ({ state, reason }) => [texts.word(state), reason].filter(Boolean).join(': '),
            },
            { label: words.erpKey, cell: ({ erpKey }) => <code>{erpKey}</code> },
            {
              label: words.readBack,
              cell: ({ readBack }) =>
                readBack?.map(({ label, value }) => `${label} ${valueText(value, null)}`).join(' · ') ?? '',
            },
            { label: words.plan, cell: ({ planHash }) => <code>{planHash.slice(0, 12)}</code> },
          ]}
        />
      </section>
    </article>
  );
}

/** What people call a field; a field that is not shown has no words but its own. */
const labelOf = (fields: Page['fields'], name: string): string =>
  fields.find(({ field }) => field === name)?.label ?? texts.word(name);

const titleOf = ({ code, name, id }: Page): string => [code, name].filter(Boolean).join(' ') || id;

function Fields({ fields, label }: { readonly fields: readonly Field[]; readonly label: string }) {
  const words = texts.records;
  const held = (side: Field['erp'], { type, differs }: Field) =>
    side === null ? null : (
      <span className={differs ? styles['differs'] : ''}>
        {valueText(side.held, type)}
        {side.moved ? (
          <span className={styles['moved']}>{` ${words.moved(valueText(side.agreed, type))}`}</span>
        ) : null}
      </span>
    );
  return (
    <Table
      label={label}
      rows={fields}
      keyOf={({ field }) => field}
      columns={[
        { label: texts.request.field, cell: ({ label: name }) => name },
        { label: texts.side('procore'), cell: (field) => held(field.procore, field) },
        { label: texts.side('erp'), cell: (field) => held(field.erp, field) },
        {
          label: words.agreed,
          cell: ({ erp, procore, type }) =>
            valueText((erp ?? procore)?.agreed ?? null, isNumeric(type) ? type : null),
        },
      ]}
    />
  );
}

function RequestLink({ connectionId, id }: { readonly connectionId: string; readonly id: string }) {
  return (
    <Link to="/requests/$connection/$source/$name" params={addressOf({ connectionId, id })}>
      {id}
    </Link>
  );
}

function Trouble({
  page: { connectionId, fields, exceptions, conflicts, waits, waiting },
}: {
  readonly page: Page;
}) {
  const words = texts.records;
  if (exceptions.length + conflicts.length + waits.length + waiting.length === 0) return null;
  return (
    <section className={styles['part']}>
      <h2>{words.trouble}</h2>
      <ul className={styles['list']}>
        {exceptions.map(({ recordId, cause, reason, hint }) => (
          <li key={`${recordId} ${cause}`}>
            {texts.told(reason)}
            {hint === null ? null : <span className="muted">{` ${texts.told(hint)}`}</span>}
          </li>
        ))}
        {conflicts.map(({ id, field, procore, erp }) => (
          <li key={id}>
            {words.conflict(labelOf(fields, field), valueText(procore, null), valueText(erp, null))}
          </li>
        ))}
        {waits.map(({ requestId, recordId, reason }) => (
          <li key={`${requestId} ${recordId}`}>
            {texts.told(reason)} <RequestLink connectionId={connectionId} id={requestId} />
          </li>
        ))}
        {waiting.length === 0 ? null : (
          <li>
            {words.holds(waiting.length)}
            {waiting.map((id) => (
              <span key={id}>
                {' '}
                <RequestLink connectionId={connectionId} id={id} />
              </span>
            ))}
          </li>
        )}
      </ul>
    </section>
  );
}
