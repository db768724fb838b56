// The matrices of the page: templates by models and rubrics by judges, coloured by score, each cell with its numbers.
import type { Estimate } from '../../statistics/estimates.ts';
import { isScored, type ScoredRow, type ScoreRow } from '../../scores/rows.ts';
import { html, type Markup } from './markup.ts';
import { LIGHT } from './palette.ts';
import { type ScoreMatrix, scoreMatrix, stepOf } from './scorematrix.ts';
import { headMarkup } from './tablemarkup.ts';

const STEPS = LIGHT.steps.length;

interface Sight {
  readonly title: string;
  readonly corner: string;
  readonly row: (row: ScoredRow) => string;
  readonly column: (row: ScoredRow) => string;
}

const SIGHTS: readonly Sight[] = [
  {
    title: 'Draft templates × models',
    corner: 'draft template',
    row: (row) => row.draftTemplate,
    column: (row) => row.draftModel,
  },
  {
    title: 'Essay templates × models',
    corner: 'essay template',
    row: (row) => row.generationTemplate,
    column: (row) => row.generationModel,
  },
  {
    title: 'Rubrics × judges',
    corner: 'rubric',
    row: (row) => row.evaluationTemplate,
    column: (row) => row.evaluationModel,
  },
];

export function matrixSection(rows: readonly ScoreRow[]): Markup {
  const scored = rows.filter(isScored);
  return html`<section id="matrix">
    <h2>Templates by models</h2>
    <p class="muted">
      Each cell: the mean score, its 95 % interval clustered by essay, and how many scores of how many essays.
      A cell with one essay has no interval. The darker the cell (in a dark theme: the brighter), the higher
      the mean.
    </p>
    ${SIGHTS.map((sight) => matrixMarkup(sight, scoreMatrix(scored, sight)))}
  </section>`;
}

function matrixMarkup({ title, corner }: Sight, matrix: ScoreMatrix): Markup {
  if (matrix.rows.length === 0)
    return html`<h3>${title}</h3>
      <p class="muted">No scores yet.</p>`;
  return html`<h3>${title}</h3>
    ${legend(matrix)}
    <div class="frame" tabindex="0">
      <table class="matrix">
        <thead>
          <tr>
            ${headMarkup(corner, 'text')}${headMarkup('all', 'number')}${matrix.columns.map((name) => headMarkup(name, 'number'))}
          </tr>
        </thead>
        <tbody>
          ${matrix.rows.map(
            (row) =>
              html`<tr>
                <th scope="row">${row}</th>
                ${cell(matrix.rowMean(row))}${matrix.columns.map((column) => cell(matrix.cell(row, column), matrix))}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>`;
}

function cell(estimate: Estimate | undefined, matrix?: ScoreMatrix): Markup {
  if (estimate === undefined) return html`<td data-v=""><span>no score</span></td>`;
  const { mean, interval, count, clusters } = estimate;
  const ground = matrix === undefined ? '' : `s${stepOf(mean, matrix.range, STEPS)}`;
  const sure =
    interval === undefined
      ? 'too few combos to say'
      : `${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}`;
  return html`<td class="${ground}" data-v="${mean}">
    <b>${mean.toFixed(2)}</b><span>${sure}</span><span>${count} scores, ${clusters} combos</span>
  </td>`;
}

function legend({ range: [low, high] }: ScoreMatrix): Markup {
  if (low === high) return html``;
  const bound = (step: number): string => (low + ((high - low) * step) / STEPS).toFixed(2);
  const steps = Array.from(
    { length: STEPS },
    (_, at) => html`<li class="s${at}">${bound(at)}–${bound(at + 1)}</li>`,
  );
  return html`<ul class="legend" aria-label="Colour scale of means">
    ${steps}
  </ul>`;
}
