// Writes test/vectors/*.json: hashes, signatures and draws of every signed message, made by viem, a third party to both
// the contracts and the SDK, whose tests read them. With --check it fails if what is committed differs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bytesToHex, concat, domainSeparator, getAddress, hashStruct, hashTypedData, hexToBigInt, keccak256, numberToHex, sliceHex, stringToBytes } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { domainOf, drawOf, hashRand, types } from './typedData.mjs'

const directory = fileURLToPath(new URL('../../test/vectors', import.meta.url))
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const MAX = (bits) => 2n ** BigInt(bits) - 1n
const word = (text) => keccak256(stringToBytes(text))

const domain = domainOf(31_337, getAddress('0x5f7ecd0d045c393da6cb6c933c671ac305a871bf'))
const senderKey = word('sender')
const sessionKey = word('session key')
const orchestratorKey = word('orchestrator')
const sender = privateKeyToAccount(senderKey).address
const session = privateKeyToAccount(sessionKey).address
const orchestrator = privateKeyToAccount(orchestratorKey).address

const ticket = {
  recipient: orchestrator,
  sender,
  grant: word('grant'),
  faceValue: 10n ** 16n,
  winProb: 2n ** 246n,
  nonce: 1n,
  recipientRandHash: hashRand(5n),
  creationRound: 5n,
  creationRoundBlockHash: '0x7624778dedc75f8b322b9fa1632a610d40b85e106c7d9bf0e743a9ce291b9c6f',
  feeShare: 250_000,
}
const extreme = {
  recipient: getAddress(numberToHex(MAX(160), { size: 20 })),
  sender: numberToHex(1n, { size: 20 }),
  grant: numberToHex(MAX(256), { size: 32 }),
  faceValue: MAX(256),
  winProb: MAX(256),
  nonce: MAX(256),
  recipientRandHash: hashRand(MAX(256)),
  creationRound: MAX(256),
  creationRoundBlockHash: numberToHex(MAX(256), { size: 32 }),
  feeShare: 4_294_967_295,
}
const nothing = { ...extreme, grant: numberToHex(0n, { size: 32 }), recipient: numberToHex(0n, { size: 20 }), faceValue: 0n, winProb: 0n, nonce: 0n, recipientRandHash: hashRand(0n), creationRound: 0n, creationRoundBlockHash: numberToHex(0n, { size: 32 }), feeShare: 0 }

const grant = { sender, key: session, spendCap: 10n ** 18n, escrowCap: 10n ** 17n, validUntil: 1_900_000_000n, salt: word('salt') }
const quote = {
  recipient: orchestrator,
  sender,
  serviceId: word('Transcoding'),
  pricePerMillionPixels: 1_200_000_000n,
  pricePerMillionInputPixels: 300_000_000n,
  faceValue: 10n ** 16n,
  seed: word('seed'),
  recipientRandHash: hashRand(5n),
  feeShare: 250_000,
  creationRound: 5n,
  creationRoundBlockHash: ticket.creationRoundBlockHash,
  validUntil: 1_900_000_000n,
}
const receipt = {
  orchestrator,
  broadcaster: sender,
  serviceId: word('Transcoding'),
  streamId: word('stream'),
  seq: 7n,
  attempt: 0,
  ladderHash: word('ladder'),
  inputHash: word('input'),
  outputHash: word('output'),
  inputPixels: 13_824_000n,
  pixels: 27_648_000n,
  fee: 33_177_600_000n,
  balance: -12_345n,
  round: 5n,
}
const statement = { orchestrator, broadcaster: sender, streamId: word('stream'), segments: 1_800n, tickets: 1_801n, credited: 10n ** 15n, fees: 10n ** 15n + 1n, balance: -1n, issuedAt: 1_900_000_000n }

async function main() {
  const files = {
    ticket: await ticketVectors(),
    grant: await vectorsOf('SessionGrant', [
      ['usual', grant, senderKey],
      ['largest', { ...grant, spendCap: MAX(256), escrowCap: MAX(256), validUntil: MAX(64), salt: numberToHex(MAX(256), { size: 32 }) }, senderKey],
    ]),
    quote: await vectorsOf('Quote', [
      ['usual', quote, orchestratorKey],
      ['another region of values', { ...quote, serviceId: word('SegmentVerification'), pricePerMillionPixels: MAX(256), pricePerMillionInputPixels: MAX(256), feeShare: 0, validUntil: MAX(64) }, orchestratorKey],
    ]),
    receipt: await vectorsOf('Receipt', [
      ['negative balance', receipt, orchestratorKey],
      ['positive balance, second attempt', { ...receipt, seq: MAX(64), attempt: 4_294_967_295, balance: 2n ** 255n - 1n, round: MAX(256) }, orchestratorKey],
      ['least balance', { ...receipt, balance: -(2n ** 255n) }, orchestratorKey],
    ]),
    statement: await vectorsOf('Statement', [
      ['usual', statement, orchestratorKey],
      ['by the broadcaster', { ...statement, segments: MAX(64), balance: 2n ** 255n - 1n }, senderKey],
    ]),
  }
  const stale = []
  if (!process.argv.includes('--check')) mkdirSync(directory, { recursive: true })
  for (const [name, vectors] of Object.entries(files)) {
    const path = join(directory, `${name}.json`)
    const text = `${JSON.stringify({ domain, domainSeparator: domainSeparator({ domain }), ...vectors }, stringify, 2)}\n`
    if (!process.argv.includes('--check')) writeFileSync(path, text)
    else if (readFileSync(path, 'utf8') !== text) stale.push(name)
  }
  if (stale.length > 0) {
    console.error(`stale vectors, run \`npm run --workspace contracts vectors\`: ${stale.join(', ')}`)
    process.exitCode = 1
  }
}

async function vectorsOf(primaryType, list) {
  const cases = []
  for (const [name, message, privateKey] of list) cases.push(await vectorOf(primaryType, name, message, privateKey))
  return { primaryType, cases }
}

async function vectorOf(primaryType, name, message, privateKey) {
  const typed = { domain, types, primaryType, message }
  const account = privateKeyToAccount(privateKey)
  return {
    name,
    message,
    structHash: hashStruct({ data: message, primaryType, types }),
    digest: hashTypedData(typed),
    privateKey,
    signer: account.address,
    signature: await account.signTypedData(typed),
  }
}

async function ticketVectors() {
  const cases = []
  const add = async (name, message, privateKey, recipientRand) => {
    const vector = await vectorOf('Ticket', name, message, privateKey)
    const draw = drawOf(vector.signature, recipientRand)
    cases.push({ ...vector, recipientRand, draw, wins: draw < message.winProb })
    return draw
  }
  await add('signed by the sender', ticket, senderKey, 5n)
  await add('signed by a session key', ticket, sessionKey, 5n)
  await add('largest values', extreme, senderKey, MAX(256))
  await add('smallest values', nothing, senderKey, 0n)
  // The draw depends on the signature, hence on winProb itself; a search finds both sides of a likely draw.
  for (let nonce = 2n, wins = 0, losses = 0; wins < 3 || losses < 3; nonce += 1n) {
    const message = { ...ticket, nonce, winProb: 2n ** 255n, recipientRandHash: hashRand(nonce) }
    const signature = await privateKeyToAccount(sessionKey).signTypedData({ domain, types, primaryType: 'Ticket', message })
    const won = drawOf(signature, nonce) < message.winProb
    if (won ? wins === 3 : losses === 3) continue
    await add(won ? `wins, nonce ${nonce}` : `loses, nonce ${nonce}`, message, sessionKey, nonce)
    if (won) wins += 1
    else losses += 1
  }
  return { primaryType: 'Ticket', cases, malformedSignatures: malformed(cases[0].signature) }
}

/** Other encodings of a valid signature: each would be a second draw, so each must be refused. */
function malformed(signature) {
  const [r, s, v] = [sliceHex(signature, 0, 32), sliceHex(signature, 32, 64), Number(sliceHex(signature, 64))]
  const compact = hexToBigInt(s) | (BigInt(v - 27) << 255n)
  return [
    { name: 'high s', signature: concat([r, numberToHex(CURVE_ORDER - hexToBigInt(s), { size: 32 }), numberToHex(v === 27 ? 28 : 27)]) },
    { name: 'EIP-2098', signature: concat([r, numberToHex(compact, { size: 32 })]) },
    { name: 'v of 0 or 1', signature: concat([r, s, numberToHex(v - 27, { size: 1 })]) },
    { name: 'a byte too many', signature: concat([signature, bytesToHex(new Uint8Array(1))]) },
    { name: 'empty', signature: '0x' },
  ]
}

/** Integers as decimal strings: they exceed what JSON numbers hold. */
function stringify(_key, value) {
  return typeof value === 'bigint' ? value.toString() : value
}

await main()
