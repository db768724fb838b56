// Every generation, a line each: what selectors mean, in the order of the rows. Any number of them scrolls.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { addressOf, route } from '../frame/route.ts';
import { asked } from '../frame/live.ts';
import { AGAIN, getDocument, problemsIn, useDocument, wasLost, type PageProblem } from '../frame/source.ts';
import { TextField } from '../parts/fields.tsx';
import { count, score, State } from '../parts/numbers.tsx';
import { Problems } from '../parts/problems.tsx';
import { VirtualList } from '../parts/virtual.tsx';
import type { GenerationPage, ListedGeneration } from '../../../api/view/generation.ts';

const PAGE = 200;
const LINE = 30;

export function GenerationsScreen(): preact.JSX.Element {
  const select = route.value.words.get('select') ?? '';
  const offers = useDocument<{ readonly words: readonly string[] }>('selectors', {}, 'nothing').data?.words;
  return (
    <section class="tall">
      <h1>Generations</h1>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <TextField
          label="selectors"
          name="select"
          placeholder="stage:essay,state:stale or d_…+ or template:rolling-*"
          offers={offers ?? []}
        />
      </form>
      <GenerationList select={select} label="Generations" />
    </section>
  );
}

/** All that selectors mean, with how many they are. */
export function GenerationList({
  select,
  label,
}: {
  readonly select: string;
  readonly label: string;
}): preact.JSX.Element {
  const { total, problems, lineAt, onSeen } = usePages(select);
  return (
    <>
      <Problems problems={problems} />
      <p class="line" role="status">
        {total === undefined ? '' : count(total, 'generation')}
      </p>
      <VirtualList
        label={label}
        total={total ?? 0}
        height={LINE}
        onSeen={onSeen}
        line={(place) => <Line generation={lineAt(place)} />}
      />
    </>
  );
}

function Line({ generation }: { readonly generation: ListedGeneration | undefined }): preact.JSX.Element {
  if (generation === undefined) return <span class="muted">…</span>;
  const { genId, stage, state, template, model, combo, replicate, why } = generation;
  return (
    <a class="generation" href={addressOf('generation', { id: genId })}>
      <span class="id">{genId}</span>
      <span>{stage}</span>
      <State state={state} />
      <span>{template}</span>
      <span>{model}</span>
      <span>{combo}</span>
      <span class="number">{replicate}</span>
      <span class="number">{generation.score === null ? '' : score(generation.score)}</span>
      <span class="muted">{why.join(', ')}</span>
    </a>
  );
}

interface Pages {
  readonly total: number | undefined;
  readonly problems: readonly PageProblem[];
  readonly lineAt: (place: number) => ListedGeneration | undefined;
  readonly onSeen: (from: number, to: number) => void;
}

/** Pages that were looked at. What was seen stays in sight while it is asked for again. */
function usePages(select: string): Pages {
  const turn = asked('generations');
  const pages = useRef(new Map<number, readonly ListedGeneration[]>());
  const under = useRef(new Set<number>());
  const seen = useRef<readonly [number, number]>([0, 0]);
  const [total, setTotal] = useState<number>();
  const [problems, setProblems] = useState<readonly PageProblem[]>([]);
  const [, draw] = useState(0);
  const fetchPage = useCallback(
    async (page: number): Promise<void> => {
      if (under.current.has(page)) return;
      const asking = under.current;
      asking.add(page);
      try {
        const given = await getDocument<GenerationPage>('generations', {
          select,
          from: page * PAGE,
          most: PAGE,
        });
        if (asking !== under.current) return;
        pages.current.set(page, given.generations);
        setTotal(given.total);
        setProblems([]);
      } catch (error) {
        setProblems(problemsIn(error));
        if (asking !== under.current || !wasLost(error)) return;
        asking.delete(page);
        setTimeout(() => {
          if (asking === under.current) void fetchPage(page);
        }, AGAIN);
      } finally {
        draw((each) => each + 1);
      }
    },
    [select, turn],
  );
  const onSeen = useCallback(
    (from: number, to: number): void => {
      seen.current = [from, to];
      for (let page = Math.floor(from / PAGE); page <= Math.floor(to / PAGE); page++) void fetchPage(page);
    },
    [fetchPage],
  );
  useEffect(() => {
    pages.current = new Map();
  }, [select]);
  useEffect(() => {
    under.current = new Set();
    onSeen(...seen.current);
  }, [onSeen]);
  return {
    total,
    problems,
    lineAt: (place) => pages.current.get(Math.floor(place / PAGE))?.[place % PAGE],
    onSeen,
  };
}
