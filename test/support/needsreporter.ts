// The last paragraph of a run of the tests: which did not run because this machine lacks something, and the line that installs it.
// Knows not how it was missed.
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { installing } from './needs.ts';

/** What reporters print after their summary, by way of vitest's own log. */
export function needsReporter(print: (text: string) => void): Reporter {
  return {
    onTestRunEnd(modules) {
      const text = notRun(modules);
      if (text !== undefined) print(text);
    },
  };
}

/** Undefined where nothing was missing. */
function notRun(modules: readonly TestModule[]): string | undefined {
  const files = new Map<string, { readonly missing: Set<string>; tests: number }>();
  for (const module of modules)
    for (const test of module.children.allTests('skipped')) {
      const missing = missingOf(test);
      if (missing.length === 0) continue;
      const name = module.relativeModuleId;
      const file = files.get(name) ?? { missing: new Set(), tests: 0 };
      for (const each of missing) file.missing.add(each);
      file.tests += 1;
      files.set(name, file);
    }
  if (files.size === 0) return undefined;
  const lines = [...files].sort().map(([name, { missing, tests }]) => {
    const counted = `${tests} ${tests === 1 ? 'test' : 'tests'}`;
    return `  ${name}: ${counted} without ${[...missing].sort().join(', ')}`;
  });
  const missing = [...files.values()].flatMap((file) => [...file.missing]);
  return [
    'NOT RUN, for this machine lacks what they need:',
    ...lines,
    `To run them: ${installing(missing)}`,
  ].join('\n');
}

function missingOf(test: TestCase): readonly string[] {
  const missing = [...(test.meta().missing ?? [])];
  for (let parent = test.parent; parent.type === 'suite'; parent = parent.parent)
    missing.push(...(parent.meta().missing ?? []));
  return missing;
}
