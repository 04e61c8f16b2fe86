// Stands in the place of an ffmpeg that has NVIDIA's cards: takes the command lines meant for them, has the real ffmpeg do
// the same on the processor, and fails as cards fail, whenever a test writes a fault into a file.
// node shimFfmpeg.mjs FOLDER ARGUMENTS…; FOLDER/device-N holds the fault of card N, FOLDER/runs gets a line for each start.
import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync, renameSync, watch } from 'node:fs'

const [folder, ...args] = process.argv.slice(2)
const device = args[args.indexOf('-hwaccel_device') + 1]
const file = `${folder}/device-${device}`
/** What NVIDIA's ffmpeg says. */
const lastWords = {
  breaks: 'Error while decoding: CUDA_ERROR_ECC_UNCORRECTABLE: uncorrectable ECC error encountered',
  full: '[h264_nvenc @ 0x0] OpenEncodeSessionEx failed: out of memory (10): (no details)',
  gone: 'cu->cuInit(0) failed -> CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected',
}

/** `hang`, a key of {@link lastWords}, or nothing. */
function readFault() {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

/** The same work by the processor. The encoder has another init, as another encoder would. */
function translate(words) {
  const translated = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (word.startsWith('-hwaccel')) i++
    else if (word === 'h264_nvenc') {
      translated.push('libx264', '-preset', 'superfast', '-tune', 'zerolatency', '-forced-idr', '1', '-sc_threshold', '0', '-threads', '1')
      while (words[i + 1] !== '-bf') i++
    } else translated.push(word.replaceAll(/scale_cuda=(\d+):(\d+):format=nv12(,hwdownload,format=nv12)?/g, 'scale=$1:$2,format=yuv420p'))
  }
  return translated
}

appendFileSync(`${folder}/runs`, `${device} ${args.includes('h264_nvenc') ? 'encodes' : 'decodes'}\n`)
const outputs = args.filter((word) => /^pipe:[1-9]/.test(word)).map((word) => Number(word.slice('pipe:'.length)))
const child = spawn('ffmpeg', translate(args), { stdio: Array.from({ length: Math.max(2, ...outputs) + 1 }, () => 'inherit') })

/** What happens once happens to whoever comes first. */
function isMine(fault) {
  if (fault === 'gone') return true
  try {
    renameSync(file, `${file}-${process.pid}`)
    return true
  } catch {
    return false
  }
}

function applyFault() {
  const fault = readFault()
  if (fault === 'hang') child.kill('SIGSTOP')
  else if (fault === '') child.kill('SIGCONT')
  else if (isMine(fault)) {
    process.stderr.write(`${lastWords[fault]}\n`)
    child.kill('SIGKILL')
    process.exit(1)
  }
}

watch(folder, (_event, name) => {
  if (name === `device-${device}`) applyFault()
})
applyFault()
child.once('exit', (code) => process.exit(code ?? 1))
