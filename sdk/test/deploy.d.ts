declare module '@streamflow/contracts/deploy' {
  export function deploy(options: { readonly rpcUrl: string; readonly deployer: `0x${string}`; readonly parameters: string; readonly directory: string }): Promise<unknown>
}
