import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// Unit tests lie beside the code. What crosses rooms lives in test/ and has its own projects there.
export default defineConfig({
  resolve: { conditions: ['@streamflow/source'] },
  ssr: { resolve: { conditions: ['@streamflow/source'] } },
  test: {
    include: ['sdk/src/**/*.test.ts', 'orchestrator/src/**/*.test.ts', 'contracts/deploy/**/*.test.mjs', 'examples/**/*.test.{ts,mjs}', 'packaging/**/*.test.mjs', 'test/{double,harness,kit,repo}/**/*.test.ts'],
    // Guards against hanging, no more: some start ffmpeg, and the machine may have other things to do.
    testTimeout: 120_000,
    // Most of the time is spent waiting for real time and for other programs, and on two processors there would be but one worker.
    maxWorkers: Math.max(3, availableParallelism() - 1),
  },
})
