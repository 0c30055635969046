import { Link } from '@tanstack/react-router';
import { addressOf } from '../../lib/request-address';
import { texts } from '../../texts/en';
import type { Page } from './types';
import styles from './request.module.css';

/** What the records of the request refer to: whether it is there, and what brings it. */
export function DependsOn({ page: { dependsOn, request } }: { readonly page: Page }) {
  const { connectionId } = request;
  if (dependsOn.length === 0) return null;
  const words = texts.request;
  return (
    <section aria-label={words.dependsOn}>
      <h2>{words.dependsOn}</h2>
      <ul className={styles['list']}>
        {dependsOn.map(({ words: what, name, state, erpState, record, request: beside }) => (
          <li key={`${what} ${name}`}>
            <span className="muted">{`${what} `}</span>
            {record === null ? (
              name
            ) : (
              <Link
                to="/records/$connection/$kind/$id"
                params={{ connection: connectionId, kind: record.kind, id: record.id }}
              >
                {name}
              </Link>
            )}
            <div className="muted">
              {[
                words.dependency(state),
                ...(erpState === null || erpState === 'active' ? [] : [words.erpState(erpState)]),
              ].join(', ')}
              {beside === null ? null : (
                <>
                  {' · '}
                  <Link
                    to="/requests/$connection/$source/$name"
                    params={addressOf({ connectionId, id: beside.id })}
                  >
                    {words.broughtBy(beside.title ?? beside.id)}
                  </Link>
                </>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
