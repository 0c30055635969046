import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import pc from 'picocolors';
import type { Config } from '../config/load';
import { configPath, loadConfig } from '../config/load';
import type { Logger } from '../telemetry/logger';
import { CliError, EXIT } from './errors';
import { timeIn, zoneWords } from './format';
import type { CliIo, Sink } from './io';
import { lazy } from './lazy';
import type { Paint } from './paint';
import type { TableOptions } from './print-table';

export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly color?: boolean;
  readonly verbose?: boolean;
}

/** Registers one command (or a small group) with the table in `main.ts`. */
export type Register = (program: Command, cli: Cli) => void;

/** One run of the command line: options, configuration, and the two ways out (text for people, JSON for programs). */
export class Cli {
  private loaded: Config | null = null;
  exitCode: number = EXIT.ok;

  constructor(
    readonly io: CliIo,
    private readonly options: () => GlobalOptions,
  ) {}

  get json(): boolean {
    return this.options().json === true;
  }

  get verbose(): boolean {
    return this.options().verbose === true;
  }

  get paint(): Paint {
    return pc.createColors(this.io.colours && !this.json && this.options().color !== false);
  }

  /** Width of the terminal (some say 0 and mean that they do not know); without one nothing is cut. */
  get width(): number {
    return this.io.stdout.isTTY === true ? this.io.stdout.columns || 80 : Infinity;
  }

  /** A moment by the reader's clock; its zone is told once, beside. */
  get time(): (iso: string) => string {
    return timeIn(this.io.timeZone ?? 'UTC');
  }

  /** The reader's time zone: `America/Los_Angeles (GMT-8)`. */
  get zone(): string {
    return zoneWords(this.io.timeZone ?? 'UTC', this.now());
  }

  get tableOptions(): Pick<TableOptions, 'paint' | 'width'> {
    return { paint: this.paint, width: this.width };
  }

  get configFile(): string {
    return configPath(this.options().config, this.io.env);
  }

  config(): Config {
    this.loaded ??= loadConfig(this.configFile, this.io.env);
    return this.loaded;
  }

  /** The configuration, also where keys of the audit log are still to be made. */
  configToProvision(): Config {
    return loadConfig(this.configFile, this.io.env, { keysMayBeMissing: true });
  }

  /** The log of a command goes to standard error and is silent unless something is wrong (or `--verbose`). */
  logger(config: Config, level: Config['log']['level'] = 'warn'): Logger {
    return lazy.logger().createLogger({
      level: this.verbose ? 'debug' : level,
      format: config.log.format,
      destination: asStream(this.io.stderr),
    });
  }

  /** The account of this machine that runs the command, e.g. `uid 0 (root)`. */
  account(): string {
    return this.io.account();
  }

  /** Throws `CliError` where it cannot be read. */
  readFile(file: string): string {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw new CliError(`${file} cannot be read: ${(error as Error).message}.`, { cause: error });
    }
  }

  now(): Date {
    return this.io.now();
  }

  /** What is done at the moment, on a line of the terminal that the next one takes the place of; null clears it. Nothing elsewhere. */
  progress(text: string | null): void {
    const { stdout, stderr } = this.io;
    if (this.json || this.verbose || stdout.isTTY !== true || stderr.isTTY !== true) return;
    const line = text === null ? '' : this.paint.dim(text.slice(0, (stderr.columns || 80) - 1));
    stderr.write(`\r\u001b[2K${line}`);
  }

  /** A sentence with commands of ours, as they work here: with the configuration file that was named on the command line. */
  asTyped(sentence: string): string {
    const { config } = this.options();
    if (config === undefined) return sentence;
    const word = /^[\w./:@-]+$/.test(config) ? config : `"${config}"`;
    return sentence.replace(/`tieback (?=[a-z])(?![^`]*--config)/g, `\`tieback --config ${word} `);
  }

  /** Text for people; silent with `--json`. */
  print(text = ''): void {
    if (!this.json) this.io.stdout.write(`${text}\n`);
  }

  /** The result of a command: text for people, or data for programs. */
  result(data: unknown, text: () => string): void {
    this.io.stdout.write(`${this.json ? JSON.stringify(data, null, 2) : text()}\n`);
  }
}

/** The log wants a stream. */
function asStream(sink: Sink): NodeJS.WritableStream {
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      sink.write(chunk.toString());
      done();
    },
  });
  return Object.assign(stream, { isTTY: sink.isTTY === true });
}

/** For commander: a whole number above zero. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError(`"${text}" is not a whole number above zero.`);
  return value;
}

/** For commander: a number of seconds, zero included. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value > 86_400)
    throw new InvalidArgumentError(`"${text}" is not a number of seconds.`);
  return value;
}
