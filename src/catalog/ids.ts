// What may be an id: it becomes the name of a file or folder. Reads nothing.

/** Why an id cannot name a file inside its folder; undefined when it can. */
export function unusableId(id: string): string | undefined {
  if (id === '') return 'it is blank';
  if (id === '.' || id === '..') return 'it names a folder';
  if (/[/\\]/.test(id)) return 'it would lead to another folder';
  if (/\p{Cc}/u.test(id)) return 'it holds a control character';
  return Buffer.byteLength(id) > 200 ? 'it is too long for a file name' : undefined;
}
