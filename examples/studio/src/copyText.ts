/** Copying to the clipboard, with the button saying that it worked. */

const shownMs = 1_600

/** Makes `button` copy what is in `field`. */
export function initCopy(button: HTMLButtonElement, field: HTMLInputElement): void {
  const label = button.textContent
  let timer: ReturnType<typeof setTimeout> | undefined
  field.addEventListener('focus', () => field.select())
  button.addEventListener('click', () => {
    const done = (text: string): void => {
      button.textContent = text
      clearTimeout(timer)
      timer = setTimeout(() => (button.textContent = label), shownMs)
    }
    navigator.clipboard.writeText(field.value).then(
      () => done('Copied'),
      () => {
        // No permission or no secure context: leave it selected for the person's own shortcut.
        field.select()
        done('Press Ctrl+C')
      },
    )
  })
}
