// The command line in a process that stays: each message runs the bundled entry once more, with other words, and gives back its exit code
// and its output. Saves the start of a process, which is most of a small command; knows nothing of the commands.
import { pathToFileURL } from 'node:url';

const [, , binary] = process.argv;
const exit = process.exit.bind(process);
process.setMaxListeners(0);
// Nobody is left to ask.
process.on('disconnect', () => exit());

process.on('message', ({ turn, words, cwd, env }) => {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.argv = [process.execPath, binary, ...words];
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    process[stream].write = (text, ...rest) => {
      output[stream] += String(text);
      rest.find((each) => typeof each === 'function')?.();
      return true;
    };
  }
  process.exitCode = undefined;
  // What a command takes for its end is the end of the turn.
  process.exit = (code) => void process.send({ turn, code: code ?? process.exitCode ?? 0, ...output });
  import(`${pathToFileURL(binary).href}?turn=${turn}`).catch((error) =>
    process.send({
      turn,
      code: -1,
      stdout: output.stdout,
      stderr: `${output.stderr}${String(error?.stack)}`,
    }),
  );
});
