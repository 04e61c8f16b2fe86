/** A real nats-server of a test's own, which can be stopped, held and started again at the same address. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** Where `npm test` found it, or where Debian has it beside the PATH of whoever is not root. */
const program = process.env['NATS_SERVER_PATH'] ?? 'nats-server'
const path = `${process.env['PATH'] ?? ''}:/usr/sbin`

/** A running server. */
export interface NatsServer {
  readonly url: string
  readonly port: number
  /** Kills it outright. */
  stop(): Promise<void>
  /** After {@link stop}: another one at the same address. */
  start(): Promise<void>
  /** Reads its configuration again. */
  reload(): void
}

/** Starts one on any free port. @param configFile - made for this port; without it anybody may connect */
export async function startNatsServer(makeConfig?: (listen: string) => string): Promise<NatsServer> {
  const port = await findFreePort()
  const listen = `127.0.0.1:${port}`
  const args = makeConfig === undefined ? ['--addr', '127.0.0.1', '--port', String(port)] : ['--config', makeConfig(listen)]
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const started = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: path } })
    child = started
    await new Promise<void>((resolve, reject) => {
      let text = ''
      started.stderr.setEncoding('utf8').on('data', (more: string) => {
        text += more
        if (text.includes('Server is ready')) resolve()
      })
      started.once('error', reject)
      started.once('exit', () => reject(new Error(`nats-server ended: ${text}`)))
    })
  }
  await start()
  return {
    url: `nats://${listen}`, port, start,
    async stop() {
      const running = child
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
      running.kill('SIGKILL')
      await once(running, 'exit')
    },
    reload: () => void child?.kill('SIGHUP'),
  }
}

/** It must be known before the server starts, and stay the same when it starts again. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
