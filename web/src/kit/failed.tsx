import { Button } from '@mantine/core';
import { Refusal } from '../lib/api';
import { texts } from '../texts/en';
import { Notice } from './notice';

/** What went wrong, in the Desk's own words, and what to do next. */
export function Failed({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  const refusal = error instanceof Refusal ? error : null;
  return (
    <Notice look="stuck" title={texts.told(refusal?.message ?? null) ?? texts.failed.unknown} alert>
      {texts.told(refusal?.hint ?? null)}
      {refusal?.status === 401 ? (
        <a href="/login" target="_blank" rel="noreferrer">
          {texts.login.again}
        </a>
      ) : null}
      {again === undefined ? null : (
        <Button variant="default" size="compact-sm" onClick={again}>
          {texts.again}
        </Button>
      )}
    </Notice>
  );
}
