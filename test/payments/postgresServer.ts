/** A real PostgreSQL of a test's own, with a database for whoever asks. */

import { findSystemPart } from '../../examples/network/findSystemPart.mjs'
import { startPostgres } from '../../examples/network/startPostgres.mjs'
import { openSession } from '../../orchestrator/src/adapters/ledger/postgres/openSession.js'

/** A running server, which can be stopped, held and started again at the same address. */
export type PostgresServer = Awaited<ReturnType<typeof startPostgres>> & {
  /** @returns an address behind which nothing is: a schema of its own, which is made faster than a database */
  makePlace(): Promise<string>
}

/** Starts one; it need not survive a power cut. @throws naming what is missing */
export async function startPostgresServer({ isDurable = false }: { readonly isDurable?: boolean } = {}): Promise<PostgresServer> {
  const postgres = findSystemPart('postgres')
  if (postgres === undefined) throw new Error('PostgreSQL is not installed: `npm test` installs it, or `apt-get install postgresql`; POSTGRES_PATH names the program elsewhere')
  const server = await startPostgres({ postgres, isDurable })
  let count = 0
  return {
    ...server,
    async makePlace() {
      const name = `ledger${++count}`
      const session = await openSession(server.url)
      await session.query(`CREATE SCHEMA ${name}`)
      await session.end()
      return `${server.url}&options=${encodeURIComponent(`-c search_path=${name}`)}`
    },
  }
}
