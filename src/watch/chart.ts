// The states of a watch and every way from one to another. Pure: what is done in a state is done elsewhere.
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

/** What follows when a run has ended. */
type After = 'watching' | 'planning' | 'paused' | 'broken';

export type WatchState =
  | { readonly kind: 'starting' }
  /** Everything that was to be done is done. */
  | { readonly kind: 'watching' }
  /** Inputs are changing. */
  | { readonly kind: 'settling'; readonly over: Resting }
  /** Inputs are read and judged; `again` when they have changed meanwhile. */
  | { readonly kind: 'planning'; readonly over: Resting; readonly again: boolean }
  /** The plan is dear: a word is waited for. */
  | { readonly kind: 'asking' }
  | { readonly kind: 'sampling'; readonly after: After; readonly winding: boolean }
  /** A sample is shown: a word is waited for. */
  | { readonly kind: 'comparing' }
  /** `winding`: nothing more is started. */
  | { readonly kind: 'building'; readonly after: After; readonly winding: boolean }
  /** Inputs have changed under a run: what of it is still right? `ended` when the run is over already. */
  | {
      readonly kind: 'superseding';
      readonly run: 'building' | 'sampling';
      readonly again: boolean;
      readonly ended: boolean;
    }
  | { readonly kind: 'paused'; readonly changed: boolean }
  /** Config, catalogs or specs can not be used: the last good ones stay in force. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'stopping' };

/** What came of planning. */
export type PlanOutcome = 'same' | 'clean' | 'told' | 'dear' | 'sample' | 'build' | 'unreadable';
/** What came of looking while a run is on. */
export type LookOutcome = 'same' | 'changed' | 'unreadable';

const WATCHING: WatchState = { kind: 'watching' };

function planning(over: Resting): WatchState {
  return { kind: 'planning', over, again: false };
}

function resting(kind: Resting): WatchState {
  return { kind };
}

/** The first inputs are loaded and watched. */
export function onReady(): WatchState {
  return planning('watching');
}

export function onChanging(state: WatchState): WatchState {
  switch (state.kind) {
    case 'watching':
    case 'asking':
    case 'comparing':
    case 'broken':
      return { kind: 'settling', over: state.kind };
    case 'starting':
    case 'settling':
    case 'planning':
    case 'sampling':
    case 'building':
    case 'superseding':
    case 'paused':
    case 'stopping':
      return state;
    default:
      return state satisfies never;
  }
}

export function onSettled(state: WatchState): WatchState {
  switch (state.kind) {
    case 'watching':
    case 'asking':
    case 'comparing':
    case 'broken':
      return planning(state.kind);
    case 'settling':
      return planning(state.over);
    case 'planning':
      return { ...state, again: true };
    case 'sampling':
    case 'building':
      if (!state.winding) return { kind: 'superseding', run: state.kind, again: false, ended: false };
      return state.after === 'paused' ? state : { ...state, after: 'planning' };
    case 'superseding':
      return { ...state, again: true };
    case 'paused':
      return { kind: 'paused', changed: true };
    case 'starting':
    case 'stopping':
      return state;
    default:
      return state satisfies never;
  }
}

/** Somebody wants something done: a key, or a build in another terminal. A run that is on is not disturbed by it. */
export function onWish(state: WatchState): WatchState {
  switch (state.kind) {
    case 'sampling':
    case 'building':
      return { ...state, after: 'planning' };
    case 'paused':
      return planning('watching');
    case 'watching':
    case 'asking':
    case 'comparing':
    case 'broken':
    case 'settling':
    case 'planning':
    case 'superseding':
    case 'starting':
    case 'stopping':
      return onSettled(state);
    default:
      return state satisfies never;
  }
}

export function onPlanned(state: WatchState, outcome: PlanOutcome): WatchState {
  switch (state.kind) {
    case 'planning': {
      const next = afterPlanning(state.over, outcome);
      if (!state.again) return next;
      return planning(isResting(next) ? next.kind : 'watching');
    }
    case 'starting':
    case 'watching':
    case 'settling':
    case 'asking':
    case 'sampling':
    case 'comparing':
    case 'building':
    case 'superseding':
    case 'paused':
    case 'broken':
    case 'stopping':
      return state;
    default:
      return state satisfies never;
  }
}

function isResting(state: WatchState): state is WatchState & { readonly kind: Resting } {
  return ['watching', 'asking', 'comparing', 'broken'].includes(state.kind);
}

function afterPlanning(over: Resting, outcome: PlanOutcome): WatchState {
  switch (outcome) {
    case 'same':
      return resting(over);
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
      return { kind: 'broken' };
    default:
      return outcome satisfies never;
  }
}

export function onLooked(state: WatchState, outcome: LookOutcome): WatchState {
  switch (state.kind) {
    case 'superseding': {
      const { run, again, ended } = state;
      if (outcome === 'changed') return planning('watching');
      if (ended && again) return planning('watching');
      if (ended && outcome === 'unreadable') return { kind: 'broken' };
      if (ended) return resting(run === 'sampling' ? 'comparing' : 'watching');
      if (again) return { ...state, again: false };
      return { kind: run, after: outcome === 'same' ? 'watching' : 'broken', winding: false };
    }
    case 'starting':
    case 'watching':
    case 'settling':
    case 'planning':
    case 'asking':
    case 'sampling':
    case 'comparing':
    case 'building':
    case 'paused':
    case 'broken':
    case 'stopping':
      return state;
    default:
      return state satisfies never;
  }
}

/** A run has ended, whatever of it was done. */
export function onFinished(state: WatchState): WatchState {
  switch (state.kind) {
    case 'building':
    case 'sampling':
      return afterRun(state);
    case 'superseding':
      return { ...state, ended: true };
    case 'starting':
    case 'watching':
    case 'settling':
    case 'planning':
    case 'asking':
    case 'comparing':
    case 'paused':
    case 'broken':
    case 'stopping':
      return state;
    default:
      return state satisfies never;
  }
}

function afterRun({ kind, after, winding }: Extract<WatchState, { after: After }>): WatchState {
  switch (after) {
    case 'watching':
      return kind === 'sampling' && !winding ? { kind: 'comparing' } : WATCHING;
    case 'planning':
      return planning('watching');
    case 'paused':
      return { kind: 'paused', changed: true };
    case 'broken':
      return { kind: 'broken' };
    default:
      return after satisfies never;
  }
}

export function onPause(state: WatchState): WatchState {
  switch (state.kind) {
    case 'paused':
      return state.changed ? planning('watching') : WATCHING;
    case 'building':
    case 'sampling':
      return { ...state, after: 'paused', winding: true };
    case 'superseding':
      return state.ended
        ? { kind: 'paused', changed: true }
        : { kind: state.run, after: 'paused', winding: true };
    case 'watching':
      return { kind: 'paused', changed: false };
    case 'settling':
    case 'planning':
    case 'asking':
    case 'comparing':
    case 'broken':
      return { kind: 'paused', changed: true };
    case 'starting':
    case 'stopping':
      return state;
    default:
      return state satisfies never;
  }
}

export function onCancel(state: WatchState): WatchState {
  switch (state.kind) {
    case 'building':
    case 'sampling':
      return { ...state, after: state.after === 'planning' ? 'planning' : 'watching', winding: true };
    case 'asking':
    case 'comparing':
      return WATCHING;
    case 'starting':
    case 'watching':
    case 'settling':
    case 'planning':
    case 'superseding':
    case 'paused':
    case 'broken':
    case 'stopping':
      return state;
    default:
      return state satisfies never;
  }
}

export function onStop(): WatchState {
  return { kind: 'stopping' };
}
