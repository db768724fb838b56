// The compiled graph on disk, with the stamps of all that it was compiled from, so that a run in which nothing changed reads no
// config, no YAML and no CSV. A cache: damaged or of another version, it is made anew. Judges nothing.
import type { BrokenCohort, Manifest } from '../cohort/cohort.ts';
import type { Problem } from '../problem.ts';
import type { FileRecord, ListingRecord, ReadRecord } from '../inputs/disk/stamped.ts';
import { readColumns, writeColumns, type Column } from '../store/columns.ts';
import type { Tables } from './bind.ts';
import type { Structure, TemplateFiles } from './graph.ts';

const GRAPH_VERSION = 6;

export interface GraphHeader {
  /** The version of daydream: parsers and renderer are part of it. */
  readonly tool: string;
  /** Settings as they were resolved, for the options and the environment below. */
  readonly settings: unknown;
  readonly options: Readonly<Record<string, string | null>>;
  /** Names and SHA-256 of the environment variables that matter; null for those not set. */
  readonly environment: readonly (readonly [name: string, digest: string | null])[];
  readonly sources: readonly FileRecord[];
  readonly catalogReads: ReadRecord;
  readonly specReads: ReadRecord;
  /** One a bound template, in order; the digest is of what it loads as well. */
  readonly texts: readonly FileRecord[];
  /** What each digest is made of; one a bound template, in order. */
  readonly textFiles: readonly (TemplateFiles | null)[];
  /** What templates load, with the files that are not there. */
  readonly loaded: readonly FileRecord[];
  /** What the folders held out of which templates may load any; earlier versions kept none. */
  readonly listed?: readonly ListingRecord[];
  /** What the digests of the texts were with other line ends; one a bound template, in order. */
  readonly textsFormerly: readonly (readonly string[])[];
  readonly tables: Tables;
  readonly renderer: string;
  /** Parser fingerprints, one a bound template, in order. */
  readonly parsers: readonly string[];
  /** What earlier versions recorded of them, and their fingerprints. */
  readonly parsersFormerly: readonly (readonly [then: string, now: string])[];
  readonly warnings: readonly Problem[];
  /** Cohorts that are not in the structure, since they can not be used; absent where there are none. */
  readonly broken?: readonly BrokenCohort[];
  readonly structureKey: string;
  /** What of the catalogs decides the structure. */
  readonly catalogKey: string;
  /** By cohort; earlier versions kept none. */
  readonly manifests?: Readonly<Record<string, Manifest>>;
}

interface StoredHeader extends GraphHeader {
  readonly size: number;
  readonly templates: Structure['templates'];
  readonly models: readonly string[];
  readonly combos: readonly string[];
  readonly cohorts: readonly string[];
}

const COLUMNS = ['stage', 'parent', 'template', 'model', 'combo', 'replicate'] as const;

export interface CachedGraph {
  readonly header: GraphHeader;
  readonly structure: Structure;
}

export function saveGraph(path: string, { header, structure }: CachedGraph): void {
  const columns = new Map<string, Column>(COLUMNS.map((name) => [name, structure[name]]));
  columns.set('ids', new Uint8Array(Buffer.from(structure.ids.join('\n'), 'utf8')));
  for (const { id, members } of structure.cohorts) columns.set(`cohort ${id}`, members);
  const { size, templates, models, combos } = structure;
  const stored: StoredHeader = {
    ...header,
    size,
    templates,
    models,
    combos,
    cohorts: structure.cohorts.map(({ id }) => id),
  };
  writeColumns(path, GRAPH_VERSION, stored, columns);
}

export function loadGraphCache(path: string): CachedGraph | undefined {
  const file = readColumns<StoredHeader>(path, GRAPH_VERSION);
  if (file === undefined) return undefined;
  const { header, columns } = file;
  const column = <T extends Column>(name: string): T => columns.get(name) as T;
  let ids: readonly string[] | undefined;
  return {
    header,
    structure: {
      size: header.size,
      // Who only counts asks for no id.
      get ids() {
        return (ids ??= header.size === 0 ? [] : textOf(column('ids')).split('\n'));
      },
      stage: column('stage'),
      parent: column('parent'),
      template: column('template'),
      model: column('model'),
      combo: column('combo'),
      replicate: column('replicate'),
      templates: header.templates,
      models: header.models,
      combos: header.combos,
      cohorts: header.cohorts.map((id) => ({ id, members: column<Uint32Array>(`cohort ${id}`) })),
    },
  };
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}
