// Whether the judges can be believed, and what the scores bear out: the tables of `report --stats`.
import { route } from '../../frame/route.ts';
import { useDocument } from '../../frame/source.ts';
import { Choice } from '../../parts/fields.tsx';
import { Problems } from '../../parts/problems.tsx';

type Cell = string | number | null;

interface StatisticsDocument {
  readonly evaluations: number;
  readonly scored: number;
  readonly tables: readonly {
    readonly name: string;
    readonly title: string;
    readonly columns: readonly { readonly name: string; readonly kind: string }[];
    readonly rows: readonly (readonly Cell[])[];
    readonly total: number;
  }[];
}

export function JudgesScreen(): preact.JSX.Element {
  const cohort = route.value.words.get('cohort') ?? undefined;
  const { data, problems, busy } = useDocument<StatisticsDocument>('statistics', { cohort });
  const cohorts = useDocument<{ readonly cohorts: readonly string[] }>('matrix', { most: 1 }, 'nothing').data
    ?.cohorts;
  return (
    <section aria-busy={busy}>
      <h1 class="quiet">Judges and statistics</h1>
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
      {data === undefined ? (
        <p class="muted">…</p>
      ) : (
        data.tables.map(({ name, title, columns, rows, total }) => (
          <section key={name}>
            <h2>{name}</h2>
            <p class="muted">
              {title}
              {total > rows.length ? ` (the first ${rows.length} of ${total})` : ''}
            </p>
            {rows.length === 0 ? (
              <p>Nothing.</p>
            ) : (
              <div class="frame short" tabIndex={0} role="region" aria-label={name}>
                <table class="plain">
                  <thead>
                    <tr>
                      {columns.map((column) => (
                        <th
                          key={column.name}
                          scope="col"
                          class={column.kind === 'text' ? undefined : 'number'}
                        >
                          {column.name.replaceAll('_', ' ')}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((row, place) => (
                      <tr key={place}>
                        {row.map((cell, at) => (
                          <td key={at} class={columns[at]?.kind === 'text' ? undefined : 'number'}>
                            {cell}
                          </td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </section>
        ))
      )}
    </section>
  );
}
