// What stands inside a node of a template's tree.
import { describe, expect, it } from 'vitest';
import { inside, type Expression } from '../../src/template/syntax/tree.ts';

const AT = { line: 1, column: 1 };

describe('what is inside a node', () => {
  it('is told of one that is nested more deeply than a stack goes', () => {
    let node = { kind: 'name', name: 'a', at: AT } as Expression;
    for (let depth = 0; depth < 50_000; depth++)
      node = { kind: 'attribute', of: node, name: 'b', at: AT } as unknown as Expression;
    expect(inside(node)).toHaveLength(50_000);
  });

  it('is not what is in the statements inside it', () => {
    const name = (text: string) => ({ kind: 'name', name: text, at: AT }) as Expression;
    const body = [{ kind: 'print', values: [name('inner')], at: AT }];
    const node = { kind: 'with', targets: [], values: [name('outer')], body, at: AT };
    expect(inside(node as unknown as Expression)).toEqual([name('outer')]);
  });
});
