// The states of a watch and every way from one to another, as a drawing and as a table: what a row does not name stays as it is.
// Pure: what is done in a state is done elsewhere.
//
//                          ┌──────────────── changing ───────────────┐
//                          ▼                                         │
//   starting ─ ready ─┐  settling ─ settled ─┐        ┌──▶ WATCHING ─┤ clean · told
//                     │                      ▼        │    BROKEN   ─┤ unreadable
//                     └───────────────▶  planning  ───┤    ASKING   ─┤ dear
//                        settled, wish:  ▲   │   ▲    └──▶ COMPARING ┘ (same: back to where it rested)
//                        once more ──────┘   │   │              ▲
//                                            │   │ changed      │ finished
//                          build · sample    ▼   │              │
//                                 building, sampling ───────────┘ (building: to WATCHING)
//                                            │   ▲
//                                    settled ▼   │ same · unreadable (then BROKEN once it has finished)
//                                         superseding ── changed: the run lets go of its calls ──▶ planning
//
//   wish     a key or a build elsewhere: planned at once where nothing runs, after the run where one does
//   pause    paused, from where nothing runs; a run starts nothing more, and is paused when it has finished
//   pause    in paused: planning if anything changed meanwhile, else watching
//   cancel   a run starts nothing more, and rests in watching when it has finished; asking and comparing do so at once
//   stop     stopping, from everywhere; it ends when what is in flight has ended
//
// Where the watch RESTS it settles again with the next change. Changes under a run that winds down are planned when it has finished.

/** Where the watch may wait without anything under way. */
type Resting = 'watching' | 'asking' | 'comparing' | 'broken';

interface Running {
  /** What follows when the run has ended. */
  readonly after: 'watching' | 'planning' | 'paused' | 'broken';
  /** Nothing more is started. */
  readonly winding: boolean;
}

/** What each state knows beside its name. */
interface States {
  readonly starting: unknown;
  /** Everything that was to be done is done. */
  readonly watching: unknown;
  /** Inputs are changing. */
  readonly settling: { readonly over: Resting };
  /** Inputs are read and judged; `again` when they have changed meanwhile. */
  readonly planning: { readonly over: Resting; readonly again: boolean };
  /** The plan is dear: a word is waited for. */
  readonly asking: unknown;
  readonly sampling: Running;
  /** A sample is shown: a word is waited for. */
  readonly comparing: unknown;
  readonly building: Running;
  /** Inputs have changed under a run: what of it is still right? `ended` when the run is over already. */
  readonly superseding: {
    readonly run: 'building' | 'sampling';
    readonly again: boolean;
    readonly ended: boolean;
  };
  readonly paused: { readonly changed: boolean };
  /** Config, catalogs or specs can not be used: the last good ones stay in force. */
  readonly broken: unknown;
  readonly stopping: unknown;
}

type Kind = keyof States;
type In<K extends Kind> = { readonly [P in K]: { readonly kind: P } & States[P] }[K];
export type WatchState = In<Kind>;

/** What came of planning. */
export type PlanOutcome = 'same' | 'clean' | 'told' | 'dear' | 'sample' | 'build' | 'unreadable';
/** What came of looking while a run is on. */
export type LookOutcome = 'same' | 'changed' | 'unreadable';

const WATCHING: WatchState = { kind: 'watching' };
const BROKEN: WatchState = { kind: 'broken' };
/** With something still to plan. */
const PAUSED: WatchState = { kind: 'paused', changed: true };

function planning(over: Resting): WatchState {
  return { kind: 'planning', over, again: false };
}

/** The ways on one occasion, by where it finds the watch. */
type Ways = { readonly [K in Kind]?: (state: In<K>) => WatchState };

/** The way that a table names, or none. */
function take<K extends Kind>(ways: Ways, state: In<K>): WatchState | In<K> {
  const way: ((state: In<K>) => WatchState) | undefined = ways[state.kind];
  return way === undefined ? state : way(state);
}

/** What an occasion makes of a state, by its table. */
function on(ways: Ways): (state: WatchState) => WatchState {
  return (state) => take(ways, state);
}

/** The same way from each place of rest. */
function fromRest(way: (kind: Resting) => WatchState): Ways {
  return {
    watching: ({ kind }) => way(kind),
    asking: ({ kind }) => way(kind),
    comparing: ({ kind }) => way(kind),
    broken: ({ kind }) => way(kind),
  };
}

/** The first inputs are loaded and watched. */
export function onReady(): WatchState {
  return planning('watching');
}

const CHANGING = fromRest((over) => ({ kind: 'settling', over }));
export const onChanging = on(CHANGING);

function underRun(state: In<'building' | 'sampling'>): WatchState {
  if (!state.winding) return { kind: 'superseding', run: state.kind, again: false, ended: false };
  return state.after === 'paused' ? state : { ...state, after: 'planning' };
}

const SETTLED: Ways = {
  ...fromRest(planning),
  settling: ({ over }) => planning(over),
  planning: (state) => ({ ...state, again: true }),
  sampling: underRun,
  building: underRun,
  superseding: (state) => ({ ...state, again: true }),
  paused: () => PAUSED,
};

export const onSettled = on(SETTLED);

/** Somebody wants something done: a key, or a build in another terminal. A run that is on is not disturbed by it. */
export const onWish = on({
  ...SETTLED,
  sampling: (state) => ({ ...state, after: 'planning' }),
  building: (state) => ({ ...state, after: 'planning' }),
  paused: () => planning('watching'),
});

export function onPlanned(state: WatchState, outcome: PlanOutcome): WatchState {
  if (state.kind !== 'planning') return state;
  const next = afterPlanning(state.over, outcome);
  if (!state.again) return next;
  return planning(isResting(next) ? next.kind : 'watching');
}

/** Whether a run was planned that does not begin: it is planned once more, or somebody wants a pause. */
export function isLost(state: WatchState, outcome: PlanOutcome): boolean {
  const { kind } = onPlanned(state, outcome);
  return (outcome === 'build' || outcome === 'sample') && kind !== 'building' && kind !== 'sampling';
}

function isResting(state: WatchState): state is In<Resting> {
  return state.kind in CHANGING;
}

function afterPlanning(over: Resting, outcome: PlanOutcome): WatchState {
  switch (outcome) {
    case 'same':
      return { kind: over };
    case 'clean':
    case 'told':
      return WATCHING;
    case 'dear':
      return { kind: 'asking' };
    case 'sample':
      return { kind: 'sampling', after: 'watching', winding: false };
    case 'build':
      return { kind: 'building', after: 'watching', winding: false };
    case 'unreadable':
      return BROKEN;
    default:
      return outcome satisfies never;
  }
}

export function onLooked(state: WatchState, outcome: LookOutcome): WatchState {
  if (state.kind !== 'superseding') return state;
  const { run, again, ended } = state;
  if (outcome === 'changed' || (ended && again)) return planning('watching');
  if (ended && outcome === 'unreadable') return BROKEN;
  if (ended) return { kind: run === 'sampling' ? 'comparing' : 'watching' };
  if (again) return { ...state, again: false };
  return { kind: run, after: outcome === 'same' ? 'watching' : 'broken', winding: false };
}

/** A run has ended, whatever of it was done. */
export const onFinished = on({
  building: afterRun,
  sampling: afterRun,
  superseding: (state) => ({ ...state, ended: true }),
});

function afterRun({ kind, after, winding }: In<'building' | 'sampling'>): WatchState {
  switch (after) {
    case 'watching':
      return kind === 'sampling' && !winding ? { kind: 'comparing' } : WATCHING;
    case 'planning':
      return planning('watching');
    case 'paused':
      return PAUSED;
    case 'broken':
      return BROKEN;
    default:
      return after satisfies never;
  }
}

export const onPause = on({
  ...fromRest((kind) => ({ kind: 'paused', changed: kind !== 'watching' })),
  settling: () => PAUSED,
  planning: () => PAUSED,
  paused: ({ changed }) => (changed ? planning('watching') : WATCHING),
  building: (state) => ({ ...state, after: 'paused', winding: true }),
  sampling: (state) => ({ ...state, after: 'paused', winding: true }),
  superseding: ({ ended, run }) => (ended ? PAUSED : { kind: run, after: 'paused', winding: true }),
});

function windDown(state: In<'building' | 'sampling'>): WatchState {
  return { ...state, after: state.after === 'planning' ? 'planning' : 'watching', winding: true };
}

export const onCancel = on({
  building: windDown,
  sampling: windDown,
  asking: () => WATCHING,
  comparing: () => WATCHING,
});

export function onStop(): WatchState {
  return { kind: 'stopping' };
}
