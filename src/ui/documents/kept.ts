// Answers that hold until something has changed: nobody who asks the same meanwhile has it worked out again. Knows no answer.

export class Kept {
  readonly #moment: () => string;
  readonly #answers = new Map<string, { readonly moment: string; readonly answer: Promise<unknown> }>();

  /** `moment`: the same word, the same answer. */
  constructor(moment: () => string) {
    this.#moment = moment;
  }

  /** What failed is tried again by who asks next. */
  of<T>(question: string, work: () => Promise<T>): Promise<T> {
    const moment = this.#moment();
    const known = this.#answers.get(question);
    if (known?.moment === moment) return known.answer as Promise<T>;
    const answer = work();
    this.#answers.set(question, { moment, answer });
    answer.catch(() => {
      if (this.#answers.get(question)?.answer === answer) this.#answers.delete(question);
    });
    return answer;
  }
}
