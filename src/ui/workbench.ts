// A project behind a local address: its view, the server, and the stream of what changes. Knows no terminal.
import { basename, relative, sep } from 'node:path';
import type { Project } from '../api/project.ts';
import type { View } from '../api/view/view.ts';
import { defined } from '../defined.ts';
import { TOOL_VERSION } from '../version.ts';
import { Aside, type AsideProgress, type Elsewhere } from './aside/aside.ts';
import { Ahead } from './ahead.ts';
import { Builds, type BuildNews } from './builds.ts';
import { deedsOf } from './documents/deeds.ts';
import { moneyDocuments } from './documents/money.ts';
import { readingDocuments } from './documents/reading.ts';
import { readAssets } from './server/assets.ts';
import { listen, type Listening, type Routes } from './server/server.ts';
import { Streams } from './server/stream.ts';

export interface WorkbenchOptions {
  readonly project: Project;
  /** 0: any free one. */
  readonly port: number;
  /** What takes long is left to another process; without it that is done in this one. */
  readonly elsewhere?: Elsewhere | undefined;
  /** USD that builds of the page may spend together; nothing without it. */
  readonly maxCost?: number | undefined;
  /** Told the address as soon as it can be opened. */
  readonly announce?: ((url: string) => void) | undefined;
  /** Where the page's files lie; beside the command line's own where it is left out. */
  readonly assets?: string | undefined;
}

export interface Workbench {
  readonly url: string;
  /** Rejects when the project can not be kept up with any more. */
  readonly failed: Promise<never>;
  readonly close: () => Promise<void>;
}

/** What a page hears: that it has something to ask anew. */
interface News {
  readonly at: number;
  /** True for what a stream begins with. */
  readonly first?: boolean;
  /** Input files that changed, relative to the project. */
  readonly files: readonly string[];
  readonly generations: boolean;
  readonly money: boolean;
  /** How the page's own build stands. */
  readonly build?: BuildNews;
  /** How far an answer is that takes long. */
  readonly aside?: AsideProgress;
}

/** Nothing that the page would ask for is different. */
const QUIET = { files: [], generations: false, money: false };

/**
 * Listens, and tells so, as soon as the inputs are read: while a browser loads the page, what was made is read. Throws a ProblemError
 * where the inputs can not be used, or the port not be had.
 */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { project, port, assets, announce } = options;
  const streams = new Streams<News>(merged);
  const routes = promised<Routes>();
  let listening: Listening | undefined;
  const listens = async (): Promise<void> => {
    listening = await listen(port, readAssets(assets), routes.promise);
    announce?.(listening.url);
  };
  let view: View | undefined;
  try {
    view = await project.view({ usable: listens });
    const aside = new Aside({
      project,
      elsewhere: options.elsewhere,
      size: () => view?.size ?? 0,
      moment: () => String(view?.version),
      listen: (aside) => streams.say({ at: view?.version ?? 0, ...QUIET, aside }),
    });
    const all = routesOf(options, { view, streams, aside });
    const ahead = new Ahead(view, all.documents, aside);
    const documents = Object.entries(all.documents).map(([name, give]): [string, typeof give] => [
      name,
      (query) => ahead.give(() => give(query)),
    ]);
    routes.resolve({
      ...all,
      documents: Object.fromEntries(documents),
      events(response) {
        all.events(response);
        ahead.pageIsThere();
      },
    });
    return opened({ view, streams, aside, ahead, project, listening });
  } catch (error) {
    await listening?.close();
    await view?.close();
    throw error;
  }
}

interface Parts {
  readonly view: View;
  readonly streams: Streams<News>;
  readonly aside: Aside;
}

function opened({
  view,
  streams,
  aside,
  ahead,
  project,
  listening,
}: Parts & {
  readonly ahead: Ahead;
  readonly project: Project;
  readonly listening: Listening | undefined;
}): Workbench {
  return {
    url: listening?.url ?? '',
    failed: follow(view, streams, project.root),
    async close() {
      streams.close();
      aside.close();
      await listening?.close();
      await ahead.close();
      await view.close();
    },
  };
}

function routesOf({ project, maxCost }: WorkbenchOptions, { view, streams, aside }: Parts): Routes {
  const about = {
    name: basename(project.root),
    root: project.root,
    dataRoot: relative(project.root, project.dataRoot) || '.',
    tool: TOOL_VERSION,
  };
  const builds = new Builds({
    project,
    view,
    maxCost: maxCost ?? 0,
    now: () => Date.now(),
    listen: (build) => streams.say({ at: view.version, ...QUIET, build }),
  });
  return {
    documents: {
      about: () => ({ at: view.version, ...about, maxCost: maxCost ?? null, remaining: builds.remaining }),
      build: () => ({ at: view.version, build: builds.news }),
      ...readingDocuments(view),
      ...moneyDocuments(project, view, aside),
    },
    deeds: deedsOf(project, builds),
    events: (response) =>
      streams.open(response, {
        at: view.version,
        first: true,
        ...QUIET,
        ...(builds.news === null ? {} : { build: builds.news }),
      }),
  };
}

function nothing(): void {}

function promised<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  const hand: { resolve: (value: T) => void } = { resolve: nothing };
  const promise = new Promise<T>((resolve) => {
    hand.resolve = resolve;
  });
  return { promise, resolve: (value) => hand.resolve(value) };
}

function merged(before: News, now: News): News {
  const [build, aside] = [now.build ?? before.build, now.aside ?? before.aside];
  return {
    ...defined({ build, aside }),
    at: now.at,
    files: [...new Set([...before.files, ...now.files])],
    generations: before.generations || now.generations,
    money: before.money || now.money,
  };
}

/** Never resolves; rejects with what the view can not go on after. */
async function follow(view: View, streams: Streams<News>, root: string): Promise<never> {
  for await (const { version, files, generations, money } of view) {
    const names = files.map(({ path }) => relative(root, path).split(sep).join('/'));
    streams.say({ at: version, files: names, generations, money });
  }
  return new Promise(() => {});
}
