import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { useState } from 'react';
import { Dialog } from '../kit/dialog';
import { Failed } from '../kit/failed';
import { Notice } from '../kit/notice';
import { useKeys } from '../lib/keys';
import { useLive } from '../lib/live';
import { asked } from '../lib/queries';
import { texts } from '../texts/en';
import { PersonMenu } from './person-menu';
import styles from './shell.module.css';

/** What stands around every page: where one is, who one is, and the help. */
export function Shell() {
  const me = useQuery(asked.me());
  const live = useLive(me.data !== undefined);
  const [help, showHelp] = useState(false);
  useKeys({ '?': () => showHelp(true) });
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
          <Link to="/inbox" activeProps={{ 'aria-current': 'page' }}>
            {texts.nav.inbox}
          </Link>
          <Link to="/stuck" activeProps={{ 'aria-current': 'page' }}>
            {texts.nav.stuck}
          </Link>
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
        {me.error === null ? <Outlet /> : <Failed error={me.error} again={() => void me.refetch()} />}
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
