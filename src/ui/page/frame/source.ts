// Where documents come from: the server that sent the page, asked by name, or the page itself where it is a file. Knows no screen.
import { signal, type Signal } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { queryText } from './route.ts';
import type { Words } from './words.ts';
import { answeredAt, asked, type Interest } from './live.ts';

/** What can be mended, as the server says it. */
export interface PageProblem {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly cure: string;
}

class Refused extends Error {
  readonly status: number;
  readonly problems: readonly PageProblem[];

  constructor(status: number, problems: readonly PageProblem[]) {
    super(problems[0]?.message ?? `the server says ${status}`);
    this.status = status;
    this.problems = problems;
  }
}

/** A page on disk answers itself. */
type Answers = ReadonlyMap<string, (words: Words) => unknown>;
let offline: Answers | undefined;

/** Whether the page is a file: nothing can be kept from it. */
export function isOffline(): boolean {
  return offline !== undefined;
}

/** From now on these answer, and nobody else is asked. */
export function answerFrom(answers: Answers): void {
  offline = answers;
}

/** What was asked for before the page was there. */
let begun: (address: string) => Promise<Response | undefined> | undefined = () => undefined;

/** From now on an answer that is on its way is waited for, and not asked for again. */
export function begunBy(early: typeof begun): void {
  begun = early;
}

export async function getDocument<T>(name: string, words: Words = {}, abort?: AbortSignal): Promise<T> {
  if (offline !== undefined) return offline.get(name)?.(words) as T;
  const query = queryText(words);
  const address = `/api/${name}${query === '' ? '' : `?${query}`}`;
  const response = (await begun(address)) ?? (await fetch(address, { signal: abort ?? null }));
  const document = await read<T & { readonly at?: number }>(response);
  if (document.at !== undefined) answeredAt(document.at);
  return document;
}

export async function post<T>(name: string, body: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json', 'x-daydream': '1' };
  return read<T>(await fetch(`/api/${name}`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

export async function read<T>(response: Response): Promise<T> {
  const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
  if (response.ok) return (await response.json()) as T;
  if (isJson)
    throw new Refused(response.status, ((await response.json()) as { problems: PageProblem[] }).problems);
  const message = (await response.text()).trim();
  throw new Refused(response.status, [{ code: '', severity: 'error', message, cure: '' }]);
}

/** A document as it was given last. While the next one is on its way, `data` is still the one before. */
export interface Asked<T> {
  readonly data: T | undefined;
  readonly problems: readonly PageProblem[];
  readonly busy: boolean;
}

interface Given<T> extends Omit<Asked<T>, 'busy'> {
  /** What this answers: its words and the turn of what it is made of. */
  readonly question: string | undefined;
}

interface Asking {
  readonly ask: (question: string) => void;
  /** Nothing is heard any more. */
  readonly end: () => void;
}

/** Milliseconds until a question is asked again that did not get through. */
export const AGAIN = 2000;

/** Whether nobody answered, not even with a refusal. */
export function wasLost(error: unknown): boolean {
  return offline === undefined && !(error instanceof Refused);
}

/**
 * Never asks twice at once: where news come faster than answers, an answer is not thrown away for the next. What did not get through is
 * asked again: the stream may have held meanwhile, and would then say nothing more.
 */
function askingFor<T>(name: string, words: Words, hear: (given: Partial<Given<T>>) => void): Asking {
  const abort = new AbortController();
  let underway = false;
  let next: string | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const heard = (given: Partial<Given<T>>): void => {
    if (abort.signal.aborted) return;
    underway = false;
    hear(given);
    if (next !== undefined) ask(next);
  };
  function ask(question: string): void {
    clearTimeout(again);
    next = underway ? question : undefined;
    if (underway) return;
    underway = true;
    getDocument<T>(name, words, abort.signal).then(
      (data) => heard({ question, data, problems: [] }),
      (error: unknown) => {
        if (wasLost(error) && !abort.signal.aborted) again = setTimeout(() => ask(question), AGAIN);
        heard({ question, problems: problemsIn(error) });
      },
    );
  }
  return {
    ask,
    end() {
      abort.abort();
      clearTimeout(again);
    },
  };
}

/** Asks for a document, and again whenever its words or what it is made of change. */
export function useDocument<T>(name: string, words: Words, interest: Interest = 'generations'): Asked<T> {
  const state: Signal<Given<T>> = useMemo(
    () => signal<Given<T>>({ question: undefined, data: undefined, problems: [] }),
    [name],
  );
  const query = queryText(words);
  const question = `${query} ${asked(interest)}`;
  const asking = useRef<Asking>(undefined);
  useLayoutEffect(() => {
    const own = askingFor<T>(name, words, (given) => {
      state.value = { ...state.peek(), ...given };
    });
    asking.current = own;
    return () => own.end();
  }, [name, query]);
  useLayoutEffect(() => asking.current?.ask(question), [name, question]);
  const { question: answered, ...given } = state.value;
  return { ...given, busy: answered !== question };
}

export function problemsIn(error: unknown): readonly PageProblem[] {
  if (error instanceof Refused) return error.problems;
  const message = error instanceof Error ? error.message : String(error);
  return [
    {
      code: '',
      severity: 'error',
      message: offline === undefined ? `The server does not answer (${message}).` : message,
      cure: '',
    },
  ];
}
