// Many things of one kind: so many at a time and no more, none left behind, and a failure that is heard of.
import { expect, it } from 'vitest';
import { Beside, Turns } from '../../src/remote/atatime.ts';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);

it('a few go on in each turn of the event loop, in their order', async () => {
  const turns = new Turns(4);
  const went: number[] = [];
  const lots: number[] = [];
  for (const each of numbers(10)) void turns.next().then(() => void went.push(each));
  while (went.length < 10) {
    const before = went.length;
    await new Promise((turn) => setImmediate(turn));
    lots.push(went.length - before);
  }
  expect(went).toEqual(numbers(10));
  expect(lots.filter((lot) => lot > 0)).toEqual([4, 4, 2]);
});

it('what goes on beside is so much at a time, and all of it is waited for at the end', async () => {
  const beside = new Beside(3);
  let [underWay, most, done] = [0, 0, 0];
  for (const _ of numbers(20))
    await beside.begin(async () => {
      most = Math.max(most, ++underWay);
      await new Promise((turn) => setImmediate(turn));
      underWay--;
      done++;
    });
  await beside.end();
  expect({ most, done }).toEqual({ most: 3, done: 20 });
});

it('what failed beside is heard of by whoever begins more, and at the end', async () => {
  const beside = new Beside(2);
  await beside.begin(() => Promise.reject(new Error('no room')));
  await expect(beside.begin(async () => {})).rejects.toThrow('no room');
  await expect(beside.end()).rejects.toThrow('no room');
});
