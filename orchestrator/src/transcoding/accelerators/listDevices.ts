/** Which devices this machine may have for each kind of chain, before anything is tried on them. */

import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { AcceleratorKind } from './accelerator.js'

/** Something that a chain could run on. */
export interface Device {
  /** ffmpeg's word for it: a number, or a path; empty where there can be only one. */
  readonly device: string
  /** What its maker calls it. */
  readonly model?: string
  /** Memory that nobody had taken when it was looked at. */
  readonly freeMemoryBytes?: number
}

/** What there is for a kind of chain; an empty list comes with the reason. */
export interface DeviceList {
  readonly devices: readonly Device[]
  readonly reason?: string
}

/** A driver that is not loaded yet takes seconds to answer. */
const askTimeoutMs = 8_000
/** More devices than this are not used: each is tried and measured at start. */
const maxDevices = 16
const mebibyte = 1024 * 1024

/**
 * Looks for devices.
 * @param only - use these without looking: numbers are NVIDIA's cards, paths are render devices; empty: look
 */
export async function listDevices(only: readonly string[] = []): Promise<Readonly<Record<AcceleratorKind, DeviceList>>> {
  const [nvidia, render] = await Promise.all([listNvidia(only), listRenderDevices(only)])
  const apple: DeviceList = process.platform === 'darwin' ? { devices: [{ device: '' }] } : { devices: [], reason: 'macOS has it alone' }
  return { 'nvidia': nvidia, 'nvidia-decode': nvidia, 'vaapi': render, 'qsv': render, 'videotoolbox': apple, 'x264': { devices: [{ device: '' }] } }
}

async function listNvidia(only: readonly string[]): Promise<DeviceList> {
  const found = await askNvidia().catch(listNvidiaFiles)
  const numbers = only.filter((device) => /^\d+$/.test(device))
  if (only.length > 0) return { devices: numbers.map((device) => found.find((each) => each.device === device) ?? { device }), ...(numbers.length === 0 && { reason: 'not among the devices that are set' }) }
  return found.length > 0 ? { devices: found.slice(0, maxDevices) } : { devices: [], reason: 'no NVIDIA card, or no driver: neither nvidia-smi nor /dev/nvidia0 is there' }
}

/** Numbers as PCI has them, which ffmpeg is told to use too (ffmpegProcess.ts). */
async function askNvidia(): Promise<readonly Device[]> {
  const { stdout } = await promisify(execFile)('nvidia-smi', ['--query-gpu=index,memory.free,name', '--format=csv,noheader,nounits'], { timeout: askTimeoutMs })
  return stdout.split('\n').flatMap((line) => {
    const [, device, freeMebibytes, model] = /^(\d+), *([^,]+), *(.+)$/.exec(line.trim()) ?? []
    if (device === undefined || model === undefined) return []
    const free = Number(freeMebibytes)
    return [{ device, model, ...(Number.isFinite(free) && { freeMemoryBytes: free * mebibyte }) }]
  })
}

async function listNvidiaFiles(): Promise<readonly Device[]> {
  return (await listFolder('/dev', /^nvidia(\d+)$/)).map((name) => ({ device: name.slice('nvidia'.length) }))
}

async function listRenderDevices(only: readonly string[]): Promise<DeviceList> {
  const paths = only.length > 0 ? only.filter((device) => device.startsWith('/')) : (await listFolder('/dev/dri', /^renderD\d+$/)).map((name) => `/dev/dri/${name}`)
  if (paths.length > 0) return { devices: paths.slice(0, maxDevices).map((device) => ({ device })) }
  return { devices: [], reason: only.length > 0 ? 'not among the devices that are set' : 'no render device: /dev/dri has none' }
}

async function listFolder(folder: string, pattern: RegExp): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => [])
  return names.filter((name) => pattern.test(name)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}
