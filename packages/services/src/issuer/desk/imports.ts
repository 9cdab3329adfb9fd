/**
 * Registers on their way in: a file is kept sealed for a day, tried out as often as a clerk likes without effect, and only
 * when no row has a fault, or the clerk has left those out, entitlements are made of it. Making them is work with progress that
 * goes on where it stood after a crash.
 */
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import type { TableFault } from '../../csv/read-table.ts'
import { randomId } from '../../desk/random-id.ts'
import { type Collection, changeRecord, type Vault } from '../../vault/face.ts'
import { everyRecord } from '../../vault/kept-in-vault.ts'
import type { EntitlementBook } from './entitlements.ts'
import type { Field } from './fields.ts'
import { decodeRegister, type Encoding, type Mapping, readRegister, readSheet, type Sheet } from './read-register.ts'

type ImportRecord = {
  readonly typeId: string
  readonly text: string
  readonly untilMs: number
}

export type JobRecord = {
  readonly importId: string
  readonly typeId: string
  readonly mapping: Mapping
  readonly leftOut: readonly number[]
  readonly done: number
  readonly of: number
  readonly state: 'running' | 'done'
  readonly startedBy: string
  readonly startedAtMs: number
  readonly endedAtMs?: number
}

export interface Checked {
  readonly rows: number
  readonly good: number
  readonly leftOut: number
  readonly faults: readonly TableFault[]
}

export interface ImportBook {
  /** Refusals: `import_unreadable`, with the faults of the file as a whole. */
  take(
    typeId: string,
    bytes: Uint8Array,
    encoding?: Encoding,
  ): Promise<
    { readonly importId: string; readonly sheet: Sheet } | (Refusal & { readonly faults: readonly TableFault[] })
  >
  sheet(importId: string): Promise<{ readonly typeId: string; readonly sheet: Sheet } | undefined>
  /** Refusals: `import_not_found`. */
  check(importId: string, wish: Wish): Promise<Checked | Refusal>
  /** Refusals: `import_not_found`, `import_has_faults`, `import_has_no_rows`. */
  start(importId: string, wish: Wish & { readonly startedBy: string }): Promise<string | Refusal>
  job(jobId: string): Promise<JobRecord | undefined>
  jobs(): Promise<readonly { readonly jobId: string; readonly job: JobRecord }[]>
  /** Resolves when no work is left; for the end of a process and for tests. */
  settled(): Promise<void>
}

export interface Wish {
  readonly mapping: Mapping
  readonly leftOut: readonly number[]
}

export interface ImportBookOptions {
  readonly office: string
  readonly vault: Vault
  readonly entitlements: EntitlementBook
  readonly fieldsOf: (typeId: string) => Promise<readonly Field[] | undefined>
  readonly nowMs: () => number
  readonly failed: (error: unknown) => void
}

const keptForMs = 86_400_000
const rowsAtOnce = 1000

export async function openImports(options: ImportBookOptions): Promise<ImportBook> {
  const { office, vault, entitlements, fieldsOf, nowMs, failed } = options
  const files: Collection<ImportRecord> = vault.collection(`issuer-${office}-imports`)
  const jobs: Collection<JobRecord> = vault.collection(`issuer-${office}-jobs`)
  const running = new Set<Promise<void>>()

  async function read(importId: string, { mapping, leftOut }: Wish) {
    const file = (await files.get(importId))?.value
    const fields = file && (await fieldsOf(file.typeId))
    if (file === undefined || fields === undefined || file.untilMs <= nowMs()) return refuse('import_not_found')
    const sheet = readSheet(file.text)
    if ('faults' in sheet) throw new Error('A file that was taken cannot be read.')
    return { file, sheet, register: readRegister(sheet, fields, mapping, new Set(leftOut)) }
  }

  async function work(jobId: string): Promise<void> {
    const job = (await jobs.get(jobId))?.value
    if (job === undefined || job.state === 'done') return
    const found = await read(job.importId, job)
    if (isRefusal(found)) throw new Error('The register of a work is gone before the work was done.')
    const { rows } = found.register
    for (let done = job.done; done < rows.length; done += rowsAtOnce) {
      const part = rows.slice(done, done + rowsAtOnce)
      await entitlements.make(job.importId, job.typeId, part)
      await changeRecord(jobs, jobId, (value) => ({ value: { ...value, done: done + part.length }, result: true }))
    }
    await changeRecord<JobRecord, boolean>(jobs, jobId, (value) => ({
      value: { ...value, done: rows.length, state: 'done', endedAtMs: nowMs() },
      marks: { state: 'done' },
      result: true,
    }))
    // The entitlements say what the file said; two copies of a register are one too many.
    await files.erase(job.importId)
  }

  function run(jobId: string): void {
    const working = work(jobId).catch(failed)
    running.add(working)
    void working.then(() => running.delete(working))
  }

  for await (const { id } of everyRecord(jobs, ['state', 'running'])) run(id)
  for await (const { id, value } of everyRecord(files)) if (value.untilMs <= nowMs()) await files.erase(id)

  return {
    async take(typeId, bytes, encoding) {
      const text = decodeRegister(bytes, encoding)
      const sheet = typeof text === 'string' ? readSheet(text) : { faults: [text] }
      if ('faults' in sheet) return { ...refuse('import_unreadable'), faults: sheet.faults }
      const importId = randomId('import')
      await files.insert(importId, { typeId, text: text as string, untilMs: nowMs() + keptForMs })
      return { importId, sheet }
    },
    async sheet(importId) {
      const file = (await files.get(importId))?.value
      const sheet = file && readSheet(file.text)
      return file && sheet && !('faults' in sheet) ? { typeId: file.typeId, sheet } : undefined
    },
    async check(importId, wish) {
      const found = await read(importId, wish)
      if (isRefusal(found)) return found
      const { sheet, register } = found
      const leftOut = wish.leftOut.length
      return { rows: sheet.rows.length, good: register.rows.length, leftOut, faults: register.faults }
    },
    async start(importId, wish) {
      const found = await read(importId, wish)
      if (isRefusal(found)) return found
      const { file, register } = found
      if (register.faults.length > 0) return refuse('import_has_faults')
      if (register.rows.length === 0) return refuse('import_has_no_rows')
      // One work for one file: who asks twice is told of the first.
      const jobId = importId.replace('import_', 'job_')
      const job: JobRecord = {
        ...{ importId, typeId: file.typeId, mapping: wish.mapping, leftOut: wish.leftOut },
        ...{ done: 0, of: register.rows.length, state: 'running', startedBy: wish.startedBy, startedAtMs: nowMs() },
      }
      if (await jobs.insert(jobId, job, { state: 'running' })) run(jobId)
      return jobId
    },
    job: async (jobId) => (await jobs.get(jobId))?.value,
    async jobs() {
      return (await jobs.list({ newestFirst: true, limit: 20 })).map(({ id, value }) => ({ jobId: id, job: value }))
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
