import { describe, expect, it } from 'vitest'
import { publishedManifest } from './publishedManifest.mjs'

describe('a published package', () => {
  it('names no sources, and nothing that only its repository needs', () => {
    const manifest = {
      name: 'a',
      scripts: { prepack: 'x' },
      dependencies: { b: '1.0.0' },
      devDependencies: { c: '1.0.0' },
      exports: { '.': { '@streamflow/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' }, './worker.js': './dist/worker.js', './deep': { node: { '@streamflow/source': './src/deep.ts', default: './dist/deep.js' } } },
    }
    expect(publishedManifest(manifest)).toEqual({
      name: 'a',
      dependencies: { b: '1.0.0' },
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './worker.js': './dist/worker.js', './deep': { node: { default: './dist/deep.js' } } },
    })
  })

  it('keeps the order of conditions, which decides', () => {
    const { exports } = publishedManifest({ exports: { '.': { '@streamflow/source': './a.ts', types: './a.d.ts', default: './a.js' } } })
    expect(Object.keys(exports['.'])).toEqual(['types', 'default'])
  })
})
