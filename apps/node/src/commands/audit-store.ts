/** `audit-store`: reads everything that this node has stored, and names every damaged byte with what to do about it. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sha256 } from '@chengxin/crypto/node'
import { toBase64url } from '@chengxin/kernel'
import { type Damage, type ScrubProgress, scrub } from '@chengxin/ledger'
import { readSettings } from '../config.ts'
import { type DataPaths, dataPaths, groupNames } from '../data-directory.ts'
import { isDirectoryInUse } from '../directory-lock.ts'
import { UsageFault } from '../usage-fault.ts'

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  const settings = readSettings({
    ...environment,
    ...(values.data === undefined ? {} : { CHENGXIN_DATA: values.data }),
  })
  const paths = dataPaths(settings.dataDirectory)
  const names = await groupNames(paths)
  if (names.length === 0) throw new UsageFault(`audit-store [--data DIRECTORY]; ${paths.root} holds no group.`)

  let damaged = 0
  for (const name of names) {
    const isLive = isDirectoryInUse(paths.lock)
    const damages = scrub(paths.group(name).directory, { isLive, ...(values.json ? {} : { onProgress: progress }) })
    tell(values.json, { group: name, part: 'ledger' }, damages)
    damaged += damages.length
  }
  const documents = await damagedDocuments(paths)
  tell(values.json, { part: 'documents' }, documents)
  return damaged + documents.length === 0 ? 0 : 1
}

function tell(
  isJson: boolean,
  subject: { readonly group?: string; readonly part: string },
  damages: readonly Found[],
): void {
  if (isJson) {
    console.log(JSON.stringify({ ...subject, ok: damages.length === 0, damages }))
    return
  }
  clearProgress()
  const name = subject.group === undefined ? subject.part : `${subject.part} of ${subject.group}`
  console.log(damages.length === 0 ? `✓ ${name}: every byte is as it was written.` : `✗ ${name}: damaged.`)
  for (const { code, file, at, advice } of damages) console.log(`  ${code}  ${file}  ${at}\n    ${advice}`)
}

/** Damage to a ledger or beside it. */
type Found = Omit<Damage, 'code'> & { readonly code: string }

/** A public document is named by its hash. */
async function damagedDocuments({ documents }: DataPaths): Promise<readonly Found[]> {
  const damages: Found[] = []
  const files = await readdir(documents, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const file of files) {
    const [hash] = file.name.split('.')
    if (!file.isFile() || file.name === 'trust-bundle.json' || file.name.endsWith('.part')) continue
    const path = join(file.parentPath, file.name)
    if (toBase64url(sha256(await readFile(path))) === hash) continue
    const advice = 'Delete it: it is served by no node, and whoever published it can publish it again.'
    damages.push({ code: 'document_damaged', file: path, at: 'its content', advice })
  }
  return damages
}

function progress({ part, done, total }: ScrubProgress): void {
  if (process.stderr.isTTY) process.stderr.write(`\r  ${part} ${done}${total === undefined ? '' : ` of ${total}`}`)
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
}
