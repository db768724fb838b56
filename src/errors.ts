// Every mistake that a user can make: its code, what it means, where it is and how to mend it. Knows nothing of who finds it.

export interface CodeEntry {
  readonly title: string;
  /** Why it matters. */
  readonly why: string;
  /** The usual cure; a problem may carry a more exact one. */
  readonly cure: string;
}

/** Codes are stable: one is never given a second meaning. `docs/errors.md` lists them all. */
export const CODES = {
  // DD1xx: usage, configuration, environment
  DD101: {
    title: 'unknown command',
    why: 'Nothing was run.',
    cure: 'Run `daydream --help` for the list of commands.',
  },
  DD102: {
    title: 'bad usage',
    why: 'An option that is misread could spend money or lose work, so nothing was run.',
    cure: 'Run the command with `--help` for its options.',
  },
  DD103: {
    title: 'no project here',
    why: 'Every command works in the project that holds the nearest daydream.config.ts.',
    cure: 'Run `daydream init`, or name the project with `--root DIR`.',
  },
  DD104: {
    title: 'the config can not be loaded',
    why: 'Without its config a project has no defaults to build with.',
    cure: 'Mend the config file at the place shown.',
  },
  DD105: {
    title: 'a config key that does not exist',
    why: 'A misspelt key would silently leave its default in force.',
    cure: 'Rename the key, or remove it.',
  },
  DD106: {
    title: 'a config value of the wrong kind',
    why: 'The value can not be used as it stands.',
    cure: 'Give the value in the form shown.',
  },
  DD107: {
    title: 'no API key',
    why: 'A model call needs the key of its provider.',
    cure: 'Set the variable in .env or in the environment, or use `--provider offline` to try things out without a model.',
  },
  DD108: {
    title: 'a selector that can not be read',
    why: 'A misread selector could run or skip the wrong generations.',
    cure: 'See `daydream ls --help` for the selector language.',
  },
  DD109: {
    title: 'a selector that matches nothing',
    why: 'A command over nothing would look like success.',
    cure: 'Use one of the names suggested, or `daydream ls` to see what there is.',
  },
  DD110: {
    title: 'a provider that is not configured',
    why: 'Nobody could be asked.',
    cure: 'Add it under `providers` in the config, or choose one of those named.',
  },
  DD111: {
    title: 'spending needs a yes',
    why: 'The plan costs more than `confirmAbove`, and nobody is there to ask.',
    cure: 'Add `--yes`, or a limit with `--max-cost USD`.',
  },
  DD112: {
    title: 'paid outputs would be replaced by offline ones',
    why: 'The offline model asks nobody; its text would take the place of answers that were paid for.',
    cure: 'Build without `--provider offline`, or add `--force` if that is what you want.',
  },
  DD113: {
    title: 'nothing to build',
    why: 'A data root without a cohort has no generations.',
    cure: 'Write data/cohorts/NAME/spec/config.yaml, or run `daydream cohort new NAME`.',
  },
  DD114: {
    title: 'the data root is not there',
    why: 'There is nothing to read, and a mistyped path should not make a new one.',
    cure: 'Mend `dataRoot` in the config, DAYDREAMING_DATA_ROOT or `--data-root`; or make the folder.',
  },
  DD115: {
    title: 'a file is in the way',
    why: 'What a hand has written there would be lost, so nothing was written.',
    cure: 'Move it away or remove it, or choose another place.',
  },
  DD119: {
    title: 'git could not tell what it holds',
    why: 'Without it nobody knows what the next commit would hold, or what an earlier one does.',
    cure: 'Run `daydream check --staged` in a git repository with git installed, or use plain `daydream check`.',
  },
  DD166: {
    title: 'the page of the workbench is not there',
    why: 'Its files come with the package.',
    cure: 'Install the package again; in a clone run `npm run bundle`.',
  },
  DD167: {
    title: 'a port that can not be listened on',
    why: 'Another program has it, or it needs rights that you do not have.',
    cure: 'Choose another one, or leave `--port` out: any free one is taken then.',
  },
  DD168: {
    title: 'a question that the workbench does not understand',
    why: 'Guessing would show something else than what was asked for.',
    cure: 'Go back to the matrix; where you wrote the address by hand, correct it.',
  },
  DD169: {
    title: 'dearer than the workbench may spend',
    why: 'The page can not raise what its server was started with.',
    cure: 'Start it anew with a higher `--max-cost USD`, select less, or build in a terminal.',
  },
  DD170: {
    title: 'a quality gate that can not be read',
    why: 'Misread, it could let pass what it is there to stop.',
    cure: 'Write conditions such as `rubric:novelty mean >= 6, failures < 5%`.',
  },
  DD177: {
    title: 'no address of a provider',
    why: 'Without a whole address nothing can be sent, however often it is tried.',
    cure: 'Write it out, such as http://127.0.0.1:8000/v1.',
  },
  DD178: {
    title: 'a key or a header that can not be sent',
    why: 'HTTP can not carry every character, and some can not be seen: a key that was copied from a page may hold one.',
    cure: 'Copy the key again, or type what stands around that place.',
  },
  DD179: {
    title: 'a setting that would not be sent',
    why: 'The request says it in another place, or this one says it twice, so what stands here would be passed over in silence.',
    cure: 'Move it to where the message says, or take it out.',
  },
  DD180: {
    title: 'a setting that the provider ignores',
    why: 'It stands in the record of every reply as if it had decided something, and the provider passed over it in silence.',
    cure: 'Take it out, or ask a provider that heeds it; where the provider heeds it after all, say so with `ignores` under `providers`.',
  },
  DD181: {
    title: 'a price or a way among what decides the text',
    why: 'What stands under `sampling` is part of what an answer is an answer to: to change it asks, and pays, again. This one decides the price or the way.',
    cure: 'Move it to `transport`, which changes nothing of the text. What was asked with it under `sampling` is asked again then: leave it where that is paid for.',
  },
  DD182: {
    title: 'reasoning that can not be asked for in this way',
    why: 'Providers take an effort or a budget in tokens, and not each takes both: sent as it is, it would be refused or ignored.',
    cure: 'Say the other of the two for this model, or write what the provider wants under `sampling`.',
  },
  DD184: {
    title: 'a pool that no model is in',
    why: 'Its limits are in force for nobody; the models that it is meant for go by the limits of another.',
    cure: 'Correct its name under `pools`, or the pool of the models that it is meant for; or remove it.',
  },
  DD185: {
    title: 'a rule for models that fits none',
    why: 'The provider, pool or price that it gives is in force for nobody.',
    cure: 'Correct the id or the pattern under `models`, or remove the rule.',
  },
  DD196: {
    title: 'bad usage of the package',
    why: 'An option that is misread could spend money or lose work, so nothing was run.',
    cure: 'Look at the options in docs/api.md.',
  },
  DD197: {
    title: 'the project is closed',
    why: 'After `close()` nothing reads or builds any more.',
    cure: 'Open it anew with `openProject`.',
  },
  DD198: {
    title: 'the remote cache can not be used as it is configured',
    why: "Without it a team's answers would be paid for again, or be written where they do not belong.",
    cure: 'Correct `remote` in the config, or the DAYDREAM_REMOTE variables; docs/team.md has examples.',
  },
  DD199: {
    title: 'a mistake in daydream itself',
    why: 'This should not happen; what was written so far is whole.',
    cure: 'Run the command again with `-v` and report what it prints.',
  },
  // DD2xx: input files and catalogs
  DD201: {
    title: 'An input file cannot be read',
    why: 'Nothing can be said about a cohort while one of its inputs is out of reach.',
    cure: 'Make the file readable, or remove it if it is not meant to be there.',
  },
  DD202: {
    title: 'An input file is not UTF-8',
    why: 'Guessing an encoding would change prompts and ids without a word.',
    cure: 'Save the file as UTF-8.',
  },
  DD203: {
    title: 'An input file is missing',
    why: 'Every catalog is needed to tell what a cohort may use.',
    cure: 'Create the file; `daydream init` writes a complete example elsewhere to copy from.',
  },
  DD204: {
    title: 'A CSV file is malformed',
    why: 'From the broken place on, no row can be trusted.',
    cure: 'Close the quote, or double every quote inside a quoted cell.',
  },
  DD205: {
    title: 'A CSV row is longer than the header',
    why: 'A stray comma would shift every later cell into the wrong column.',
    cure: 'Quote the cell that holds a comma, remove the extra comma, or name the column in the header.',
  },
  DD206: {
    title: 'A CSV header is missing or names a column twice',
    why: 'Columns are found by name, so one of two equal ones would be lost.',
    cure: 'Write one header line, each column name once.',
  },
  DD207: {
    title: 'A catalog has the withdrawn column "active"',
    why: 'What is active is decided by cohort specs; a second switch would contradict them.',
    cure: 'Remove the column "active"; remove the rows that you do not want.',
  },
  DD208: {
    title: 'A required column is missing',
    why: 'Without it the rows say nothing.',
    cure: 'Add the column to the header, and its cells to the rows.',
  },
  DD209: {
    title: 'An id stands twice in one catalog',
    why: 'One of the two rows would be lost.',
    cure: 'Rename or remove one of the two rows.',
  },
  DD210: {
    title: 'An id cannot be used',
    why: 'Ids become file names, so they must be names and stay inside their folder.',
    cure: 'Use letters, digits, dashes, dots and underscores.',
  },
  DD211: {
    title: 'A catalog cell has a value that means nothing',
    why: 'Guessing here would change what is asked, or what it costs.',
    cure: 'Correct the cell, or leave it blank for the default.',
  },
  DD212: {
    title: 'A generator cell is blank',
    why: 'It is read as `llm`; a template that copies needs the word `copy`.',
    cure: 'Write `llm` or `copy` in the cell.',
  },
  DD213: {
    title: 'replication_config.csv is incomplete',
    why: 'Each stage needs a count of 1 or more.',
    cure: 'Give each of draft, essay and evaluation a row with a whole number from 1 on, or remove the file: every count is then 1.',
  },
  DD214: {
    title: 'A combo names an unknown concept',
    why: 'Its prompts cannot be written; cohorts that do not use it are not affected.',
    cure: 'Add the concept to concepts_metadata.csv, or correct the row in combo_mappings.csv.',
  },
  DD215: {
    title: 'There are no combos',
    why: 'Every draft is made from a combo of concepts.',
    cure: 'Register one: `daydream cohort combos add <concept> <concept>`.',
  },
  DD216: {
    title: 'A combo id is taken by other concepts',
    why: 'Two combos under one id would share drafts.',
    cure: 'Correct the rows with that id in combo_mappings.csv: they do not match their own id.',
  },
  DD217: {
    title: 'A YAML file is malformed',
    why: 'Nothing after the broken place can be trusted.',
    cure: 'Correct the line.',
  },
  DD218: {
    title: 'A YAML mapping has a key twice',
    why: 'One of the two values would be lost without a word.',
    cure: 'Remove or rename one of the two keys. `1`, `1.0`, `true` and `yes` are one key.',
  },
  DD219: {
    title: 'A document stands for too much',
    why: 'A few lines of nested lists or aliases can stand for more than memory holds.',
    cure: 'Write the values out, or move them to a CSV file and include it with `@file:`.',
  },
  DD220: {
    title: 'A JSON file is malformed',
    why: 'Nothing in it can be used.',
    cure: 'Correct the line.',
  },
  DD221: {
    title: 'A row is ignored',
    why: 'It lacks what makes it a row of this file.',
    cure: 'Complete the row, or remove it.',
  },
  DD222: {
    title: 'An input leads out of the project',
    why: 'A link or a name with `..` in it could send any file of this machine to a provider.',
    cure: 'Copy the file into the project.',
  },
  DD284: {
    title: 'A text holds a merge that is not decided',
    why: 'The marks and both sides would go into prompts, and be paid for.',
    cure: 'Decide it: keep the lines that are right, and remove those that begin with `<<<<<<<`, `=======` and `>>>>>>>`.',
  },
  DD286: {
    title: 'A column looks like another that is missing',
    why: 'Columns are found by name: what stands in a misspelt one is in force for nothing.',
    cure: 'Correct the name in the header; or rename it to something that is less like the other.',
  },
  DD287: {
    title: 'A description that nobody reads',
    why: 'A shorter one, or the mere name of the concept, goes into the prompts in its place.',
    cure: 'Name the file as the concept is called in concepts_metadata.csv, letter by letter; or remove it.',
  },
  DD288: {
    title: 'A combo names a concept twice',
    why: 'Its prompts would describe one thing twice.',
    cure: 'Name each concept once.',
  },
  DD289: {
    title: 'A price that can hardly be meant',
    why: 'Plans and caps count with it where the provider bills nothing, and an estimate that is a million times too low asks nobody.',
    cure: 'Prices are USD per million tokens: correct it, or `daydream models refresh` reads it from the provider.',
  },
  DD290: {
    title: 'Two names for one question',
    why: 'Who asks the very same gets the same answer, which is bought once: compared with one another, the two say nothing.',
    cure: 'Take one of the two out of the spec; or give it another text, other settings, or a replicate.',
  },
  // DD3xx: cohort specs and membership
  DD301: {
    title: 'A cohort has no spec',
    why: 'The spec says which generations a cohort consists of.',
    cure: 'Write spec/config.yaml in the cohort folder; `daydream cohort new <name>` writes one to start from.',
  },
  DD302: {
    title: 'A spec has a file type that is not read',
    why: 'Specs are YAML or JSON.',
    cure: 'Rename it to config.yaml, and write it as YAML.',
  },
  DD303: {
    title: 'A spec has the wrong shape',
    why: 'A part that is not understood would be left out of the design without a word.',
    cure: 'Write `axes:` as a mapping of lists, `rules:` as a mapping, and `output: {field_order: [...]}`.',
  },
  DD304: {
    title: 'field_order is missing or names an unknown axis',
    why: 'It decides the columns of the design.',
    cure: 'List names of axes, declared ones or ones that a tuple feeds.',
  },
  DD305: {
    title: 'An include leaves the project',
    why: 'A cohort must build the same on every machine, and a spec must not read other files of yours.',
    cure: 'Move the file into the project and include it from there.',
  },
  DD306: {
    title: 'An include cannot be used',
    why: 'The levels that it should give are unknown.',
    cure: 'Include a .yaml, .yml, .json, .txt or .csv file that holds a list.',
  },
  DD307: {
    title: 'A rule is malformed',
    why: 'A rule that is not understood would change the design without a word.',
    cure: 'Correct the rule; subsets are lists, ties lists of axes, pairs have left, right and allowed, tuples have axes and items.',
  },
  DD308: {
    title: 'A rule names an axis that is not there',
    why: 'Sections run in the order in which they are written, and an axis used by a rule is gone for the next.',
    cure: 'Correct the name, or write the section further up.',
  },
  DD309: {
    title: 'A rule asks for levels that are not there',
    why: 'Nothing would be left, or something that the axes do not offer.',
    cure: 'Use levels of the axes as they are after the rules above.',
  },
  DD310: {
    title: 'A pair is not balanced',
    why: '`balance` asks for every level to occur equally often.',
    cure: 'Complete `allowed`, or remove `balance`.',
  },
  DD311: {
    title: 'Rules are combined so that a column would be lost',
    why: 'Its values would be missing from every row.',
    cure: 'Give the rule a name of its own, and let it name axes: not pairs or tuples, and a tie by its own name.',
  },
  DD312: {
    title: 'A list or mapping stands where a level should',
    why: 'Levels are single values.',
    cure: 'Write single values; to go through several axes in step, use a rule under `tuples`.',
  },
  DD313: {
    title: 'A design is too large',
    why: 'It would not fit in memory, and is hardly meant.',
    cure: 'Tie, pair or subset the axes; check for an axis with more levels than expected.',
  },
  DD314: {
    title: 'A seed is no whole number',
    why: 'The order of rows must be repeatable.',
    cure: 'Give a whole number.',
  },
  DD320: {
    title: 'Design rows lack a value',
    why: 'Every row needs a combo, and a template and a model for each stage.',
    cure: 'Add the axis to the spec, or fill its blank levels.',
  },
  DD321: {
    title: 'A replicate is no whole number from 1 on',
    why: 'Replicates are counted.',
    cure: 'Use 1, 2, 3 and so on.',
  },
  DD322: {
    title: 'A design is empty',
    why: 'A cohort without rows has nothing to build.',
    cure: 'Give every axis at least one level.',
  },
  DD323: {
    title: 'A spec names something that is in no catalog',
    why: 'It could not be rendered or asked.',
    cure: 'Correct the name in the spec, or add it to the catalog.',
  },
  DD324: {
    title: 'A spec uses a model or a template for what it cannot do',
    why: 'A catalog column rules it out, or there is nothing to do it with.',
    cure: 'Use another model or template, or change the catalog.',
  },
  DD325: {
    title: 'Two essay models share their essay ids',
    why: 'The model is no part of an essay id, so only the essays of the first model would be made.',
    cure: 'Give each model an essay_replicate of its own, in a tuple over essay_llm and essay_replicate; or go on with the first: `--allow-merge`.',
  },
  DD326: {
    title: 'Names that differ only in letter case share their ids',
    why: 'Ids ignore letter case, so only the first of them would be made.',
    cure: 'Give them names that differ in more than letter case, or use one of them; or go on with the first: `--allow-merge`.',
  },
  DD327: {
    title: 'No free generation id is left',
    why: 'Five folders hold other generations under the ids that this one may have.',
    cure: 'Look at their metadata.json: somebody edited it, or the folders were renamed.',
  },
  DD328: {
    title: 'A generation has no id',
    why: 'One of the parts that an id is made from cannot be used.',
    cure: 'Correct the value in the spec.',
  },
  DD329: {
    title: 'membership.csv is malformed',
    why: 'Its rows say which generations belong to a cohort.',
    cure: 'Write it anew: `daydream cohort compile <cohort>`.',
  },
  DD330: {
    title: 'A cohort spec cannot be begun',
    why: 'A spec needs at least one of everything: combo, template and model.',
    cure: 'Fill the catalogs first.',
  },
  DD331: {
    title: 'A spec names essays and says how to make them',
    why: 'With essay_gen_id the drafts and essays are those that are there already.',
    cure: 'Leave essay_gen_id and the columns of evaluations, or take essay_gen_id out.',
  },
  DD332: {
    title: 'A spec names an essay that is not there',
    why: 'Only an essay whose draft, templates and models are known can be evaluated.',
    cure: 'Take the id out of the list, or build the cohort that the essay comes from.',
  },
  DD350: {
    title: 'two cohorts disagree about one generation',
    why: 'An essay id does not hold its model, so two models for the same draft and template share one id. The later of the two is broken; the others are built.',
    cure: 'Use the same model in both cohorts, or give the essays of one an essay_replicate that the other does not use; or follow the first: `--allow-merge`.',
  },
  DD351: {
    title: 'a model is asked for that is only a word for copies',
    why: 'The pseudo model None answers nothing.',
    cure: "Name a model of llm_models.csv, or set the template's generator to copy.",
  },
  DD353: {
    title: 'a generation without coordinates',
    why: 'What it is made from is neither in membership.csv nor in its metadata.json.',
    cure: 'Write the wide form of membership.csv, or restore the metadata.json of the generation.',
  },
  DD354: {
    title: 'a stored cohort names what is in no catalog',
    why: 'Without its row in the catalog a generation can not be judged or made again.',
    cure: 'Add the row to its catalog, or take the generation out of membership.csv.',
  },
  DD355: {
    title: 'a template without a text',
    why: 'Its prompts can not be rendered.',
    cure: 'Write the file, or take the template out of the spec.',
  },
  DD370: {
    title: 'A parameter that can not be asked for',
    why: 'Providers refuse it, or take it for another.',
    cure: 'Write a number from 0 on for a temperature, one above 0 and up to 1 for top_p, and the name of a system prompt or `none` for system.',
  },
  DD371: {
    title: 'A temperature is varied that is not sent',
    why: 'Both levels would be the same question, and any difference between them chance.',
    cure: 'Take the axis out of the spec for this model, or name another model.',
  },
  DD372: {
    title: 'A system prompt of a spec is not there',
    why: 'Without it the two levels of the axis would be the same prompt.',
    cure: 'Write the file, or take the name out of the spec; `none` stands for no system prompt.',
  },
  DD384: {
    title: 'A level is read as another value than its letters',
    why: 'YAML takes unquoted words like 1.10, 007 and no for numbers and flags, so another name may be meant than the one that is used.',
    cure: 'Put it in quotes if it is a name.',
  },
  DD385: {
    title: 'The columns of a file stand in another order than the axes of its tuple',
    why: 'Cells go to axes by their place, so the values of the axes would change places.',
    cure: 'Write the axes of the tuple in the order of the columns, or the columns in the order of the axes.',
  },
  DD386: {
    title: 'A file looks like a spec and is not read',
    why: 'Its cohort is left out, or what it says is in force for nobody.',
    cure: 'Name it config.yaml, or remove it.',
  },
  // DD4xx: templates, prompts and parsers
  DD401: {
    title: 'Template syntax error',
    why: 'A template that does not parse renders no prompt, so nothing that uses it can run.',
    cure: 'Mend the tag at the place shown.',
  },
  DD402: {
    title: 'Undefined template variable',
    why: 'A misspelt name would leave a hole in every prompt of the template.',
    cure: "Use one of the stage's variables, or a name that the template sets.",
  },
  DD404: {
    title: 'Template too large or too long at work',
    why: 'A template is data: it must not hang the program or fill its memory.',
    cure: 'Shorten the loops, ranges or texts of the template.',
  },
  DD405: {
    title: 'Template cannot be rendered',
    why: 'An operation of the template does not fit the values it is given.',
    cure: 'Mend the expression at the place shown.',
  },
  DD410: {
    title: 'Unknown parser',
    why: 'Without its parser a reply has no parsed text, and the next stage has no input.',
    cure: "Name a parser of the stage, or leave the template's parser cell blank for identity.",
  },
  DD411: {
    title: 'Parser name taken',
    why: 'A name must mean one parser: it is part of what a parsed text was made from.',
    cure: 'Give the parser in daydream.config.ts another name.',
  },
  DD412: {
    title: 'Parser of the configuration is unusable',
    why: 'A parser needs a name to be asked for by, and a function from text to text.',
    cure: 'Write it as { name, stages?, version?, parse: (raw) => text } in daydream.config.ts, and a scorer as { name, version?, score: (text) => number }.',
  },
  DD470: {
    title: 'A score without a judge names no scorer',
    why: 'With `generator` code nobody is asked, and what is to be counted or compared is for the column `parser` to say.',
    cure: 'Write a scorer there, such as `length:words`, or one of `scorers` in daydream.config.ts; or write `llm` as the generator.',
  },
  DD484: {
    title: 'A prompt without a word',
    why: 'A model would be paid to answer nothing, and what it makes up would be taken for a text.',
    cure: 'Write the text of the template; or take it out of the spec until it is written.',
  },
  DD491: {
    title: 'Template to load not found',
    why: 'Without it the prompt would lack a part.',
    cure: 'Write the name as a path from the templates root, such as `parts/style.txt`; or add `ignore missing`.',
  },
  // DD5xx: the store
  DD501: {
    title: 'another build or watch holds the data root',
    why: 'Two writers could pay for the same answer twice.',
    cure: 'Wait until it has ended; with `--wait` a build, a watch, and what removes, restores or accepts does.',
  },
  DD502: {
    title: 'a lock of another host',
    why: 'Whether its holder still runs can not be seen from here.',
    cure: 'If nothing runs on that host any more, take its lock away: `daydream doctor --unlock HOST`. With `--wait` a build waits for its end.',
  },
  DD503: {
    title: 'a newer daydream wrote this',
    why: 'An older version could damage what it does not understand.',
    cure: 'Use the newer version of daydream.',
  },
  DD504: {
    title: 'the store can not be written',
    why: 'A result that can not be kept must not be paid for.',
    cure: 'Make room or repair the permissions, then build again: what was paid for is kept.',
  },
  DD505: {
    title: 'no such generation',
    why: 'The id is in no cohort and not in the store.',
    cure: 'Use `daydream ls` to find the id.',
  },
  DD506: {
    title: 'a metadata file that is not JSON',
    why: 'What the generation was made from can not be told.',
    cure: 'Restore the file, or delete it and build again.',
  },
  DD509: {
    title: 'a reply that was paid for could not be kept',
    why: 'Nothing more is asked, so that nothing more is paid for and lost.',
    cure: 'Make room or repair the permissions, put the reply in its place as the message says, and build again.',
  },
  DD510: {
    title: 'no such run',
    why: 'No build of that name is on record.',
    cure: 'Use `daydream runs` to find its name.',
  },
  DD511: {
    title: 'not in the trash',
    why: 'What was never removed, or was deleted for good, can not be brought back.',
    cure: 'Use `daydream restore` to see what there is.',
  },
  DD570: {
    title: 'a record without results',
    why: 'Builds keep what was made when they are tagged or leave a snapshot; this one did neither, or an earlier version made it.',
    cure: 'Build with `--tag KEY=VALUE`, and with `--snapshot` to keep the texts too.',
  },
  DD584: {
    title: 'a file stands where a folder is wanted, or a folder where a file is',
    why: 'There is nothing to read, and nothing can be written over it.',
    cure: 'Name something else, or move what stands there away.',
  },
  DD585: {
    title: 'the output can not be written',
    why: 'What was to be read is not whole, so the command did not succeed; what was paid for is kept.',
    cure: 'Make room where the output goes, and run the command again.',
  },
  DD586: {
    title: 'the data root is in other hands',
    why: 'Two that build in one data root pay twice and overwrite each other, so this one started nothing more.',
    cure: 'End the other one, or wait for it; then start this one again.',
  },
  DD587: {
    title: 'replies that came while the data root was away',
    why: 'They were paid for, and there was no place to keep them.',
    cure: 'Take them home: `daydream doctor --fix`; the next build does so too.',
  },
  DD588: {
    title: 'what lies there can not be read',
    why: 'What can not be read can neither be judged nor counted, and to take it for absent could pay for it again.',
    cure: "Give yourself the right to read it: `chmod -R u+rwX` of the folder, or `chown` where it is somebody else's; then run the command again.",
  },

  // DD6xx: models, limits and money
  DD602: {
    title: 'a model without a price under a cap',
    why: 'A cap on money cannot hold when the price of a call is not known, and unknown is not free.',
    cure: 'Fill input_price and output_price of the model in llm_models.csv, or run: `daydream models refresh`.',
  },
  DD603: {
    title: 'the cap was reached',
    why: 'The next call might have passed the cap, so nothing more was started.',
    cure: 'Build again with a higher --max-cost; what was answered is kept.',
  },
  DD604: {
    title: "the day's limit was reached",
    why: 'The provider, or the limit in the config, allows no more requests today; failed ones count too.',
    cure: 'Build again after the reset; `daydream watch` goes on by itself.',
  },
  DD605: {
    title: 'the provider wants a rest',
    why: 'Its rate limit refused the call as often as it was tried.',
    cure: "Lower the pool's concurrency or requestsPerMinute in the config, then: `daydream build --retry api`.",
  },
  DD606: {
    title: 'no reply in time',
    why: 'The call was ended by its deadline, or its stream fell silent; the provider may bill it all the same.',
    cure: 'Try again with `daydream build --retry api`, or raise the timeout in the config.',
  },
  DD607: {
    title: 'the provider cannot be reached',
    why: 'The connection was refused, or broke, each time it was tried.',
    cure: 'Look at the network and at the baseURL in the config, then: `daydream build --retry api`.',
  },
  DD608: {
    title: 'the provider failed',
    why: 'It answered with an error of its own each time it was tried.',
    cure: 'Try again later: `daydream build --retry api`.',
  },
  DD609: {
    title: 'what came is no reply',
    why: 'The body was cut off, empty, a web page, or JSON without a choice.',
    cure: 'Check that the baseURL in the config is that of the API, then: `daydream build --retry api`.',
  },
  DD610: {
    title: 'the key was refused',
    why: 'The provider does not know the key, or does not let it use this model.',
    cure: 'Check the key in the environment or in .env, then: `daydream build --retry api`.',
  },
  DD611: {
    title: 'the credit is used up',
    why: 'The provider answers no more until the account is paid.',
    cure: 'Add credit to the account, then: `daydream build --retry api`.',
  },
  DD612: {
    title: 'the provider refused the request',
    why: 'Sent again, the same request would be refused again: too long a prompt, say, or a setting that the model does not know.',
    cure: "Change the prompt, the model's settings or max_tokens, as the message says.",
  },
  DD613: {
    title: 'the provider has no such model',
    why: 'The model string is wrong, or the model was withdrawn.',
    cure: 'Correct the model column of llm_models.csv; `daydream models refresh` names the models that vanished.',
  },
  DD614: {
    title: 'the call was given up',
    why: 'It was interrupted before its reply came.',
    cure: 'Build again.',
  },
  DD615: {
    title: 'the answer is not in the response cache',
    why: 'With --offline or --no-calls, only what was asked before can be answered.',
    cure: 'Build without --offline or --no-calls; or have whoever paid for it send it: `daydream cache push`.',
  },
  DD616: {
    title: 'the model declined to answer',
    why: 'A content filter or the model itself refused; the reply is kept, and never served as an answer.',
    cure: 'Change the prompt or the model, or ask again: `daydream build --retry refused`; or accept that it stays missing: `daydream adopt --failed REASON`.',
  },
  DD617: {
    title: "the provider's model list could not be read",
    why: 'Without it, prices and vanished models cannot be told.',
    cure: 'Look at the network and at the baseURL in the config, then: `daydream models refresh`.',
  },
  DD618: {
    title: 'a model is not offered any more',
    why: "It is missing in the provider's model list, so calls to it will fail.",
    cure: 'Give the row of llm_models.csv another model, or take it out of the cohorts.',
  },
  DD619: {
    title: 'the call ledger could not be written',
    why: 'Every paid call must be on record, so no further call is started.',
    cure: 'Make room on the disk and data/.daydream writable, then build again; replies that were paid for are kept.',
  },
  DD620: {
    title: 'unreadable lines in the call ledger',
    why: 'They are left out of the totals.',
    cure: 'What those calls cost is in no sum. Where another program saved the file, save it as UTF-8 once more; a line that a crash cut off is gone, and can be deleted.',
  },
  DD621: {
    title: 'the provider shows a certificate that can not be trusted',
    why: 'Nobody whom Node trusts vouches for it, or it is for another name, or out of date; no prompt and no key was sent.',
    cure: 'Look at the baseURL in the config; where a certificate of your own network is right, name its file in NODE_EXTRA_CA_CERTS, then: `daydream build --retry api`.',
  },
  DD622: {
    title: 'a run was killed while calls were in flight',
    why: 'Their replies never came here: they are in no cache, the ledger has nothing of them, and they may have been billed all the same.',
    cure: "Nothing needs doing: what is still wanted is asked again. What they cost stands only on the provider's page, at the time that is named.",
  },
  DD660: {
    title: 'the provider refused a batch',
    why: 'None of its questions is asked, and none is paid for.',
    cure: 'Mend what the provider names; where it could not be reached, build again; or build without `--batch`.',
  },
  DD661: {
    title: 'no such batch',
    why: 'A batch that is meant wrongly could be stopped, or paid for twice.',
    cure: '`daydream batches` lists them.',
  },
  DD662: {
    title: 'a batch that can not be cancelled',
    why: 'It goes on as it was, and what it does is billed.',
    cure: 'Wait for it: the next build takes what it brings. `batches forget` waits no longer.',
  },
  DD663: {
    title: 'the record of a batch can not be read',
    why: 'What it asked can not be told, so to ask on could be to pay twice.',
    cure: 'Put the file back from a copy. To delete it is your word that what it asked may be asked, and paid, again.',
  },
  DD664: {
    title: 'a batch that is over can not be forgotten',
    why: 'None of its questions is held back.',
    cure: 'Nothing needs doing; `daydream batches` shows what became of it.',
  },
  DD665: {
    title: 'the provider takes no batch now',
    why: 'A limit is reached: of requests, or of what may wait in its queue. None of the questions is asked, and none is paid for.',
    cure: 'Build again, once it says that it may be, or once a batch that is open has ended; smaller batches find room sooner: `pools: { NAME: { batch: { size, maxInFlight } } }` in the config; or build without `--batch`.',
  },
  DD677: {
    title: 'the provider is at another address',
    why: 'The server answers with a redirect. The key is not carried to wherever a server points.',
    cure: 'Set the baseURL in the config (or OPENROUTER_BASE_URL) to the address that the message names, then: `daydream build --retry api`.',
  },
  DD678: {
    title: 'the proxy does not let the request through',
    why: 'HTTP_PROXY or HTTPS_PROXY names a proxy that wants a name and a password, or that forbids the address; no prompt reached the provider.',
    cure: 'Put the name and password into the variable, http://NAME:PASSWORD@HOST:PORT, or list the host of the provider in NO_PROXY; then: `daydream build --retry api`.',
  },
  DD679: {
    title: 'the request can not be sent',
    why: 'The address, a header or the key holds what HTTP can not carry; nobody was asked.',
    cure: 'Look at the baseURL, the headers and the key of the provider, then: `daydream build --retry api`.',
  },
  DD680: {
    title: 'the reply is compressed in an unknown way',
    why: 'It came whole, and may be billed, but this Node can not unpack it; nothing more is asked of this provider.',
    cure: 'Turn compression off at the server or at the proxy in front of it, then: `daydream build --retry api`.',
  },
  DD681: {
    title: 'the model only thought',
    why: 'Its tokens were used up before it said anything; what it thought is kept in raw_metadata.json, and the reply is never served as an answer.',
    cure: 'Raise max_tokens of the model or maxTokens of the stage, or let it think less (`reasoning` under sampling): then it is asked again.',
  },
  DD682: {
    title: 'the model called a tool',
    why: 'There are no tools here, so the reply answers nothing; it is kept, and never served as an answer.',
    cure: 'Change the prompt or the model, or forbid tools with `tool_choice: "none"` under sampling; or ask again: `daydream build --retry refused`.',
  },
  DD683: {
    title: 'a reply ended with an unknown word',
    why: "The provider's word for the end of a reply says whether it is whole; this one is in no list, so it was taken for the likeliest.",
    cure: 'Look at one such reply with `daydream show ID --raw`; where it is no whole answer, build with `--force` once the cause is mended.',
  },
  DD684: {
    title: 'the server may have cut a prompt',
    why: 'It counted less than half of the tokens that the prompt must have: some servers cut a prompt at their context length without a word.',
    cure: 'Give the model a longer context at the server (Ollama: OLLAMA_CONTEXT_LENGTH, or num_ctx in its Modelfile), then build with `--force`.',
  },
  DD685: {
    title: 'a model that is called free was billed',
    why: 'Its prices in llm_models.csv, or the `:free` of its name, say that it costs nothing; what the provider bills counts, and under a cap its further calls are held against that.',
    cure: 'Fill input_price and output_price of the model in llm_models.csv, or run: `daydream models refresh`.',
  },
  DD698: {
    title: 'the remote cache does not do what is asked of it',
    why: 'What could not be sent or brought lies where it lay: nothing is lost, and builds go on without it.',
    cure: 'Look at the address, the network and the rights of the key (`daydream doctor` tries them), then run the command again.',
  },
  // DD7xx: reports
  DD701: {
    title: 'two sides of a comparison are one',
    why: 'A comparison with itself finds nothing, which would look like good news.',
    cure: 'Name another data root, or a commit of a repository that holds the data root.',
  },
  DD702: {
    title: 'a list of candidates would be overwritten',
    why: 'Somebody may have edited it.',
    cure: 'Write elsewhere with `--out FILE`, or replace it with `--force`.',
  },
  DD703: {
    title: 'a list of candidates that can not be used',
    why: 'A curated cohort consists of the rows that are ticked in it.',
    cure: 'Write a list with `daydream top`, and tick rows with `True` in the column selected.',
  },
  DD704: {
    title: 'nothing to rank',
    why: 'Essays are ranked by the scores of one rubric, and there are none of it.',
    cure: 'Name a rubric that has scores, or build the evaluations first.',
  },
  DD710: {
    title: 'nothing to rate',
    why: 'People are asked about texts that are there, that are current, and that a rubric of the cohort judges.',
    cure: 'Build first, or name another cohort or rubric.',
  },
  DD711: {
    title: 'a rating that can not be read',
    why: 'It counts nowhere; every other line of the file does.',
    cure: 'Mend the line, or remove it: docs/formats.md has its columns.',
  },
  DD712: {
    title: 'a rating that can not be kept',
    why: 'What a person says is kept under a name, of texts by their ids, as a number or a preference.',
    cure: 'Give what is missing, as shown.',
  },
  // DD8xx: watch
  DD801: {
    title: 'another data root while watching',
    why: 'A watch holds the lock of one data root, and writes to no other.',
    cure: 'Undo the edit, or end the watch and start it again.',
  },
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;
