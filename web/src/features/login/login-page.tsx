import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Failed } from '../../kit/failed';
import { Notice } from '../../kit/notice';
import { Skeleton } from '../../kit/skeleton';
import { authState, loginAs, loginWithPasskey, pathWithin } from '../../lib/auth';
import { useTitle } from '../../lib/title';
import { texts } from '../../texts/en';
import { Invitation, invitationIn } from './invitation';
import styles from './login.module.css';

const route = getRouteApi('/login');

/** How people log in here: at their own provider, with a passkey, by an invitation, or by themselves in a demo. */
export function LoginPage() {
  const invitation = invitationIn(window.location.hash);
  return invitation === null ? <Login /> : <Invitation code={invitation} />;
}

function Login() {
  const { returnTo, refused = '' } = route.useSearch();
  const { data, error, refetch } = useQuery(authState(refused));
  const words = texts.login;
  const goOn = (): void => window.location.assign(pathWithin(returnTo));
  const enter = useMutation({
    mutationFn: (way: 'passkey' | 'itself') => (way === 'passkey' ? loginWithPasskey() : loginAs()),
    onSuccess: goOn,
  });
  useTitle(words.title);
  if (error !== null) return <Failed error={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={3} />;
  const { ways, session, url } = data;
  return (
    <div className={styles['box']}>
      <h1>{words.title}</h1>
      {data.refused === null ? null : <Notice look="stuck" title={data.refused.message} alert />}
      {enter.error === null ? null : <Failed error={enter.error} />}
      {session === null ? null : (
        <Notice look="done" title={words.already(session.name ?? session.person)}>
          <a href={pathWithin(returnTo)}>{words.goOn}</a>
        </Notice>
      )}
      {url === null ? <Notice look="needs" title={words.nobody} /> : null}
      {ways.oidc ? (
        <Button component="a" href={`/auth/login?returnTo=${encodeURIComponent(pathWithin(returnTo))}`}>
          {words.oidc}
        </Button>
      ) : null}
      {ways.passkey ? (
        <>
          <Button loading={enter.isPending} onClick={() => enter.mutate('passkey')}>
            {words.passkey}
          </Button>
          <p className="muted">{words.passkeyHint}</p>
        </>
      ) : null}
      {ways.itself === null ? null : (
        <Notice look="needs" title={words.itself(ways.itself)}>
          <Button variant="default" loading={enter.isPending} onClick={() => enter.mutate('itself')}>
            {words.enter}
          </Button>
        </Notice>
      )}
    </div>
  );
}
