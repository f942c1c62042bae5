/** What differs between two shelves of documents: pure. Documents are never changed in place, so identity tells. */

export interface Changes<T> {
  readonly put: ReadonlyMap<string, T>;
  readonly gone: readonly string[];
}

export function changes<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): Changes<T> {
  const put = new Map<string, T>();
  if (before === after) return { put, gone: [] };
  let kept = 0;
  for (const [id, value] of after) {
    const was = before.get(id);
    if (was !== undefined) kept += 1;
    if (was !== value) put.set(id, value);
  }
  // Most batches take nothing away: then there is no need to look.
  const gone = kept === before.size ? [] : [...before.keys()].filter((id) => !after.has(id));
  return { put, gone };
}
