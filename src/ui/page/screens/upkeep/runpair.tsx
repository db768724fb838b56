// Two builds side by side: what each made and cost, and which texts and scores are different since.
import { addressOf, route } from '../../frame/route.ts';
import { useDocument } from '../../frame/source.ts';
import { Head } from '../../parts/head.tsx';
import { score, seconds, signed, unknownOf, usd } from '../../parts/numbers.tsx';
import { Problems, Told } from '../../parts/problems.tsx';
import type { Kept, RunPair, RunSide } from '../../../../api/reading/runpair.ts';

export function RunPairScreen(): preact.JSX.Element {
  const [a, b] = ['a', 'b'].map((name) => route.value.words.get(name) ?? '');
  const { data, problems, busy } = useDocument<RunPair>('runpair', { a, b }, 'money');
  return (
    <section aria-busy={busy}>
      <h1>Two builds</h1>
      <Problems problems={problems} />
      {data === undefined ? undefined : <Sides data={data} />}
      {data === undefined ? undefined : data.kept === null ? (
        <p class="muted">
          <Told text="Of one of them no texts and scores are on record: a build with a `--tag` keeps them." />
        </p>
      ) : (
        <KeptView kept={data.kept} />
      )}
    </section>
  );
}

const LINES: readonly (readonly [string, (run: RunSide) => string])[] = [
  ['command', ({ command }) => command],
  ['started', ({ started }) => started.slice(0, 19).replace('T', ' ')],
  ['took', ({ durationMs }) => seconds(durationMs)],
  [
    'tags',
    ({ tags }) =>
      Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
  ],
  ['USD', ({ cost, spent }) => usd(cost, unknownOf(spent))],
  ['failed', ({ failed }) => String(failed)],
  ['blocked', ({ blocked }) => String(blocked)],
  ['left', ({ left }) => String(left)],
];

function Sides({ data: { a, b, made } }: { readonly data: RunPair }): preact.JSX.Element {
  return (
    <div class="frame" tabIndex={0} role="region" aria-label="The two builds">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">
              <span class="hidden">what</span>
            </th>
            <th scope="col">{a.id}</th>
            <th scope="col">{b.id}</th>
          </tr>
        </thead>
        <tbody>
          {LINES.map(([name, of]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{of(a)}</td>
              <td>{of(b)}</td>
            </tr>
          ))}
          {made.map((each) => (
            <tr key={each.stage}>
              <th scope="row">
                {each.stage}s made <span class="muted">({each.both} by both)</span>
              </th>
              <td>{each.a}</td>
              <td>{each.b}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function KeptView({ kept }: { readonly kept: Kept }): preact.JSX.Element {
  const { stages, scored, meanA, meanB, scores, differ } = kept;
  return (
    <>
      <table class="plain narrow">
        <caption>Texts, as they were when each build ended</caption>
        <Head
          titles={['stage', ['same', 'number'], ['changed', 'number'], ['new', 'number'], ['gone', 'number']]}
        />
        <tbody>
          {stages.map(({ stage, same, changed, added, gone }) => (
            <tr key={stage}>
              <th scope="row">{stage}</th>
              {[same, changed, added, gone].map((many, at) => (
                <td key={at} class="number">
                  {many}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        Mean of the {scored.toLocaleString('en')} scores that both have: {score(meanA)}, then {score(meanB)}
        {meanA === null || meanB === null ? '' : ` (${signed(meanB - meanA)})`}; {differ} differ.
      </p>
      {scores.length === 0 ? undefined : (
        <div class="frame short" tabIndex={0} role="region" aria-label="Scores that differ">
          <table class="plain">
            <caption>Scores that differ most</caption>
            <Head
              titles={['evaluation', ['first', 'number'], ['second', 'number'], ['difference', 'number']]}
            />
            <tbody>
              {scores.map(({ genId, a, b }) => (
                <tr key={genId}>
                  <th scope="row">
                    <a class="id" href={addressOf('generation', { id: genId })}>
                      {genId}
                    </a>
                  </th>
                  <td class="number">{score(a)}</td>
                  <td class="number">{score(b)}</td>
                  <td class="number">{signed(b - a)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
