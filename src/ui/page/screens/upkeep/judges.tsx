// Whether the judges can be believed, and what the scores bear out: the tables of `report --stats`.
import { route } from '../../frame/route.ts';
import { useDocument } from '../../frame/source.ts';
import { Choice } from '../../parts/fields.tsx';
import { Patience } from '../../parts/patience.tsx';
import { Caution, Problems } from '../../parts/problems.tsx';
import { SortableTable } from '../../parts/sortable.tsx';
import type { ShownTable } from '../../../documents/shown.ts';

interface StatisticsDocument {
  readonly evaluations: number;
  readonly scored: number;
  /** What has to be known of all of them; a page on disk says it above every screen. */
  readonly caution?: string;
  readonly tables: readonly ShownTable[];
}

export function JudgesScreen(): preact.JSX.Element {
  const cohort = route.value.words.get('cohort') ?? undefined;
  const { data, problems, busy } = useDocument<StatisticsDocument>('statistics', { cohort });
  const cohorts = useDocument<{ readonly cohorts: readonly string[] }>('matrix', { most: 1 }, 'nothing').data
    ?.cohorts;
  return (
    <section aria-busy={busy}>
      <h1>Judges and statistics</h1>
      {(cohorts?.length ?? 0) > 1 ? (
        <form class="fields" onSubmit={(event) => event.preventDefault()}>
          <Choice
            label="cohort"
            name="cohort"
            otherwise=""
            options={[['', 'all cohorts'], ...(cohorts ?? [])]}
          />
        </form>
      ) : undefined}
      <Problems problems={problems} />
      <Caution text={data?.caution} />
      {data === undefined ? (
        <Patience what="Every score is compared with every other" />
      ) : (
        data.tables.map((each) => (
          <section key={each.name}>
            <h2>{titleOf(each.name)}</h2>
            {each.rows.length === 0 ? <p>Nothing.</p> : <SortableTable {...each} />}
          </section>
        ))
      )}
    </section>
  );
}

function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}
