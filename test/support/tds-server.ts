import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';

/** What a server answers to "I want TLS" (MS-TDS 2.2.6.5). */
export const ENCRYPTION = { off: 0x00, on: 0x01, notSupported: 0x02, required: 0x03 } as const;

const PRELOGIN = 0x12;
const LOGIN7 = 0x10;
const RESPONSE = 0x04;
const HEADER = 8;

interface LoginError {
  readonly number: number;
  readonly message: string;
}

export interface TdsServerOptions {
  readonly encryption: keyof typeof ENCRYPTION;
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer };
  /** TLS from the first byte, as TDS 8 wants it. */
  readonly strict?: boolean;
  /** What every login is refused with. */
  readonly refusal?: readonly LoginError[];
}

/**
 * As much of a SQL Server as a login needs: it negotiates encryption as it is told to, and refuses every login. It keeps what came from the
 * client, so that a test can see what an eavesdropper would.
 */
export class TdsServer {
  /** Logins that arrived, each with whether it came through TLS. */
  readonly logins: { readonly user: string; readonly secure: boolean }[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server;

  constructor(private readonly options: TdsServerOptions) {
    const serve = (socket: Socket): void => {
      this.sockets.add(socket.on('error', () => undefined));
      this.converse(socket, socket instanceof TLSSocket);
    };
    this.server =
      options.strict === true
        ? createTlsServer({ ...options.certificate, ALPNProtocols: ['tds/8.0'] }, serve)
        : createServer(serve);
  }

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Answers packets in clear until TLS begins, then those inside. */
  private converse(socket: Duplex, secure: boolean): void {
    let waiting = Buffer.alloc(0);
    let tls: HandshakeInPackets | null = null;
    socket.on('data', (bytes: Buffer) => {
      if (tls?.isRaw(bytes) === true) return void tls.push(bytes);
      waiting = Buffer.concat([waiting, bytes]);
      while (waiting.length >= HEADER && waiting.length >= waiting.readUInt16BE(2)) {
        const packet = waiting.subarray(0, waiting.readUInt16BE(2));
        waiting = waiting.subarray(packet.length);
        if (packet[0] === LOGIN7) this.login(socket, packet.subarray(HEADER), secure);
        else if (tls !== null) tls.push(packet.subarray(HEADER));
        else {
          socket.write(message(RESPONSE, this.prelogin(secure)));
          tls = this.beginTls(socket, secure);
        }
      }
    });
  }

  private beginTls(socket: Duplex, secure: boolean): HandshakeInPackets | null {
    const { encryption, certificate } = this.options;
    if (secure || !['on', 'required'].includes(encryption) || !certificate) return null;
    const wire = new HandshakeInPackets(socket);
    const inside = new TLSSocket(wire, {
      isServer: true,
      secureContext: createSecureContext({ ...certificate, maxVersion: 'TLSv1.2' }),
    });
    inside.on('error', () => socket.destroy());
    this.converse(inside, true);
    return wire;
  }

  private prelogin(secure: boolean): Buffer {
    const encryption = secure ? ENCRYPTION.notSupported : ENCRYPTION[this.options.encryption];
    const version = Buffer.from([16, 0, 0x10, 0x1b, 0, 0]);
    // Two options (version, encryption), the end of the list, and their values.
    const values = 2 * 5 + 1;
    const list = Buffer.from([
      ...[0, 0, values, 0, version.length],
      ...[1, 0, values + version.length, 0, 1],
      0xff,
    ]);
    return Buffer.concat([list, version, Buffer.from([encryption])]);
  }

  private login(socket: Duplex, body: Buffer, secure: boolean): void {
    const user = body.subarray(body.readUInt16LE(40), body.readUInt16LE(40) + 2 * body.readUInt16LE(42));
    this.logins.push({ user: user.toString('utf16le'), secure });
    const { refusal = [{ number: 18456, message: "Login failed for user 'somebody'." }] } = this.options;
    socket.write(message(RESPONSE, Buffer.concat([...refusal.map(errorToken), doneWithError])));
  }
}

/** In TDS 7 the handshake travels in PRELOGIN packets, one answer to each; what follows is TLS alone. */
class HandshakeInPackets extends Duplex {
  private raw = false;
  private flight: Buffer[] = [];

  constructor(private readonly socket: Duplex) {
    super();
    socket.on('close', () => this.destroy());
  }

  isRaw(bytes: Buffer): boolean {
    const [type = 0] = bytes;
    this.raw ||= type >= 0x14 && type <= 0x17;
    return this.raw;
  }

  override _read(): void {
    // Pushed as it comes.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.raw) this.socket.write(chunk);
    else if (this.flight.push(chunk) === 1) setImmediate(() => this.send());
    done();
  }

  private send(): void {
    this.socket.write(message(PRELOGIN, Buffer.concat(this.flight)));
    this.flight = [];
  }
}

/** One message in one packet: type, "this is the last one", length. */
function message(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(HEADER);
  head.writeUInt8(type, 0);
  head.writeUInt8(1, 1);
  head.writeUInt16BE(HEADER + body.length, 2);
  return Buffer.concat([head, body]);
}

function errorToken({ number, message: words }: LoginError): Buffer {
  const text = Buffer.from(words, 'utf16le');
  const body = Buffer.alloc(4 + 1 + 1 + 2);
  body.writeInt32LE(number, 0);
  body.writeUInt8(1, 4);
  body.writeUInt8(14, 5);
  body.writeUInt16LE(words.length, 6);
  // No name of the server, none of a procedure, line 1.
  const rest = Buffer.from([0, 0, 1, 0, 0, 0]);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(body.length + text.length + rest.length);
  return Buffer.concat([Buffer.from([0xaa]), length, body, text, rest]);
}

const doneWithError = Buffer.from([0xfd, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
