// One rendering at work: where it is, what it has written, and what it may still use. Knows no kind of value.
import { TemplateFault } from '../syntax/fault.ts';
import type { Position } from '../syntax/tree.ts';

const MAX_STEPS = 5_000_000;
/** UTF-16 units of text that may be made in all. */
const MAX_TEXT = 64 * 1024 * 1024;
/** Macros, recursive loops, blocks, templates and printed lists inside each other. */
const MAX_DEPTH = 200;
/** Python prints no whole number with more digits, and here none is made that has many times as many. */
const MAX_BITS = 1 << 18;

/** Whether a template escapes what it writes: what its `{% autoescape %}` says, looked at where it matters and nowhere else. */
export interface Escaping {
  on: () => boolean;
}

export class Run {
  at: Position = { line: 1, column: 1 };
  out = '';
  /** The filter, test or function at work, for messages. */
  doing = '';
  private escaping: Escaping = { on: () => false };
  private steps = MAX_STEPS;
  private room = MAX_TEXT;
  private depth = 0;

  /** Python would raise here. */
  failed(message: string): TemplateFault {
    return new TemplateFault(message, { code: 'DD405', at: this.at });
  }

  undefinedUsed({ message, at }: { readonly message: string; readonly at: Position }): TemplateFault {
    return new TemplateFault(message, { code: 'DD402', at });
  }

  tooMuch(message: string): TemplateFault {
    return new TemplateFault(message, { code: 'DD404', at: this.at });
  }

  /** Counts work, so that no template runs for ever. */
  work(steps = 1): void {
    this.steps -= steps;
    if (this.steps < 0) throw this.tooMuch('The template does too much work');
  }

  /** Counts made text or made lists, so that no template fills the memory; also as work. */
  made(length: number): void {
    this.room -= length;
    if (this.room < 0) throw this.tooMuch('The template makes too much text');
    this.work(1 + Math.floor(length / 64));
  }

  /** Counts a look at each character of a text, which is more than a search in it. */
  read(text: string): string {
    this.work(1 + (text.length >> 3));
    return text;
  }

  text(made: string): string {
    this.made(made.length);
    return made;
  }

  /** A list of things that are there already costs as much as its places. */
  list<T>(made: T[]): T[] {
    this.made(made.length * 8);
    return made;
  }

  /** The worst that a search for one text in another can cost. */
  search(text: string, wanted: string): void {
    this.work(1 + Math.ceil((text.length * wanted.length) / 256));
  }

  /** Counts a whole number before it is made. */
  bits(count: number): void {
    if (count > MAX_BITS) throw this.tooMuch('The template makes a number that is too large');
    this.work(1 + Math.floor(count / 64));
  }

  /** Whether filters escape. */
  get autoescape(): boolean {
    return this.escaping.on();
  }

  /** Runs what belongs to a template with a say of its own. */
  escapingAs<T>(escaping: Escaping, inner: () => T): T {
    const before = this.escaping;
    this.escaping = escaping;
    const value = inner();
    this.escaping = before;
    return value;
  }

  deeper<T>(inner: () => T): T {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw this.tooMuch('The template is nested too deeply');
    try {
      return inner();
    } finally {
      this.depth -= 1;
    }
  }

  /** What is written while `inner` runs, which is then not written. */
  captured(inner: () => void): string {
    const before = this.out;
    this.out = '';
    try {
      inner();
      return this.out;
    } finally {
      this.out = before;
    }
  }

  /** With the place put back, for what jumps to other places and returns. */
  elsewhere<T>(inner: () => T): T {
    const { at } = this;
    const value = inner();
    this.at = at;
    return value;
  }
}
