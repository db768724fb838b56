// What it takes to make each text and each judgement once more: asked once, whatever it is asked for. Knows no prices itself.
import type { GenId, Stage } from '../../generation/stage.ts';
import { type Codes, Distinct } from '../columns/codes.ts';
import type { ScoreColumns } from '../columns/scorecolumns.ts';

/** USD that it takes to make a generation once more; undefined where a price is not known. */
export type PriceOf = (stage: Stage, genId: GenId) => number | undefined;

type Text = Exclude<Stage, 'evaluation'>;

/** Stands in a column for a price that nobody has asked for yet. */
const UNASKED = -1;

export class Prices {
  readonly #columns: ScoreColumns;
  readonly #priceOf: PriceOf;
  /** By row; NaN where it is not known. */
  readonly #known: Readonly<Record<Text, Float64Array>>;

  constructor(columns: ScoreColumns, priceOf: PriceOf) {
    this.#columns = columns;
    this.#priceOf = priceOf;
    const unasked = (): Float64Array => new Float64Array(columns.size).fill(UNASKED);
    this.#known = { draft: unasked(), essay: unasked() };
  }

  /** Of the evaluation of each row; NaN where it is not known. All at once, for they are found quickest in their order. */
  get evaluations(): Float64Array {
    return this.#columns.once('prices of evaluations', () => {
      const found = new Float64Array(this.#columns.size);
      const { rows } = this.#columns;
      for (let at = 0; at < found.length; at++)
        found[at] = this.#priceOf('evaluation', rows[at]?.genId ?? '') ?? Number.NaN;
      return found;
    });
  }

  /** Of the draft or the essay of a row. */
  at(stage: Text, place: number): number | undefined {
    const column = this.#known[stage];
    const known = column[place] ?? UNASKED;
    if (known !== UNASKED) return Number.isNaN(known) ? undefined : known;
    const row = this.#columns.rows[place];
    const id = (stage === 'draft' ? row?.draftGenId : row?.parentGenId) ?? '';
    const price = this.#priceOf(stage, id);
    column[place] = price ?? Number.NaN;
    return price;
  }

  /** Of each draft, or each essay, of these rows once; undefined where the price of one is not known. */
  ofTexts(stage: Text, places: Int32Array): number | undefined {
    let total: number | undefined = 0;
    const texts = this.#columns.once(`distinct ${stage}s`, () => new Distinct(textsOf(this.#columns, stage)));
    texts.each(places, (_, place) => {
      if (stage === 'draft' && this.#columns.rows[place]?.draftGenId === '') return;
      const price = this.at(stage, place);
      total = total === undefined || price === undefined ? undefined : total + price;
    });
    return total;
  }
}

function textsOf(columns: ScoreColumns, stage: Text): Codes {
  return stage === 'draft' ? columns.drafts : columns.field('parentGenId');
}
