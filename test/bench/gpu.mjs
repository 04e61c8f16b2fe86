// Which chain of decoding, scaling and encoding is chosen on this machine, and what it costs the processor beside the one
// that does without a card: 1080p at 25 fps into 720p, 480p and 360p, with sound, by the transcoder's own command lines.
// `npm run bench -- gpu [--seconds S]`; `-- gpu --script FOLDER` writes the same as a script with a clip, for a machine that
// has a card and ffmpeg and nothing else: `bash gpu.sh gpu.mkv` there.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { findSystemPart } from '../../examples/network/findSystemPart.mjs'
import { runFfmpeg } from '../harness/makeFootage.mjs'
import { writeGpuScript } from '../harness/writeGpuScript.mjs'
import { bundleForNode } from '../payments/bundleForNode.mjs'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' }, script: { type: 'string' } } })
const seconds = Number(values.seconds)
const rate = 25
const input = { container: 'matroska', video: { codec: 'h264', width: 1920, height: 1080, frameRate: rate }, audio: { codec: 'opus', sampleRate: 48_000, channels: 2 } }
const ladder = [
  { name: '720p', width: 1280, height: 720, bitrate: 2_500_000 },
  { name: '480p', width: 854, height: 480, bitrate: 1_200_000 },
  { name: '360p', width: 640, height: 360, bitrate: 800_000 },
]
/** Real footage where the checkout lies beside some. */
const footage = fileURLToPath(new URL('../../../shared/media/animation-1080p25-aac.mp4', import.meta.url))

/** What a camera's page would send: a keyframe a second, no reordering. */
function makeClip(path) {
  const pictures = existsSync(footage) ? ['-stream_loop', '-1', '-i', footage] : ['-f', 'lavfi', '-i', `testsrc2=size=1920x1080:rate=${rate}`]
  runFfmpeg([
    ...pictures, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-map', '0:v', '-map', '1:a', '-t', String(seconds), '-vf', 'scale=in_range=auto:out_range=tv,format=yuv420p', '-r', String(rate),
    '-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-g', String(rate), '-keyint_min', String(rate), '-sc_threshold', '0', '-b:v', '4M', '-maxrate', '4M', '-bufsize', '4M',
    '-c:a', 'libopus', '-b:a', '96k', '-ac', '2', '-f', 'matroska', path,
  ])
}

/** Runs what a source file of the transcoder exports. */
async function load(name) {
  const bundle = await bundleForNode(fileURLToPath(new URL(`../../orchestrator/src/transcoding/${name}.ts`, import.meta.url)))
  try {
    return await import(pathToFileURL(bundle).href)
  } finally {
    rmSync(bundle, { force: true })
  }
}

/** The chains that this machine has, or those that another one may have, best first. */
async function listAccelerators(isElsewhere) {
  const { acceleratorKinds, createAccelerator } = await load('accelerators/accelerator')
  if (isElsewhere) {
    const devices = { 'nvidia': '0', 'nvidia-decode': '0', 'vaapi': '/dev/dri/renderD128', 'qsv': '/dev/dri/renderD128' }
    return acceleratorKinds.filter((kind) => kind in devices || kind === 'x264').map((kind) => createAccelerator(kind, devices[kind]))
  }
  const { isProven, probeAccelerators } = await load('accelerators/probeAccelerators')
  const proven = (await probeAccelerators({ ffmpegPath: findSystemPart('ffmpeg'), confinement: [] }, { pixelsPerSecond: 1 })).filter(isProven).map(({ accelerator }) => accelerator)
  const [best] = proven
  return best === undefined || best.kind === 'x264' ? [createAccelerator('x264')] : [best, createAccelerator('x264')]
}

async function writePlan(folder, isElsewhere) {
  const { computeFfmpegArguments } = await load('ffmpegArguments')
  const accelerators = await listAccelerators(isElsewhere)
  const chains = accelerators.map((accelerator) => ({ name: accelerator.name, args: computeFfmpegArguments({ input, ladder, partDurationMs: 100, segmentDurationMs: 1_000, accelerator, cores: 4 }) }))
  const script = join(folder, 'gpu.sh')
  const clip = join(folder, 'gpu.mkv')
  makeClip(clip)
  writeGpuScript(script, { chains, outputs: [...ladder.map(({ name }) => name), 'audio'], segments: seconds, pictures: seconds * rate })
  return { script, clip }
}

/** Measures, prints, returns the figures. */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-gpu-'))
  try {
    const { script, clip } = await writePlan(folder, false)
    const { stdout, stderr, status } = spawnSync('bash', [script, clip], { encoding: 'utf8', env: { ...process.env, FFMPEG: findSystemPart('ffmpeg') } })
    const lines = stdout.trimEnd().split('\n')
    const result = lines.pop() ?? ''
    if (status !== 0 || !result.startsWith('RESULT ')) throw new Error(`the script failed: ${stdout}${stderr}`)
    console.log(`1920×1080 at ${rate} fps into ${ladder.length} renditions and sound, ${seconds} segments of a second`)
    for (const line of lines) console.log(`  ${line}`)
    return JSON.parse(result.slice('RESULT '.length))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (values.script === undefined) console.log(`RESULT ${JSON.stringify(await run())}`)
  else {
    const folder = resolve(values.script)
    mkdirSync(folder, { recursive: true })
    const { script, clip } = await writePlan(folder, true)
    console.log(`${script} and ${clip}: on the machine with a card, \`bash gpu.sh gpu.mkv\``)
  }
}
