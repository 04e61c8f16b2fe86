/**
 * Where messages of a pool go. Everything of one orchestrator's identity lies below its pool's name, so orchestrators on one
 * server never see each other's jobs; what a transcoder hears and says lies below its credential, so that permissions can
 * tell transcoders apart. Each connection of either side has a name of its own, new each time that it is made: what was
 * meant for one that is lost reaches nobody.
 */

/** One connection of a transcoder. */
export interface WorkerName {
  /** Public key of its credential, or {@link openHolder}. */
  readonly holder: string
  readonly run: string
}

/** Names of pools, credentials and connections. */
export const wordPattern = /^[A-Za-z0-9_-]{1,64}$/
/** Stands for the credential where a server asks for none. */
export const openHolder = 'open'

/** What the name of a holder begins with that joined a public pool by itself; the server lets nobody else use it, and it no other. */
export const publicPrefix = 'public-'

/** The holder that a member of a public pool is. @param key - its public key */
export const namePublicHolder = (key: string): string => publicPrefix + key

/** The key of a member of a public pool; undefined if its operator trusts it. */
export const readPublicKey = (holder: string): string | undefined => (holder.startsWith(publicPrefix) ? holder.slice(publicPrefix.length) : undefined)

/** The subjects of one pool; a `*` in place of a name hears all. */
export function nameSubjects(pool: string) {
  const root = `streamflow.${pool}`
  return {
    /** What a transcoder offers, a few times a second, to all orchestrators of the identity. */
    offer: ({ holder, run }: WorkerName): string => `${root}.offer.${holder}.${run}`,
    /** A connection of an orchestrator lives: to all transcoders. */
    guest: (guest: string): string => `${root}.guest.${guest}`,
    /** Frames of jobs, from one connection of an orchestrator to one of a transcoder. */
    work: ({ holder, run }: WorkerName, guest: string): string => `${root}.work.${holder}.${run}.${guest}`,
    /** Frames of what was made, the other way. */
    made: ({ holder, run }: WorkerName, guest: string): string => `${root}.made.${holder}.${run}.${guest}`,
  }
}

/** The names at the end of a subject: of an offer `[holder, run]`, of work and what was made `[holder, run, guest]`, of a guest `[guest]`. */
export function readNames(subject: string): readonly string[] {
  return subject.split('.').slice(3)
}
