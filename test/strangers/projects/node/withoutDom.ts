// A strict project for Node, without the browsers' types. (viem's own need them, so the wallet comes from elsewhere.)
import { broadcast, captureReadable, createFileSessionStore, parseNetwork, type BroadcastOptions } from '@streamflow/sdk/node'
import { isStreamflowError } from '@streamflow/sdk/errors'
import { computeDefaultLadder } from '@streamflow/sdk/media'
import { createKeySigner } from '@streamflow/sdk/payments'
import { limits } from '@streamflow/sdk/protocol'

export const start = async (wallet: BroadcastOptions['wallet']): Promise<string> => {
  const options: BroadcastOptions = { network: parseNetwork('{}'), wallet, budget: { spendCap: '0.01' }, loop: true, iceServers: [{ urls: 'stun:stun.example.org' }] }
  try {
    const live = await broadcast('film.mp4', { ...options, sessionStore: createFileSessionStore({ path: 'sessions.json' }) })
    live.on('segment', ({ seq, fee }) => process.stdout.write(`${seq} ${fee}\n`))
    return live.playbackUrl
  } catch (thrown) {
    return isStreamflowError(thrown) ? thrown.help : 'defect'
  }
}
export const others = [captureReadable, computeDefaultLadder, createKeySigner, limits]
