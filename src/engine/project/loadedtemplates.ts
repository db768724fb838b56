// The templates that templates load: where they lie, and what they do to the identity of the one that loads them. Renders nothing.
import { join } from 'node:path';
import { digestOf } from '../../digest.ts';
import { recordingReader, textDigest } from '../../inputs/disk/recordingreader.ts';
import type { InputReader } from '../../inputs/disk/reader.ts';
import type { Settings } from '../../config.ts';
import type { GraphTemplate } from '../../graph/graph.ts';
import { problem, type Problem } from '../../problem.ts';
import type { CompiledTemplate, LoadTemplate } from '../../template/template.ts';

/** Where inputs may lie. */
export function foldersOf({ root, dataRoot, templatesRoot }: Settings): readonly string[] {
  return [root, dataRoot, templatesRoot];
}

/** By paths from the templates root, with slashes. What leads out of the project is not read. */
export function loaderIn({ templatesRoot }: Settings, reader: InputReader): LoadTemplate {
  return (name) => {
    const parts = name.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\:\0]/.test(part)))
      return undefined;
    const file = join(templatesRoot, ...parts);
    return { file, text: reader.text(file).value };
  };
}

/** For who has no reader of its own. */
export function templatesOnDisk(settings: Settings): LoadTemplate {
  return loaderIn(settings, recordingReader(foldersOf(settings)).reader);
}

const LOADS = /\{%[-+]?\s*(?:extends|include|import|from)\b/;

export function mayLoad(text: string): boolean {
  return LOADS.test(text);
}

/** The identity of a template that has a system prompt: of both. */
export function withSystem(identity: string, system: string | undefined): string {
  return system === undefined ? identity : digestOf([identity, { system }]);
}

/** The identity of a template's text, and of the texts that it loads: those that are not there are part of it as well. */
export function identityOf(text: string, compiled: CompiledTemplate | undefined): string {
  const loaded = [...(compiled?.loaded ?? [])];
  if (loaded.length === 0) return textDigest(text);
  const others = loaded.map(([name, { text: other }]) => [
    name,
    other === undefined ? null : textDigest(other),
  ]);
  return digestOf([textDigest(text), others.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))]);
}

/** A system prompt that a spec names must be there. */
export function missingSystem({ stage, id, systemFile = '' }: GraphTemplate): Problem {
  return problem('DD372', `${stage} template ${id} has no system prompt of that name`, {
    reason: 'system_prompt_missing',
    place: { file: systemFile },
    cure: 'Write that file, or take the name out of the spec; `none` stands for no system prompt.',
  });
}
