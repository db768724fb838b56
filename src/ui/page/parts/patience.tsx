// What stands in place of an answer that can take long where there is much. Knows no answer.

export function Patience({ what }: { readonly what: string }): preact.JSX.Element {
  return (
    <p class="muted" role="status">
      {what}: with tens of thousands of generations that takes a while. No other screen waits for it.
    </p>
  );
}
