/** What the server's answers look like once they were JSON. */

/** Big integers are decimal strings, what is undefined is missing. */
export type Wire<T> = T extends bigint ? string : T extends readonly (infer U)[] ? readonly Wire<U>[] : T extends object ? { readonly [K in keyof T]: Wire<T[K]> } : T
