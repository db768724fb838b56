// daydream cohort design: a spec's rows on standard output, and nothing else. Needs a spec, but no catalog and no project.
import { existsSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { compileDesign } from '../../../../cohort/design/design.ts';
import { formatDesign, type DesignFormat } from '../../../../cohort/design/format.ts';
import { loadSpec } from '../../../../cohort/spec/load.ts';
import { findProject, loadProject, type Settings } from '../../../../config.ts';
import { placeOfOut, writeOut } from '../../../../engine/export/outfile.ts';
import { includeRoot, specOf } from '../../../../engine/cohorts/sources.ts';
import { hasErrors, problem, ProblemError } from '../../../../problem.ts';
import { plural } from '../../../../text/amounts.ts';
import { didYouMean } from '../../../../text/nearest.ts';
import { diskReader, insideFolder } from '../../../../inputs/disk/diskreader.ts';
import { cohortFile, layoutOf } from '../../../../store/layout.ts';
import type { Invocation } from '../../../call/command.ts';
import type { ExitCode } from '../../../call/exitcode.ts';
import { shortPath } from '../../../words/place.ts';

const FORMATS: readonly DesignFormat[] = ['csv', 'json', 'jsonl'];

export async function printDesign(call: Invocation, words: readonly string[]): Promise<ExitCode> {
  const { console, options, directory } = call;
  const word = words[0];
  if (word === undefined || words.length > 1)
    throw new ProblemError([
      problem('DD102', 'cohort design wants one spec: a path, or the name of a cohort'),
    ]);
  const out = options.text('out');
  const format = formatOf(call, out);
  const limit = call.options.count('limit', { least: 0 });
  const project = projectOnce(call);
  const spec = loadSpec(diskReader(), await specAt(call, word, project));
  if (hasErrors(spec.problems)) throw new ProblemError(spec.problems);
  const design = compileDesign(spec.value, { seed: options.text('seed') });
  const problems = [...spec.problems, ...design.problems];
  if (hasErrors(problems)) throw new ProblemError(problems);
  console.problems(problems);
  const { columns, rows } = design.value;
  const text = formatDesign({ columns, rows: rows.slice(0, limit) }, format);
  if (out === undefined) console.write(text);
  else {
    const path = placeOfOut(directory, out, await settingsIn(project));
    await writeOut(path, text);
    const written = plural(Math.min(rows.length, limit ?? rows.length), 'row');
    console.note(`${written} written to ${shortPath(path, directory)}`);
  }
  return 0;
}

/** What is asked for, else what the name of the output says, else CSV. */
function formatOf({ console, options }: Invocation, out: string | undefined): DesignFormat {
  const given = options.choice('format', FORMATS);
  if (given !== undefined) return given;
  if (console.json) return 'json';
  return FORMATS.find((each) => out !== undefined && extname(out) === `.${each}`) ?? 'csv';
}

type ProjectRead = () => ReturnType<typeof loadProject>;

/** Read when it is first asked for, and once: a config may be a program. */
function projectOnce(call: Invocation): ProjectRead {
  let read: ReturnType<ProjectRead> | undefined;
  return () => (read ??= call.load().then(loadProject));
}

/** Undefined where no project can be read: a spec may lie anywhere. */
async function settingsIn(project: ProjectRead): Promise<Settings | undefined> {
  try {
    return (await project()).value.settings;
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

interface SpecPlace {
  readonly specFile: string;
  readonly projectRoot: string;
}

/** A path goes before a cohort of that name. */
async function specAt(call: Invocation, word: string, project: ProjectRead): Promise<SpecPlace> {
  const path = resolve(call.directory, word);
  if (!existsSync(path)) return specOfCohort(call, word, project);
  const specFile = statSync(path).isDirectory() ? configIn(path) : path;
  return { specFile, projectRoot: await rootFor(call, specFile) };
}

function configIn(folder: string): string {
  const inSpec = join(folder, 'spec', 'config.yaml');
  return existsSync(inSpec) ? inSpec : join(folder, 'config.yaml');
}

/** Includes stay in the project of the spec; without one in the working folder, or else beside the spec. */
async function rootFor({ directory, options }: Invocation, specFile: string): Promise<string> {
  const named = ['root', 'data-root'].flatMap((name) => options.text(name) ?? []);
  const folders = [
    ...named.map((each) => resolve(directory, each)),
    findProject(dirname(specFile)),
    directory,
  ];
  return folders.find((each) => each !== undefined && insideFolder(each, specFile)) ?? dirname(specFile);
}

async function specOfCohort(
  { directory }: Invocation,
  word: string,
  project: ProjectRead,
): Promise<SpecPlace> {
  const looksLikePath = /[/\\.]/.test(word);
  const file = resolve(directory, word);
  if (looksLikePath) throw new ProblemError([problem('DD301', `${file} is missing`, { place: { file } })]);
  const {
    value: { settings },
    problems,
  } = await project();
  if (hasErrors(problems)) throw new ProblemError(problems);
  const layout = layoutOf(settings.dataRoot);
  const specFile = specOf(layout, word);
  if (specFile !== undefined) return { specFile, projectRoot: includeRoot(settings) };
  throw new ProblemError([
    problem(
      'DD301',
      `there is no spec of a cohort ${word}${didYouMean(word, diskReader().folders(layout.cohorts))}`,
      {
        place: { file: cohortFile(layout, word, 'spec', 'config.yaml') },
      },
    ),
  ]);
}
