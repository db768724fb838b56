// Tables as sortable markup. Knows no particular table.
import { formatFloat } from '../../text/python.ts';
import type { Cell, Column, Table } from '../tables/table.ts';
import { round } from '../../statistics/summary.ts';
import { html, type Markup } from './markup.ts';

/** Any table, with a caption. */
export function tableMarkup({ columns, rows }: Table, caption: string): Markup {
  return html`<div class="frame" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => headMarkup(column.name, column.kind === 'text' ? 'text' : 'number'))}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${columns.map((column, at) => cellMarkup(column, row[at]))}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A column's head, which sorts the table by it. */
export function headMarkup(name: string, kind: 'text' | 'number'): Markup {
  return html`<th scope="col" class="${kind}"><button type="button">${name}</button></th>`;
}

function cellMarkup({ kind }: Column, cell: Cell): Markup {
  if (kind === 'text') return html`<td>${cell}</td>`;
  const number = typeof cell === 'number' && !Number.isNaN(cell) ? cell : undefined;
  if (number === undefined) return html`<td class="number" data-v=""></td>`;
  return html`<td class="number" data-v="${number}">
    ${kind === 'float' ? formatFloat(round(number, 4)) : number}
  </td>`;
}
