/** The dialog in which a person chooses a wallet. */

import type { WalletChoice } from './wallets.js'

/**
 * @param onError - a wallet could not be connected
 * @returns opens the dialog
 */
export function createWalletDialog(dialog: HTMLDialogElement, list: HTMLElement, onError: (thrown: unknown) => void): (choices: readonly WalletChoice[]) => void {
  const makeButton = (choice: WalletChoice): HTMLButtonElement => {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'button'
    const image = document.createElement('img')
    image.alt = ''
    image.src = choice.icon?.startsWith('data:image/') ? choice.icon : 'icon.svg'
    const text = document.createElement('span')
    const hint = document.createElement('small')
    hint.textContent = choice.hint
    text.append(choice.name, hint)
    button.append(image, text)
    button.addEventListener('click', () => {
      button.disabled = true
      choice.connect().then(
        () => dialog.close(),
        (thrown: unknown) => {
          dialog.close()
          onError(thrown)
        },
      )
    })
    return button
  }
  return (choices) => {
    if (choices.length > 0) list.replaceChildren(...choices.map(makeButton))
    else list.textContent = 'No wallet is installed in this browser. Install one (for example MetaMask or Rabby) and reload the page.'
    dialog.showModal()
  }
}
