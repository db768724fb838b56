// What a template says, as plain data: the shape between reading, checking and rendering. Knows nothing of how it was read.

/** In the template's text, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Arithmetic = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '~';
export type Comparison = '==' | '!=' | '<' | '>' | '<=' | '>=' | 'in';

export type Expression = { readonly at: Position } & (
  | { readonly kind: 'constant'; readonly value: string | number | boolean | null }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly target: Expression; readonly key: Expression }
  | { readonly kind: 'range'; readonly args: readonly Expression[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'mapping'; readonly entries: readonly (readonly [string, Expression])[] }
  | {
      readonly kind: 'filter' | 'test';
      readonly name: string;
      readonly input: Expression;
      readonly args: Arguments;
    }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'sign'; readonly sign: 1 | -1; readonly operand: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'arithmetic';
      readonly operator: Arithmetic;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'comparison'; readonly first: Expression; readonly rest: readonly Compared[] }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly value: Expression;
      readonly otherwise: Expression | undefined;
    }
);

export interface Compared {
  readonly operator: Comparison;
  readonly right: Expression;
}

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
}

export type Statement = { readonly at: Position } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly value: Expression }
  | { readonly kind: 'if'; readonly condition: Expression; readonly body: Body; readonly otherwise: Body }
  | {
      readonly kind: 'for';
      readonly names: readonly string[];
      readonly source: Expression;
      readonly filter: Expression | undefined;
      readonly body: Body;
      readonly otherwise: Body;
    }
  | { readonly kind: 'set'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'capture'; readonly name: string; readonly body: Body }
  | { readonly kind: 'filtered'; readonly name: string; readonly args: Arguments; readonly body: Body }
);

export type Body = readonly Statement[];
