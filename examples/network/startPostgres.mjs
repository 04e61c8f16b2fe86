// A PostgreSQL server of this run alone: a data folder of its own, reached over a socket there and over nothing else. It refuses to
// run as root, so for root it runs as somebody who may do nothing.
import { chownSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startChild } from './startChild.mjs'

const user = 'streamflow'
/** Of somebody who owns nothing, where there is no `postgres`. */
const nobody = 65_534
const maxTries = 100

/** Whose process it becomes. */
function findUser() {
  if (process.getuid?.() !== 0) return {}
  const read = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim() || nobody)
  return { uid: read('-u'), gid: read('-g') }
}

/**
 * @typedef {object} Postgres
 * @property {string} url - of its one database
 * @property {() => import('./startChild.mjs').Child} child - as it runs now
 * @property {() => Promise<void>} start - again, after it was stopped or killed
 * @property {() => Promise<void>} halt - ends it; its data stay
 * @property {() => Promise<void>} stop - ends it and removes its data
 *
 * Starts a server.
 * @param {{ postgres: string, logFolder?: string, isDurable?: boolean }} options - `postgres`: path of the program, with its companions
 *   beside it. `isDurable: false`: it need not survive a power cut, and begins faster
 * @returns {Promise<Postgres>}
 */
export async function startPostgres({ postgres, logFolder, isDurable = true }) {
  const programs = dirname(realpathSync(postgres)) // it may be linked to from elsewhere, without its companions
  const owner = findUser()
  const home = mkdtempSync(join(tmpdir(), 'streamflow-postgres-'))
  if (owner.uid !== undefined) chownSync(home, owner.uid, owner.gid)
  const data = join(home, 'data')
  const logFile = join(logFolder ?? home, 'postgres.log')
  const { status, stderr, error } = spawnSync(join(programs, 'initdb'), ['-D', data, '-U', user, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], { ...owner, cwd: home, encoding: 'utf8' })
  if (status !== 0) throw new Error(`initdb failed: ${error?.message ?? stderr.trim()}`)
  // Who may reach the folder of the socket may connect; the second user needs a password, as on servers elsewhere.
  writeFileSync(join(data, 'pg_hba.conf'), `local all locked scram-sha-256\nlocal all ${user} trust\n`)
  const settings = ['listen_addresses=', `unix_socket_directories=${home}`, ...(isDurable ? [] : ['fsync=off'])].flatMap((setting) => ['-c', setting])
  const countStarts = () => readFileSync(logFile, 'utf8').split('ready to accept connections').length - 1
  writeFileSync(logFile, '', { flag: 'a' })
  let child
  const start = async () => {
    for (let tries = 0; child?.isRunning() !== true; tries++) {
      const before = countStarts()
      child = startChild({ name: 'postgres', command: postgres, args: ['-D', data, ...settings], logFile, cwd: home, ...owner })
      while (child.isRunning() && countStarts() === before) await new Promise((resolve) => setTimeout(resolve, 20))
      // The processes of one that was killed take a moment to notice.
      if (!child.isRunning() && (tries === maxTries || !/still in use|already exists/.test(child.tail(4)))) throw new Error(`postgres ended: ${child.tail()}`)
    }
  }
  const halt = async () => {
    if (!child.isRunning()) return
    process.kill(child.pid, 'SIGINT') // it would wait for who is connected otherwise
    await child.exited
  }
  await start()
  return {
    url: `postgres://${user}@localhost/postgres?host=${encodeURIComponent(home)}`,
    child: () => child,
    start,
    halt,
    async stop() {
      await halt()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
