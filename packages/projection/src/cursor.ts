/** Where the read model stands. The cursor is a row beside the rows it speaks of, so that both are committed or neither. */
import type { CommittedBlock } from '@chengxin/module-kit'
import { type Engine, EngineError, type Step } from './engine.ts'
import type { BlockSource } from './face.ts'
import type { Folder } from './fold.ts'
import { createTableText } from './sql-text.ts'

export interface Cursor {
  /** −1 before genesis. */
  readonly height: number
  readonly agreedHash: string
}

export const beforeGenesis: Cursor = { height: -1, agreedHash: '' }

const cursorTable = 'projection_cursor'

/** The stored cursor, or undefined where the tables are missing, of another shape, of another group or of another history. */
export async function readCursor(engine: Engine, source: BlockSource, shape: string): Promise<Cursor | undefined> {
  const rows = await engine.query(`SELECT * FROM ${cursorTable}`, []).catch((error: unknown) => {
    if (error instanceof EngineError && (error.fault === 'missing' || error.fault === 'corrupted')) return []
    throw error
  })
  const [row] = rows
  if (rows.length !== 1 || row === undefined) return undefined
  if (row['group_id'] !== source.groupId || row['shape'] !== shape) return undefined
  const height = Number(row['height'])
  const agreedHash = String(row['agreed_hash'])
  if (height === beforeGenesis.height) return beforeGenesis
  if (height > source.headHeight() || source.agreedHash(height) !== agreedHash) return undefined
  return { height, agreedHash }
}

/** Drops everything of this group's read model and makes its tables anew, in one SQL transaction: queries never see less. */
export function recreateSteps(schema: string, folder: Folder, groupId: string, shape: string): Step[] {
  const run = (text: string, parameters: readonly string[] = []): Step => ({ kind: 'run', text, parameters })
  return [
    run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`),
    run(`CREATE SCHEMA ${schema}`),
    ...folder.tables.flatMap(createTableText).map((text) => run(text)),
    run(`CREATE TABLE ${cursorTable} (group_id text, shape text, height int8, agreed_hash text)`),
    run(`INSERT INTO ${cursorTable} VALUES ($1, $2, ${beforeGenesis.height}, '${beforeGenesis.agreedHash}')`, [
      groupId,
      shape,
    ]),
  ]
}

/** Moves the cursor from where it is known to be; anything else there undoes the whole batch. */
export function moveCursor(from: Cursor, to: Cursor): Step {
  return {
    kind: 'run',
    text: `UPDATE ${cursorTable} SET height = $1, agreed_hash = $2 WHERE height = $3 AND agreed_hash = $4`,
    parameters: [String(to.height), to.agreedHash, String(from.height), from.agreedHash],
    expectRows: 1,
  }
}

export function cursorAfter(blocks: readonly CommittedBlock[], before: Cursor): Cursor {
  let cursor = before
  for (const block of blocks) {
    if (block.height !== cursor.height + 1) {
      throw new Error(`Block ${cursor.height + 1} was expected, block ${block.height} came.`)
    }
    cursor = { height: block.height, agreedHash: block.agreedHash }
  }
  return cursor
}
