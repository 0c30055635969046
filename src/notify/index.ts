import type { SmtpSettings } from './mail';
import { sendMail } from './mail';
import type { Send } from './send';
import { NotSent } from './send';
import { postToChannel } from './webhook';

export type { Address, Letter, Send } from './send';
export { NotSent } from './send';
export type { SmtpSettings } from './mail';

/** The way to everybody. `smtp` null: there is no mail server. */
export const sender =
  (smtp: SmtpSettings | null): Send =>
  async (address, letter) => {
    if (address.kind !== 'mail') return postToChannel(address.kind, address.url, letter);
    if (smtp === null) throw new NotSent('There is no mail server (desk.notify.smtp)');
    return sendMail(smtp, address.to, letter);
  };
