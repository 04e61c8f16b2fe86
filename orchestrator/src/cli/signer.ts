/** `signer …`: a hot key on the server signs for an account whose own, cold key stays elsewhere. */

import { setSigner } from '@streamflow/sdk'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createPrivateKey } from '@streamflow/sdk/payments'
import { createKeyFile } from '@streamflow/sdk/node'
import { readAddressFlag, report } from '@streamflow/sdk/cli'
import type { Command } from './command.js'
import { openOwner, readAccount, readNetwork, readPassword } from './operator.js'
import { readSigner } from './registration.js'

const runbook = [
  'Run it where the account’s own key is (key.file, without key.orchestrator). The server gets the signer’s key file, and the account as',
  'key.orchestrator; it never needs the account’s key. A new signer counts at once, and the old one’s quotes and receipts no more: stop the server,',
  'run `ledger reseal` there with the old and the new key file, send the new one’s account ether for gas, and start with it. Streams come back with new quotes; no winner is lost.',
].join('\n')

/** `signer` */
export const signerCommand: Command = {
  usage: 'signer [--json]',
  summary: 'show which key signs for this orchestrator',
  example: 'signer',
  details: runbook,
  async run({ load, print, isJson }) {
    const { config } = load()
    const orchestrator = await readAccount(config)
    const signer = await readSigner(readNetwork(config), orchestrator)
    report({ orchestrator, signer }, { isJson, print, sentence: signer === orchestrator ? `${orchestrator} signs for itself` : `${signer} signs for ${orchestrator}` })
    return 0
  },
}

/** `signer set` */
export const signerSetCommand: Command = {
  usage: 'signer set --signer <address> [--json]',
  summary: 'let a key sign for this account, in place of the one that did',
  example: 'signer set --signer 0x1111111111111111111111111111111111111111',
  details: runbook,
  async run({ load, flags, print, isJson }) {
    const text = flags['signer']
    if (text === undefined) throw new StreamflowError('InvalidArgument', 'expected --signer with the address of a key: `key address` prints it')
    const signer = readAddressFlag('signer', text)
    const { network, wallet, address } = await openOwner(load().config, 'say who signs for it')
    // The contracts refuse a key that signed before, and that would be said of the one that does.
    const isSet = (await readSigner(network, address)) === signer.toLowerCase()
    const { hash } = isSet ? { hash: undefined } : await setSigner({ network, wallet, signer })
    report({ orchestrator: address, signer, transaction: hash }, { isJson, print, sentence: isSet ? `${signer} signs for ${address} already` : `${signer} signs for ${address} from now on` })
    return 0
  },
}

/** `signer rotate` */
export const signerRotateCommand: Command = {
  usage: 'signer rotate --new-key-file <path> [--json]',
  summary: 'make a new key, encrypted with the password of key.file, and let it sign for this account',
  example: 'signer rotate --new-key-file hot-2.json',
  details: runbook,
  async run({ load, flags, print, isJson }) {
    const path = flags['new-key-file']
    if (path === undefined) throw new StreamflowError('InvalidArgument', 'expected --new-key-file with the path of a file to be made')
    const { config } = load()
    const { network, wallet, address } = await openOwner(config, 'say who signs for it')
    // The file first: a signer whose key is nowhere would stop the server.
    const signer = await createKeyFile(path, { privateKey: createPrivateKey(), password: readPassword(config) })
    const { hash } = await setSigner({ network, wallet, signer })
    report({ orchestrator: address, signer, keyFile: path, transaction: hash }, { isJson, print, sentence: `${signer} (${path}) signs for ${address} from now on: give it to the server, and ether for gas to its account` })
    return 0
  },
}

/** `signer revoke` */
export const signerRevokeCommand: Command = {
  usage: 'signer revoke [--json]',
  summary: 'let nobody but the account itself sign for it, at once; a key that was taken out never comes back',
  example: 'signer revoke',
  details: runbook,
  async run({ load, print, isJson }) {
    const { network, wallet, address } = await openOwner(load().config, 'say who signs for it')
    const { hash } = await setSigner({ network, wallet, signer: undefined })
    report({ orchestrator: address, signer: address, transaction: hash }, { isJson, print, sentence: `${address} signs for itself from now on` })
    return 0
  },
}
