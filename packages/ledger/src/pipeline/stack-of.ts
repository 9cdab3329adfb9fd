/** The stack of an error for the log of a stopped node. The realm hides stacks from rules; the host may still ask for them. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { getStackString } = globalThis as { readonly getStackString?: (error: Error) => string }
  return getStackString === undefined
    ? (error.stack ?? error.message)
    : `${error.name}: ${error.message}${getStackString(error)}`
}
