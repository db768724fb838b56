// What is said beside the name of a screen, or of a document. Knows neither.

/** Nothing is said by what is empty. */
export type Words = Readonly<Record<string, string | readonly string[] | number | undefined>>;
