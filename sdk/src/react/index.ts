/** Streamflow in React: each hook is one file, small enough to be read before it is used. Nothing happens on a server. */

export { useBroadcast, type UseBroadcast } from './useBroadcast.js'
export { useDevices, type UseDevices } from './useDevices.js'
export { useFunds, type UseFunds, type UseFundsOptions } from './useFunds.js'
export { useMarket, type UseMarket } from './useMarket.js'
export { useWatch, type UseWatch } from './useWatch.js'
