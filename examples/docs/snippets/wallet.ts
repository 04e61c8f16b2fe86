import { formatStatementCsv, type PageBroadcast, type Streamflow } from '@streamflow/sdk'
import { formatEther, parseEther } from 'viem'

/** Puts up what stands behind tickets. */
export async function putUp(streamflow: Streamflow): Promise<void> {
  // #region fund
  await streamflow.fund({ deposit: parseEther('0.2'), escrow: parseEther('0.02') })
  const { deposit, reserve, escrow, state } = await streamflow.getFunds()
  console.log(`deposit ${formatEther(deposit)}, reserve ${formatEther(reserve)}, escrow ${formatEther(escrow)}: ${state}`)
  // #endregion fund
}

/** A broadcast with bounds. */
export async function goLiveWithin(streamflow: Streamflow, camera: MediaStream): Promise<PageBroadcast> {
  // #region budget
  const live = await streamflow.broadcast(camera, {
    budget: {
      spendCap: '0.05', // ether: all that this broadcast may cost
      perHour: parseEther('0.02'), // wei: beyond it, tickets wait until older ones are an hour old
      validForSeconds: 2 * 3600, // the wallet is asked again before that
    },
    funds: { warnHours: 2, topUp: { amount: parseEther('0.05'), limit: parseEther('0.2') } },
  })
  live.on('funds', ({ deposit, hoursLeft }) => console.log(`${formatEther(deposit)} ether, enough for ${hoursLeft?.toFixed(1) ?? 'many'} hours`))
  live.on('warning', ({ code, help }) => console.warn(code, help)) // LowPMBalance comes here, ahead of time
  live.on('approval', () => console.log('the wallet will ask for the next hours'))
  // #endregion budget
  return live
}

/** What a broadcast cost, with everybody. */
export async function account(streamflow: Streamflow): Promise<string> {
  // #region statement
  const statement = await streamflow.getStatement()
  const csv = formatStatementCsv(statement)
  // #endregion statement
  return csv
}

/** The way out. */
export async function leave(streamflow: Streamflow): Promise<void> {
  // #region withdraw
  for (const { id, state } of await streamflow.listSessions()) if (state === 'usable') await streamflow.revokeSession({ id })
  await streamflow.unlock() // from now on no ticket of yours is worth anything to anybody
  const funds = await streamflow.getFunds()
  if (funds.state === 'withdrawable') await streamflow.withdraw() // some rounds later
  // #endregion withdraw
}
