// Every entry, as a strict application in TypeScript uses it, with the libraries' own types checked too.
import { ticketBrokerAbi } from '@streamflow/contracts'
import { deploy } from '@streamflow/contracts/deploy'
import { readArtifact } from '@streamflow/contracts/artifacts'
import { broadcast, createFeed, discover, watch, type BroadcastOptions, type Player } from '@streamflow/sdk'
import { createRpc, getEntries, type Network } from '@streamflow/sdk/chain'
import { isStreamflowError, type ErrorCode } from '@streamflow/sdk/errors'
import { computeDefaultLadder } from '@streamflow/sdk/media'
import { createKeySigner } from '@streamflow/sdk/payments'
import { limits } from '@streamflow/sdk/protocol'
import { useBroadcast, useDevices, useFunds, useMarket, useWatch } from '@streamflow/sdk/react'

export const options = (network: Network, wallet: BroadcastOptions['wallet']): BroadcastOptions => ({ network, wallet, budget: { spendCap: 1n } })
export const play = (video: HTMLVideoElement): Player => watch(video, 'https://orchestrator.example/live/0x00/master.m3u8')
export const codeOf = (thrown: unknown): ErrorCode | undefined => (isStreamflowError(thrown) ? thrown.code : undefined)
export const everything = [broadcast, createFeed, discover, createRpc, getEntries, computeDefaultLadder, createKeySigner, limits, ticketBrokerAbi, deploy, readArtifact, useBroadcast, useDevices, useFunds, useMarket, useWatch]
