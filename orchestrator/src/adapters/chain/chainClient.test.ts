import { roundsErrors } from '@streamflow/contracts'
import { BaseError, encodeErrorResult, parseAbi, RpcRequestError } from 'viem'
import { expect, it } from 'vitest'
import { readRevert } from './chainClient.js'

type Hex = `0x${string}`

/** What viem throws where an endpoint refuses a call that it knows no ABI of. */
const refuse = (data: Hex): BaseError => new BaseError('estimating failed', { cause: new RpcRequestError({ body: {}, url: 'http://endpoint', error: { code: 3, message: 'execution reverted', data } }) })

it('names a refusal by the errors that the contract has, and by no other', () => {
  const thrown = refuse(encodeErrorResult({ abi: roundsErrors, errorName: 'RoundsAlreadyInitialized', args: [7n] }))
  expect(readRevert(thrown, roundsErrors)).toBe('RoundsAlreadyInitialized')
  expect(readRevert(thrown)).toBe('reverted without a reason')
  const text = refuse(encodeErrorResult({ abi: parseAbi(['error Error(string)']), errorName: 'Error', args: ['no'] }))
  expect(readRevert(text, roundsErrors)).toBe('reverted without a reason')
  expect(readRevert(new BaseError('no answer'), roundsErrors)).toBeUndefined()
})
