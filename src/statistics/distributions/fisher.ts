// Snedecor's F distribution. Knows nothing of what it is used for.
import { incompleteBeta } from './beta.ts';

/**
 * The value below which a share `p` of the F distribution with these degrees of freedom lies, by halving.
 *
 * Source: M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions (1964), 26.6.2: I_x(a / 2, b / 2) at x = a F / (a F + b).
 */
export function fisherQuantile(p: number, above: number, below: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, above / 2, below / 2) < p) low = middle;
    else high = middle;
  }
  return (below * low) / (above * (1 - low));
}
