// A disk that fails on command, loaded into a program before it starts (`node --import`): counts what the program does to files below
// a folder, and at one count, or from there on, refuses, kills the program in the middle, or cuts the power. Knows nothing of what is
// written.
//
//   FAULTY_DISK='{"below": "/project/data", "at": 17, "fault": "kill"}'
//
// `fault`: an error's code (`ENOSPC`); `kill`; `cut`, which also takes back what no flush made safe, drawn by `seed`: files written
// since lose their bytes, the latest renames are undone; `thread`, which ends the thread that takes the step, unless it is the main one.
// `lasting`: every later step of the same kind of file is refused too. `match`: only paths in which this text occurs. `tally`: a file
// that gets the number of steps in the end.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const plan = JSON.parse(process.env['FAULTY_DISK'] ?? '{}');
const real = { ...fs };
const paths = new Map();
/** Paths of files whose bytes no flush made safe. */
const dirty = new Set();
/** Renames that no flush of their folder made safe, with what they replaced. */
let renames = [];
let steps = 0;
let draw = (plan.seed ?? 1) >>> 0 || 1;

const random = () => (draw = (draw * 48271) % 2147483647) / 2147483647;
const concerns = (path) =>
  typeof path === 'string' &&
  (resolve(path) + '/').startsWith(`${plan.below}/`) &&
  (plan.match === undefined || path.includes(plan.match));

/** Takes a step; says whether it is the one at which `half` of it may still be done. */
function step(call, path, half = () => {}) {
  if (!concerns(path)) return;
  steps++;
  const now = plan.lasting === true ? steps >= plan.at : steps === plan.at;
  if (!now) return;
  if (!['kill', 'cut', 'thread'].includes(plan.fault)) {
    throw Object.assign(new Error(`${plan.fault}: imitated, ${call} '${path}'`), {
      code: plan.fault,
      errno: -1,
      syscall: call,
      path,
    });
  }
  if (plan.fault === 'thread' && isMainThread) return;
  half();
  if (plan.fault === 'thread') process.exit(1);
  if (plan.fault === 'cut') cutPower();
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

function cutPower() {
  // A journal keeps the order of renames: what is undone is all that came after some moment.
  const undone = Math.floor(random() * (renames.length + 1));
  for (const { from, to, before } of renames.slice(renames.length - undone).reverse()) {
    if (!real.existsSync(to)) continue;
    real.renameSync(to, from);
    moved(to, from);
    if (before !== undefined) real.writeFileSync(to, before);
  }
  for (const path of dirty) {
    if (!real.existsSync(path) || random() < 0.3) continue;
    real.truncateSync(path);
  }
}

function moved(from, to) {
  for (const path of dirty) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    dirty.delete(path);
    dirty.add(to + path.slice(from.length));
  }
}

const opensForWriting = (flags) => typeof flags === 'string' && /[wa+]/.test(flags);

fs.openSync = (path, flags, ...rest) => {
  if (opensForWriting(flags)) step('open', path);
  const file = real.openSync(path, flags, ...rest);
  paths.set(file, resolve(String(path)));
  if (opensForWriting(flags) && concerns(path)) dirty.add(resolve(path));
  return file;
};
fs.closeSync = (file) => {
  paths.delete(file);
  return real.closeSync(file);
};
fs.writeSync = (file, data, ...rest) => {
  const path = paths.get(file);
  step('write', path, () => {
    if (typeof data === 'string') real.writeSync(file, data.slice(0, data.length / 2));
    else real.writeSync(file, data, 0, Math.floor(data.length / 2));
  });
  if (concerns(path)) dirty.add(path);
  return real.writeSync(file, data, ...rest);
};
fs.write = (file, data, done) => {
  const path = paths.get(file);
  try {
    step('write', path, () => real.writeSync(file, data, 0, Math.floor(data.length / 2)));
  } catch (error) {
    return void setImmediate(done, error);
  }
  if (concerns(path)) dirty.add(path);
  return real.write(file, data, done);
};
fs.writeFileSync = (target, data, ...rest) => {
  const path = typeof target === 'number' ? paths.get(target) : resolve(String(target));
  step('write', path, () => real.writeFileSync(target, data.slice(0, data.length / 2)));
  if (concerns(path)) dirty.add(path);
  return real.writeFileSync(target, data, ...rest);
};
fs.ftruncateSync = (file, ...rest) => {
  step('ftruncate', paths.get(file));
  return real.ftruncateSync(file, ...rest);
};
fs.mkdirSync = (path, ...rest) => {
  if (!real.existsSync(path)) step('mkdir', path);
  return real.mkdirSync(path, ...rest);
};
fs.renameSync = (from, to) => {
  step('rename', to);
  const before = readFile(to);
  real.renameSync(from, to);
  if (!concerns(to)) return;
  moved(resolve(from), resolve(to));
  renames.push({ from: resolve(from), to: resolve(to), before });
};
fs.linkSync = (from, to) => {
  step('link', to);
  return real.linkSync(from, to);
};
for (const name of ['unlinkSync', 'rmSync', 'rmdirSync']) {
  fs[name] = (path, ...rest) => {
    if (real.existsSync(path)) step(name.replace('Sync', ''), path);
    dirty.delete(resolve(String(path)));
    return real[name](path, ...rest);
  };
}
for (const name of ['fsync', 'fdatasync']) {
  fs[name] = (file, done) => {
    const path = paths.get(file);
    try {
      step(name, path);
    } catch (error) {
      return void setImmediate(done, error);
    }
    return real[name](file, (error) => {
      if (error === null || error === undefined) flushed(path);
      done(error);
    });
  };
  fs[`${name}Sync`] = (file) => {
    step(name, paths.get(file));
    real[`${name}Sync`](file);
    flushed(paths.get(file));
  };
}
syncBuiltinESMExports();

function flushed(path) {
  dirty.delete(path);
  renames = renames.filter(({ to }) => dirname(to) !== path);
}

function readFile(path) {
  try {
    return real.readFileSync(path);
  } catch {
    return undefined;
  }
}

if (typeof plan.tally === 'string') {
  process.on('exit', () => real.writeFileSync(plan.tally, String(steps)));
}
