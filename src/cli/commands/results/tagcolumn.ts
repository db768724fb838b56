// A table with a column for the tags of the builds that covered each line. Knows no particular table.
import { tagsOf, textIn } from '../../../engine/project/tags.ts';
import type { Session } from '../../../engine/project/session.ts';
import { problem, ProblemError } from '../../../problem.ts';
import type { Table } from '../../../report/tables/table.ts';

/** Where a table names generations: itself, or the essay that a line is about. */
const ID_COLUMNS = ['gen_id', 'essay_gen_id', 'parent_gen_id'];

export function withTags({ columns, rows }: Table, session: Session): Table {
  const names = columns.map(({ name }) => name);
  const place = ID_COLUMNS.map((name) => names.indexOf(name)).find((at) => at >= 0);
  if (place === undefined)
    throw new ProblemError([
      problem('DD102', 'the lines of this table are about no single generation, so they have no tags', {
        place: { field: '--with-tags' },
      }),
    ]);
  const { layout, structure } = session.loaded;
  const tags = tagsOf(layout, structure, textIn(session));
  return {
    columns: [...columns, { name: 'tags', kind: 'text' }],
    rows: rows.map((row) => [...row, (tags.get(String(row[place] ?? '')) ?? []).join(' ')]),
  };
}
