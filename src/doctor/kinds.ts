// Everything that doctor can find: a stable code each, how bad it is, why it matters and the usual cure. Looks at nothing itself.
export type Level = 'error' | 'warning' | 'note';

export interface FindingKind {
  readonly level: Level;
  readonly title: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do; a finding may carry a more exact one. */
  readonly cure: string;
  /** Present where `--fix` does it. */
  readonly fix?: string;
}

/** `docs/doctor.md` lists them all. */
export const FINDINGS = {
  // The environment and the config.
  input_problem: {
    level: 'error',
    title: 'an input can not be used as it is',
    why: 'Until it is mended nothing can be planned or built, and doctor can not look at what depends on it.',
    cure: 'Mend the place shown; docs/errors.md explains the code.',
  },
  missing_key: {
    level: 'warning',
    title: 'no API key',
    why: 'What has to run would stop at its first model call.',
    cure: 'Set the variable in .env or in the environment.',
  },
  not_writable: {
    level: 'error',
    title: 'the data root can not be written',
    why: 'A build could keep nothing of what it pays for.',
    cure: 'Repair the permissions of the folder.',
  },
  remote_unusable: {
    level: 'warning',
    title: 'a remote cache that is not used',
    why: 'Builds pay for what others of the team have paid for already.',
    cure: 'Mend what the message says; docs/team.md shows how a remote cache is set up.',
  },
  remote_unreadable: {
    level: 'warning',
    title: 'a remote cache that can not be read',
    why: 'Builds pay for what others of the team have paid for already.',
    cure: 'Correct the address or the key of the remote cache, or let the key read and list there: docs/team.md.',
  },
  remote_unwritable: {
    level: 'warning',
    title: 'a remote cache that can not be written',
    why: 'What is paid for here does not get to the team before `daydream cache push` succeeds.',
    cure: 'Let the key write there, or set DAYDREAM_REMOTE_MODE=read: docs/team.md.',
  },
  // Catalogs and templates.
  template_without_row: {
    level: 'note',
    title: 'a template text that no catalog row names',
    why: 'No spec can use it.',
    cure: 'Add a row with its name to the catalog of its stage, or remove the file.',
  },
  template_without_file: {
    level: 'warning',
    title: 'a catalog row whose template has no text',
    why: 'A spec that uses it can not be built.',
    cure: 'Write the file, set `generator` to copy, or remove the row.',
  },
  template_unused: {
    level: 'note',
    title: 'a template that nothing uses',
    why: 'Neither a cohort nor a generation of the store was made with it.',
    cure: 'Add it to a spec, or remove its row and its text.',
  },
  model_unused: {
    level: 'note',
    title: 'a model that nothing uses',
    why: 'Neither a cohort nor a generation of the store was made with it.',
    cure: 'Add it to a spec, or remove its row.',
  },
  combo_unknown_concept: {
    level: 'warning',
    title: 'a combo that names an unknown concept',
    why: 'A spec that uses it can not be built.',
    cure: 'Add the concept to concepts_metadata.csv, or correct or remove the rows of the combo.',
  },
  description_unread: {
    level: 'warning',
    title: 'a description of a concept that nobody reads',
    why: 'A shorter one, or the mere name of the concept, goes into the prompts in its place.',
    cure: 'Name it as a concept of concepts_metadata.csv is called, with `.txt` behind, and fill it; or remove it.',
  },
  id_read_otherwise: {
    level: 'warning',
    title: 'an id that the earlier, pandas-based tools read as something else',
    why: 'They guessed types by column, so their generations of it bear other ids and are not found here.',
    cure: 'Give it a name with a letter in it, where such generations exist under the old reading.',
  },
  // Cohorts.
  cohort_files_outdated: {
    level: 'warning',
    title: "a cohort's membership.csv or manifest.json does not follow from its spec",
    why: 'Other tools that read the file work on other generations than daydream does.',
    cure: 'Write them anew: `daydream cohort compile <cohort>`.',
    fix: 'writes the files anew',
  },
  cohort_empty: {
    level: 'note',
    title: 'a cohort folder without a spec and without members',
    why: 'It means nothing.',
    cure: 'Write spec/config.yaml, or remove the folder.',
  },
  // Who is who, and who is made from whom.
  id_mismatch: {
    level: 'error',
    title: 'a metadata.json whose coordinates do not give the id of its folder',
    why: 'The id is the hash of the coordinates, so one of them was changed, a swapped parent for one: reports attribute it wrongly, and a build makes it once more under another id.',
    cure: 'Put the coordinates back, or remove the generation: `daydream rm <gen_id> --yes`.',
    fix: 'puts the coordinates back where a cohort proves them',
  },
  parent_unset: {
    level: 'error',
    title: 'an essay or evaluation that names no parent',
    why: 'Nobody knows what it was made from, and reports leave its coordinates blank.',
    cure: 'Put the parent back, or remove the generation: `daydream rm <gen_id> --yes`.',
    fix: 'puts the coordinates back where a cohort proves them',
  },
  parent_missing: {
    level: 'error',
    title: 'a parent that is not in the store',
    why: 'The chain from the score to its concepts is broken.',
    cure: 'Make or restore the parent, or remove what was made from it: `daydream rm <gen_id> --cascade --yes`.',
  },
  prompt_without_parent: {
    level: 'warning',
    title: "a prompt that does not hold its parent's text",
    why: 'It was made from another text: the parent was replaced later, or is not the one that it names.',
    cure: 'Make it again: `daydream build <gen_id>`; or accept it: `daydream adopt <gen_id>`.',
  },
  orphan: {
    level: 'warning',
    title: 'a generation that no cohort has',
    why: 'It takes room and stays in the tables over all cohorts.',
    cure: 'Remove such generations: `daydream gc --yes`; or put them back into a cohort.',
  },
  duplicate_id: {
    level: 'error',
    title: 'ids that differ only in letter case, or one id in two stages',
    why: 'On some file systems they are one folder, and an id alone does not say which is meant.',
    cure: 'Remove one of them: `daydream rm <gen_id> --yes`.',
  },
  duplicate_text: {
    level: 'warning',
    title: 'two generations with the same reply',
    why: 'Independent replies of a model are hardly ever equal: one may be a copy, and counts twice.',
    cure: 'Ask again for one of them: `daydream build <gen_id> --force`.',
  },
  // Files.
  not_a_file: {
    level: 'error',
    title: 'something that is no file, where a generation has one',
    why: 'What reads the store stops at it: check, builds and reports.',
    cure: 'Move it away, and build: `daydream build <gen_id>`.',
  },
  metadata_missing: {
    level: 'error',
    title: 'a generation without metadata.json',
    why: 'What it was made from is known by its id alone, and only to the cohort that has it.',
    cure: 'Write it from the cohort: `daydream doctor --fix`; or remove the generation: `daydream rm <gen_id> --yes`.',
    fix: 'writes it from the cohort',
  },
  metadata_torn: {
    level: 'error',
    title: 'a metadata file that is no JSON',
    why: 'Reports stop at it, and a build makes the generation once more under another id.',
    cure: 'Restore the file from a backup; `daydream doctor --fix` writes what a cohort and the texts can prove.',
    fix: 'moves it to the trash, and writes what the cohort and the texts prove',
  },
  raw_metadata_missing: {
    level: 'warning',
    title: 'a text without its raw_metadata.json or parsed_metadata.json',
    why: 'Tables leave cells blank, and earlier tools refuse to go on.',
    cure: 'Write what the text proves: `daydream doctor --fix`.',
    fix: 'writes what the text proves',
  },
  may_not_be_read: {
    level: 'error',
    title: 'a folder or a file that may not be read',
    why: 'What lies there can be neither judged nor built upon, and what depends on it stops.',
    cure: "Give yourself the right to read it: `chmod -R u+rwX` of the folder, or `chown` where it is somebody else's.",
  },
  torn_file: {
    level: 'error',
    title: 'a text that was cut off or damaged on the disk',
    why: 'What is below it was, or will be, made from a broken text.',
    cure: 'Make it again: `daydream build <gen_id> --discard-edits`.',
  },
  empty_file: {
    level: 'warning',
    title: 'a text that is empty',
    why: 'What is below it is made from nothing.',
    cure: 'Ask again: `daydream build <gen_id> --force`.',
  },
  short_reply: {
    level: 'warning',
    title: 'a reply with fewer lines than the stage demands',
    why: 'It counts as failed, and what is below it is blocked.',
    cure: 'Ask again: `daydream build <gen_id> --retry refused`.',
  },
  truncated_reply: {
    level: 'warning',
    title: 'a reply that its token limit cut off',
    why: 'Its end is missing, which a judge can not know.',
    cure: 'Raise max_tokens of the model or maxTokens of the stage, and build; or ask again: `daydream build <gen_id> --retry refused`.',
  },
  temporary_file: {
    level: 'note',
    title: 'a temporary file that a crash left',
    why: 'It takes room; nothing reads it.',
    cure: 'Remove it: `daydream gc --yes`.',
    fix: 'moves it to the trash',
  },
  // How things stand.
  not_current: {
    level: 'note',
    title: 'outputs that are not current',
    why: 'They do not follow from the inputs as they are now, or are not made yet.',
    cure: 'Build: `daydream build`; `daydream plan` says first what that takes.',
  },
  failure_rate: {
    level: 'warning',
    title: 'more than 5 % failures',
    why: 'Means over what is left may be biased towards what is easy to answer.',
    cure: 'Ask again: `daydream build --retry all`; `daydream ls cohort:<cohort> --columns gen_id,state,why` says why they failed.',
  },
  cost_outlier: {
    level: 'note',
    title: 'a reply that cost far more than its like',
    why: 'The model may have rambled up to its limit, or was asked more than once.',
    cure: 'Ask again: `daydream build <gen_id> --force`; `daydream show <gen_id> --raw` shows what was said. A lower max_tokens keeps it from happening again.',
  },
  constant_judge: {
    level: 'warning',
    title: 'a judge whose scores never vary',
    why: 'It tells no essay from another, and narrows every mean that it is part of.',
    cure: 'Change the rubric, or take the judge out of the spec.',
  },
  judge_doubtful: {
    level: 'note',
    title: 'a judge that its scores give reason to doubt',
    why: 'Its leanings and its gaps go into every mean that it is part of.',
    cure: 'Look at it beside the others: `daydream report --show doubts`, and `--show traits`; docs/statistics.md says what each means and when not to believe it.',
  },
  ratings_damaged: {
    level: 'warning',
    title: 'lines of a ratings file that can not be read',
    why: 'What a person said there counts nowhere, and nobody but that person can say it again.',
    cure: 'Look at the lines: a crash tears at most the last one, which can go; docs/formats.md has the columns. `daydream rate` asks again.',
  },
  // The state of daydream itself.
  replies_waiting: {
    level: 'error',
    title: 'replies that wait beside the data root',
    why: 'They were paid for while the data root was moved away, and the archive does not have them.',
    cure: 'Take them home: `daydream doctor --fix`; the next build does so too.',
    fix: 'takes them home',
  },
  stale_lock: {
    level: 'warning',
    title: 'a lock whose holder is gone',
    why: 'The next build takes it over by itself; a crash left it.',
    cure: 'Take it away: `daydream doctor --fix`.',
    fix: 'takes it away',
  },
  foreign_lock: {
    level: 'note',
    title: 'a lock of another host',
    why: 'No build can start here while it is there, and whether its holder still runs can not be seen.',
    cure: 'If nothing runs on that host any more, take its lock away: `daydream doctor --unlock HOST`. With `--wait` a build waits for its end.',
  },
  index_damaged: {
    level: 'warning',
    title: 'an index that can not be read',
    why: 'Nothing is lost, but every command reads the whole store until a build writes it anew.',
    cure: 'Remove it: `daydream doctor --fix`; the next build writes it anew.',
    fix: 'removes it',
  },
  index_wrong: {
    level: 'error',
    title: 'an index that says something else than the store',
    why: 'A file was changed without its size, time or inode changing, so commands do not see the change.',
    cure: 'Build with every file read again: `daydream build --verify`.',
    fix: 'removes the index; the next build writes it anew',
  },
  ledger_damaged: {
    level: 'warning',
    title: 'unreadable lines in the call ledger',
    why: 'They are missing from the totals.',
    cure: 'Delete the lines shown from calls.jsonl.',
  },
  response_damaged: {
    level: 'warning',
    title: 'a kept response that can not be read',
    why: 'It can not be served again: the same question would be asked and paid for once more.',
    cure: 'Move it to the trash: `daydream doctor --fix`.',
    fix: 'moves it to the trash',
  },
  run_damaged: {
    level: 'note',
    title: 'a record of a run that can not be read',
    why: 'Its tags are not known any more.',
    cure: 'Move it to the trash: `daydream doctor --fix`.',
    fix: 'moves it to the trash',
  },
  batch_damaged: {
    level: 'error',
    title: 'the record of a batch that can not be read',
    why: 'What it asked can not be told, so no build goes on: it could pay twice.',
    cure: 'Put the file back from a copy. To delete it is your word that what it asked may be asked, and paid, again.',
  },
  batch_rows_damaged: {
    level: 'error',
    title: 'a batch whose rows can not be read',
    why: 'Nobody can tell what its answers are answers to, so they are not taken, and its questions are not asked again.',
    cure: 'Put the file back from a copy; or give the batch up, which may pay for its questions twice: `daydream batches forget <batch>`.',
  },
  batch_unreachable: {
    level: 'error',
    title: 'a batch whose provider has no batches in the config',
    why: 'Its answers can not be fetched, and its questions are not asked again.',
    cure: 'Set providers.NAME.batch again; or give the batch up, which may pay for its questions twice: `daydream batches forget <batch>`.',
  },
  batch_unsure: {
    level: 'warning',
    title: 'a batch that may or may not have reached its provider',
    why: 'Its questions count as asked until that is sure.',
    cure: "Build, which looks for it in the provider's list: `daydream build`; or give it up, which may pay twice: `daydream batches forget <batch>`.",
  },
  batch_old: {
    level: 'warning',
    title: 'a batch that has been open for more than four days',
    why: 'No provider takes so long, and its questions count as asked until it is taken.',
    cure: 'Build, which asks how it stands: `daydream build`; where the provider has it no more, give it up: `daydream batches forget <batch>`.',
  },
  batch_orphan: {
    level: 'note',
    title: 'rows of a batch that nobody waits for',
    why: 'A crash left them before the batch was sent, or after it was taken; nothing reads them.',
    cure: 'Move them to the trash: `daydream doctor --fix`.',
    fix: 'moves them to the trash',
  },
  batch_aside: {
    level: 'note',
    title: 'rows that came in a batch and that nobody here asked for',
    why: 'They may be paid for, by you or by somebody who shares the account.',
    cure: 'Look at the file, keep what you need, and delete it.',
  },
  // What another tool made.
  to_adopt: {
    level: 'note',
    title: 'generations of another tool that will be taken over as they are',
    why: 'Their prompts are what would be rendered now, so a build only writes down what they were made from.',
    cure: 'Build: `daydream build`.',
  },
  foreign_stale: {
    level: 'warning',
    title: 'generations of another tool that were made from other inputs',
    why: 'Their prompts are not what would be rendered now, so a build makes them again, at the price shown.',
    cure: 'Accept them as they are: `daydream adopt cohort:<cohort>`; or make them again: `daydream build`.',
  },
} as const satisfies Readonly<Record<string, FindingKind>>;
