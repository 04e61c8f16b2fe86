/** Shows a list anew, and leaves each item that says the same where it is: a click on a button that is replaced under the pointer is lost, and so is the focus. */
export function showItems(list: HTMLElement, items: readonly HTMLElement[]): void {
  items.forEach((item, index) => {
    const shown = list.children[index]
    if (shown === undefined) list.append(item)
    else if (!shown.isEqualNode(item)) shown.replaceWith(item)
  })
  while (list.childElementCount > items.length) list.lastElementChild?.remove()
}
