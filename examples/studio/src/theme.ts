/** Dark or light: the system's wish until the button says otherwise, then what the person chose. */

const key = 'streamflow.theme'

/** Applies the theme and makes the button switch it. */
export function initTheme(button: HTMLButtonElement): void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const apply = (): void => {
    document.documentElement.dataset['theme'] = localStorage.getItem(key) ?? (system.matches ? 'dark' : 'light')
  }
  system.addEventListener('change', apply)
  button.addEventListener('click', () => {
    localStorage.setItem(key, document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark')
    apply()
  })
  apply()
}
