import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Failed } from '../../kit/failed';
import { acceptInvitation } from '../../lib/auth';
import { useTitle } from '../../lib/title';
import { texts } from '../../texts/en';
import styles from './login.module.css';

/** What stands behind the # of an invitation's link: browsers tell it to nobody. Null: there is none. */
export const invitationIn = (hash: string): string | null =>
  new URLSearchParams(hash.replace(/^#/, '')).get('invitation');

/** A link that lets one person make one passkey, once. */
export function Invitation({ code }: { readonly code: string }) {
  const words = texts.login;
  const accept = useMutation({
    mutationFn: () => acceptInvitation(code),
    onSuccess: () => window.location.assign('/inbox'),
  });
  useTitle(words.invitation);
  return (
    <div className={styles['box']}>
      <h1>{words.invitation}</h1>
      <p>{words.invitationText}</p>
      {accept.error === null ? null : <Failed error={accept.error} />}
      <Button loading={accept.isPending} onClick={() => accept.mutate()}>
        {words.make}
      </Button>
    </div>
  );
}
