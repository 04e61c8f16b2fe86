import { isStreamflowError, openCamera, type PageBroadcast, type Streamflow } from '@streamflow/sdk'

/** One way to treat failures. */
export async function tryToGoLive(streamflow: Streamflow, tell: (text: string) => void): Promise<PageBroadcast | undefined> {
  // #region catch
  try {
    return await streamflow.broadcast(await openCamera(), { budget: { spendCap: '0.05' } })
  } catch (error) {
    if (!isStreamflowError(error)) throw error
    if (error.code === 'WalletRejected') return undefined // the person said no: nothing to say
    tell(`${error.message} ${error.help}`) // and `error.data` for the figures, `error.retry` for whether to try again
    return undefined
  }
  // #endregion catch
}
