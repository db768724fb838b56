// Numbers, times and states as a reader wants them. Knows no screen.

const NONE = '–';

export function score(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : value.toFixed(2);
}

export function signed(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.abs(value).toFixed(2)}`;
}

/** USD, with as many places as say something. `unknown`: of how many parts of the sum nobody knows the price. */
export function usd(value: number | null | undefined, unknown = 0): string {
  if (value === null || value === undefined) return NONE;
  if (unknown > 0) return value === 0 ? 'unknown' : `at least ${usd(value)}`;
  if (value === 0) return '$0';
  return value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`;
}

/** How many parts of a sum nobody knows: a reply that was lost on the way may have been billed like another. */
export function unknownOf(
  spent: { readonly unknown: number; readonly maybeBilled: number } | undefined,
): number {
  return spent === undefined ? 0 : spent.unknown + spent.maybeBilled;
}

/** Of a sum of calls as the ledger has them. */
export function spentUsd(total: {
  readonly cost: number;
  readonly unpriced: number;
  readonly maybeBilled: number;
}): string {
  return usd(total.cost, total.unpriced + total.maybeBilled);
}

interface Priced {
  readonly usd: number;
  /** Calls whose price nobody knows. */
  readonly unpriced: number;
}

/** Both bounds of a price. */
export function between(lower: Priced, upper: Priced): string {
  const [least, most] = [usd(lower.usd, lower.unpriced), usd(upper.usd, upper.unpriced)];
  if (upper.usd === 0 && upper.unpriced > 0) return 'a sum that nobody knows';
  return least === most ? most : `${least} to ${most}`;
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? one : many}`;
}

/** A duration in ms as a person says it: `5.5 s`, `3 min 42 s`. */
export function seconds(ms: number): string {
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

export function interval(low: number | null, high: number | null): string {
  return low === null || high === null ? '' : `${low.toFixed(2)} to ${high.toFixed(2)}`;
}

const SIGNS: Readonly<Record<string, string>> = {
  current: '●',
  edited: '✎',
  stale: '◐',
  missing: '○',
  pending: '◌',
  submitted: '⇡',
  failed: '✕',
  blocked: '⊘',
};

/** A state by its sign and its word: never by colour alone. */
export function State({ state }: { readonly state: string | null }): preact.JSX.Element {
  const word = state ?? 'in no cohort';
  return (
    <span class={`state ${state ?? 'none'}`}>
      <span aria-hidden="true">{SIGNS[state ?? ''] ?? '·'}</span> {word}
    </span>
  );
}

interface DotsInput {
  readonly dots: readonly (readonly [score: number, count: number])[];
  readonly range: readonly [number, number] | null;
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

const [WIDTH, HEIGHT, EDGE] = [120, 14, 4];

/** All dots of a cell are one shape: a matrix of hundreds of cells would else be ten thousands of them. */
function disc(x: number, r: number): string {
  const [left, radius] = [(x - r).toFixed(1), r.toFixed(1)];
  return `M${left},5a${radius},${radius} 0 1,0 ${(2 * r).toFixed(1)},0a${radius},${radius} 0 1,0 ${(-2 * r).toFixed(1)},0`;
}

/** Scores as dots on one scale, with the mean and its interval. The numbers stand beside it, so it is silent. */
export function Dots({ dots, range, mean, low, high }: DotsInput): preact.JSX.Element | null {
  if (range === null || dots.length === 0) return null;
  const [least, greatest] = range;
  const width = greatest - least || 1;
  const x = (value: number): number =>
    EDGE + Math.min(Math.max((value - least) / width, 0), 1) * (WIDTH - 2 * EDGE);
  const most = Math.max(...dots.map(([, each]) => each));
  return (
    <svg class="dots" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {low === null || high === null ? undefined : (
        <rect class="span" x={x(low)} width={Math.max(x(high) - x(low), 1)} y={HEIGHT - 4} height={3} />
      )}
      <path d={dots.map(([value, each]) => disc(x(value), 1 + 2.6 * Math.sqrt(each / most))).join('')} />
      {mean === null ? undefined : <line x1={x(mean)} x2={x(mean)} y1={HEIGHT - 6} y2={HEIGHT} />}
    </svg>
  );
}
