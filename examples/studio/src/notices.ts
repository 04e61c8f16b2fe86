/** Failures as a person needs them: what happened, what to do, and the code for whoever helps. */

import { isStreamflowError } from '@streamflow/sdk/errors'

const warning = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 4 2.8 19.5h18.4zM12 10.5v4M12 17.2v.1"/></svg>'
const cross = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18"/></svg>'
/** More than these at once help nobody. */
const maxNotices = 3

/** The page's list of failures. */
export interface Notices {
  /** Shows a failure; the same one again replaces the first. */
  show(thrown: unknown): void
  /** Takes back the one with this code, if it is shown. */
  dismiss(code: string): void
  clear(): void
}

/** @returns title, help and code of anything thrown */
function describe(thrown: unknown): { readonly title: string; readonly help: string; readonly code: string } {
  if (isStreamflowError(thrown)) return { title: thrown.message, help: thrown.help, code: thrown.code }
  const title = thrown instanceof Error ? thrown.message : String(thrown)
  return { title, help: 'Reload the page; if it happens again, this is a defect worth reporting.', code: 'Unexpected' }
}

/** @param list - an element with `role="alert"` */
export function createNotices(list: HTMLElement): Notices {
  const dismiss = (code: string): void => list.querySelector(`[data-code="${CSS.escape(code)}"]`)?.remove()
  return {
    dismiss,
    show(thrown) {
      const { title, help, code } = describe(thrown)
      dismiss(code)
      while (list.childElementCount >= maxNotices) list.firstElementChild?.remove()
      const notice = document.createElement('div')
      notice.className = 'notice'
      notice.dataset['code'] = code
      notice.innerHTML = `${warning}<div><strong></strong><span></span> <code></code></div><button class="button icon-only quiet" type="button" aria-label="Dismiss">${cross}</button>`
      for (const [selector, text] of [['strong', help], ['span', title], ['code', code]] as const) notice.querySelector(selector)?.append(text)
      notice.querySelector('button')?.addEventListener('click', () => notice.remove())
      list.append(notice)
    },
    clear: () => list.replaceChildren(),
  }
}
