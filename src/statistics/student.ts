// The 97.5 % point of Student's t distribution. Knows nothing of what it is used for.

/** The 97.5 % point of the standard normal distribution. */
const NORMAL = 1.959963984540054;

/** Above this the expansion is right to eight decimals, and the series grows long. */
const SERIES_LIMIT = 200;

/**
 * Half the width, in standard errors, of a two-sided 95 % interval with so many degrees of freedom (a whole number, 1 or more).
 * By bisection of the finite series of Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4;
 * beyond 200 degrees by their expansion 26.7.5.
 */
export function studentT95(degrees: number): number {
  if (degrees > SERIES_LIMIT) return expansion(degrees);
  let low = 0;
  let high = 16;
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (central(middle, degrees) < 0.95) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The probability that |T| is below t. */
function central(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosine = Math.cos(angle) ** 2;
  const odd = degrees % 2 === 1;
  let term = odd ? Math.cos(angle) : 1;
  let series = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cosine;
    series += term;
  }
  const tail = Math.sin(angle) * series;
  return odd ? (2 / Math.PI) * (angle + tail) : tail;
}

function expansion(degrees: number): number {
  const z = NORMAL;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3;
}
