// The pipeline as it is: combos and templates, stage by stage, with how many generations each has and how they stand; and the cohorts.
import { addressOf } from '../frame/route.ts';
import { useDocument } from '../frame/source.ts';
import { count, State } from '../parts/numbers.tsx';
import { Problems } from '../parts/problems.tsx';
import type { MapNode, PipelineMap } from '../../../api/view/map.ts';

const STAGES = ['draft', 'essay', 'evaluation'] as const;

export function MapScreen(): preact.JSX.Element {
  const { data, problems, busy } = useDocument<PipelineMap>('map', {});
  return (
    <section aria-busy={busy}>
      <h1 class="quiet">Map</h1>
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
          </div>
          <h2>Cohorts</h2>
          <table class="plain narrow">
            <thead>
              <tr>
                <th scope="col">cohort</th>
                {STAGES.map((stage) => (
                  <th key={stage} scope="col" class="number">
                    {stage}s
                  </th>
                ))}
                <th scope="col">scores</th>
              </tr>
            </thead>
            <tbody>
              {data.cohorts.map(({ id, members }) => (
                <tr key={id}>
                  <th scope="row">
                    <a href={addressOf('generations', { select: `cohort:${id}` })}>{id}</a>
                  </th>
                  {STAGES.map((stage) => (
                    <td key={stage} class="number">
                      {members[stage].toLocaleString('en')}
                    </td>
                  ))}
                  <td>
                    <a href={addressOf('matrix', { cohort: id })}>matrix</a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
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
