// The order in which test files start: what `test/long` and `test/browser` hold before the rest, so that no long file is left alone at
// the end. Within both, as vitest orders them: by what they took before, else by size.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

function isLong({ moduleId }: TestSpecification): boolean {
  return /\/test\/(?:long|browser)\//.test(moduleId);
}
