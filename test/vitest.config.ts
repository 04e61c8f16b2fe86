import { defineConfig } from 'vitest/config'

// Tests that start real programs. One file at a time: two processors are shared with ffmpeg and a browser.
const project = (name: string) => ({
  resolve: { conditions: ['@streamflow/source'] },
  ssr: { resolve: { conditions: ['@streamflow/source'] } },
  test: { name, root: import.meta.dirname, include: [`${name}/**/*.test.ts`], fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 1 },
})

export default defineConfig({ test: { passWithNoTests: false, projects: [project('integration'), project('e2e')] } })
