/** Structured lines on standard error, for machines; what people should read at start-up goes to standard output. */
import { destination, pino, stdTimeFunctions } from 'pino'
import type { LogLevel } from './config.ts'

export type Log = ReturnType<typeof openLog>

export function openLog(level: LogLevel) {
  const stream = destination({ dest: 2, sync: false })
  const log = pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, stream)
  return {
    info: (facts: object, message: string) => log.info(facts, message),
    warn: (facts: object, message: string) => log.warn(facts, message),
    error: (facts: object, message: string) => log.error(facts, message),
    fatal: (facts: object, message: string) => log.fatal(facts, message),
    /** Before the process ends: what was said must be read. */
    flush: () => stream.flushSync(),
  }
}
