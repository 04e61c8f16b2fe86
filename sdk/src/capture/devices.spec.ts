/** Cameras and microphones: the one that was picked or none, failures with a code and a sentence, lists that follow what is connected. */

import { expect } from 'chai'
import type { StreamflowError } from '../errors/StreamflowError.js'
import { listDevices, watchDevices, type Devices } from './devices.js'
import { openCamera, openScreen, type CameraOptions } from './openCamera.js'

const opened: MediaStream[] = []
async function open(options?: CameraOptions): Promise<MediaStream> {
  const stream = await openCamera(options)
  opened.push(stream)
  return stream
}
const failureOf = (work: Promise<unknown>): Promise<StreamflowError> => work.then(() => expect.fail('it did not fail'), (error: StreamflowError) => error)

/** Puts something else in the place of a method until the test is over. */
const undone: (() => void)[] = []
function replace<Target extends object, Name extends keyof Target>(target: Target, name: Name, value: Target[Name]): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true })
  undone.push(() => delete target[name])
}
const refuseWith = (thrown: unknown): (() => Promise<MediaStream>) => async () => Promise.reject(thrown)

describe('devices', () => {
  afterEach(() => {
    for (const stream of opened.splice(0)) for (const track of stream.getTracks()) track.stop()
    for (const undo of undone.splice(0)) undo()
  })

  it('are opened: the browser’s choice with what is wished for, one that was picked, or one of the two alone', async () => {
    const both = await open({ width: 320, height: 240, frameRate: 15 })
    expect(both.getTracks().map(({ kind }) => kind).sort()).to.deep.equal(['audio', 'video'])
    expect(both.getVideoTracks()[0]!.getSettings()).to.include({ width: 320, height: 240 })
    const { cameras, microphones } = await listDevices()
    expect(cameras.length).to.be.greaterThan(0)
    const camera = cameras.at(-1)!
    const picture = await open({ camera: camera.id, microphone: false })
    expect(picture.getTracks().map((track) => [track.kind, track.getSettings().deviceId])).to.deep.equal([['video', camera.id]])
    const microphone = microphones.at(-1)!
    const sound = await open({ camera: false, microphone: microphone.id })
    expect(sound.getTracks().map((track) => [track.kind, track.getSettings().deviceId])).to.deep.equal([['audio', microphone.id]])
    expect((await failureOf(open({ camera: false, microphone: false }))).code).to.equal('InvalidArgument')
  })

  it('are not replaced by others: one that is gone is not found', async () => {
    for (const options of [{ camera: 'a'.repeat(64) }, { microphone: 'b'.repeat(64) }]) {
      const error = await failureOf(open(options))
      expect(error.code).to.equal('DeviceNotFound')
    }
  })

  it('open without what they cannot do', async () => {
    const asked: MediaStreamConstraints[] = []
    const { getUserMedia } = navigator.mediaDevices
    const picked = (await open()).getVideoTracks()[0]!.getSettings().deviceId!
    replace(navigator.mediaDevices, 'getUserMedia', async (constraints = {}) => {
      asked.push(constraints)
      if (asked.length === 1) throw new OverconstrainedError('width')
      return getUserMedia.call(navigator.mediaDevices, constraints)
    })
    const stream = await open({ camera: picked, width: 100_000, microphone: false })
    expect(stream.getVideoTracks()[0]!.getSettings().deviceId).to.equal(picked)
    expect(asked[1]).to.deep.equal({ video: { deviceId: { exact: picked } }, audio: false })
  })

  it('that fail say what a person can do', async () => {
    const cases = [
      [new DOMException('', 'NotAllowedError'), 'DeviceDenied', /answered with no/],
      [new DOMException('', 'NotFoundError'), 'DeviceNotFound', /not connected/],
      [new DOMException('Could not start video source', 'NotReadableError'), 'DeviceBusy', /another program/],
      [new DOMException('', 'AbortError'), 'DeviceBusy', /another program/],
      [new DOMException('', 'SecurityError'), 'DeviceDenied', /answered with no/],
    ] as const
    for (const [thrown, code, sentence] of cases) {
      replace(navigator.mediaDevices, 'getUserMedia', refuseWith(thrown))
      replace(navigator.permissions, 'query', async () => ({ state: 'prompt' }) as PermissionStatus)
      const error = await failureOf(open({ microphone: false }))
      expect(error.code).to.equal(code)
      expect(error.message).to.match(sentence)
      expect(error.data).to.include({ device: 'camera' })
      expect(error.cause).to.equal(thrown)
    }
    replace(navigator.permissions, 'query', async () => ({ state: 'denied' }) as PermissionStatus)
    replace(navigator.mediaDevices, 'getUserMedia', refuseWith(cases[0][0]))
    expect((await failureOf(open())).data).to.include({ denied: 'blocked', device: 'camera or microphone' })
    replace(navigator.mediaDevices, 'getDisplayMedia', refuseWith(cases[0][0]))
    replace(navigator.permissions, 'query', async () => Promise.reject(new TypeError('no such permission')))
    expect(await failureOf(openScreen())).to.include({ code: 'DeviceDenied', message: 'no screen was chosen' })
  })

  it('are not to be had outside a secure context, which is said', async () => {
    replace(navigator as { mediaDevices?: MediaDevices }, 'mediaDevices', undefined)
    const error = await failureOf(open())
    expect(error.code).to.equal('Unsupported')
    expect(error.message).to.match(/https or localhost/)
    expect(() => watchDevices(() => undefined)).to.throw().with.property('code', 'Unsupported')
  })

  it('are told when one comes or goes, until nobody listens', async () => {
    const lists: Devices[] = []
    let heard: () => void = () => undefined
    const next = (): Promise<void> => new Promise((resolve) => (heard = resolve))
    const first = next()
    const stop = watchDevices((devices) => {
      lists.push(devices)
      heard()
    })
    await first
    const real = await navigator.mediaDevices.enumerateDevices()
    const camera = { kind: 'videoinput', deviceId: 'new', groupId: 'other', label: 'Another camera', toJSON: () => ({}) } as MediaDeviceInfo
    replace(navigator.mediaDevices, 'enumerateDevices', async () => [...real, camera])
    const second = next()
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'))
    await second
    expect(lists[1]!.cameras.length).to.equal(lists[0]!.cameras.length + 1)
    expect(lists[1]!.cameras.at(-1)).to.deep.equal({ id: 'new', name: 'Another camera', isDefault: false })
    expect(lists[1]!.cameras.filter(({ isDefault }) => isDefault)).to.have.lengthOf(1)
    stop()
    replace(navigator.mediaDevices, 'enumerateDevices', async () => real)
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'))
    await listDevices()
    await Promise.resolve()
    expect(lists).to.have.lengthOf(2)
  })
})
