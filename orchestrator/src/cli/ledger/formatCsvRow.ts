/** CSV as in RFC 4180. */

/** One line; cells with commas, quotes or line ends are quoted. */
export function formatCsvRow(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')
}
