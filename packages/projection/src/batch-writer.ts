/** Batches into the database, each with its cursor in one SQL transaction. */
import { setImmediate as othersTurn } from 'node:timers/promises'
import type { TableChanges } from './batch.ts'
import { type Cursor, moveCursor } from './cursor.ts'
import { type Engine, EngineError, type Step } from './engine.ts'
import { stepsOf } from './sql-text.ts'

export interface BatchWriter {
  write(changes: readonly TableChanges[], from: Cursor, to: Cursor): Promise<void>
}

/**
 * Rows are taken for new and copied straight into their table, which is fastest. Where one stands already, the database
 * says so and undoes the batch; that table is upserted from then on.
 */
export function createBatchWriter(engine: Engine): BatchWriter {
  const upserted = new Set<string>()
  const stepsFor = async (changes: readonly TableChanges[], move: Step): Promise<Step[]> => {
    const steps = [move]
    for (const change of changes) {
      steps.push(...stepsOf(change, !upserted.has(change.table.name)))
      // Writing rows out takes milliseconds a table; others have the thread in between.
      if (change.rows.size > 100) await othersTurn()
    }
    return steps
  }
  return {
    write: async (changes, from, to) => {
      const move = moveCursor(from, to)
      for (;;) {
        try {
          return await engine.transact(await stepsFor(changes, move))
        } catch (error) {
          const table = error instanceof EngineError && error.fault === 'taken' ? error.table : undefined
          if (table === undefined || upserted.has(table)) throw error
          upserted.add(table)
        }
      }
    },
  }
}
