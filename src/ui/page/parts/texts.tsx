// Texts of models, as text and nothing else: by pieces where they are long, and word by word where two differ. Knows no screen.
import { diffLines, diffWordsWithSpace, type ChangeObject } from 'diff';
import { useEffect, useRef, useState } from 'preact/hooks';
import { AGAIN, getDocument, problemsIn, wasLost, type PageProblem } from '../frame/source.ts';
import { asked } from '../frame/live.ts';
import { count } from './numbers.tsx';
import { Problems } from './problems.tsx';
import type { TextName, TextPiece } from '../../../api/view/generation.ts';

export interface Reading {
  /** Null where there is no such file; undefined while it is on its way. */
  readonly text: string | null | undefined;
  readonly size: number;
  readonly next: number | null;
  readonly problems: readonly PageProblem[];
  /** Of the file, where the page is one on disk too. */
  readonly href?: string | undefined;
  /** Asks for the next piece. */
  readonly more: () => void;
}

const NOTHING = { text: undefined, size: 0, next: null, problems: [] };

/** One text of a generation; again from its beginning when it may have changed. */
export function useText(id: string, file: TextName): Reading {
  const [state, set] = useState<Omit<Reading, 'more'>>(NOTHING);
  const turn = asked('generations');
  const [lost, setLost] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    let again: ReturnType<typeof setTimeout> | undefined;
    getDocument<TextPiece & { readonly href?: string }>('text', { id, file }, abort.signal).then(
      ({ text, size, next, href }) => set({ text, size, next, href, problems: [] }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        set({ ...NOTHING, text: null, problems: problemsIn(error) });
        if (wasLost(error)) again = setTimeout(() => setLost(lost + 1), AGAIN);
      },
    );
    return () => {
      abort.abort();
      clearTimeout(again);
    };
  }, [id, file, turn, lost]);
  const more = (): void => {
    if (state.next === null) return;
    getDocument<TextPiece>('text', { id, file, from: state.next }).then(
      ({ text, size, next }) => set({ text: (state.text ?? '') + (text ?? ''), size, next, problems: [] }),
      (error: unknown) => set({ ...state, problems: problemsIn(error) }),
    );
  };
  return { ...state, more };
}

interface TextInput {
  readonly reading: Reading;
  readonly label: string;
  /** `prose` for what people read, `code` for what was asked and kept. */
  readonly as: 'prose' | 'code';
  /** Shown in place of the text, marked where it differs. */
  readonly changes?: readonly ChangeObject<string>[] | undefined;
  readonly side?: 'before' | 'after';
}

export function TextView({ reading, label, as, changes, side }: TextInput): preact.JSX.Element {
  const { text, size, next, problems, href, more } = reading;
  if (text === undefined) return <p class="muted">…</p>;
  return (
    <>
      <Problems problems={problems} />
      {text === null ? (
        <p class="empty">
          {href === undefined ? 'There is no such text.' : 'This text is not kept in the page.'}
        </p>
      ) : (
        <div class={`text ${as}`} dir="auto" tabIndex={0} role="region" aria-label={label}>
          {changes === undefined ? text : <Changes changes={changes} side={side ?? 'after'} />}
        </div>
      )}
      {href === undefined ? undefined : (
        <p>
          <a href={href}>open the file</a>
          {text === null || text.length >= size
            ? undefined
            : `, which has all ${count(size, 'letter')}; the page has the first ${text.length.toLocaleString('en')}`}
        </p>
      )}
      {next === null ? undefined : (
        <p>
          <button type="button" onClick={more}>
            show more
          </button>{' '}
          <span class="muted">
            {(text ?? '').length.toLocaleString('en')} of {count(size, 'letter')}
          </span>
        </p>
      )}
    </>
  );
}

function Changes({
  changes,
  side,
}: {
  readonly changes: readonly ChangeObject<string>[];
  readonly side: 'before' | 'after' | 'both';
}): preact.JSX.Element {
  return (
    <>
      {changes.map(({ value, added, removed }, place) => {
        if (added) return side === 'before' ? null : <ins key={place}>{value}</ins>;
        if (removed) return side === 'after' ? null : <del key={place}>{value}</del>;
        return value;
      })}
    </>
  );
}

interface DiffInput {
  readonly before: string;
  readonly after: string;
  readonly label: string;
}

/** Both in one text, as where a prompt is compared with what it was; the first difference is in sight. */
export function DiffView({ before, after, label }: DiffInput): preact.JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const first = frame.current?.querySelector<HTMLElement>('ins, del');
    if (first && frame.current) frame.current.scrollTop = Math.max(0, first.offsetTop - 60);
  }, [before, after]);
  return (
    <div class="text code diff" ref={frame} dir="auto" tabIndex={0} role="region" aria-label={label}>
      <Changes changes={differencesOf(before, after)} side="both" />
    </div>
  );
}

/** Milliseconds after which words are compared by the line. */
const PATIENCE = 400;
const LONGEST = 60_000;

/** Word by word; line by line where that would take long. */
export function differencesOf(before: string, after: string): readonly ChangeObject<string>[] {
  const words =
    before.length + after.length > LONGEST
      ? undefined
      : diffWordsWithSpace(before, after, { timeout: PATIENCE });
  return (
    words ??
    diffLines(before, after, { timeout: PATIENCE }) ?? [whole(before, 'removed'), whole(after, 'added')]
  );
}

function whole(value: string, what: 'added' | 'removed'): ChangeObject<string> {
  return { value, count: 1, added: what === 'added', removed: what === 'removed' };
}
