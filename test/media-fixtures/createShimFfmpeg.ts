/** An ffmpeg with cards that fail when a test says so: shimFfmpeg.mjs behind a program of its own. */

import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How a card may fail: once it breaks off, or has no room for an encoder; for as long as it is set it stands still, or is not there. */
export type CardFault = 'none' | 'breaks' | 'full' | 'hang' | 'gone'

export interface ShimFfmpeg {
  readonly path: string
  /** From now on, for what runs there and what is started; what happens once happens to one of them. */
  setFault(device: number, fault: CardFault): Promise<void>
  /** Devices of all runs so far, in order. */
  listRuns(): Promise<readonly number[]>
  close(): Promise<void>
}

export async function createShimFfmpeg(): Promise<ShimFfmpeg> {
  const folder = await mkdtemp(join(tmpdir(), 'shim-ffmpeg-'))
  const path = join(folder, 'ffmpeg')
  const program = fileURLToPath(new URL('shimFfmpeg.mjs', import.meta.url))
  await writeFile(path, `#!/bin/sh\ncase " $* " in *' -hwaccel cuda '*) exec '${process.execPath}' '${program}' '${folder}' "$@";; esac\nexec ffmpeg "$@"\n`)
  await chmod(path, 0o755)
  return {
    path,
    async setFault(device, fault) {
      const file = join(folder, `device-${device}`)
      await writeFile(`${file}.new`, fault === 'none' ? '' : fault)
      await rename(`${file}.new`, file)
    },
    async listRuns() {
      const text = await readFile(join(folder, 'runs'), 'utf8').catch(() => '')
      return text.split('\n').filter((line) => line !== '').map((line) => Number(line.split(' ')[0]))
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
