/**
 * Browser tests: every src/**\/*.spec.ts, bundled beforehand, in headless Chromium with its fake camera and microphone.
 * Run `npm run test:browser`; `SPEC=capture npm run test:browser` runs the files whose path holds the word, `SHARD=1/2` the first
 * of two shares.
 */

const { execFileSync } = require('node:child_process')
const { mkdtempSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')

/** The browser: CHROME_BIN, or the first that is installed. */
function findChromium() {
  if (process.env.CHROME_BIN) return process.env.CHROME_BIN
  for (const name of ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim()
    } catch {
      // Not this one.
    }
  }
  throw new Error('no Chromium found: install one or set CHROME_BIN to its path')
}

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream=fps=30',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--mute-audio',
  // A port of its own choice: runs side by side would collide on the launcher's.
  '--remote-debugging-port=0',
]

module.exports = async (config) => {
  const { bundleSpecs } = await import('./build/bundleSpecs.mjs')
  const { createTestOrigin } = await import('./build/testOrigin.mjs')
  const { createTestProbe } = await import('./build/testProbe.mjs')
  const { createTestTranscoder } = await import('./build/testTranscoder.mjs')
  const factory = (create) => ['factory', Object.assign(create, { $inject: [] })]
  const folder = mkdtempSync(path.join(tmpdir(), 'streamflow-specs-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  await bundleSpecs({ folder, only: process.env.SPEC ?? '', shard: process.env.SHARD ?? '1/1' })
  process.env.CHROME_BIN = findChromium()

  config.set({
    basePath: folder,
    frameworks: ['mocha'],
    plugins: [require('karma-mocha'), require('karma-chrome-launcher'), { 'middleware:origin': factory(createTestOrigin), 'middleware:probe': factory(createTestProbe), 'middleware:transcoder': factory(createTestTranscoder) }],
    beforeMiddleware: ['origin', 'probe', 'transcoder'],
    files: [
      { pattern: 'specs.js', type: 'module' },
      { pattern: '**/*', included: false, served: true },
    ],
    browsers: ['FakeCamera'],
    customLaunchers: { FakeCamera: { base: 'ChromeHeadless', flags } },
    client: { mocha: { timeout: 30_000 } },
    reporters: ['progress'],
    port: 0,
    singleRun: true,
    autoWatch: false,
    browserNoActivityTimeout: 120_000,
    captureTimeout: 60_000,
    browserDisconnectTolerance: 0,
  })
}
