// The page's address: a screen and its words, in the fragment, so that back and forward work and a file opens as well as a server's page.
// Knows no screen.
import { signal } from '@preact/signals';
import type { Words } from './words.ts';

export interface Route {
  readonly screen: string;
  readonly words: URLSearchParams;
}

export const route = signal<Route>(parsed(location.hash));

/** From now on the address is followed. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    route.value = parsed(location.hash);
  });
}

function parsed(hash: string): Route {
  const [screen = '', words = ''] = hash.replace(/^#\/?/, '').split('?');
  return { screen: screen === '' ? 'matrix' : screen, words: new URLSearchParams(words) };
}

/** The address of a screen. Words that are empty are left out. */
export function addressOf(screen: string, words: Words = {}): string {
  const query = queryText(words);
  return `#/${screen}${query === '' ? '' : `?${query}`}`;
}

export function queryText(words: Words): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words))
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined && each !== '') query.append(name, String(each));
  return query.toString();
}

export function go(screen: string, words: Words = {}): void {
  location.hash = addressOf(screen, words);
}

/** The same screen with some words changed, without a step in the history. */
export function amend(changes: Words): void {
  const { screen, words } = route.value;
  const all: Record<string, readonly string[] | string | number | undefined> = {};
  for (const name of words.keys()) all[name] = words.getAll(name);
  history.replaceState(null, '', addressOf(screen, { ...all, ...changes }));
  route.value = parsed(location.hash);
}
