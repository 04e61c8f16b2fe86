// A real Chromium, headless, whose camera and microphone play files.
import { chromium } from 'playwright-core'
import { findSystemPart } from '../../examples/network/findSystemPart.mjs'

/**
 * @param {{ videoFile?: string, audioFile?: string }} [devices] - y4m and WAV; without, Chromium's own test picture and beep
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function launchChromium({ videoFile, audioFile } = {}) {
  const executablePath = findSystemPart('chromium')
  if (executablePath === undefined) throw new Error('Chromium is not installed')
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Pages in the back are pages of other people here: each must run as if it were in front.
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
      '--autoplay-policy=no-user-gesture-required',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      ...(videoFile === undefined ? [] : [`--use-file-for-fake-video-capture=${videoFile}`]),
      ...(audioFile === undefined ? [] : [`--use-file-for-fake-audio-capture=${audioFile}`]),
    ],
  })
}
