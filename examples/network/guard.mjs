// Leaves no orphan even when the starting process is killed outright: it holds the other end of a pipe, and when that
// end closes it ends every process group it was told of. Lines: "+<pid>" started, "-<pid>" ended.
import { createInterface } from 'node:readline'

const graceMs = 3_000
const groups = new Set()

const end = (signal) => {
  for (const pid of groups) {
    try {
      process.kill(-pid, signal)
    } catch {
      groups.delete(pid) // already gone
    }
  }
}

// Signals of the terminal reach this process too; the pipe decides, not they.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const pid = Number(line.slice(1))
    if (line.startsWith('+')) groups.add(pid)
    else groups.delete(pid)
  })
  .on('close', () => {
    end('SIGTERM')
    setTimeout(() => end('SIGKILL'), groups.size > 0 ? graceMs : 0)
  })
