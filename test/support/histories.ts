// Random histories: what may happen to a project between two builds, and which builds. Knows not what comes of them.
import * as fc from 'fast-check';
import type { FailureKind } from './enginemodel.ts';
import { ARTIFACTS, PLAIN_BUILD, type Action } from './history.ts';
import type { Inputs, Weather } from './imagined.ts';

const TEMPLATES = ['d-a', 'd-b', 'e-llm', 'v-one'];
const small = fc.nat({ max: 2 });
const which = fc.nat({ max: 40 });
const stage = fc.constantFrom('draft' as const, 'essay' as const, 'evaluation' as const);
const combos = fc.constantFrom<(readonly string[])[]>(['A'], ['A', 'B'], ['B']);
const drafts = fc.constantFrom<(readonly string[])[]>(['d-a'], ['d-a', 'd-b'], ['d-b']);
const essays = fc.constantFrom<(readonly string[])[]>(['e-llm'], ['e-llm', 'e-copy'], ['e-copy']);

const plainBuild = fc.constant<Action>(PLAIN_BUILD);
const buildOfAnyKind = fc.record({
  do: fc.constant('build' as const),
  force: fc.option(stage, { nil: undefined, freq: 2 }),
  select: fc.option(stage, { nil: undefined, freq: 4 }),
  discards: fc.boolean(),
  retries: fc.constantFrom<(readonly FailureKind[])[]>(
    [],
    ['refused', 'truncated', 'too_short', 'unparsable'],
    ['api'],
  ),
});
// What is forced is something of the selection; anything else is refused (DD109) before a history could go on.
const anyBuild = buildOfAnyKind.filter(
  ({ force, select }) => force === undefined || select === undefined || force === select,
);
const change: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constant('template' as const),
    id: fc.constantFrom(...TEMPLATES),
    part: fc.constantFrom('core' as const, 'tone' as const, 'comment' as const),
    to: small,
  }),
  fc.record({
    do: fc.constant('concept' as const),
    id: fc.constantFrom('k1', 'k2'),
    part: fc.constantFrom('name' as const, 'text' as const),
    to: small,
  }),
  fc.record({ do: fc.constant('model' as const), id: fc.constantFrom('w1', 'w2', 'j1'), to: small }),
  fc.record({
    do: fc.constant('parser' as const),
    id: fc.constantFrom('d-a', 'd-b'),
    to: fc.constantFrom('identity', 'essay_block'),
  }),
  fc.record({
    do: fc.constant('setting' as const),
    name: fc.constant('minLines' as const),
    to: fc.constantFrom(0, 3),
  }),
  fc.record({
    do: fc.constant('setting' as const),
    name: fc.constant('maxTokens' as const),
    to: fc.constantFrom(100, 200),
  }),
  fc.record({ do: fc.constant('spec' as const), axis: fc.constant('combos' as const), to: combos }),
  fc.record({ do: fc.constant('spec' as const), axis: fc.constant('drafts' as const), to: drafts }),
  fc.record({ do: fc.constant('spec' as const), axis: fc.constant('essays' as const), to: essays }),
  fc.record({
    do: fc.constant('weather' as const),
    template: fc.constantFrom(...TEMPLATES),
    to: fc.constantFrom<Weather[]>('fair', 'fair', 'fair', 'down', 'cut', 'short', 'filtered'),
  }),
  fc.record({
    do: fc.constant('edit' as const),
    which,
    artifact: fc.constantFrom(...ARTIFACTS),
    form: fc.nat({ max: 7 }),
  }),
  fc.record({
    do: fc.constant('edit' as const),
    which,
    artifact: fc.constantFrom(...ARTIFACTS),
    form: fc.nat({ max: 7 }),
  }),
  fc.record({ do: fc.constant('lose' as const), which, what: fc.nat({ max: 4 }) }),
  fc.record({ do: fc.constant('lose' as const), which, what: fc.nat({ max: 4 }) }),
  fc.record({ do: fc.constant('lose caches' as const), part: fc.nat({ max: 3 }) }),
  fc.record({ do: fc.constant('touch' as const), which }),
  fc.constant<Action>({ do: 'copy' }),
);

const step = fc.oneof(
  { arbitrary: change, weight: 5 },
  { arbitrary: plainBuild, weight: 2 },
  { arbitrary: anyBuild, weight: 1 },
);

export interface Tale {
  readonly shape: Pick<Inputs, 'combos' | 'drafts' | 'essays' | 'replicates'>;
  readonly actions: readonly Action[];
}

/** `replicates`: how often a judge is asked the same. A provider can not tell such calls apart, and so neither can one that is modelled. */
export function tales(options: {
  readonly replicates: readonly number[];
  readonly shortest: number;
  readonly longest: number;
}): fc.Arbitrary<Tale> {
  return fc.record({
    shape: fc.record({ combos, drafts, essays, replicates: fc.constantFrom(...options.replicates) }),
    actions: fc.array(step, { minLength: options.shortest, maxLength: options.longest }),
  });
}
