/** What the main thread and PGlite's thread say to each other. Answers carry the number of what they answer. */
import type { SqlValue } from '@chengxin/module-kit'
import type { EngineFault, SqlRow, Step } from './engine.ts'

export interface PgliteWorkerData {
  readonly directory: string
  readonly schema: string
}

export type PgliteRequest = { readonly number: number } & (
  | { readonly ask: 'query'; readonly text: string; readonly parameters: readonly SqlValue[] }
  | { readonly ask: 'transact'; readonly steps: readonly Step[] }
  | { readonly ask: 'close' }
)

export type PgliteAnswer =
  /** The first message, with number 0: the database is open. */
  | { readonly number: number; readonly rows: readonly SqlRow[] }
  | {
      readonly number: number
      readonly fault: EngineFault
      readonly message: string
      readonly table: string | undefined
    }
