/** Amounts as people write them. */

const decimals = 18

/**
 * Ether as a decimal string → wei, exactly.
 * @returns `undefined` for anything else than digits with at most 18 behind the point
 */
export function parseEther(text: string): bigint | undefined {
  const [, whole, fraction = ''] = /^(\d{1,20})(?:\.(\d{1,18}))?$/.exec(text) ?? []
  return whole === undefined ? undefined : BigInt(whole + fraction.padEnd(decimals, '0'))
}
