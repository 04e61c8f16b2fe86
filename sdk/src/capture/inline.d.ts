/** Modules that the build bundles into one script and gives as a string (sdk/build/inlineWorker.mjs). */
declare module '*?inline' {
  /** The script, self-contained, to be run in a classic worker. */
  export const source: string
}
