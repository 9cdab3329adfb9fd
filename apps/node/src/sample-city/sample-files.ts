/**
 * The sample city's certificates: made once by the same demonstration that anyone can run, kept for the check page, and
 * kept in force, because trust bundles and status lists expire within days.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openBundle } from '@chengxin/audit'
import { type GroupClient, type NodeClient, sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { isRefusal, toUtf8 } from '@chengxin/kernel'
import {
  certificatesDemo,
  keptInFile,
  publishBundle,
  publishStatusList,
  type StatusRecord,
  StatusRegister,
} from '@chengxin/services'
import { sampleRegister } from './register.ts'

/** Issues the register's certificates into a directory; one is revoked, copies are forged, the bundle is signed. */
export async function issueSamples(node: NodeClient, directory: string, publicUrl: string): Promise<void> {
  const steps = certificatesDemo({ node, csv: toUtf8(sampleRegister), directory, publicUrl })
  for await (const { step, ok } of steps) if (!ok) throw new Error(`The sample certificates failed at ${step}.`)
}

const names = ['good', 'revoked', 'forged'] as const
export interface SampleFile {
  readonly name: (typeof names)[number]
  readonly mediaType: string
  readonly text: string
}

/** The files for the check page, or undefined while they are not all there. */
export async function readSamples(directory: string): Promise<readonly SampleFile[] | undefined> {
  try {
    return await Promise.all(
      names.map(async (name) => {
        const text = await readFile(join(directory, `${name}.sd-jwt`), 'utf8')
        return { name, mediaType: 'application/dc+sd-jwt', text }
      }),
    )
  } catch {
    return undefined
  }
}

const dayMs = 86_400_000
/** Bundles are signed for a week; renewed with this much left, a node that sleeps over a weekend still wakes in time. */
const renewBeforeMs = 4 * dayMs

/** Publishes the lists and the bundle anew where the bundle is about to expire; tells whether it did. */
export async function keepInForce(
  group: GroupClient,
  directory: string,
  publicUrl: string,
  nowMs: number,
): Promise<boolean> {
  const held = await group.getText('/trust-bundle').catch(() => undefined)
  const bundle = held === undefined ? undefined : await openBundle(held)
  if (bundle !== undefined && !isRefusal(bundle) && bundle.expiresAtMs - nowMs > renewBeforeMs) return false
  const { did, privateJwk } = sampleActor('university')
  const publishing = { group, signer: nativeSigner(privateJwk, { did }), nowMs: Date.now }
  for (const kept of await keptLists(join(directory, 'issuer'))) {
    const record = await kept.load()
    if (record !== undefined) await publishStatusList(new StatusRegister(record), kept, publishing)
  }
  await publishBundle(group, { directory, publicGroupUrl: `${publicUrl}/v1/groups/${group.groupId}`, nowMs })
  return true
}

async function keptLists(folder: string) {
  const files = await readdir(folder).catch(() => [])
  return files
    .filter((name) => /^list_.*\.json$/.test(name))
    .map((name) => keptInFile<StatusRecord>(join(folder, name)))
}
