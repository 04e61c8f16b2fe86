// Settings with which a short test sees what otherwise takes a day.

/**
 * Segments are dear and winners small, so that about every second ticket wins: one second of 640×360 and 426×240 at
 * 25 fps is 8.3 million pixels, worth 0.0083 ETH; a winner pays 0.02 ETH.
 */
export const certainWinners = {
  faceValue: 20_000_000_000_000_000n,
  settings: { price: { perMillionPixels: '1000000000000000' }, tickets: { faceValue: '20000000000000000' } },
  /** ether; what the page's person types */
  budget: '5',
}
