// What a command that failed says: a contract's refusal by the name and figures of its own error.
import { decodeErrorResult, isHex } from 'viem'
import { readArtifact } from './artifacts.mjs'
import { PROXIED } from './plan.mjs'

const hasData = (error) => isHex(error?.data) && error.data.length >= 10

/**
 * @param {unknown} error
 * @returns {string}
 */
export function describeFailure(error) {
  const refused = typeof error?.walk === 'function' ? error.walk(hasData) : undefined
  return (hasData(refused) && nameRefusal(refused.data)) || (error?.shortMessage ?? error?.message ?? String(error))
}

function nameRefusal(data) {
  const contracts = [...Object.values(PROXIED), 'StreamflowToken', 'AccessManager']
  const abi = contracts.flatMap((contract) => readArtifact(contract).abi.filter(({ type }) => type === 'error'))
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi, data })
    return `the contract refuses it: ${errorName}(${args.join(', ')})`
  } catch {
    return undefined
  }
}
