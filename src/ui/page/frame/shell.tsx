// The frame around every screen: where one is, the ways to the others, whether the page is up to date, and the keys. Knows of each screen
// only its name.
import { useEffect, useRef } from 'preact/hooks';
import { Problems, Told } from '../parts/problems.tsx';
import { useKeys } from './keys.ts';
import { connection } from './live.ts';
import { addressOf, go, route } from './route.ts';
import { useDocument, type PageProblem } from './source.ts';

export interface Screen {
  readonly name: string;
  readonly title: string;
  /** Behind `g`; screens without one are reached from others. */
  readonly key?: string;
  readonly view: () => preact.JSX.Element;
}

interface Standing {
  readonly total: number;
  readonly states: Readonly<Record<string, number>>;
  readonly holder: { readonly command: string } | null;
  readonly broken: readonly PageProblem[];
}

interface About {
  readonly name: string;
}

export function Shell({ screens }: { readonly screens: readonly Screen[] }): preact.JSX.Element {
  const { screen } = route.value;
  const about = useDocument<About>('about', {}, 'nothing').data;
  const found = screens.find(({ name }) => name === screen);
  useScreenKeys(screens);
  useEffect(() => {
    document.title = [found?.title, about?.name, 'daydream'].filter(Boolean).join(' · ');
  }, [found, about]);
  const View = found?.view ?? NoScreen;
  return (
    <>
      <a class="skip" href="#main" onClick={focusMain}>
        To the content
      </a>
      <header class="top">
        <span class="brand">
          <b>{about?.name ?? ''}</b>
        </span>
        <nav aria-label="Screens">
          {screens
            .filter(({ key }) => key !== undefined)
            .map(({ name, title, key }) => (
              <a
                key={name}
                href={addressOf(name)}
                aria-current={name === screen ? 'page' : undefined}
                title={`g ${key ?? ''}`}
              >
                {title}
              </a>
            ))}
        </nav>
        <StandingLine />
      </header>
      <main id="main" tabIndex={-1}>
        <View key={screen} />
      </main>
    </>
  );
}

function NoScreen(): preact.JSX.Element {
  return (
    <section>
      <h1>There is no such screen</h1>
      <p>
        <a href={addressOf('matrix')}>To the matrix</a>
      </p>
    </section>
  );
}

const CONNECTIONS = {
  lost: '`daydream ui` does not answer; it is tried again',
  refused: 'another `daydream ui` answers here; open the address that it printed',
} as const;

/** One line on every screen: how much is current, who builds, and what can not be used. */
function StandingLine(): preact.JSX.Element {
  const { data, problems } = useDocument<Standing>('status', {}, 'any');
  const settled = (data?.states['current'] ?? 0) + (data?.states['edited'] ?? 0);
  return (
    <>
      <p class="standing" role="status">
        {connection.value === 'open' ? undefined : (
          <strong class="bad">
            not connected: <Told text={CONNECTIONS[connection.value]} />
          </strong>
        )}
        {data === undefined ? undefined : (
          <span>
            {settled} of {data.total} current
          </span>
        )}
        {data?.holder === null || data === undefined ? undefined : (
          <span class="busy" title={data.holder.command}>
            {data.holder.command.split(' ').slice(0, 2).join(' ')} is running
          </span>
        )}
      </p>
      <Problems problems={[...problems, ...(data?.broken ?? [])]} />
    </>
  );
}

function focusMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** `g` and then a letter goes to a screen, wherever one is but in a field. */
function useScreenKeys(screens: readonly Screen[]): void {
  const since = useRef(-Infinity);
  useKeys((event) => {
    if (event.key === 'g') since.current = event.timeStamp;
    else if (event.timeStamp - since.current < 1500) {
      since.current = -Infinity;
      const found = screens.find(({ key }) => key === event.key);
      if (found !== undefined) go(found.name);
    }
  });
}
