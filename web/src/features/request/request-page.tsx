import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { Fact } from '../../kit/fact';
import { Failed } from '../../kit/failed';
import { Money } from '../../kit/money';
import sections from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { Status } from '../../kit/status';
import { answerOf, GET } from '../../lib/api';
import { useKeys } from '../../lib/keys';
import { useNow } from '../../lib/now';
import type { RequestAddress } from '../../lib/queries';
import { asked } from '../../lib/queries';
import { ageOf, moment, useZone } from '../../lib/time';
import { texts } from '../../texts/en';
import { Attention } from './attention';
import { Budgets } from './budgets';
import { Decide } from './decide';
import { DependsOn } from './depends-on';
import { Moved } from './moved';
import { OperationView } from './operation-view';
import { Twins } from './twins';
import type { Page, Plan } from './types';
import styles from './request.module.css';

const route = getRouteApi('/requests/$connection/$source/$name');

/** One request: left, what would be written; right, why it needs a person, and what they say. */
export function RequestPage() {
  const address = route.useParams();
  return <OneRequest key={`${address.connection} ${address.source} ${address.name}`} address={address} />;
}

function OneRequest({ address }: { readonly address: RequestAddress }) {
  useZone();
  // The plan that this person looked at, as long as the page is open: another one is told, never slipped under their hand.
  const [seen, setSeen] = useState<string | null>(null);
  const { data, error, refetch } = useQuery({
    ...asked.request(address, seen),
    placeholderData: (before) => before,
  });
  const { history } = useRouter();
  useKeys({ u: () => history.back() });
  const queries = useQueryClient();
  const hash = data?.plan?.hash ?? null;
  // What is looked at now is known: it is not asked for again, and no answer that fails takes it away.
  const look = useCallback(
    (page: Page): void => {
      const plan = page.plan?.hash ?? null;
      queries.setQueryData(asked.request(address, plan).queryKey, { ...page, difference: null });
      setSeen(plan);
    },
    [queries, address],
  );
  useEffect(() => {
    if (seen === null && hash !== null && data !== undefined) look(data);
  }, [seen, hash, data, look]);
  useEffect(() => {
    document.title = data === undefined ? texts.name : `${titleOf(data)} · ${texts.name}`;
  }, [data]);
  if (error !== null && data === undefined) return <Failed error={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  const moved = seen !== null && hash !== null && hash !== seen;
  return (
    <article className={styles['page']}>
      <Head page={data} />
      {moved ? <Moved difference={data.difference} onSeen={() => look(data)} /> : null}
      <div className={styles['columns']}>
        <div className={styles['side-by-side']}>
          {data.plan === null ? (
            <p className="muted">{texts.request.noPlan}</p>
          ) : (
            <PlanView page={data} plan={data.plan} address={address} />
          )}
          <Budgets page={data} />
          <Twins twins={data.twins} />
          <History page={data} />
        </div>
        <aside className={styles['aside']}>
          <Why page={data} />
          <Decide page={data} address={address} blocked={moved} />
          <Attention page={data} address={address} />
          <DependsOn page={data} />
          <Undoing sentences={data.undoing} />
        </aside>
      </div>
    </article>
  );
}

/** Books are not erased: what takes a record back is said before it is written, and after. */
function Undoing({ sentences }: { readonly sentences: Page['undoing'] }) {
  if (sentences.length === 0) return null;
  return (
    <section>
      <h2>{texts.decide.undoing}</h2>
      <ul className={styles['list']}>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}

const titleOf = ({ request }: Page): string => request.about?.title ?? request.subject ?? request.id;

function Head({ page }: { readonly page: Page }) {
  const { request, plan, procoreUrl, workflowUrl, records, due } = page;
  const own = records.find(({ recordId }) => recordId === request.recordId);
  const now = useNow();
  const words = texts.request;
  const amount = plan?.amount ?? request.about?.amount ?? null;
  return (
    <header className={styles['side-by-side']}>
      <div className={sections['head']}>
        <h1>{titleOf(page)}</h1>
        <Status status={request.status} />
        <span className="muted">
          {request.closedAt === null
            ? words.waiting(ageOf(request.since, now))
            : words.closed(moment(request.closedAt))}
        </span>
        {due === null ? null : (
          <strong>
            {Date.parse(due) <= now ? texts.inbox.overdue(ageOf(due, now)) : texts.inbox.due(moment(due))}
          </strong>
        )}
      </div>
      <dl className={sections['facts']}>
        <Fact label={words.title('')}>{`${request.connectionId}/${request.id}`}</Fact>
        {request.about === null || request.about.project === null ? null : (
          <Fact label={words.project}>{request.about.project}</Fact>
        )}
        {request.about === null || request.about.vendor === null ? null : (
          <Fact label={words.vendor}>{request.about.vendor}</Fact>
        )}
        {amount === null ? null : (
          <Fact label={words.amount}>
            <Money amount={amount} currency={plan?.currency ?? null} />
          </Fact>
        )}
        <Fact label={words.received}>{moment(request.receivedAt)}</Fact>
        {request.sender === null && request.requestedBy === null ? null : (
          <Fact label={words.sender}>{texts.sentBy(request.sender ?? String(request.requestedBy))}</Fact>
        )}
      </dl>
      {own === undefined && procoreUrl === null && workflowUrl === null ? null : (
        <div className={`${sections['facts']} screen`}>
          {own === undefined ? null : (
            <div>
              <Link
                to="/records/$connection/$kind/$id"
                params={{ connection: request.connectionId, kind: own.kind, id: own.id }}
              >
                {words.record}
              </Link>
            </div>
          )}
          {procoreUrl === null && workflowUrl === null ? null : (
            <div>
              {procoreUrl === null ? null : (
                <a href={procoreUrl} target="_blank" rel="noreferrer">
                  {words.inProcore}
                </a>
              )}
              {procoreUrl === null || workflowUrl === null ? null : ' · '}
              {workflowUrl === null ? null : (
                <a href={workflowUrl} target="_blank" rel="noreferrer">
                  {words.inWebUi}
                </a>
              )}
            </div>
          )}
        </div>
      )}
    </header>
  );
}

function PlanView({
  page,
  plan,
  address,
}: {
  readonly page: Page;
  readonly plan: Plan;
  readonly address: RequestAddress;
}) {
  const words = texts.request;
  const done = page.request.status === 'applied';
  const { operations, more, fetching } = useOperations(address, plan);
  return (
    <section className={styles['plan']} aria-label={words.plan}>
      <div className={sections['head']}>
        <h2>{done ? words.planDone : words.plan}</h2>
        <span className="muted" title={plan.hash}>
          {[
            words.hash(plan.hash, plan.version),
            words.builtAt(moment(plan.builtAt)),
            ...(plan.pages > 1 ? [words.page(plan.page, plan.pages)] : []),
          ].join(', ')}
        </span>
      </div>
      {operations.length === 0 ? <p>{words.nothing}</p> : null}
      {operations.map((operation) => (
        <OperationView
          key={operation.seq}
          operation={operation}
          done={done}
          currency={plan.currency}
          record={page.records.find(({ recordId }) => recordId === operation.recordId) ?? null}
          connection={address.connection}
        />
      ))}
      {more === null ? null : (
        <Button variant="default" loading={fetching} onClick={more}>
          {words.moreOperations(plan.count - operations.length)}
        </Button>
      )}
      {plan.notes.length === 0 ? null : (
        <section aria-label={words.notes}>
          <h3>{words.notes}</h3>
          <ul className={styles['list']}>
            {plan.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </section>
      )}
      {plan.unchanged === 0 ? null : <p className="muted">{words.unchanged(plan.unchanged)}</p>}
      {plan.conflicts === 0 ? null : <p>{words.conflicts(plan.conflicts)}</p>}
      {plan.leftOut.length === 0 ? null : (
        <section aria-label={words.leftOut(plan.leftOut.length)}>
          <h3>{words.leftOut(plan.leftOut.length)}</h3>
          <ul className={styles['list']}>
            {plan.leftOut.map(({ recordId, erpKey, reason }) => (
              <li key={recordId}>{`${erpKey ?? recordId}: ${reason}`}</li>
            ))}
          </ul>
        </section>
      )}
    </section>
  );
}

/** The first operations come with the page; the others, and those of which lines are missing, when somebody wants to see them. */
function useOperations(address: RequestAddress, plan: Plan) {
  const first = plan.operations;
  const cut = first.findIndex(({ moreLines }) => moreLines > 0);
  const start = cut < 0 ? first.length + 1 : cut + 1;
  const rest = useInfiniteQuery({
    queryKey: ['request', address.connection, `${address.source}/${address.name}`, plan.hash, 'operations'],
    enabled: false,
    initialPageParam: start,
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        GET('/api/requests/{connection}/{source}/{name}/operations', {
          params: { path: address, query: { plan: plan.hash, from: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: ({ operations }) => {
      const last = operations.at(-1)?.seq ?? plan.count;
      return last < plan.count ? last + 1 : null;
    },
  });
  const loaded = rest.data?.pages.flatMap(({ operations }) => operations) ?? [];
  const operations = loaded.length === 0 ? first : [...first.slice(0, start - 1), ...loaded];
  const hasMore = loaded.length === 0 ? start <= plan.count : rest.hasNextPage;
  return { operations, fetching: rest.isFetching, more: hasMore ? () => void rest.fetchNextPage() : null };
}

function Why({ page: { request, plan, waits, exceptions } }: { readonly page: Page }) {
  const words = texts.request;
  // What a warning says stands there, to be ticked.
  const isSaid = plan?.warnings.some(({ text }) => request.reason?.includes(text)) === true;
  const reason = request.status === 'waiting_for_finance' && isSaid ? null : request.reason;
  const open = exceptions.filter(({ resolvedAt, reason: told }) => resolvedAt === null && told !== reason);
  return (
    <>
      {reason === null ? null : (
        <section>
          <h2>{reasonTitle(request.status)}</h2>
          <p>{texts.told(reason)}</p>
        </section>
      )}
      {waits.length === 0 ? null : (
        <section>
          <h2>{words.waits}</h2>
          <ul className={styles['list']}>
            {waits.map(({ recordId, reason, hint }) => (
              <li key={recordId}>
                {texts.told(reason)}
                {hint === null ? null : <div className="muted">{texts.told(hint)}</div>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {open.length === 0 ? null : (
        <section>
          <h2>{words.exceptions}</h2>
          <ul className={styles['list']}>
            {open.map(({ recordId, reason, problems, hint }) => (
              <li key={recordId}>
                {(problems ?? []).length > 1 ? (
                  <ul className={styles['list']}>
                    {problems?.map((problem) => (
                      <li key={problem}>{texts.told(problem)}</li>
                    ))}
                  </ul>
                ) : (
                  texts.told(reason)
                )}
                {hint === null ? null : <div className="muted">{texts.told(hint)}</div>}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const reasonTitle = (status: string): string => {
  if (status === 'waiting_for_finance' || status === 'parked') return texts.request.why;
  return ['applied', 'rejected', 'failed'].includes(status) ? texts.request.outcome : texts.request.because;
};

function History({ page: { trail } }: { readonly page: Page }) {
  return (
    <section aria-label={texts.request.history}>
      <h2>{texts.request.history}</h2>
      <ol className={styles['history']}>
        {trail.map((entry, index) => (
          <li key={index}>
            <time dateTime={entry.at} className="muted">
              {moment(entry.at)}
            </time>
            <span>{texts.told(entry.sentence)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
