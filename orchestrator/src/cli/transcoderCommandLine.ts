/** The command line of `streamflow-transcoder`: its flags, and the help that explains them. */

import { parseArgs } from 'node:util'
import { workerFlags } from '../transcoding/workerArguments.js'

/** Shown by `--help`. */
export const transcoderHelp = `streamflow-transcoder --pool <url,…> [--pool-credentials <file> | --pool-name <name>]
streamflow-transcoder --pool https://… --pay-to <address> [--pool-key <file>]
streamflow-transcoder probe [--json]

Offers this machine's transcoding to the orchestrators of a pool until SIGTERM, upon which its streams are moved elsewhere;
or tells what it could offer (\`probe --help\`).

  --pool <url,…>             addresses of NATS: nats://host:port, tls://host:port
  --pool-credentials <file>  made by \`streamflow-orchestrator pool add-transcoder\`; it names the pool
  --pool-name <name>         name of the pool, where the server asks for no credentials
  --pool <orchestrator's url>  joins a pool that is open to anybody
  --pool-key <file>          key with which that is joined and results are signed; made if it is not there [transcoder.nk]
  --pay-to <address>         who is paid for the work
  --processes <n>            transcoder processes [1]
  --ffmpeg <path>            the ffmpeg program [ffmpeg]
  --accelerator <kind>       auto, nvidia, vaapi, qsv, videotoolbox, nvidia-decode, x264: a kind is used alone [auto]
  --exclude <kind,…>         kinds, or devices of a kind (nvidia:1), that are not used
  --devices <number,path,…>  devices to use: NVIDIA's by number, others by path [all that are found]
  --sessions-per-device <n>  encoders that one card may run at once [learnt from what it refuses]
  --pixels-per-second <n>    output pixels per second to offer [measured]

Log: JSON lines on standard error. Exit codes: 0 ended as it was told to; 1 failed.

Example: streamflow-transcoder --pool nats://nats.example.org:4222 --pool-credentials transcoder.creds --processes 2`

/** Reads the words after the program's name. @throws {TypeError} on a flag that there is not */
export function parseTranscoderCommandLine(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      ...workerFlags,
      'pool': { type: 'string' },
      'pool-credentials': { type: 'string' },
      'pool-name': { type: 'string' },
      'pool-key': { type: 'string' },
      'pay-to': { type: 'string' },
      'processes': { type: 'string', default: '1' },
      'json': { type: 'boolean', default: false },
      'help': { type: 'boolean', default: false },
    },
  })
}
