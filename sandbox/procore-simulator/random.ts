const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A small repeatable generator (mulberry32), so that two runs with one seed look alike. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  text(length: number): string {
    let out = '';
    for (let i = 0; i < length; i += 1) out += CROCKFORD.charAt(this.below(32));
    return out;
  }

  ulid(now: number): string {
    let time = '';
    let rest = now;
    for (let i = 0; i < 10; i += 1) {
      time = CROCKFORD.charAt(rest % 32) + time;
      rest = Math.floor(rest / 32);
    }
    return time + this.text(16);
  }
}
