/**
 * The log: one JSON line per event, or coloured text on a terminal. Secrets are removed before anything is written.
 *
 * Code takes a {@link Logger}; only `createLogger` knows which library writes it.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import pc from 'picocolors';
import { createLogger as createWinston, format, transports, type Logger as WinstonLogger } from 'winston';
import { redact, redactText, type Redacted } from './redaction';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Facts about an event. Any value may be given; what cannot be written is described instead. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What the rest of Tieback sees of the log. `message` is a fixed sentence; what varies goes into `fields`. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every event. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** Events below this level are dropped. Default: `info`. */
  level?: LogLevel;
  /** `auto` (default): `pretty` when the destination is a terminal, else `json`. */
  format?: 'json' | 'pretty' | 'auto';
  /** A stream, or the path of a file to append to. Default: standard error. */
  destination?: NodeJS.WritableStream | string;
}

/** The field that carries the time of an event that happened earlier than it is logged. */
const TIMESTAMP = 'timestamp';
const RESERVED = new Set([TIMESTAMP, 'level', 'message']);

/** Creates the logger of a process. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const destination = options.destination ?? process.stderr;
  const stream = typeof destination === 'string' ? appendTo(destination) : destination;
  const kind = options.format ?? 'auto';
  const pretty = kind === 'pretty' || (kind === 'auto' && isTerminal(stream));
  const winston = createWinston({
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    level: options.level ?? 'info',
    format: format.printf((event) => (pretty ? prettyLine : jsonLine)(event as unknown as LogEvent)),
    transports: [new transports.Stream({ stream })],
  });
  return bind(winston, {});
}

/** A logger that drops everything. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

interface LogEvent {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

function bind(winston: WinstonLogger, bound: LogFields): Logger {
  const write = (level: LogLevel) => (message: string, fields?: LogFields) => {
    // One object: given separately, winston would mix fields such as `message` into the text.
    winston.log({ level, message, fields: { ...bound, ...fields } } satisfies LogEvent);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => bind(winston, { ...bound, ...fields }),
  };
}

/** The event as plain data without secrets; a field named like one of ours gets an underscore. */
function plain({ level, message, fields }: LogEvent): {
  timestamp: string;
  level: LogLevel;
  message: string;
  rest: Record<string, Redacted>;
} {
  const given = fields[TIMESTAMP];
  const timestamp = given instanceof Date && !Number.isNaN(given.getTime()) ? given : new Date();
  const rest: Record<string, Redacted> = {};
  const redacted = redact(fields);
  if (redacted !== null && typeof redacted === 'object' && !Array.isArray(redacted)) {
    for (const [key, value] of Object.entries(redacted)) {
      if (key !== TIMESTAMP || !(given instanceof Date)) rest[RESERVED.has(key) ? `${key}_` : key] = value;
    }
  }
  return { timestamp: timestamp.toISOString(), level, message: redactText(String(message)), rest };
}

function jsonLine(event: LogEvent): string {
  const { rest, ...head } = plain(event);
  return JSON.stringify({ ...head, ...rest });
}

const PAINT: Readonly<Record<LogLevel, (text: string) => string>> = {
  debug: pc.gray,
  info: pc.green,
  warn: pc.yellow,
  error: pc.red,
};

function prettyLine(event: LogEvent): string {
  const { timestamp, level, message, rest } = plain(event);
  const { stack, ...facts } = rest;
  const time = new Date(timestamp).toLocaleTimeString('en-GB', { hour12: false });
  const text = Object.entries(facts).map(([key, value]) => `${pc.dim(`${key}=`)}${short(value)}`);
  const head = `${pc.dim(time)} ${PAINT[level](level.toUpperCase().padEnd(5))} ${message}`;
  return [[head, ...text].join(' '), ...(typeof stack === 'string' ? [pc.dim(stack)] : [])].join('\n');
}

const short = (value: Redacted): string => (typeof value === 'string' ? value : JSON.stringify(value));

const isTerminal = (stream: NodeJS.WritableStream): boolean =>
  (stream as Partial<NodeJS.WriteStream>).isTTY === true;

function appendTo(file: string): NodeJS.WritableStream {
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  return fs.createWriteStream(file, { flags: 'a' });
}
