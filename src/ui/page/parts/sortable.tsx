// A table that its heads sort: numbers from the greatest, words from the first; once more, the other way. Blanks come last. Knows no table.
import { useState } from 'preact/hooks';
import type { ShownTable } from '../../documents/shown.ts';

type Cell = string | number | null;

interface Order {
  readonly at: number;
  readonly direction: 'ascending' | 'descending';
}

export function SortableTable({ name, title, columns, rows, total }: ShownTable): preact.JSX.Element {
  const [order, sort] = useState<Order>();
  const more = total - rows.length;
  const turn = (at: number): void => {
    const first = columns[at]?.kind === 'text' ? 'ascending' : 'descending';
    const other = first === 'ascending' ? 'descending' : 'ascending';
    sort({ at, direction: order?.at === at && order.direction === first ? other : first });
  };
  return (
    <div class="frame short" tabIndex={0} role="region" aria-label={name}>
      <table class="plain">
        <caption>
          {title}
          {more > 0 ? ` (the first of each kind; ${more} more are in the tables)` : ''}
        </caption>
        <thead>
          <tr>
            {columns.map((column, at) => (
              <th
                key={column.name}
                scope="col"
                class={column.kind === 'text' ? undefined : 'number'}
                aria-sort={order?.at === at ? order.direction : undefined}
              >
                <button type="button" class="head" onClick={() => turn(at)}>
                  {column.name.replaceAll('_', ' ')}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(rows, order).map((row, place) => (
            <tr key={place}>
              {row.map((cell, at) => (
                <td key={at} class={columns[at]?.kind === 'text' ? undefined : 'number'}>
                  {shown(cell, columns[at]?.kind)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sorted(rows: ShownTable['rows'], order: Order | undefined): ShownTable['rows'] {
  if (order === undefined) return rows;
  const sign = order.direction === 'ascending' ? 1 : -1;
  return rows.toSorted((x, y) => {
    const [a, b] = [x[order.at] ?? null, y[order.at] ?? null];
    if (isBlank(a) || isBlank(b)) return Number(isBlank(a)) - Number(isBlank(b));
    return (
      sign *
      (typeof a === 'number' && typeof b === 'number'
        ? a - b
        : String(a) < String(b)
          ? -1
          : String(a) > String(b)
            ? 1
            : 0)
    );
  });
}

function isBlank(cell: Cell): boolean {
  return cell === null || cell === '';
}

/** Decimals of a column of fractions: all its numbers have as many, so that they stand below each other. */
const PLACES = 3;
/** What would be nothing with so few has two digits that say something. */
const LEAST = 0.0005;

function shown(cell: Cell, kind: string | undefined): string | number {
  if (cell === null) return '';
  if (kind !== 'float' || typeof cell !== 'number') return cell;
  return cell !== 0 && Math.abs(cell) < LEAST ? cell.toPrecision(2) : cell.toFixed(PLACES);
}
