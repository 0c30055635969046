import type { Socket } from 'node:net';

/** Before TLS there is nothing to say but PRELOGIN (MS-TDS 2.2.3.1.1), in which the TLS handshake also travels. */
const PRELOGIN = 0x12;
/** Change cipher, alert, handshake, data: from the first record on, everything is TLS. */
const isTlsRecord = (type: number): boolean => type >= 0x14 && type <= 0x17;

const HEADER_LENGTH = 8;

/** Something that must be encrypted was about to leave in clear. */
export class ClearTextError extends Error {
  readonly code = 'ECLEARTEXT';

  constructor() {
    super(
      'the server answered that it does not encrypt, but we were told to; the login was not sent. Give the server a certificate, or find out who ' +
        'answers in its place',
    );
  }
}

/**
 * Lets nothing but the negotiation out of a socket before TLS is up. The driver believes a server that says "I cannot encrypt" and sends the
 * login in clear, whatever it was told; whoever sits between can say so too.
 */
export function guardClearText(socket: Socket): Socket {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  const watch = new Watch();
  socket.write = (...args: unknown[]): boolean => {
    if (watch.passes(Buffer.from(args[0] as Uint8Array))) return write(...args);
    socket.destroy(new ClearTextError());
    return false;
  };
  return socket;
}

class Watch {
  private secure = false;
  /** The beginning of a packet whose head is not complete. */
  private head = Buffer.alloc(0);
  /** Bytes that are still to come of the packet whose head we saw. */
  private rest = 0;

  /** False: a packet that is neither negotiation nor TLS begins in these bytes. */
  passes(bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length && !this.secure;) {
      const wanted = this.rest > 0 ? this.rest : HEADER_LENGTH - this.head.length;
      const part = bytes.subarray(at, at + wanted);
      at += part.length;
      if (this.rest > 0) this.rest -= part.length;
      else if (!this.begins(part)) return false;
    }
    return true;
  }

  private begins(part: Buffer): boolean {
    this.head = Buffer.concat([this.head, part]);
    const [type = 0] = this.head;
    this.secure = isTlsRecord(type);
    if (this.head.length === HEADER_LENGTH) {
      this.rest = Math.max(0, this.head.readUInt16BE(2) - HEADER_LENGTH);
      this.head = Buffer.alloc(0);
    }
    return this.secure || type === PRELOGIN;
  }
}
