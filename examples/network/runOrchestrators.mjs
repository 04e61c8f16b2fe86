// The orchestrators of a network as running programs: started together, started again, ended together.
import { readOperatorPage, startOrchestrator } from './orchestrator.mjs'

/**
 * @typedef {Pick<import('./orchestrator.mjs').Prepared, 'name' | 'address' | 'url' | 'metricsUrl' | 'folder' | 'configFile'> & { pid: number, operatorPage?: string }} Described - `operatorPage`: with the token in it, which is another one with each start
 *
 * @typedef {object} Running
 * @property {import('./startChild.mjs').Child} child - the present process
 * @property {() => Promise<void>} restart - starts it again on the same state, after it ended
 *
 * @typedef {[Described & Running, ...(Described & Running)[]]} Orchestrators - at least one
 */

/**
 * Starts all of them at the same time.
 * @param {import('./orchestrator.mjs').Prepared[]} prepared
 * @param {(child: import('./startChild.mjs').Child) => void} onStarted - called with each process, also when it is started again
 * @returns {{ orchestrators: Orchestrators, ready: Promise<void>, stop(): Promise<void> }} `ready` rejects when one cannot start
 */
export function runOrchestrators(prepared, onStarted) {
  const orchestrators = prepared.map(({ command: _command, localUrl: _localUrl, ...described }) => described)
  const begin = async (index) => {
    const child = await startOrchestrator(prepared[index])
    Object.assign(orchestrators[index], { child, pid: child.pid, operatorPage: readOperatorPage(prepared[index]) })
    onStarted(child)
  }
  const beginAll = async () => {
    const outcomes = await Promise.allSettled(orchestrators.map((_, index) => begin(index)))
    const failure = outcomes.find(({ status }) => status === 'rejected')
    if (failure !== undefined) throw failure.reason
  }
  for (const [index, orchestrator] of orchestrators.entries()) orchestrator.restart = () => begin(index)
  return {
    orchestrators,
    ready: beginAll(),
    async stop() {
      await Promise.all(orchestrators.map(({ child }) => child?.stop()))
    },
  }
}
