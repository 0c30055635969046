import { createColors } from 'picocolors';

/** What the demo tells its reader: steps with their outcome, quiet notes, plain text. */
export interface Say {
  step(name: string, what: string): void;
  done(detail: string): void;
  note(line: string): void;
  line(text?: string): void;
  good(text: string): void;
  bad(text: string): void;
}

/** Colours on a terminal only; NO_COLOR switches them off there too. */
export const colours = createColors(process.stdout.isTTY && !process.env['NO_COLOR']);

export function sayTo(out: NodeJS.WritableStream): Say {
  const pc = colours;
  const write = (text: string): void => void out.write(`${text}\n`);
  return {
    step: (name, what) => write(`${pc.bold(name.padEnd(9))}${what}`),
    done: (detail) => write(`${pc.green('       ✓ ')}${detail}`),
    note: (line) => write(pc.dim(`         ${line}`)),
    line: (text = '') => write(text),
    good: (text) => write(`${pc.green('✓')} ${text}`),
    bad: (text) => write(`${pc.red('✗')} ${text}`),
  };
}
