// What raw_metadata.json and parsed_metadata.json say: the keys in which everyone who writes one agrees. Writes nothing.
import { inputMode } from '../../generation/mode.ts';
import type { GenId, Stage } from '../../generation/stage.ts';
import { codePointLength, splitLines } from '../../text/python.ts';
import type { Metadata } from './genstore.ts';
import { defined } from '../../defined.ts';

/** A generation as far as these files name it. */
export interface Named {
  readonly stage: Stage;
  readonly genId: GenId;
  readonly mode: string;
}

/** `said`: what is known of the answer. */
export function rawMetadataOf({ stage, genId, mode }: Named, text: string, said: Metadata): Metadata {
  const folder = `gens/${stage}/${genId}`;
  return {
    function: `${stage}_raw`,
    mode,
    stage,
    gen_id: genId,
    ...said,
    input_mode: inputMode({ mode }),
    // Code points, and lines as Python splits them.
    raw_length: codePointLength(text),
    raw_lines: splitLines(text).length,
    raw_path: `${folder}/raw.txt`,
    raw_metadata_path: `${folder}/raw_metadata.json`,
  };
}

/** `error`: null where the text was parsed. */
export function parsedMetadataOf(
  { stage, genId, mode }: Named,
  error: Metadata | null,
  { parser, runId }: { readonly parser?: string | undefined; readonly runId?: string },
): Metadata {
  const folder = `gens/${stage}/${genId}`;
  return defined({
    stage,
    gen_id: genId,
    function: `${stage}_parsed`,
    parser_name: parser,
    success: error === null,
    error,
    run_id: runId,
    input_mode: inputMode({ mode }),
    parsed_path: `${folder}/parsed.txt`,
    parsed_metadata_path: `${folder}/parsed_metadata.json`,
  });
}
