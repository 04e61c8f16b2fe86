/** Asks a person before something is done that cannot be taken back. */

import { getElement, setText } from './elements.js'

/** What is asked. */
export interface Question {
  readonly title: string
  readonly text: string
  /** What the button says that does it. */
  readonly yes: string
}

/** @returns whether to do it; Escape means no */
export function askPerson({ title, text, yes }: Question): Promise<boolean> {
  const dialog = getElement('ask', HTMLDialogElement)
  const [yesButton, noButton] = [getElement('ask-yes', HTMLButtonElement), getElement('ask-no', HTMLButtonElement)]
  setText(getElement('ask-title', HTMLElement), title)
  setText(getElement('ask-text', HTMLElement), text)
  setText(yesButton, yes)
  dialog.returnValue = ''
  yesButton.onclick = () => dialog.close('yes')
  noButton.onclick = () => dialog.close('')
  dialog.showModal()
  noButton.focus()
  return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }))
}
