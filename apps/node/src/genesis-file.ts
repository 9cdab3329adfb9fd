/** The genesis of a group as a file: written once, before anything else of the group, and never again. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sampleActor, sampleChainId, sampleNames } from '@chengxin/client'
import { sha256 } from '@chengxin/crypto/node'
import { type GroupId, isRefusal, parseCanonical, toBase64url, toUtf8 } from '@chengxin/kernel'
import { Fault, type GenesisDocument, genesisSchema } from '@chengxin/module-kit'

export interface Genesis {
  readonly document: GenesisDocument
  /** The very bytes whose hash names the group. */
  readonly text: string
  readonly groupId: GroupId
}

export class GenesisFault extends Error {
  override readonly name = 'GenesisFault'
}

/** The genesis in a file; undefined where there is none. Throws `GenesisFault` for a file that founds no group. */
export async function readGenesis(file: string): Promise<Genesis | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return parseGenesis(text, file)
}

export function parseGenesis(text: string, file: string): Genesis {
  const value = parseCanonical(text, { depth: 12 })
  if (isRefusal(value))
    throw new GenesisFault(`${file} is not canonical JSON (${value.refused}): restore it as it was.`)
  const document = genesisSchema.decode(value)
  if (document instanceof Fault) throw new GenesisFault(`${file} founds no group: ${document.at} ${document.expected}.`)
  refusePublicKeys(document, file)
  return { document, text, groupId: toBase64url(sha256(toUtf8(text))) as GroupId }
}

/** The sample city's keys are known to everyone: a group with another chain id that names one would belong to everyone. */
function refusePublicKeys({ chainId, identities }: GenesisDocument, file: string): void {
  if (chainId === sampleChainId) return
  const keys = new Set(identities.map(({ key }) => key.x))
  const name = sampleNames.find((candidate) => keys.has(sampleActor(candidate).jwk.x))
  if (name !== undefined)
    throw new GenesisFault(`${file} names the sample city's public key "${name}": anyone could use it.`)
}

/** Writes a genesis whole or not at all. */
export async function writeGenesis(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.new`
  const handle = await open(draft, 'w')
  await handle.writeFile(text)
  await handle.sync()
  await handle.close()
  await rename(draft, file)
}
