/** Which engine serves a database setting, and under which SQL schema a group's tables stand. */
import { fromBase64url, toHex } from '@chengxin/kernel'
import type { Engine } from './engine.ts'
import type { ProjectionDatabase } from './face.ts'
import { openPgliteEngine, setAside } from './pglite-engine.ts'
import { openPgliteThread } from './pglite-thread.ts'
import { openPostgresqlEngine } from './postgresql-engine.ts'

const schemaText = /^[a-z][a-z0-9_]{0,62}$/

/** Several groups share a PostgreSQL database, each in a schema of its own: a name that SQL takes without quotes. */
export function schemaOf(database: ProjectionDatabase, groupId: string): string {
  const named = database.kind === 'postgresql' ? database.schema : undefined
  if (named !== undefined) {
    if (!schemaText.test(named)) throw new Error('A schema name is lower-case letters, digits and underscores.')
    return named
  }
  const bytes = fromBase64url(groupId)
  if (bytes === undefined || bytes.length < 8) throw new Error('A group id is a hash as base64url.')
  return `g_${toHex(bytes.subarray(0, 8))}`
}

export function openDatabase(database: ProjectionDatabase, schema: string): Promise<Engine> {
  if (database.kind === 'postgresql') return openPostgresqlEngine(database.url, schema)
  if (database.run === 'inline') return openPgliteEngine(database.directory, schema)
  const workerUrl = database.workerUrl ?? new URL('./pglite-worker.js', import.meta.url)
  return openPgliteThread(database.directory, schema, workerUrl)
}

/** Out of the way with files that cannot be trusted. A PostgreSQL server's files are its operator's: only our schema is made anew. */
export function setDatabaseAside(database: ProjectionDatabase): void {
  if (database.kind === 'pglite') setAside(database.directory)
}
