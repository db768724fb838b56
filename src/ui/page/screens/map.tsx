// The pipeline as it is: combos and templates, stage by stage, with how many generations each has and how they stand; and the cohorts.
import { addressOf, route } from '../frame/route.ts';
import { useDocument } from '../frame/source.ts';
import { Head } from '../parts/head.tsx';
import { count, State } from '../parts/numbers.tsx';
import { Problems, Told } from '../parts/problems.tsx';
import { GenerationList } from './generations.tsx';
import type { MapNode, PipelineMap } from '../../../api/view/map.ts';

const STAGES = ['draft', 'essay', 'evaluation'] as const;

export function MapScreen(): preact.JSX.Element {
  const { data, problems, busy } = useDocument<PipelineMap>('map', {});
  return (
    <section aria-busy={busy}>
      <h1>Map</h1>
      <Problems problems={problems} />
      {data === undefined ? undefined : (
        <>
          <div class="map">
            <section>
              <h2>from</h2>
              <div class="node">
                <b>{count(data.combos, 'combo')}</b>
                <br />
                <span class="muted">of {count(data.concepts, 'concept')}</span>
              </div>
            </section>
            {STAGES.map((stage) => (
              <section key={stage}>
                <h2>{stage}</h2>
                {data.nodes.map((node, place) =>
                  node.stage === stage ? (
                    <Node key={node.template} node={node} place={place} map={data} />
                  ) : undefined,
                )}
              </section>
            ))}
            <section>
              <h2>tables</h2>
              <div class="node">
                <a href={addressOf('matrix')}>scores</a>, <a href={addressOf('plots')}>plots</a>,{' '}
                <a href={addressOf('judges')}>statistics</a>, <a href={addressOf('runs')}>runs and cost</a>
                <br />
                <span class="muted small">
                  <Told text="`daydream report` and `daydream export` write them as files" />
                </span>
              </div>
            </section>
          </div>
          <Cohorts cohorts={data.cohorts} />
        </>
      )}
    </section>
  );
}

function Cohorts({ cohorts }: { readonly cohorts: PipelineMap['cohorts'] }): preact.JSX.Element {
  const asked = route.value.words.get('cohort');
  const chosen = cohorts.find(({ id }) => id === asked) ?? cohorts[0];
  return (
    <>
      <h2>Cohorts</h2>
      <div class="frame" tabIndex={0} role="region" aria-label="Cohorts">
        <table class="plain">
          <Head
            titles={[
              'cohort',
              ['drafts', 'number'],
              ['essays', 'number'],
              ['evaluations', 'number'],
              'spec and rows',
              'scores',
            ]}
          />
          <tbody>
            {cohorts.map(({ id, members }) => (
              <tr key={id}>
                <th scope="row">{id}</th>
                {STAGES.map((stage) => (
                  <td key={stage} class="number">
                    <a href={addressOf('generations', { select: `cohort:${id},stage:${stage}` })}>
                      {members[stage].toLocaleString('en')}
                    </a>
                  </td>
                ))}
                <td>
                  {id === chosen?.id ? (
                    <span class="muted">below</span>
                  ) : (
                    <a href={addressOf('map', { cohort: id })}>show</a>
                  )}
                </td>
                <td>
                  <a href={addressOf('matrix', { cohort: id })}>matrix</a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {chosen === undefined ? undefined : <SpecBesideRows key={chosen.id} cohort={chosen.id} />}
    </>
  );
}

interface Spec {
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** What somebody wrote, and what has come of it. */
function SpecBesideRows({ cohort }: { readonly cohort: string }): preact.JSX.Element {
  const { data, problems } = useDocument<Spec>('spec', { cohort });
  return (
    <>
      <h2>{cohort}: its spec, and its rows</h2>
      <Problems problems={problems} />
      <div class="beside">
        <div>
          {data?.files.map(({ path, text }, place) => (
            <details key={path} open={place === 0}>
              <summary>{path}</summary>
              <div class="text code" tabIndex={0} role="region" aria-label={path}>
                {text}
              </div>
            </details>
          ))}
        </div>
        <div>
          <GenerationList select={`cohort:${cohort}`} label={`Rows of ${cohort}`} />
        </div>
      </div>
    </>
  );
}

interface NodeInput {
  readonly node: MapNode;
  readonly place: number;
  readonly map: PipelineMap;
}

function Node({ node, place, map }: NodeInput): preact.JSX.Element {
  const made = map.edges.filter(({ to }) => to === place);
  return (
    <div class="node">
      <a href={addressOf('template', { template: node.template, stage: node.stage })}>
        <b>{node.template}</b>
      </a>{' '}
      <a
        class="muted"
        href={addressOf('generations', { select: `stage:${node.stage},template:${node.template}` })}
      >
        {node.count.toLocaleString('en')}
      </a>
      <br />
      {Object.entries(node.states).map(([state, many]) => (
        <span key={state}>
          {many.toLocaleString('en')} <State state={state} />{' '}
        </span>
      ))}
      <br />
      <span class="muted small">{node.models.join(', ')}</span>
      {made.length === 0 ? undefined : (
        <>
          <br />
          <span class="muted small">
            from{' '}
            {made.map(({ from, count: many }) => `${map.nodes[from]?.template ?? ''} (${many})`).join(', ')}
          </span>
        </>
      )}
    </div>
  );
}
