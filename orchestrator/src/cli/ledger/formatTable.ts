/** Plain tables for a terminal, and ether that is exact. */

const weiPerEther = 10n ** 18n

/** Wei as ether, exact, without trailing zeros. */
export function formatEther(wei: bigint): string {
  const absolute = wei < 0n ? -wei : wei
  const fraction = (absolute % weiPerEther).toString().padStart(18, '0').replace(/0+$/, '')
  return `${wei < 0n ? '-' : ''}${absolute / weiPerEther}${fraction === '' ? '' : `.${fraction}`}`
}

/** Lines of a table: a head, a rule, the rows, columns padded. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)]
}
