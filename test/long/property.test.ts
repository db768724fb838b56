// The engine and its model agree: on random graphs, after any sequence of edits of inputs and artifacts, losses, faults of the
// provider, forces and builds, the same steps run and the same texts lie in the store; and a build that ends well leaves what a
// build from nothing could have left. Through the engine alone, and through the command line with a provider over HTTP.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { startCommandDriver, type CommandDriver } from '../support/commanddriver.ts';
import { engineDriver } from '../support/enginedriver.ts';
import { tales, type Tale } from '../support/histories.ts';
import { act, History, PLAIN_BUILD, type Action, type Driver } from '../support/history.ts';
import { inputsOf, Oracle } from '../support/imagined.ts';
import { BINARY } from '../support/program.ts';
import { scratchFolder } from '../support/project.ts';

const SOAK = process.env['DAYDREAM_SOAK'] !== undefined;
/** So many instead, and others each time. */
const WANTED = process.env['DAYDREAM_HISTORIES'];
const LONG = { timeout: 24 * 3_600_000 };

const IN_PROCESS = tales({ replicates: [1, 1, 2], shortest: 4, longest: 18 });
const BY_COMMANDS = tales({ replicates: [1], shortest: 2, longest: 10 });

/** Plays a history to its end; one that breaks says so with its script. */
async function play({ shape, actions }: Tale, driver: Driver): Promise<void> {
  const history = new History(inputsOf(shape, driver.url), driver);
  try {
    await history.build(PLAIN_BUILD);
    for (const action of actions) await act(history, action);
    await history.build(PLAIN_BUILD);
    await history.build(PLAIN_BUILD);
  } catch (error) {
    throw new Error(`after this the engine and its model differ:\n\n${history.script}\n\n${String(error)}`, {
      cause: error,
    });
  } finally {
    history.close();
  }
}

function runs(short: number): fc.Parameters<unknown> {
  return {
    numRuns: Number(WANTED ?? (SOAK ? 2000 : short)),
    ...(WANTED === undefined ? { seed: Number(process.env['DAYDREAM_SEED'] ?? 20_261_123) } : {}),
    endOnFailure: false,
  };
}

/** What a property fails with; undefined when it holds. */
async function broken(property: fc.IAsyncPropertyWithHooks<[Tale]>, short: number): Promise<unknown> {
  try {
    await fc.assert(property, runs(short));
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('any history', () => {
  let driver: CommandDriver | undefined;
  afterEach(async () => {
    await driver?.close();
    driver = undefined;
  });

  it('runs in the engine what it runs in the model, and leaves the same', LONG, async () => {
    expect(
      await broken(
        fc.asyncProperty(IN_PROCESS, (tale) => play(tale, engineDriver)),
        30,
      ),
    ).toBeUndefined();
  });

  it('runs on the command line what it runs in the model, and leaves the same', LONG, async () => {
    const apart = await startCommandDriver('apart');
    driver = await startCommandDriver('resident');
    const resident = driver;
    let played = 0;
    const found = await broken(
      fc.asyncProperty(BY_COMMANDS, async (tale) => {
        await play(tale, played % 20 === 4 ? apart : resident);
        played++;
      }),
      8,
    );
    await apart.close();
    expect(found).toBeUndefined();
    process.stdout.write(`${played} histories by commands\n`);
  });

  it(
    'that breaks the rules is told as a script of edits and commands, the shortest that does',
    LONG,
    async () => {
      const forgetful: Driver = {
        ...engineDriver,
        // An engine that takes every hand edit for its own work.
        async judge(root) {
          const { states, green } = await engineDriver.judge(root);
          return {
            green,
            states: new Map([...states].map(([id, state]) => [id, state.replace('edited', 'current')])),
          };
        },
      };
      const found = await fc.check(
        fc.asyncProperty(IN_PROCESS, (tale) => play(tale, forgetful)),
        { numRuns: 200, seed: 1 },
      );
      expect(found.failed).toBe(true);
      const told = String(found.errorInstance);
      expect(told).toMatch(/printf '%s' 'hand [^]*> 'data\/gens\/[^]*\ndaydream build/);
      const [tale] = found.counterexample ?? [];
      expect(tale?.actions.filter((action) => action.do === 'edit')).toHaveLength(1);
    },
  );

  it('can be done again from its script', LONG, async () => {
    driver = await startCommandDriver('resident');
    const shape = { combos: ['A', 'B'], drafts: ['d-a', 'd-b'], essays: ['e-llm', 'e-copy'], replicates: 1 };
    const history = new History(inputsOf(shape, driver.url), driver);
    const deeds: readonly Action[] = [
      PLAIN_BUILD,
      { do: 'template', id: 'd-a', part: 'core', to: 1 },
      { do: 'edit', which: 2, artifact: 'parsed', form: 1 },
      { do: 'lose', which: 3, what: 1 },
      { do: 'touch', which: 1 },
      PLAIN_BUILD,
      { do: 'lose caches', part: 1 },
      { do: 'copy' },
      { ...PLAIN_BUILD, force: 'draft' },
    ];
    for (const deed of deeds) await act(history, deed);
    const folder = scratchFolder();
    driver.answersFrom(new Oracle());
    const daydream = `daydream() { '${process.execPath}' '${BINARY}' "$@" --yes > out.txt 2>&1; }`;
    await promisify(execFile)('sh', ['-c', `${daydream}\n${history.script}\n`], {
      cwd: folder,
      env: { PATH: process.env['PATH'] },
    });
    expect(textsBelow(join(folder, 'data'))).toEqual(textsBelow(join(history.root, 'data')));
    history.close();
  });
});

/** Inputs and artifacts by path. */
function textsBelow(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const wanted = names.filter(
    (name) => /\.(?:txt|csv)$/.test(name) && !/reports|\.daydream|7_cross/.test(name),
  );
  return Object.fromEntries(wanted.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
