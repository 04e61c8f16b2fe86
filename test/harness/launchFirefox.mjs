// A real Firefox, headless, with its own made-up camera and microphone. Tabs in the back are slowed down as for anybody.
import puppeteer from 'puppeteer-core'
import { findSystemPart } from '../../examples/network/findSystemPart.mjs'

/** @returns {Promise<import('puppeteer-core').Browser>} */
export async function launchFirefox() {
  const executablePath = findSystemPart('firefox')
  if (executablePath === undefined) throw new Error('Firefox is not installed')
  return puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
    },
  })
}
