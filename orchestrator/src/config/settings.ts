/**
 * Every setting of the orchestrator, once. Flags, environment variables, the YAML file, defaults, help and
 * `orchestrator.example.yml` are all read off this table.
 */

import { limits } from '@streamflow/sdk/protocol'
import { choice, flag, integer, list, optionalInteger, optionalText, optionalWei, text, wei, type ValueOf } from './setting.js'

const urlPattern = /^https?:\/\/[^\s]+$/
const hour = 3_600_000

/** The table: group → name → setting. */
export const settings = {
  network: {
    file: text({ doc: 'JSON file that describes the network: chain id, RPC URLs, contract addresses (as the deployment writes it)', hint: '<path>', fallback: 'network.json' }),
    rpcUrls: list({ doc: 'RPC URLs to use instead of those of the network file, tried in order', hint: '<url,…>', fallback: [], pattern: /^(https?|wss?):\/\/[^\s]+$/, expected: 'an http(s) or ws(s) URL', example: '[https://rpc.example.org]' }),
    pollIntervalMs: integer({ doc: 'How often to look at the chain, milliseconds', min: 100, max: 600_000, fallback: 4_000 }),
    confirmations: integer({ doc: 'Blocks on top of a redemption, or of a round\'s initialization, after which it is final', min: 0, max: 1_000, fallback: 6 }),
  },
  key: {
    file: text({ doc: 'Keystore V3 file with the key that signs quotes and receipts and redeems tickets', hint: '<path>', fallback: 'streamflow-data/key.json' }),
    orchestrator: optionalText({ doc: 'Registered account for which this key signs (see `setSigner` of the registry); it is paid, and its own key stays elsewhere. Left out, the key is that account\'s own', hint: '<address>', pattern: /^0x[0-9a-fA-F]{40}$/, expected: 'an address', example: '"0x1111111111111111111111111111111111111111"' }),
    passwordFile: optionalText({ doc: 'File whose first line is the password of the key file', hint: '<path>', example: 'streamflow-data/key.password' }),
    password: optionalText({ doc: 'Password of the key file; a file is safer. Not available as a flag', isSecret: true, example: 'secret' }),
  },
  data: {
    directory: text({ doc: 'Folder of the ledger: accepted tickets, accounts, receipts, winners. Lose it and you lose unredeemed winners', hint: '<path>', fallback: 'streamflow-data' }),
    postgresUrl: optionalText({ doc: 'PostgreSQL that holds the ledger instead of a file in the folder, so that several processes of one orchestrator share it. A password that is not here is looked for as psql does. Not available as a flag', isSecret: true, pattern: /^postgres(ql)?:\/\/[^\s]+$/, expected: 'a postgres: URL', example: '"postgres://streamflow:password@db.example.org:5432/streamflow"' }),
    retentionDays: integer({ doc: 'Days after which tickets, receipts, streams and paid winners leave the ledger; what they add up to stays', min: 2, max: 36_500, fallback: 30 }),
  },
  http: {
    host: text({ doc: 'Address to listen on', hint: '<address>', fallback: '0.0.0.0' }),
    port: integer({ doc: 'Port to listen on; 0 takes a free one', min: 0, max: 65_535, fallback: 8_935 }),
    publicUrl: optionalText({ doc: 'How clients and viewers reach this server; registered on chain. Without it: http://localhost:<port>', hint: '<url>', pattern: urlPattern, expected: 'an http(s) URL', example: 'https://orchestrator.example.org' }),
    processUrl: optionalText({ doc: 'How this process alone is reached, where several share a ledger behind publicUrl: at the same host with another port, or a name below it. Broadcasters that come to another process are sent here, and viewers of their streams', hint: '<url>', pattern: urlPattern, expected: 'an http(s) URL', example: 'https://first.orchestrator.example.org' }),
    tlsCertFile: optionalText({ doc: 'Certificate chain (PEM) for HTTPS and HTTP/2; leave out behind a proxy', hint: '<path>', example: 'tls/fullchain.pem' }),
    tlsKeyFile: optionalText({ doc: 'Private key (PEM) of the certificate', hint: '<path>', example: 'tls/privkey.pem' }),
    corsOrigins: list({ doc: 'Origins of pages that may call; * for all', hint: '<origin,…>', fallback: ['*'] }),
    trustedProxies: list({ doc: 'Addresses or networks of proxies whose X-Forwarded-For is believed', hint: '<cidr,…>', fallback: [], pattern: /^[0-9a-fA-F.:/]+$/, expected: 'an address or network', example: '[127.0.0.1]' }),
    requestsPerSecond: integer({ doc: 'Requests to /v1 per second of one address; as many to /healthz and its like', min: 1, max: 100_000, fallback: 20 }),
    requestBurst: integer({ doc: 'Requests to /v1 that one address may make at once', min: 1, max: 100_000, fallback: 60 }),
    senderRequestsPerSecond: integer({ doc: 'Signed requests per second of one session key', min: 1, max: 100_000, fallback: 2 }),
    senderRequestBurst: integer({ doc: 'Signed requests that one session key may make at once', min: 1, max: 100_000, fallback: 20 }),
    maxConnections: integer({ doc: 'Open TCP connections; when all are taken, the address with the most gives one up for another', min: 1, max: 1_000_000, fallback: 10_000 }),
    maxRequestsPerConnection: integer({ doc: 'Requests that one HTTP/2 connection may have open', min: 1, max: 10_000, fallback: 100 }),
  },
  webrtc: {
    bindAddress: optionalText({ doc: 'Local address of data channels; all addresses if left out', hint: '<address>', example: '203.0.113.7' }),
    portFirst: optionalInteger({ doc: 'First UDP port of data channels; any free port if left out', min: 1, max: 65_535, example: '50000' }),
    portLast: optionalInteger({ doc: 'Last UDP port of data channels', min: 1, max: 65_535, example: '50999' }),
    iceServers: list({ doc: 'STUN and TURN servers, for us and for clients; none is needed on a public address', hint: '<url,…>', fallback: [], pattern: /^(stun|turn|turns):[^\s]+$/, expected: 'a stun: or turn: URL', example: '["stun:stun.example.org:3478"]' }),
    privateCandidates: flag({ doc: 'Whether broadcasters may name addresses of private networks and of this machine to send to; they reach us without', fallback: false }),
    maxPeers: integer({ doc: 'Peers connected at once', min: 1, max: 100_000, fallback: 1_000 }),
  },
  streams: {
    max: integer({ doc: 'Streams at once', min: 1, max: 100_000, fallback: 200 }),
    maxPerSender: integer({ doc: 'Streams at once of one sender', min: 1, max: 100_000, fallback: 8 }),
    resumeMs: integer({ doc: 'How long a stream waits for a broadcaster whose connection broke, milliseconds', min: 0, max: hour, fallback: 20_000 }),
    idleMs: integer({ doc: 'A connection that brings nothing for so long is dropped, milliseconds; its broadcaster may come back within resumeMs', min: 1_000, max: hour, fallback: 15_000 }),
    maxQueuedBytes: integer({ doc: 'Bytes of one stream that may wait for its transcoder before it is ended', min: 1_048_576, max: 1_073_741_824, fallback: 33_554_432 }),
    drainMs: integer({ doc: 'How long a shutdown waits for open segments, milliseconds', min: 0, max: hour, fallback: 10_000 }),
  },
  transcoder: {
    processes: integer({ doc: 'Transcoder processes on this machine; 0 with `pool.urls`', min: 0, max: 64, fallback: 1 }),
    ffmpeg: text({ doc: 'The ffmpeg program', hint: '<path>', fallback: 'ffmpeg' }),
    accelerator: choice({ doc: 'Way to decode, scale and encode: auto takes the best that works here, see `streamflow-transcoder probe`; a kind is used alone, and nothing in its place', words: ['auto', 'nvidia', 'vaapi', 'qsv', 'videotoolbox', 'nvidia-decode', 'x264'], fallback: 'auto' }),
    exclude: list({ doc: 'Kinds, or devices of a kind, that are not used', hint: '<kind,kind:device,…>', fallback: [], pattern: /^[a-z0-9-]+(:[^\s,:]+)?$/, expected: 'a kind, or a kind, : and a device', example: '[vaapi, "nvidia:1"]' }),
    devices: list({ doc: 'Devices to use, instead of all that are found: numbers are NVIDIA cards, paths are render devices', hint: '<number,path,…>', fallback: [], pattern: /^(\d{1,3}|\/[^\s,]+)$/, expected: 'a number, or a path', example: '["0", /dev/dri/renderD128]' }),
    sessionsPerDevice: optionalInteger({ doc: 'Encoders that one card may run at once, one for each rendition; learnt from what it refuses if left out', min: 1, max: 10_000, example: '8' }),
    pixelsPerSecond: optionalInteger({ doc: 'Output pixels per second to sell; measured at start if left out', min: 1, max: Number.MAX_SAFE_INTEGER, example: '60000000' }),
  },
  pool: {
    urls: list({ doc: 'Addresses of NATS, where transcoders of other machines are met', hint: '<url,…>', fallback: [], pattern: /^(nats|tls):\/\/[^\s@]+$/, expected: 'a nats: or tls: URL without a password', example: '["nats://nats.example.org:4222"]' }),
    credentialsFile: optionalText({ doc: 'Credentials file of this orchestrator, from `pool add-orchestrator`', hint: '<path>', example: 'streamflow-data/pool/orchestrator.creds' }),
    name: optionalText({ doc: 'Name of the pool; orchestrators of one operator may share one. The orchestrator\'s account if left out', hint: '<name>', pattern: /^[A-Za-z0-9_-]{1,64}$/, expected: 'letters, digits, - and _', example: 'my-pool' }),
    directory: text({ doc: 'Folder of the keys with which `pool …` makes credentials; better on another machine than NATS', hint: '<path>', fallback: 'streamflow-data/pool' }),
    listen: text({ doc: 'Address on which the nats-server that `pool …` configures listens', hint: '<host:port>', fallback: '0.0.0.0:4222', pattern: /^[^\s"]+:\d{1,5}$/, expected: 'host:port' }),
    open: flag({ doc: 'Whether anybody may join with a key of their own; what they make is signed, checked, and paid for. Wants the keys in pool.directory', fallback: false }),
    publicUrls: list({ doc: 'Addresses of NATS for who joins so; pool.urls if left empty', hint: '<url,…>', fallback: [], pattern: /^(nats|tls):\/\/[^\s@]+$/, expected: 'a nats: or tls: URL without a password', example: '["tls://pool.example.org:4222"]' }),
    payPerMillionPixels: wei({ doc: 'What members who joined so earn with 1,000,000 output pixels, wei', fallback: 150_000_000n }),
    deposit: wei({ doc: 'So much of what a member earned is withheld as its deposit, wei, and lost to it when it cheats', fallback: 10n ** 13n }),
    allowance: wei({ doc: 'Work, at price.perMillionPixels, that nobody looked at yet and that may be worth more than what is withheld of its member, wei: what each new one can cost', fallback: 10n ** 12n }),
    leastCheckedOneIn: integer({ doc: 'Of a member with a long record one segment in so many is checked', min: 1, max: 10_000, fallback: 20 }),
    minimumPayout: wei({ doc: 'Less than this is not paid out, wei', fallback: 10n ** 15n }),
    payoutHours: integer({ doc: 'How often members are paid what is due to them; 0 leaves that to `pool payouts now`', min: 0, max: 10_000, fallback: 24 }),
  },
  delivery: {
    partDurationMs: integer({ doc: 'Target length of a low-latency HLS part, milliseconds', min: 100, max: 500, fallback: 100 }),
    windowSegments: integer({ doc: 'Segments that viewers can go back to', min: 8, max: 10_000, fallback: 30 }),
    lingerMs: integer({ doc: 'How long an ended stream can still be watched, milliseconds', min: 0, max: 24 * hour, fallback: 60_000 }),
    maxWaiting: integer({ doc: 'Requests of one stream that may wait for what comes next; shared fairly among addresses', min: 1, max: 1_000_000, fallback: 10_000 }),
    maxFollowers: integer({ doc: 'Follow responses of one stream; shared fairly among addresses', min: 1, max: 1_000_000, fallback: 10_000 }),
    requestsPerSecond: integer({ doc: 'Requests to /live per second of one address, which many viewers may share', min: 10, max: 10_000_000, fallback: 20_000 }),
    bytesPerSecondPerAddress: optionalInteger({ doc: 'Bytes per second that are sent to one address; without a limit if left out', min: 10_000, max: 1_000_000_000_000, example: '50000000' }),
    bytesPerSecond: optionalInteger({ doc: 'Bytes per second that are sent to all viewers together; without a limit if left out', min: 100_000, max: 1_000_000_000_000, example: '1000000000' }),
    maxBacklogBytes: integer({ doc: 'Bytes that a follow response may be behind before it is cut', min: 65_536, max: 1_073_741_824, fallback: 4_194_304 }),
  },
  price: {
    perMillionPixels: wei({ doc: 'Price of 1,000,000 output pixels, wei', fallback: 250_000_000n }),
    perMillionInputPixels: wei({ doc: 'Price of 1,000,000 decoded pixels of the source, wei: what reading costs beside making, about a tenth', fallback: 25_000_000n }),
    currencyAmount: optionalText({ doc: 'Price of 1,000,000 output pixels in the currency of price.feed, instead of wei', hint: '<decimal>', pattern: /^\d+(\.\d{1,18})?$/, expected: 'a decimal', example: '"0.0000005"' }),
    feed: optionalText({ doc: 'Price feed on chain (AggregatorV3) that says what one ether costs in that currency', hint: '<address>', pattern: /^0x[0-9a-fA-F]{40}$/, expected: 'an address', example: '"0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419"' }),
    lowest: optionalWei({ doc: 'Least that the operator\'s page and command line may set for 1,000,000 output pixels, wei. Left out, a tenth of what the settings say', example: '"100000000"' }),
    highest: optionalWei({ doc: 'Most of it, wei. Left out, ten times of that', example: '"1000000000"' }),
    overrides: list({ doc: 'Prices of 1,000,000 output pixels for certain senders, wei, instead of the above', hint: '<address=wei,…>', fallback: [], pattern: /^0x[0-9a-fA-F]{40}=\d{1,30}$/, expected: 'an address, =, and wei', example: '["0x1111111111111111111111111111111111111111=125000000"]' }),
  },
  tickets: {
    faceValue: optionalWei({ doc: 'Face value of every ticket, wei. Left out, it follows the price of gas', example: '"10000000000000000"' }),
    faceValueMultiple: wei({ doc: 'Face value over the cost of redeeming one ticket: 100 makes redemption cost 1 %', fallback: 100n }),
    minimumFaceValue: wei({ doc: 'No ticket is worth less if it wins, wei', fallback: 1_000_000_000n }),
    maximumFaceValue: optionalWei({ doc: 'No ticket is worth more if it wins, wei', example: '"100000000000000000"' }),
    minimumEscrow: wei({ doc: 'Penalty escrow that a sender must have put up, wei. Without any, giving out more tickets than can be paid costs nothing', fallback: 10n ** 16n }),
    minimumDeposit: wei({ doc: 'Deposit that a sender must have to begin a stream, wei', fallback: 0n }),
    minimumReserve: wei({ doc: 'Reserve that a sender must have designated to this orchestrator, wei: what nobody else can drain', fallback: 0n }),
    securedPercent: integer({ doc: 'Percent of a winner that designated reserve and escrow must cover together, and face values follow; 0 relies on deposits, which an accomplice of the sender can drain', min: 0, max: 10_000, fallback: 100 }),
    rotationSeconds: integer({ doc: 'Length of the intervals in which ticket parameters rotate, seconds; a winner is redeemed one to two of them later', min: 2, max: 600, fallback: 10 }),
    quoteSeconds: integer({ doc: 'How long a quote stands, seconds. At least twice what clocks may differ by, so that it is good by everybody\'s', min: 2 * limits.requestSkewSeconds, max: 86_400, fallback: 600 }),
  },
  redemption: {
    enabled: flag({ doc: 'Redeem winning tickets here; otherwise they stay in the ledger', fallback: true }),
    batchSize: integer({ doc: 'Most tickets in one transaction', min: 1, max: 200, fallback: 40 }),
    cheapPercent: integer({ doc: 'Gas is cheap while redeeming costs at most so many percent of what is due (or no more than usual): then winners are redeemed as soon as they may be', min: 0, max: 100, fallback: 2 }),
    urgentPercent: integer({ doc: 'From so many percent of a ticket\'s life before its end on, a winner is redeemed at any price that leaves something', min: 0, max: 100, fallback: 30 }),
    maximumFeePerGas: optionalWei({ doc: 'Never bid more per unit of gas, wei', example: '200000000000' }),
    penaltyPercent: integer({ doc: 'Percent of what is missing of a winner that burning its sender\'s escrow for it may cost in gas, beyond what that brings', min: 0, max: 100, fallback: 10 }),
    initializeRounds: flag({ doc: 'Initialize rounds that nobody else did; the orchestrators of a market take turns', fallback: true }),
    claimRewards: flag({ doc: 'Mint this orchestrator\'s reward once each round; what is left out is lost to it and its delegators', fallback: true }),
    maximumChoreCost: wei({ doc: 'Most that one of these two may cost in gas, wei; while it would cost more, it waits', fallback: 10n ** 16n }),
  },
  registration: {
    services: list({ doc: 'Services to register', hint: '<name,…>', fallback: ['Transcoding'], pattern: /^[A-Za-z0-9]{1,64}$/, expected: 'the name of a service' }),
    regions: list({ doc: 'Regions to register, at most 32 characters each', hint: '<name,…>', fallback: [], pattern: /^[a-z0-9-]{1,32}$/, expected: 'a region such as eu-west', example: '[eu-west]' }),
    selfTest: flag({ doc: 'Ask the public URL at start whether it leads here, and warn if not', fallback: true }),
  },
  senders: {
    allow: list({ doc: 'Senders that are served, and nobody else; all if left empty', hint: '<address,…>', fallback: [], pattern: /^0x[0-9a-fA-F]{40}$/, expected: 'an address', example: '["0x1111111111111111111111111111111111111111"]' }),
    deny: list({ doc: 'Senders that are not served', hint: '<address,…>', fallback: [], pattern: /^0x[0-9a-fA-F]{40}$/, expected: 'an address', example: '["0x2222222222222222222222222222222222222222"]' }),
  },
  alerts: {
    webhook: optionalText({ doc: 'Address that alerts are posted to as JSON when they come to stand and when they are over; the log and metrics have them anyway', hint: '<url>', pattern: urlPattern, expected: 'an http(s) URL', example: 'https://hooks.example.org/streamflow' }),
    winnerMinutes: integer({ doc: 'Alert winnersStuck: a winner that is due is unpaid for so long', min: 1, max: 100_000, fallback: 60 }),
    minimumBalance: wei({ doc: 'Alert balanceLow: less than this is left for gas, wei', fallback: 5n * 10n ** 16n }),
    largeSender: wei({ doc: 'Alert senderUnlocking: a sender that has put up this much, wei, unlocks it', fallback: 10n ** 17n }),
    minimumDiskBytes: integer({ doc: 'Alert diskLow: fewer bytes are free where the ledger lies', min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 1_073_741_824 }),
    chainSilentSeconds: integer({ doc: 'Alert chainSilent: no new block is seen for so long', min: 1, max: 1_000_000, fallback: 300 }),
    noStreamsMinutes: integer({ doc: 'Alert noStreams: nobody is on air for so long; 0 does not tell', min: 0, max: 1_000_000, fallback: 0 }),
  },
  operator: {
    host: text({ doc: 'Address on which the operator\'s machines read metrics (GET /metrics) and the operator\'s page is served (GET /admin); never a public one', hint: '<address>', fallback: '127.0.0.1' }),
    port: integer({ doc: 'Port of it; 0 takes a free one, which the log says', min: 0, max: 65_535, fallback: 8_936 }),
  },
  attest: {
    host: text({ doc: 'Address on which `attest` takes evidence and says what it signed', hint: '<address>', fallback: '0.0.0.0' }),
    port: integer({ doc: 'Port of it; 0 takes a free one', min: 0, max: 65_535, fallback: 8_937 }),
    publicUrl: optionalText({ doc: 'How challengers and the other members reach it', hint: '<url>', pattern: urlPattern, expected: 'an http(s) URL', example: 'https://attester.example.org' }),
    members: list({ doc: 'Where the other members are: evidence and signatures are asked for there', hint: '<url,…>', fallback: [], pattern: urlPattern, expected: 'an http(s) URL', example: '[https://second.example.org]' }),
    pollIntervalMs: integer({ doc: 'How often to look for challenges and at the other members, milliseconds', min: 100, max: hour, fallback: 10_000 }),
    evidenceBytes: integer({ doc: 'Bytes of evidence that nobody asked about yet; the oldest goes first', min: 1_048_576, max: 1_099_511_627_776, fallback: 1_073_741_824 }),
    allowPrivate: flag({ doc: 'Whether challengers may name evidence in private networks, on this machine, or without TLS: for networks on one machine', fallback: false }),
  },
  log: {
    level: choice({ doc: 'Least important messages to log', words: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], fallback: 'info' }),
  },
} as const

type Table = typeof settings
/** The values of all settings. */
export type Config = { readonly [G in keyof Table]: { readonly [N in keyof Table[G]]: ValueOf<Table[G][N]> } }

/** What each group is about; also the order of help and example file. */
export const groupDocs: { readonly [G in keyof Table]: string } = {
  network: 'The chain and its contracts',
  key: "The orchestrator's key",
  data: 'Where things are kept',
  http: 'The HTTP server: quotes, streams, playback, health',
  webrtc: 'Data channels of broadcasters',
  streams: 'How many streams, and how patient with them',
  transcoder: 'Transcoder processes of this machine',
  pool: 'Transcoders of other machines',
  delivery: 'Low-latency HLS and follow responses',
  price: 'What work costs',
  tickets: 'Parameters of the lottery tickets that pay',
  redemption: 'Cashing winning tickets, and what each round asks for',
  registration: 'What the service registry says of this orchestrator',
  senders: 'Who is served',
  alerts: 'What the operator is told of before it costs money',
  operator: 'What only the operator sees',
  attest: 'A member of the committee that judges challenges (`attest`)',
  log: 'Logs (JSON lines on standard output)',
}
