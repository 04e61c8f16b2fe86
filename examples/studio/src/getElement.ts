/** The page's elements by id, with their type checked once. */

/**
 * @param type - class that the element must have
 * @throws TypeError if the page and its script disagree: a defect, not a condition
 */
export function getElement<T extends Element>(id: string, type: new () => T): T {
  const element = document.getElementById(id)
  if (!(element instanceof type)) throw new TypeError(`#${id} is not a ${type.name}`)
  return element
}

/** Replaces an element's text only where it changed, so that a screen reader is not told the same thing again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
