import { defineConfig } from 'vitest/config'

// Tests that start real programs. With a browser one file at a time: two processors are shared with it and ffmpeg. Without
// one, most of the time is spent waiting for blocks and real time, so two files go at once.
const project = (name: string, files: number) => ({
  resolve: { conditions: ['@streamflow/source'] },
  ssr: { resolve: { conditions: ['@streamflow/source'] } },
  test: { name, root: import.meta.dirname, include: [`${name}/**/*.test.ts`], fileParallelism: files > 1, testTimeout: 240_000, hookTimeout: 240_000, maxWorkers: files, sequence: { groupOrder: files } },
})

export default defineConfig({ test: { passWithNoTests: false, projects: [project('integration', 2), project('e2e', 1), project('strangers', 1)] } })
