// Every command by name, loaded when it is called. Knows nothing of what they do.
import type { CommandEntry, CommandList } from './command.ts';

/** What `daydream` alone does. */
export const HOME: CommandEntry = {
  summary: 'how things stand, and the next sensible command',
  load: () => import('../commands/flow/home.ts'),
};

export const COMMANDS: CommandList = {
  init: {
    summary: 'make a project that builds at once, with no key',
    load: () => import('../commands/authoring/init.ts'),
  },
  build: { summary: 'run exactly what is stale', load: () => import('../commands/flow/build.ts') },
  plan: { summary: 'what would run, why, and at what price', load: () => import('../commands/flow/plan.ts') },
  watch: {
    summary: 'keep everything current while files change',
    load: () => import('../commands/flow/watch.ts'),
  },
  ui: {
    summary: 'the workbench: see, read and steer in a page',
    load: () => import('../commands/flow/ui.ts'),
  },
  mcp: {
    summary: 'the project for agents, over standard input and output',
    load: () => import('../commands/flow/mcp.ts'),
  },
  check: {
    summary: 'are the outputs current? for hooks and CI',
    load: () => import('../commands/flow/check.ts'),
  },
  batches: {
    summary: "what is in a provider's batches: ls, cancel, forget",
    load: () => import('../commands/flow/batches.ts'),
  },
  status: { summary: 'counts by cohort, stage and state', load: () => import('../commands/flow/status.ts') },
  ls: { summary: 'the generations, a row each', load: () => import('../commands/results/ls.ts') },
  why: { summary: 'what changed, down to the root cause', load: () => import('../commands/results/why.ts') },
  show: {
    summary: 'an artifact, its lineage and its history',
    load: () => import('../commands/results/show/show.ts'),
  },
  graph: {
    summary: 'lineage as Mermaid, DOT or JSON',
    load: () => import('../commands/results/graph/graph.ts'),
  },
  cohort: {
    summary: 'new, ls, compile, design, curate, combos',
    load: () => import('../commands/authoring/cohort/cohort.ts'),
  },
  report: { summary: 'score tables and pivots', load: () => import('../commands/results/report/report.ts') },
  export: {
    summary: 'a row a generation, for notebooks: Parquet, CSV, JSON lines',
    load: () => import('../commands/results/export.ts'),
  },
  top: {
    summary: 'rank essays, and make a cohort of the best',
    load: () => import('../commands/results/top.ts'),
  },
  rate: {
    summary: 'what people say of the texts: scores or preferences, blind',
    load: () => import('../commands/results/rate.ts'),
  },
  render: { summary: 'a prompt as it would be sent', load: () => import('../commands/authoring/render.ts') },
  parse: { summary: 'one parser on one text', load: () => import('../commands/authoring/parse.ts') },
  cost: {
    summary: 'what was spent, by model, stage, day or cohort',
    load: () => import('../commands/money/cost.ts'),
  },
  models: { summary: 'models and their prices', load: () => import('../commands/money/models.ts') },
  runs: {
    summary: 'what was built when, and at what price',
    load: () => import('../commands/money/runs.ts'),
  },
  adopt: {
    summary: 'accept existing artifacts as current',
    load: () => import('../commands/upkeep/adopt.ts'),
  },
  cache: {
    summary: "share answers with a team's remote cache",
    load: () => import('../commands/upkeep/cache.ts'),
  },
  doctor: { summary: 'what is wrong, and what cures it', load: () => import('../commands/upkeep/doctor.ts') },
  gc: {
    summary: 'remove what no cohort needs; empty the trash',
    load: () => import('../commands/upkeep/gc.ts'),
  },
  purge: { summary: "remove a cohort's outputs", load: () => import('../commands/upkeep/purge.ts') },
  rm: { summary: 'remove generations', load: () => import('../commands/upkeep/rm.ts') },
  restore: { summary: 'bring back what was removed', load: () => import('../commands/upkeep/restore.ts') },
  completion: {
    summary: 'completions for bash, zsh and fish',
    load: () => import('../commands/completion/completion.ts'),
  },
};
