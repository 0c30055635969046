import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Dialog } from '../kit/dialog';
import { Failed } from '../kit/failed';
import { Notice } from '../kit/notice';
import { Skeleton } from '../kit/skeleton';
import { Refusal } from '../lib/api';
import { authState, loginAs } from '../lib/auth';
import { useKeys } from '../lib/keys';
import { useLive } from '../lib/live';
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
  ['/rules', texts.nav.rules, null],
  ['/audit', texts.nav.audit, ['admin', 'auditor']],
] as const;

function Inside() {
  const auth = useQuery(authState());
  const itself = auth.data?.session === null ? auth.data.ways.itself : null;
  const me = useQuery({ ...asked.me(), enabled: auth.data !== undefined && itself === null });
  const live = useLive(me.data !== undefined);
  const [help, showHelp] = useState(false);
  useKeys({ '?': () => showHelp(true) });
  const isOut = me.error instanceof Refusal && me.error.status === 401 && me.data === undefined;
  const roles = new Set<string>(me.data?.grants.map(({ role }) => role));
  if (itself !== null) return <LogInBy />;
  if (isOut) return <ToLogin />;
  const error = auth.error ?? me.error;
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
        {live === 'on' ? (
          <span className={styles['live']} title={texts.live.on} role="img" aria-label={texts.live.on} />
        ) : null}
        {me.data === undefined ? null : <PersonMenu me={me.data} />}
      </header>
      <div role="status" className="screen">
        {live === 'off' ? <Notice look="stuck" title={texts.live.off} /> : null}
      </div>
      <main id="content" className={styles['content']}>
        <Itself />
        <SignedOut />
        {me.data === undefined ? (
          error === null ? (
            <Skeleton />
          ) : (
            <Failed error={error} again={() => void (auth.error === null ? me : auth).refetch()} />
          )
        ) : (
          <Outlet />
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

const toLogin = (): void =>
  window.location.replace(
    `/login?returnTo=${encodeURIComponent(`${window.location.pathname}${window.location.search}`)}`,
  );

/** Nobody is logged in. */
function ToLogin() {
  useEffect(toLogin, []);
  return null;
}

/** A demo logs in by itself, and says so on every page. */
function LogInBy() {
  const queries = useQueryClient();
  useEffect(() => {
    loginAs().then(() => queries.invalidateQueries({ queryKey: ['auth'] }), toLogin);
  }, [queries]);
  return null;
}

/** Everybody who opens this page is the same person: that is said on every page. */
function Itself() {
  const { data } = useQuery(authState());
  return data?.session?.way === 'itself' ? (
    <div className={`${styles['itself']} screen`}>
      <Notice look="needs" title={texts.login.isItself(data.session.person)} />
    </div>
  ) : null;
}
