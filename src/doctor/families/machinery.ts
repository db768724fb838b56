// Findings about daydream's own files: lock, index, ledger, kept responses, run records, what crashes leave.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { ABSENT, FILES, type KeptIndex } from '../../store/gens/genindex.ts';
import { genFolder, indexPath, INDEXED_FILES, type Layout } from '../../store/layout.ts';
import { readLedger } from '../../store/ledger/ledger.ts';
import { lockHolder, lockOwner, unlockCure } from '../../store/lock.ts';
import { packWith, responseIn, responsePath } from '../../store/responses.ts';
import { listRuns, readRun, runPath } from '../../store/runs/runs.ts';
import { changedPlaces } from '../../store/gens/sweep.ts';
import { lodgingOf } from '../../store/writing/lodging.ts';
import { repliesWaiting } from '../../engine/upkeep/homecoming.ts';
import { OUTPUTS, temporaryFiles } from '../../store/leftovers.ts';
import { loadGraphCache } from '../../graph/graphcache.ts';
import { at, idAt, stageAt } from '../../graph/graph.ts';
import { isClosed, type Examination, type Opened } from '../examination.ts';
import { finding, type Finding, type Fix } from '../findings.ts';
import { defined } from '../../defined.ts';

export const MACHINERY = [waiting, lock, index, ledger, responses, runs, leftInStore, leftElsewhere] as const;

function leftInStore({ layout, leftovers }: Examination): readonly Finding[] {
  return leftovers.map((path) => temporary(layout, path));
}

function leftElsewhere({ layout }: Examination): readonly Finding[] {
  const elsewhere = OUTPUTS.filter((top) => top !== 'gens');
  return temporaryFiles(layout, elsewhere).map((path) => temporary(layout, path));
}

function temporary({ dataRoot }: Layout, path: string): Finding {
  return finding('temporary_file', `${path} was left by a crash`, {
    place: { file: join(dataRoot, path) },
    fix: { kind: 'trash', paths: [path] },
  });
}

function waiting({ layout }: Examination): readonly Finding[] {
  const files = repliesWaiting(layout);
  const [first] = files;
  if (first === undefined) return [];
  const unreadable = files.filter((file) => typeof responseIn(readFileSync(file, 'utf8')) === 'string');
  const message = `${files.length} ${files.length === 1 ? 'reply waits' : 'replies wait'} in ${lodgingOf(layout)}`;
  if (unreadable.length < files.length)
    return [finding('replies_waiting', message, { place: { file: first }, fix: { kind: 'home' } })];
  const cure = 'None of them can be read: look at them, and remove the folder.';
  return [finding('replies_waiting', message, { place: { file: first }, cure })];
}

function trash(layout: Layout, ...files: readonly string[]): Fix {
  return { kind: 'trash', paths: files.map((file) => relative(layout.dataRoot, file)) };
}

function lock({ layout: { lock: file } }: Examination): readonly Finding[] {
  const owner = lockOwner(file);
  if (owner === undefined) return [];
  const place = { file };
  if (owner === 'unreadable' || lockHolder(file) === undefined) {
    const whose =
      owner === 'unreadable'
        ? 'nobody that it names'
        : `\`${owner.command}\` (pid ${owner.pid}), which runs no more`;
    return [finding('stale_lock', `the lock is held by ${whose}`, { place, fix: { kind: 'unlock' } })];
  }
  if (owner.host === hostname()) return [];
  return [
    finding(
      'foreign_lock',
      `the lock is held by \`${owner.command}\` on ${owner.host}, since ${owner.since}`,
      { place, cure: unlockCure(owner) },
    ),
  ];
}

function index({ index: kept, layout, opened, unreadable }: Examination): readonly Finding[] {
  const file = indexPath(layout);
  if (kept === undefined) return [];
  const fix = trash(layout, file);
  if (kept === 'damaged')
    return [finding('index_damaged', 'gens.bin can not be read', { place: { file }, fix })];
  const wrong = opened === undefined ? [] : wrongRows(kept, opened, { layout, unreadable });
  const [first] = wrong;
  if (first === undefined) return [];
  const message = `${wrong.length} file${wrong.length === 1 ? '' : 's'} changed behind the index's back, ${first} for one`;
  return [
    finding('index_wrong', message, {
      place: { file: join(layout.dataRoot, first) },
      fix,
      data: { files: wrong },
    }),
  ];
}

const DIGESTS = ['promptFile', 'rawFile', 'parsedFile'] as const;

/** Files that the index would not read again, and that it remembers with another digest. */
function wrongRows(
  kept: KeptIndex,
  opened: Opened,
  { layout, unreadable }: Pick<Examination, 'layout' | 'unreadable'>,
): readonly string[] {
  const { index: now, loaded } = opened.session;
  const isSame = kept.structureKey === loaded.header.structureKey;
  const graph = isSame ? loaded.graph : loadGraphCache(join(layout.state, 'graph.bin'))?.structure;
  const { index: then } = kept;
  if (graph === undefined || graph.size !== then.size) return [];
  const { sizes, mtimes, inodes } = then;
  const job = { gens: layout.gens, ids: graph.ids, stage: graph.stage, sizes, mtimes, inodes };
  const wrong: string[] = [];
  for (let row = 0; row < graph.size; row++) {
    // Mostly the rows are the same still.
    const other = isSame ? row : opened.row(stageAt(graph, row), idAt(graph, row));
    if (other === undefined || DIGESTS.every((digest) => then.same(digest, row, digest, other, now)))
      continue;
    const [stage, genId] = [stageAt(graph, row), idAt(graph, row)];
    const files = [0, 1, 2].filter((file) => {
      const digest = at(DIGESTS, file);
      return sizes[row * FILES + file] !== ABSENT && !then.same(digest, row, digest, other, now);
    });
    if (files.length === 0 || isClosed({ unreadable }, { stage, genId })) continue;
    const read = new Set(changedPlaces(job, row, row + 1));
    for (const file of files)
      if (!read.has(row * FILES + file))
        wrong.push(
          relative(layout.dataRoot, `${genFolder(layout, stage, genId)}/${at(INDEXED_FILES, file)}`),
        );
  }
  return wrong;
}

function ledger({ layout }: Examination): readonly Finding[] {
  return readLedger(layout.ledger).problems.map(({ message, place, data }) =>
    finding('ledger_damaged', message, defined({ place, data })),
  );
}

const IN_A_PACK =
  'Nothing has to be done: others lie in the same file, and can be read. `daydream cache pull` brings it again.';

function responses({ layout, damagedResponses }: Examination): readonly Finding[] {
  return damagedResponses.map((name) => {
    const pack = packWith(layout, name);
    const file = pack ?? responsePath(layout, name);
    return finding('response_damaged', `the kept response ${name} can not be read`, {
      place: { file },
      // Others lie with it.
      ...(pack === undefined ? { fix: trash(layout, file) } : { cure: IN_A_PACK }),
    });
  });
}

function runs({ layout }: Examination): readonly Finding[] {
  return listRuns(layout)
    .filter((id) => readRun(layout, id) === 'damaged')
    .map((id) => {
      const file = runPath(layout, id);
      return finding('run_damaged', `the record of run ${id} can not be read`, {
        place: { file },
        fix: trash(layout, file),
      });
    });
}
