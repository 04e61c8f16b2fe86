/**
 * Every failure that crosses a boundary of Streamflow, by its code: the same string in TypeScript, on the wire and,
 * where the contracts know it too, in Solidity. A code is never reused for another meaning.
 */

/** What the receiver of an error may sensibly do. */
export type Retry =
  /** the same thing will fail the same way */
  | 'never'
  /** the same thing may be sent again at once (with what the error carries, e.g. fresh parameters) */
  | 'now'
  /** after the time the error carries, or a backoff */
  | 'later'
  /** only after a person did what `help` says */
  | 'after-fix'

/** Who answers for a failure. What viewers saw of a segment is paid for if its broadcaster does, and by nobody if not. */
export type Fault =
  /** the sender of the stream: its media, its money, its messages; another orchestrator or transcoder would say the same */
  | 'broadcaster'
  /** the orchestrator and its transcoders */
  | 'orchestrator'
  /** what lies between: connections, RPC endpoints */
  | 'network'
  /** no one: things have ended, or are not there */
  | 'nobody'

/** What a broadcaster does when an orchestrator answers so. */
export type Remedy =
  /** send the segment again with another ticket, if no later one was opened */
  | 'again'
  /** the same, after the time that the error carries */
  | 'again-later'
  /** the segment, if it was about one, is lost; go on with the next */
  | 'skip'
  /** funds are short: tell, wait for more */
  | 'wait-for-funds'
  /** leave this orchestrator for another one */
  | 'move'
  /** end the broadcast: it would fail the same way anywhere */
  | 'stop'

/** One row of the table of codes. */
export interface CodeEntry {
  /** HTTP status with which an orchestrator answers a request that failed so. */
  readonly status: number
  readonly retry: Retry
  readonly fault: Fault
  readonly remedy: Remedy
  /** What would help, in one sentence for a developer or an operator. */
  readonly help: string
}

/** The table: the one place that says of a code whose fault it is and what remedies it. Documents and tests are checked against it. */
export const errorCodes = {
  // payment
  LowPMBalance: {
    status: 402, retry: 'after-fix', fault: 'broadcaster', remedy: 'wait-for-funds',
    help: 'Deposit and reserve no longer cover a winning ticket: add funds, or wait until outstanding tickets expire.',
  },
  TicketInvalid: {
    status: 402, retry: 'never', fault: 'broadcaster', remedy: 'again',
    help: 'The ticket was not signed by the session key for these parameters, or its nonce was used: do not send it again.',
  },
  TicketParamsExpired: {
    status: 402, retry: 'now', fault: 'broadcaster', remedy: 'again',
    help: 'The ticket parameters are too old: sign a new ticket with the quote that this error carries.',
  },
  PriceTooLow: {
    status: 402, retry: 'now', fault: 'broadcaster', remedy: 'again',
    help: "The ticket's expected value does not cover the segment at the quoted price: raise its win probability.",
  },
  QuoteExpired: { status: 402, retry: 'now', fault: 'broadcaster', remedy: 'again', help: 'Ask for a new quote.' },
  QuoteInvalid: {
    status: 402, retry: 'never', fault: 'orchestrator', remedy: 'move',
    help: 'The quote is not the registered orchestrator’s, is dearer than is allowed, or no ticket of its can pay for a segment: choose another orchestrator.',
  },
  GrantInvalid: {
    status: 403, retry: 'after-fix', fault: 'broadcaster', remedy: 'stop',
    help: 'The session key is not allowed by this wallet, or the grant is expired or revoked: grant a new session key.',
  },
  SpendCapReached: {
    status: 402, retry: 'after-fix', fault: 'broadcaster', remedy: 'stop',
    help: 'The session key has spent what the wallet allowed: grant a new one with a higher cap.',
  },
  Overcharged: {
    status: 402, retry: 'never', fault: 'orchestrator', remedy: 'move',
    help: 'The orchestrator charged more than its quote or more pixels than the ladder: the stream was stopped; choose another one.',
  },
  TicketsUnsettled: {
    status: 402, retry: 'never', fault: 'orchestrator', remedy: 'move',
    help: 'The orchestrator holds tickets worth more than two segments for which it signed no receipt: it is left for another one; the statement names them.',
  },
  OrchestratorCapReached: {
    status: 402, retry: 'never', fault: 'broadcaster', remedy: 'move',
    help: 'The orchestrator got what one may get of this broadcast: the stream moves to another one; raise budget.perOrchestrator to stay.',
  },
  // media
  SegmentFormatDidntMatchJobInputParams: {
    status: 422, retry: 'after-fix', fault: 'broadcaster', remedy: 'stop',
    help: 'Send what the job declared (codec, width, height), or open the stream again with what you send.',
  },
  SegmentTooLarge: { status: 413, retry: 'after-fix', fault: 'broadcaster', remedy: 'skip', help: 'Lower the bitrate or the segment duration.' },
  SegmentTruncated: {
    status: 422, retry: 'now', fault: 'broadcaster', remedy: 'again',
    help: 'The bytes received do not match the length and hash declared at close: send the segment again.',
  },
  TranscodeFailed: {
    status: 500, retry: 'now', fault: 'orchestrator', remedy: 'again',
    help: 'The transcoder could not finish the segment: send it again, or to another orchestrator.',
  },
  SegmentFailedVerification: {
    status: 422, retry: 'never', fault: 'orchestrator', remedy: 'move',
    help: 'What viewers are given is not what the source shows, or not what was signed for: the orchestrator is left for good; the details say what was found.',
  },
  PoorQuality: {
    status: 422, retry: 'later', fault: 'orchestrator', remedy: 'move',
    help: 'What this orchestrator makes was in doubt again and again, oftener than chance allows: worse than can be had for half of its bits, or another sound; the stream moves to another one.',
  },
  // stream and access
  StreamNotFound: { status: 404, retry: 'never', fault: 'nobody', remedy: 'move', help: 'The stream has ended or never existed here.' },
  StreamEnded: { status: 410, retry: 'later', fault: 'nobody', remedy: 'move', help: 'Open a new stream.' },
  NotFound: { status: 404, retry: 'never', fault: 'nobody', remedy: 'skip', help: 'There is nothing at this address.' },
  Unauthorized: {
    status: 401, retry: 'never', fault: 'broadcaster', remedy: 'move',
    help: 'Sign the request with the session key of the stream; check the clock of this machine.',
  },
  BadMessage: {
    status: 400, retry: 'never', fault: 'broadcaster', remedy: 'skip',
    help: 'The message does not have the documented form or is larger than its limit.',
  },
  MessageTooLarge: { status: 413, retry: 'never', fault: 'broadcaster', remedy: 'skip', help: 'Split the message; the limit is in the details.' },
  RateLimited: { status: 429, retry: 'later', fault: 'broadcaster', remedy: 'again-later', help: 'Send less often; the error carries the time to wait.' },
  Capped: {
    status: 503, retry: 'later', fault: 'orchestrator', remedy: 'move',
    help: 'All capacity is sold: try again after the time this error carries, or another orchestrator.',
  },
  Busy: { status: 503, retry: 'later', fault: 'orchestrator', remedy: 'again-later', help: 'Temporarily overloaded: try again shortly.' },
  Unreliable: {
    status: 503, retry: 'later', fault: 'orchestrator', remedy: 'move',
    help: 'Too many segments failed at this orchestrator, or viewers could not have them there: the stream moves to another one, and comes back only after a while.',
  },
  SenderRefused: { status: 403, retry: 'never', fault: 'nobody', remedy: 'move', help: 'This orchestrator does not serve this account: choose another one.' },
  SenderElsewhere: {
    status: 503, retry: 'later', fault: 'orchestrator', remedy: 'move',
    help: 'Another process of the same orchestrator serves this account, or took it over: open the stream again, there (`data.url`, where it has an address of its own), or here once that one lets go.',
  },
  Draining: { status: 503, retry: 'later', fault: 'orchestrator', remedy: 'move', help: 'The orchestrator is shutting down: move the stream to another one.' },
  // local to the client
  NoOrchestrator: {
    status: 503, retry: 'later', fault: 'nobody', remedy: 'skip',
    help: 'No registered orchestrator offers this service within the filters: relax price, stake or region.',
  },
  WalletRejected: { status: 403, retry: 'after-fix', fault: 'broadcaster', remedy: 'skip', help: 'The approval was declined in the wallet.' },
  WalletUnavailable: { status: 503, retry: 'after-fix', fault: 'broadcaster', remedy: 'skip', help: 'Connect a wallet on the right chain.' },
  WrongChain: { status: 409, retry: 'after-fix', fault: 'broadcaster', remedy: 'skip', help: 'Switch the wallet to the chain of the network.' },
  DeviceDenied: { status: 403, retry: 'after-fix', fault: 'broadcaster', remedy: 'skip', help: 'Allow camera and microphone for this page.' },
  DeviceNotFound: { status: 404, retry: 'after-fix', fault: 'broadcaster', remedy: 'skip', help: 'Connect a camera or microphone, or choose another one.' },
  DeviceBusy: { status: 503, retry: 'after-fix', fault: 'broadcaster', remedy: 'skip', help: 'Another program is using the camera or the microphone: close it.' },
  InputUnavailable: {
    status: 503, retry: 'later', fault: 'broadcaster', remedy: 'skip',
    help: 'Nobody answers at the address of the input: check it, and that the other side is on air, then try again.',
  },
  InputAltered: {
    status: 422, retry: 'never', fault: 'broadcaster', remedy: 'skip',
    help: 'The input is sent otherwise than it came (scaled, with fewer pictures, or without what cannot be read); the message says how.',
  },
  Unsupported: { status: 501, retry: 'never', fault: 'nobody', remedy: 'skip', help: 'This browser or machine lacks what is needed; the details name it.' },
  TransportFailed: {
    status: 503, retry: 'now', fault: 'network', remedy: 'again',
    help: 'The connection broke: it is made again, or the stream moves to another orchestrator.',
  },
  Timeout: { status: 504, retry: 'now', fault: 'network', remedy: 'again', help: 'No answer in time.' },
  Aborted: { status: 499, retry: 'never', fault: 'broadcaster', remedy: 'skip', help: 'The caller aborted.' },
  PlaybackFailed: { status: 502, retry: 'now', fault: 'network', remedy: 'skip', help: 'The player could not load or decode the stream.' },
  PolicyBlocked: {
    status: 403, retry: 'after-fix', fault: 'nobody', remedy: 'skip',
    help: "The page's Content-Security-Policy forbids what is needed: add the source that the details name to the directive that they name.",
  },
  // chain and operator
  NetworkUnavailable: {
    status: 503, retry: 'after-fix', fault: 'nobody', remedy: 'stop',
    help: 'The description of the network could not be loaded: the message says what is at its address instead; put network.json there, or name another address.',
  },
  EvidenceUnavailable: {
    status: 404, retry: 'later', fault: 'nobody', remedy: 'skip',
    help: 'The evidence is not where it should be, or nobody there takes it: name another attester, or another address that serves the file.',
  },
  ChainUnavailable: { status: 503, retry: 'later', fault: 'network', remedy: 'skip', help: 'No RPC endpoint answered: check the RPC URLs.' },
  ChainReverted: { status: 409, retry: 'never', fault: 'nobody', remedy: 'skip', help: 'The contract refused; the details hold its error.' },
  InvalidArgument: {
    status: 400, retry: 'never', fault: 'broadcaster', remedy: 'stop',
    help: 'An option is outside its documented range; the details name it.',
  },
  ConfigInvalid: { status: 500, retry: 'after-fix', fault: 'orchestrator', remedy: 'skip', help: 'Correct the named setting.' },
  LedgerFailed: {
    status: 500, retry: 'after-fix', fault: 'orchestrator', remedy: 'move',
    help: 'The ledger cannot be written (disk full?): nothing was acknowledged; make room and restart.',
  },
  LedgerInUse: {
    status: 500, retry: 'after-fix', fault: 'orchestrator', remedy: 'move',
    help: 'Another process has this ledger: stop it, or give each orchestrator a data directory of its own.',
  },
  Internal: { status: 500, retry: 'later', fault: 'orchestrator', remedy: 'move', help: 'A defect of the orchestrator: its log holds the cause.' },
} as const satisfies Record<string, CodeEntry>

/** A code of the table. */
export type ErrorCode = keyof typeof errorCodes

/** Whether `value` is a code of the table; unknown codes come from newer peers. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value)
}
