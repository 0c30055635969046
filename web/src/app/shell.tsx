import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Dialog } from '../kit/dialog';
import { Failed } from '../kit/failed';
import { Notice } from '../kit/notice';
import { Refusal } from '../lib/api';
import { authState, loginAs } from '../lib/auth';
import { useKeys } from '../lib/keys';
import { asked } from '../lib/queries';
import { texts } from '../texts/en';
import { PersonMenu } from './person-menu';
import { SignedOut } from './signed-out';
import styles from './shell.module.css';

/** Pages that people see before anybody knows who they are. */
const OPEN = /^\/login(\/|$)/;

/** What stands around every page: where one is, who one is, and the help. */
export function Shell() {
  const { pathname } = useLocation();
  return OPEN.test(pathname) ? (
    <main id="content" className={styles['content']}>
      <Outlet />
    </main>
  ) : (
    <Inside />
  );
}

const PAGES = [
  ['/inbox', texts.nav.inbox, null],
  ['/stuck', texts.nav.stuck, null],
  ['/records', texts.nav.records, null],
  ['/payroll', texts.nav.payroll, ['payroll', 'admin', 'auditor']],
  ['/connections', texts.nav.connections, null],
  ['/audit', texts.nav.audit, ['admin', 'auditor']],
] as const;

function Inside() {
  const me = useQuery(asked.me());
  const [help, showHelp] = useState(false);
  useKeys({ '?': () => showHelp(true) });
  const isOut = me.error instanceof Refusal && me.error.status === 401;
  const roles = new Set<string>(me.data?.grants.map(({ role }) => role));
  if (isOut && me.data === undefined) return <ToLogin />;
  return (
    <div className={styles['shell']}>
      <a className={styles['skip']} href="#content">
        {texts.skip}
      </a>
      <header className={`${styles['bar']} screen`}>
        <Link to="/inbox" className={styles['name']}>
          {texts.name}
        </Link>
        <nav className={styles['nav']} aria-label={texts.name}>
          {PAGES.filter(([, , wanted]) => wanted === null || wanted.some((role) => roles.has(role))).map(
            ([to, label]) => (
              <Link key={to} to={to} activeProps={{ 'aria-current': 'page' }}>
                {label}
              </Link>
            ),
          )}
        </nav>
        <div className={styles['space']} />
        {me.data === undefined ? null : <PersonMenu me={me.data} />}
      </header>
      <main id="content" className={styles['content']}>
        <Itself />
        <SignedOut />
        {me.error === null || me.data !== undefined ? (
          <Outlet />
        ) : (
          <Failed error={me.error} again={() => void me.refetch()} />
        )}
      </main>
      {help ? (
        <Dialog title={texts.keys.title} onClose={() => showHelp(false)}>
          <table>
            <tbody>
              {texts.keys.list.map(([keys, does]) => (
                <tr key={keys}>
                  <th scope="row">
                    <kbd>{keys}</kbd>
                  </th>
                  <td>{does}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Dialog>
      ) : null}
    </div>
  );
}

/** Nobody is logged in: a demo logs in by itself, everybody else is asked. */
function ToLogin() {
  const { data, error } = useQuery(authState());
  const itself = data?.ways.itself ?? null;
  useEffect(() => {
    if (data === undefined) return;
    const there = `/login?returnTo=${encodeURIComponent(`${window.location.pathname}${window.location.search}`)}`;
    if (itself === null) window.location.replace(there);
    else
      loginAs().then(
        () => window.location.reload(),
        () => window.location.replace(there),
      );
  }, [data, itself]);
  return error === null ? null : <Failed error={error} />;
}

/** Everybody who opens this page is the same person: that is said on every page. */
function Itself() {
  const { data } = useQuery({ ...authState(), staleTime: Infinity });
  return data?.session?.way === 'itself' ? (
    <div className={`${styles['itself']} screen`}>
      <Notice look="needs" title={texts.login.isItself(data.session.person)} />
    </div>
  ) : null;
}
