// What a report was made from: what it cost, how many generations there were and how they stood, settings, and the files of its cohorts.
import { useDocument } from '../../frame/source.ts';
import { Head } from '../../parts/head.tsx';
import { Problems } from '../../parts/problems.tsx';
import { SortableTable } from '../../parts/sortable.tsx';
import type { Origin } from '../../../export/exportdata.ts';

export function OriginScreen(): preact.JSX.Element {
  const { data, problems } = useDocument<Origin>('origin', {}, 'nothing');
  return (
    <section>
      <h1>Cost and origin</h1>
      <Problems problems={problems} />
      {data === undefined ? undefined : <Known data={data} />}
    </section>
  );
}

function Known({
  data: { costs, members, settings, sources },
}: {
  readonly data: Origin;
}): preact.JSX.Element {
  return (
    <>
      <h2>Cost</h2>
      {costs.total === 0 ? (
        <p>No call to a provider is on record for these generations.</p>
      ) : (
        <SortableTable {...costs} />
      )}
      <h2>Membership</h2>
      <table class="plain narrow">
        <Head titles={['cohort', 'stage', ['generations', 'number'], ['current', 'number']]} />
        <tbody>
          {members.map((each) => (
            <tr key={`${each.cohort} ${each.stage}`}>
              <th scope="row">{each.cohort}</th>
              <td>{each.stage}</td>
              <td class="number">{each.members}</td>
              <td class="number">{each.current}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>Settings</h2>
      <dl class="facts">
        {settings.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h2>Files</h2>
      {sources.map(({ path, text }) => (
        <details key={path}>
          <summary>{path}</summary>
          <div class="text code" tabIndex={0} role="region" aria-label={path}>
            {text}
          </div>
        </details>
      ))}
    </>
  );
}
