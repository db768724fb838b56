// A mean of what is known of few things, with the help of what is predicted of many. Knows nothing of people and judges.
import { type Contrast, contrastOfMeans } from './clustered.ts';

export interface Predicted {
  readonly cluster: string;
  /** Cheap, and known of everything. */
  readonly predicted: number;
  /** Dear, and known of a random part of it. */
  readonly known: number | undefined;
}

/**
 * How much predictions are to be trusted, from 0 (not at all) to 1: what minimises the variance of the corrected mean, the slope of what is
 * known on what is predicted. Undefined where the predictions of what is known do not vary, or nothing is known.
 *
 * Source: A. N. Angelopoulos, J. C. Duchi and T. Zrnic, PPI++: Efficient prediction-powered inference (2023), arXiv:2311.01453, section 6,
 * for what is known being a part of what is predicted.
 */
export function powerTuned(items: readonly Predicted[]): number | undefined {
  const known = items.flatMap(({ predicted, known: value }) =>
    value === undefined ? [] : [{ predicted, value }],
  );
  const mean = known.reduce((total, { predicted }) => total + predicted, 0) / known.length;
  let [both, own] = [0, 0];
  for (const { predicted, value } of known) {
    both += (predicted - mean) * value;
    own += (predicted - mean) ** 2;
  }
  return own > 0 ? Math.min(1, Math.max(0, both / own)) : undefined;
}

export interface CorrectedMean extends Contrast {
  /** Of what is known alone. */
  readonly classical: Contrast;
}

/**
 * The prediction-powered mean: λ times the mean of all predictions, and the mean of what is known less λ times its prediction. It is right
 * whatever the predictions are worth, as long as what is known is a random part; the better they are, the narrower the interval. The two
 * means depend on each other within clusters, which the variance counts in.
 *
 * Source: A. N. Angelopoulos, S. Bates, C. Fannjiang, M. I. Jordan and T. Zrnic, Prediction-powered inference, Science 382 (2023),
 * arXiv:2301.09633; λ as above; for clusters the variance of `contrastOfMeans`.
 *
 * Undefined where nothing is known.
 */
export function predictionPoweredMean(items: readonly Predicted[], trust: number): CorrectedMean | undefined {
  const known = items.flatMap(({ cluster, predicted, known: value }) =>
    value === undefined ? [] : [{ cluster, predicted, value }],
  );
  const classical = contrastOfMeans([{ weight: 1, observations: known }]);
  const corrected = contrastOfMeans([
    {
      weight: 1,
      observations: items.map(({ cluster, predicted }) => ({ cluster, value: trust * predicted })),
    },
    {
      weight: 1,
      observations: known.map(({ cluster, predicted, value }) => ({
        cluster,
        value: value - trust * predicted,
      })),
    },
  ]);
  return classical && corrected && { ...corrected, classical };
}
