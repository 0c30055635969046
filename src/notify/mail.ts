import { createTransport } from 'nodemailer';
import type { Secret } from '../domain/base/secret';
import type { Letter } from './send';
import { NotSent } from './send';

/** The mail server. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (port 465); otherwise STARTTLS where the server offers it. */
  readonly secure: boolean;
  readonly user: string | null;
  readonly password: Secret | null;
  /** Sender of all messages. */
  readonly from: string;
}

const ANSWER_MS = 15_000;
const SILENT_MS = 30_000;

/** Sends a letter by SMTP and answers what the server said. A password never travels in the clear. Throws `NotSent`. */
export async function sendMail(
  { host, port, secure, user, password, from }: SmtpSettings,
  to: string,
  { id, line, link }: Letter,
): Promise<string> {
  const auth = user === null ? {} : { auth: { user, pass: password?.reveal() ?? '' }, requireTLS: !secure };
  const transport = createTransport({
    ...{ host, port, secure, ...auth },
    connectionTimeout: ANSWER_MS,
    greetingTimeout: ANSWER_MS,
    socketTimeout: SILENT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { response } = (await transport.sendMail({
      from,
      to,
      subject: line,
      text: `${line}\n\n${link}\n`,
      messageId: `<${id}@${new URL(link).hostname}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    })) as { readonly response: string };
    return response;
  } catch (error) {
    const { code = 'ERROR', response } = error as { code?: string; response?: string };
    throw new NotSent(
      `The mail server ${host}:${port} did not take it: ${response ?? (error as Error).message} (${code})`,
    );
  } finally {
    transport.close();
  }
}
