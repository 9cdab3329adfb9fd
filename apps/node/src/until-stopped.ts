/** How a node ends: asked to, in order; asked twice, at once; by a fault that nobody caught, loudly. */
import type { Log } from './log.ts'

/** Closing in order may take this long; then the process ends anyway, and the next start finds what was acknowledged. */
const patienceMs = 20_000

/** Resolves when the operator or the system asks the node to stop. */
export function untilStopped(log: Log): Promise<void> {
  const dieLoudly = (error: unknown) => {
    log.fatal(
      { error: error instanceof Error ? error.stack : String(error) },
      'A fault that nobody caught; the node ends.',
    )
    log.flush()
    process.exit(1)
  }
  process.on('uncaughtException', dieLoudly)
  process.on('unhandledRejection', dieLoudly)
  return new Promise((resolve) => {
    let asked = false
    const stop = () => {
      if (asked) process.exit(130)
      asked = true
      setTimeout(() => process.exit(1), patienceMs).unref()
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    // Where another program has started this one and is gone, nobody is left who could stop it.
    process.on('disconnect', stop)
    process.channel?.unref()
  })
}
