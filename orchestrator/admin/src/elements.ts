/** The page's elements: found by id, or made of text. Nothing that comes from outside is ever read as HTML. */

/** @throws {TypeError} if the page has no such element */
export function getElement<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id)
  if (!(element instanceof type)) throw new TypeError(`no ${type.name} has the id ${id}`)
  return element
}

/** Writes text only where it changed: a screen reader reads again what is written again. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** An element with text, or with others in it. */
export function make<K extends keyof HTMLElementTagNameMap>(name: K, content: string | readonly Node[], attributes: Readonly<Record<string, string>> = {}): HTMLElementTagNameMap[K] {
  const element = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value)
  if (typeof content === 'string') element.textContent = content
  else element.append(...content)
  return element
}

/** A column: its heading, and whether it holds numbers. */
export interface Column {
  readonly title: string
  readonly isNumber?: boolean
}

/** One line of a table: its cells, and attributes of its row. */
export interface TableRow {
  readonly cells: readonly string[]
  readonly attributes?: Readonly<Record<string, string>>
}

const look = ({ isNumber = false }: Column): Record<string, string> => (isNumber ? { class: 'number' } : {})
const makeCell = (cell: string, column: Column): HTMLTableCellElement => make('td', cell, { role: 'cell', 'data-column': column.title, ...look(column) })

/**
 * Fills a table; its caption stays. Hidden while it has no rows. Where it is shown as lists each cell needs the name of its
 * column, and what it is for who hears it.
 */
export function fillTable(table: HTMLTableElement, columns: readonly Column[], rows: readonly TableRow[]): void {
  const head = make('thead', [make('tr', columns.map((column) => make('th', column.title, { scope: 'col', role: 'columnheader', ...look(column) })), { role: 'row' })], { role: 'rowgroup' })
  const body = make('tbody', rows.map(({ cells, attributes = {} }) => make('tr', cells.map((cell, index) => makeCell(cell, columns[index] ?? { title: '' })), { role: 'row', ...attributes })), { role: 'rowgroup' })
  table.replaceChildren(...[...table.children].filter(({ tagName }) => tagName === 'CAPTION'), head, body)
  table.setAttribute('role', 'table')
  table.hidden = rows.length === 0
}
