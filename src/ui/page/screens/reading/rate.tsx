// Texts without names, in an order that is drawn: a person says by key what they think of one, or which of two is better. It is kept where
// `daydream rate` keeps it.
import { useState } from 'preact/hooks';
import { route } from '../../frame/route.ts';
import { useKeys } from '../../frame/keys.ts';
import { post, problemsIn, useDocument, type PageProblem } from '../../frame/source.ts';
import { Choice, TextField } from '../../parts/fields.tsx';
import { count } from '../../parts/numbers.tsx';
import { Problems } from '../../parts/problems.tsx';
import { TextView, type Reading } from '../../parts/texts.tsx';
import type { RatingAnswer, RatingSheet, RatingTask } from '../../../../api/rating.ts';
import type { MatrixReport } from '../../../../scores/book/matrixreport.ts';

export function RateScreen(): preact.JSX.Element {
  const { words } = route.value;
  const [turn, again] = useState(0);
  const query = Object.fromEntries(
    ['cohort', 'rubric', 'rater', 'kind'].map((name) => [name, words.get(name) ?? undefined] as const),
  );
  const { data, problems, busy } = useDocument<RatingSheet>('rating', { ...query, turn }, 'nothing');
  const choices = useDocument<MatrixReport>('matrix', { most: 1 }, 'nothing').data;
  return (
    <section aria-busy={busy} class="reader">
      <h1>Rate</h1>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label="give"
          name="kind"
          otherwise="score"
          options={[
            ['score', 'a score to one text'],
            ['preference', 'the better of two'],
          ]}
        />
        <Choice
          label="by rubric"
          name="rubric"
          otherwise=""
          options={[['', 'any rubric'], ...(choices?.choices.rubric ?? [])]}
        />
        <TextField label="your name" name="rater" placeholder={data?.rater ?? ''} />
      </form>
      <Problems problems={[...problems, ...(data?.problems ?? [])]} />
      {data === undefined || problems.length > 0 ? undefined : (
        <Sheet key={`${data.kind} ${data.rater} ${turn}`} sheet={data} more={() => again(turn + 1)} />
      )}
    </section>
  );
}

interface SheetInput {
  readonly sheet: RatingSheet;
  /** Asks for the next questions. */
  readonly more: () => void;
}

function Sheet({ sheet, more }: SheetInput): preact.JSX.Element {
  const [at, turnTo] = useState(0);
  const [failed, setFailed] = useState<readonly PageProblem[]>([]);
  const { tasks, rater, kind, open, answered } = sheet;
  const task = tasks[at];
  const give = (answer: RatingAnswer): void => {
    if (task === undefined) return;
    const { rubric, texts } = task;
    const named = texts.map(({ genId, digest }) => ({ genId, digest }));
    post('rate', { rater, task: { rubric, texts: named }, answer }).then(
      () => {
        setFailed([]);
        return at + 1 === tasks.length && open > tasks.length ? more() : turnTo(at + 1);
      },
      (error: unknown) => setFailed(problemsIn(error)),
    );
  };
  const back = (): void => turnTo(Math.max(0, at - 1));
  useRatingKeys(kind, give, back);
  return (
    <>
      <p class="line" role="status">
        {task === undefined
          ? `Nothing is left to rate: ${count(answered + at, 'answer')} by ${rater}.`
          : `${answered + at + 1} of ${answered + open}, by the rubric ${task.rubric}, as ${rater}`}
        {at > 0 ? (
          <button type="button" class="act" title="b" onClick={back}>
            back
          </button>
        ) : undefined}
      </p>
      <Problems problems={failed} />
      {task === undefined ? undefined : <Task key={at} task={task} sheet={sheet} give={give} />}
    </>
  );
}

interface TaskInput {
  readonly task: RatingTask;
  readonly sheet: RatingSheet;
  readonly give: (answer: RatingAnswer) => void;
}

function Task({ task: { rubric, texts }, sheet: { kind, rubrics }, give }: TaskInput): preact.JSX.Element {
  return (
    <>
      <p class="answers">
        {kind === 'preference' ? <Preferences give={give} /> : <Scores give={give} />}
        <button type="button" title="s" onClick={() => give('skip')}>
          skip
        </button>
      </p>
      <div class={`texts of-${texts.length}`}>
        {texts.map(({ text }, place) => (
          <article key={place}>
            {texts.length === 2 ? <h2>{place === 0 ? 'First' : 'Second'}</h2> : undefined}
            <TextView reading={whole(text)} label={`text ${place + 1}`} as="prose" />
          </article>
        ))}
      </div>
      <details>
        <summary>The rubric</summary>
        <TextView
          reading={whole(rubrics.find(({ id }) => id === rubric)?.text ?? '')}
          label="the rubric"
          as="code"
        />
      </details>
    </>
  );
}

function whole(text: string): Reading {
  return { text, size: text.length, next: null, problems: [], more: () => {} };
}

type Give = TaskInput['give'];

function Preferences({ give }: { readonly give: Give }): preact.JSX.Element {
  return (
    <>
      <button type="button" title="1" onClick={() => give('first')}>
        the first is better
      </button>
      <button type="button" title="2" onClick={() => give('second')}>
        the second is better
      </button>
      <button type="button" title="=" onClick={() => give('neither')}>
        neither
      </button>
      <span class="muted key">1 the first, 2 the second, = neither, s skips, b goes back.</span>
    </>
  );
}

function Scores({ give }: { readonly give: Give }): preact.JSX.Element {
  const [typed, type] = useState('');
  const value = Number(typed.replace(',', '.'));
  const fits = typed.trim() !== '' && Number.isFinite(value);
  return (
    <>
      {Array.from({ length: 11 }, (_, each) => (
        <button
          key={each}
          type="button"
          title={each < 10 ? String(each) : undefined}
          onClick={() => give(each)}
        >
          {each}
        </button>
      ))}
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          if (fits) give(value);
        }}
      >
        <input
          type="text"
          inputMode="decimal"
          size={5}
          value={typed}
          aria-label="another score, then Enter"
          placeholder="6.5"
          onInput={(event) => type(event.currentTarget.value)}
        />
      </form>
      <span class="muted key">0 to 9 by key, s skips, b goes back.</span>
    </>
  );
}

const CHOICES: Readonly<Record<string, RatingAnswer>> = { '1': 'first', '2': 'second', '=': 'neither' };

function useRatingKeys(kind: RatingSheet['kind'], give: Give, back: () => void): void {
  useKeys(({ key, repeat }) => {
    if (repeat) return;
    const answer =
      key === 's'
        ? 'skip'
        : kind === 'preference'
          ? CHOICES[key]
          : /^\d$/.test(key)
            ? Number(key)
            : undefined;
    if (answer !== undefined) give(answer);
    else if (key === 'b') back();
  });
}
