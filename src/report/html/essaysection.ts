// The ranked essays of the page, with links to their files and their texts to read in place.
import type { GenId } from '../../generation/stage.ts';
import { artifactPath, layoutOf } from '../../store/layout.ts';
import { groupBy } from '../../statistics/groups.ts';
import type { ScoreRow } from '../../scores/rows.ts';
import type { Contender, Ranked } from '../../scores/levels/ranking.ts';
import type { Placed } from '../../statistics/estimates.ts';
import { html, type Markup, relativeUrl } from './markup.ts';
import { headMarkup } from './tablemarkup.ts';
import { defined } from '../../defined.ts';

/** More rows than anybody reads; the tables beside the page hold all. */
export const MOST_ESSAYS = 1000;

/** Characters of essays that the page carries; the best come first, the others are links. */
const MOST_TEXT = 6_000_000;

export interface EssayTexts {
  /** The parsed text; undefined where there is none. */
  readonly textOf: (essayId: GenId) => string | undefined;
  /** A path below the data root, relative to the page's folder. */
  readonly fromPage: (path: string) => string;
}

/** What the script knows of an essay. */
export interface ReadableEssay {
  readonly href: string;
  readonly text?: string;
  /** Rubric, judge, replicate, score, and where the reply is. */
  readonly evaluations: readonly (readonly [string, string, number | null, number | null, string])[];
}

const COLUMNS = [
  ['place', 'number'],
  ['essay', 'text'],
  ['mean', 'number'],
  ['low', 'number'],
  ['high', 'number'],
  ['scores', 'number'],
  ['combo', 'text'],
  ['draft template', 'text'],
  ['draft model', 'text'],
  ['essay template', 'text'],
  ['essay model', 'text'],
  ['text', 'text'],
] as const;

export function essaySection(ranked: Ranked, texts: EssayTexts): Markup {
  const essays = ranked.contenders.slice(0, MOST_ESSAYS);
  const more = ranked.contenders.length - essays.length;
  return html`<section id="essays">
    <h2>Essays</h2>
    <p class="muted">
      Best mean first. Who shares a place is not shown to differ; the interval takes each evaluation alone, so
      it speaks of these judges and
      rubrics.${more > 0 ? ` The best ${essays.length} are shown; ${more} more are in the tables.` : ''}
    </p>
    <label>Find <input type="search" id="search" placeholder="template, model, combo or id" /></label>
    <span id="found" role="status"></span>
    <div class="frame" tabindex="0">
      <table>
        <thead>
          <tr>
            ${COLUMNS.map(([name, kind]) => headMarkup(name, kind))}
          </tr>
        </thead>
        <tbody id="essay-rows">
          ${essays.map((each) => essayRow(each, texts))}
        </tbody>
      </table>
    </div>
    ${DIALOG}
  </section>`;
}

function essayRow({ name: id, place, estimate, rows: [row] }: Placed<Contender>, texts: EssayTexts): Markup {
  const { mean, interval, count } = estimate;
  return html`<tr>
    ${number(place, 0)}
    <td><a href="${hrefOf(id, texts)}">${id}</a></td>
    ${number(mean)}${number(interval?.low)}${number(interval?.high)}${number(count, 0)}
    <td>${row.comboId}</td>
    <td>${row.draftTemplate}</td>
    <td>${row.draftModel}</td>
    <td>${row.generationTemplate}</td>
    <td>${row.generationModel}</td>
    <td><button type="button" data-essay="${id}" aria-label="Read ${id}">Read</button></td>
  </tr> `;
}

function number(value: number | undefined, decimals = 2): Markup {
  return html`<td class="number" data-v="${value ?? ''}">${value?.toFixed(decimals)}</td>`;
}

const RELATIVE = layoutOf('');

function hrefOf(essayId: GenId, { fromPage }: EssayTexts): string {
  return relativeUrl(fromPage(artifactPath(RELATIVE, 'essay', essayId, 'parsed')));
}

const DIALOG = html`<dialog id="reader" aria-labelledby="reader-title">
  <button type="button" id="reader-close">Close</button> <a id="reader-file" href="#essays">open the file</a>
  <h2 id="reader-title"></h2>
  <pre id="reader-text" tabindex="0"></pre>
  <div class="frame" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">rubric</th>
          <th scope="col">judge</th>
          <th scope="col" class="number">replicate</th>
          <th scope="col" class="number">score</th>
          <th scope="col">reply</th>
        </tr>
      </thead>
      <tbody id="reader-scores"></tbody>
    </table>
  </div>
</dialog>`;

/** For the script: the shown essays by id, the best ones with their texts. */
export function readableEssays(
  ranked: Ranked,
  rows: readonly ScoreRow[],
  texts: EssayTexts,
): Readonly<Record<GenId, ReadableEssay>> {
  const judged = new Map(
    groupBy(rows, (row) => [row.parentGenId]).map((group) => [group.key.join(), group.rows]),
  );
  let room = MOST_TEXT;
  const essays = ranked.contenders.slice(0, MOST_ESSAYS).map(({ name: id }): [GenId, ReadableEssay] => {
    const text = room > 0 ? texts.textOf(id) : undefined;
    room -= text?.length ?? 0;
    const evaluations = (judged.get(id) ?? []).map((row) => evaluationOf(row, texts));
    return [id, defined({ href: hrefOf(id, texts), text, evaluations })];
  });
  return Object.fromEntries(essays);
}

function evaluationOf(row: ScoreRow, { fromPage }: EssayTexts): ReadableEssay['evaluations'][number] {
  const reply = artifactPath(RELATIVE, 'evaluation', row.genId, 'raw');
  const { evaluationTemplate, evaluationModel, replicate = null, score = null } = row;
  return [evaluationTemplate, evaluationModel, replicate, score, relativeUrl(fromPage(reply))];
}
