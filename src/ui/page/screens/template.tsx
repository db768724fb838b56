// One template live: as it is saved in one's own editor, the prompt that it gives for a generation of one's choice, what becomes stale and
// what that would cost; a few of them first, old beside new, then the rest.
import { useState } from 'preact/hooks';
import { addressOf, amend, route } from '../frame/route.ts';
import { getDocument, useDocument } from '../frame/source.ts';
import { BuildProgress, isOn, useBuild, useBuilding } from '../parts/build.tsx';
import { Choice } from '../parts/fields.tsx';
import { between, count, score, State } from '../parts/numbers.tsx';
import { Problems } from '../parts/problems.tsx';
import { differencesOf, DiffView, TextView } from '../parts/texts.tsx';
import type { GenerationPage, ListedGeneration, TextPiece } from '../../../api/view/generation.ts';
import type { PipelineMap } from '../../../api/view/map.ts';
import type { PlanPage } from '../../../api/view/plan.ts';

interface Prompt {
  readonly genId: string;
  readonly recorded: string | null;
  readonly now: string | null;
  readonly problem: string | null;
}

export function TemplateScreen(): preact.JSX.Element {
  const { words } = route.value;
  const map = useDocument<PipelineMap>('map', {}).data;
  const first = map?.nodes[0];
  const stage = words.get('stage') ?? first?.stage ?? '';
  const name = words.get('template') ?? first?.template ?? '';
  const chosen = `${stage}/${name}`;
  const isThere = map?.nodes.some((node) => node.stage === stage && node.template === name);
  return (
    <section>
      <h1>Template</h1>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <label class="field">
          <span>template</span>
          <select value={chosen} onChange={onChange}>
            {map === undefined || isThere ? undefined : (
              <option value={chosen}>{chosen}: of no generation</option>
            )}
            {map?.nodes.map((node) => (
              <option key={`${node.stage}/${node.template}`} value={`${node.stage}/${node.template}`}>
                {node.stage} · {node.template}
              </option>
            ))}
          </select>
        </label>
        {name === '' || isThere === false ? undefined : <Chosen stage={stage} name={name} />}
      </form>
      {isThere === false ? <p class="empty">No generation is made with such a template.</p> : undefined}
      {name === '' || isThere === false ? undefined : (
        <Live key={chosen} select={`stage:${stage},template:${name}`} below={`template:${name}+`} />
      )}
    </section>
  );
}

function onChange(event: Event): void {
  const [stage, ...rest] = (event.currentTarget as HTMLSelectElement).value.split('/');
  amend({ stage, template: rest.join('/'), id: undefined });
}

function Chosen({ stage, name }: { readonly stage: string; readonly name: string }): preact.JSX.Element {
  const { data } = useDocument<GenerationPage>('generations', {
    select: `stage:${stage},template:${name}`,
    most: 200,
  });
  const options = (data?.generations ?? []).map(
    ({ genId, combo, model, replicate }) => [genId, `${combo} · ${model} · ${replicate}`] as const,
  );
  return <Choice label="for" name="id" otherwise={data?.generations[0]?.genId ?? ''} options={options} />;
}

function Live({ select, below }: { readonly select: string; readonly below: string }): preact.JSX.Element {
  const page = useDocument<GenerationPage>('generations', { select, most: 200 });
  const plan = useDocument<PlanPage>('plan', { select: below, most: 1 });
  const id = route.value.words.get('id') ?? page.data?.generations[0]?.genId;
  const build = useBuild();
  return (
    <>
      <Problems problems={[...page.problems, ...plan.problems]} />
      {build === null || !isOn(build) ? undefined : <BuildProgress build={build} />}
      {plan.data === undefined ? undefined : (
        <p class="lead" role="status">
          {plan.data.toRun === 0
            ? 'Everything that is made with it is current.'
            : `${count(plan.data.toRun, 'generation')} to run, ${between(plan.data.price.lower, plan.data.price.upper)}. `}
          {plan.data.toRun === 0 ? undefined : <a href={addressOf('plan', { select: below })}>the plan</a>}
        </p>
      )}
      {page.data === undefined ? undefined : <Sample generations={page.data.generations} />}
      {id === undefined ? undefined : <PromptNow id={id} />}
    </>
  );
}

function PromptNow({ id }: { readonly id: string }): preact.JSX.Element {
  const { data, problems } = useDocument<Prompt>('prompt', { id });
  return (
    <section>
      <h2>
        The prompt of <a href={addressOf('generation', { id })}>{id}</a>
      </h2>
      <Problems problems={problems} />
      {data === undefined ? undefined : <PromptText prompt={data} />}
    </section>
  );
}

function PromptText({
  prompt: { genId, recorded, now, problem },
}: {
  readonly prompt: Prompt;
}): preact.JSX.Element {
  if (now === null) return <p class="bad">{problem}</p>;
  if (recorded !== null && recorded !== now)
    return (
      <>
        <p class="muted">Marked where it differs from the prompt that was sent.</p>
        <DiffView
          before={recorded}
          after={now}
          label={`prompt of ${genId}, as sent and as it would be now`}
        />
      </>
    );
  return (
    <>
      <p class="muted">{recorded === null ? 'Nothing was sent yet.' : 'As it was sent.'}</p>
      <div class="text code" dir="auto" tabIndex={0} role="region" aria-label={`prompt of ${genId}`}>
        {now}
      </div>
    </>
  );
}

interface Before {
  readonly genId: string;
  readonly text: string;
}

/** A few of those that are stale are made first, with what is judged below them; what they were stands beside what they become. */
function Sample({
  generations,
}: {
  readonly generations: readonly ListedGeneration[];
}): preact.JSX.Element | null {
  const [size, setSize] = useState(2);
  const [before, setBefore] = useState<readonly Before[]>([]);
  const { start, problems } = useBuilding();
  const build = useBuild();
  const stale = generations.filter(({ state }) => state === 'stale' || state === 'missing');
  const make = async (): Promise<void> => {
    const some = spread(stale, size);
    const texts = await Promise.all(
      some.map(async ({ genId }) => {
        const { text } = await getDocument<TextPiece>('text', { id: genId });
        return { genId, text: text ?? '' };
      }),
    );
    setBefore(texts);
    start({ select: some.map(({ genId }) => `${genId}+`) });
  };
  return (
    <>
      {stale.length === 0 ? undefined : (
        <p class="line">
          <button type="button" class="primary" disabled={isOn(build)} onClick={() => void make()}>
            make a sample first
          </button>
          <label>
            of{' '}
            <input
              type="number"
              min={1}
              max={20}
              value={size}
              onInput={(event) => setSize(Math.max(1, Number(event.currentTarget.value)))}
              aria-label="size of the sample"
            />
          </label>
        </p>
      )}
      <Problems problems={problems} />
      {before.map((each) => (
        <OldAndNew
          key={each.genId}
          before={each}
          now={generations.find(({ genId }) => genId === each.genId)}
        />
      ))}
    </>
  );
}

/** One of each combo and model, then a second of each. */
function spread(generations: readonly ListedGeneration[], size: number): readonly ListedGeneration[] {
  const seen = new Map<string, number>();
  return generations
    .map((each) => {
      const kind = `${each.combo} ${each.model}`;
      const turn = seen.get(kind) ?? 0;
      seen.set(kind, turn + 1);
      return { each, turn };
    })
    .sort((a, b) => a.turn - b.turn)
    .slice(0, size)
    .map(({ each }) => each);
}

function OldAndNew({
  before,
  now,
}: {
  readonly before: Before;
  readonly now: ListedGeneration | undefined;
}): preact.JSX.Element {
  const { data } = useDocument<TextPiece>('text', { id: before.genId });
  const text = data?.text ?? '';
  const changes = differencesOf(before.text, text);
  const reading = { size: 0, next: null, problems: [], more: () => {} };
  return (
    <section>
      <h2>
        <a href={addressOf('generation', { id: before.genId })}>{before.genId}</a>{' '}
        {now === undefined ? undefined : <State state={now.state} />}{' '}
        {now?.score === null ? '' : score(now?.score)}
      </h2>
      <div class="texts of-2">
        <TextView
          reading={{ ...reading, text: before.text }}
          label={`${before.genId} before`}
          as="prose"
          changes={changes}
          side="before"
        />
        <TextView
          reading={{ ...reading, text }}
          label={`${before.genId} now`}
          as="prose"
          changes={changes}
          side="after"
        />
      </div>
    </section>
  );
}
