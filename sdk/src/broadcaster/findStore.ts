/** Where something is kept, if it is: the store that was named, or the platform's. */
export function findStore<Store>(named: Store | false | undefined, open: (() => Promise<Store>) | undefined): (() => Promise<Store>) | undefined {
  if (named === false) return undefined
  return named === undefined ? open : async () => named
}
