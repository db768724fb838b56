// What the screens will ask for, worked out while nobody asks: the first one at once, the others, with all that they load, when the first is
// there; and what follows a saved template. Knows no page and gives no answer.
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type { View } from '../api/view/view.ts';
import type { Aside } from './aside/aside.ts';
import { queryOf, type Routes } from './server/server.ts';

/** Milliseconds that the first screen has for itself: from the start, and once its page is there. */
const LATER = { started: 1200, there: 100 } as const;
/** Milliseconds without a question after which a short answer, and one that takes long, is worked out: a page asks for several at once. */
const QUIET = { short: 50, long: 500 } as const;

type Asked = readonly [document: string, query: string];

/** What is drawn when the page opens. */
const FIRST: readonly Asked[] = [
  ['matrix', 'rows=draft_template&columns=draft_model&from=0&most=100'],
  ['status', ''],
];

/** What many ask for next, and what many screens ask for beside their own. */
const SOON: readonly Asked[] = [
  ['matrix', 'columns=combo'],
  ['matrix', 'most=1'],
  ['matrix', 'rows=way&columns=rubric'],
  ['essays', 'order=best&most=1'],
];

/** What others ask for. */
const THEN: readonly Asked[] = [
  ['matrix', 'rows=judge&columns=rubric&order=name'],
  ['judgepairs', ''],
  ['lengths', ''],
  ['map', ''],
  ['plan', 'most=0'],
];

/** What takes longest. The first one is of little, for what it goes through: a plan of everything is another one every time. */
const LONG: readonly Asked[] = [
  ['plan', 'force=1&select=stage:draft&most=0'],
  ['runs', ''],
  ['costs', 'by=model'],
  ['costs', 'by=model&by=day'],
  ['rating', ''],
];

export class Ahead {
  readonly #later: () => void;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void>;
  readonly #closing = new AbortController();
  #busyAt = -Infinity;

  /** `documents`: as they are asked for. */
  constructor(view: View, documents: Routes['documents'], aside: Pick<Aside, 'ahead'>) {
    const asked =
      ([name, query]: Asked) =>
      (): unknown =>
        documents[name]?.(queryOf(query));
    this.#work = this.#each(FIRST.map(asked), 0);
    this.#later = () => {
      this.#timer = undefined;
      // Who has the page open may save a template any moment: that is gone through before what is only asked for.
      const soon = [
        ...SOON.map(asked),
        () => view.load(),
        ...view.rehearsal(),
        ...THEN.map(asked),
        () => firstPrompt(view),
      ];
      this.#work = this.#each(soon, QUIET.short).then(() =>
        this.#each([...LONG.map(asked), () => aside.ahead()], QUIET.long),
      );
    };
    this.#timer = setTimeout(this.#later, LATER.started).unref();
  }

  /** Whoever asks has the processor, and for a moment after the answer. */
  async give(answer: () => unknown): Promise<unknown> {
    this.#busyAt = performance.now();
    try {
      return await answer();
    } finally {
      this.#busyAt = performance.now();
    }
  }

  /** A page has come, and has been given what it shows first. */
  pageIsThere(): void {
    if (this.#timer === undefined || this.#closing.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#later, LATER.there).unref();
  }

  /** Resolves when nothing is worked out any more. */
  close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    return this.#work;
  }

  /** What can not be answered is refused when it is asked for. */
  async #each(works: readonly (() => unknown)[], quiet: number): Promise<void> {
    const { signal } = this.#closing;
    for (const work of works) {
      try {
        await turn(undefined, { signal });
        while (performance.now() - this.#busyAt < quiet) await wait(50, undefined, { ref: false, signal });
        await work();
      } catch {
        // Nobody has asked, or nobody is there any more.
      }
      if (signal.aborted) return;
    }
  }
}

/** What a template's screen asks for one after the other. */
async function firstPrompt(view: View): Promise<void> {
  const [first] = view.page({ most: 1 }).generations;
  if (first !== undefined) await view.prompt(first.genId);
}
