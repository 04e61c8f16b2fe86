/** What takes long says so, step by step. */

/** Told of a step as it begins; `now`: it holds everything up, so that there is no later moment to show it. */
export type TellStep = (step: string, when?: 'soon' | 'now') => void
