// The head of a table: what its columns are called. Knows no table.

/** `number`: its cells are numbers. `hidden`: only read out. */
type Title = string | readonly [title: string, kind: 'number' | 'hidden'];

export function Head({ titles }: { readonly titles: readonly Title[] }): preact.JSX.Element {
  return (
    <thead>
      <tr>
        {titles.map((each) => {
          const [title, kind] = typeof each === 'string' ? [each, undefined] : each;
          return (
            <th key={title} scope="col" class={kind === 'number' ? 'number' : undefined}>
              {kind === 'hidden' ? <span class="hidden">{title}</span> : title}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
