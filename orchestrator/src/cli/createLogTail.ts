/** The last lines of the log, for the operator's page; they are what leaves, covered where they must be. */

/** Lines that are kept. */
const kept = 200
/** Characters of one that are kept: a line is for a person. */
const longest = 4_000

/** Remembers lines. */
export interface LogTail {
  /** One call per line. */
  write(line: string): void
  /** JSON each, the oldest first. */
  lines(): readonly string[]
}

export function createLogTail(): LogTail {
  const lines: string[] = []
  return {
    write(line) {
      if (line.length > longest) return
      lines.push(line.trimEnd())
      if (lines.length > kept) lines.shift()
    },
    lines: () => [...lines],
  }
}
