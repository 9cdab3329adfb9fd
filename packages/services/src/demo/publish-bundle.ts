/** A committee whose keys are at hand signs a trust bundle, each its own signature; in the sample city two of the three. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openBundle, type TrustBundle } from '@chengxin/audit'
import {
  type GroupClient,
  NodeAnswered,
  presentOnly,
  type Signer,
  sampleActor,
  sampleCommittee,
  sampleThreshold,
} from '@chengxin/client'
import { isRefusal } from '@chengxin/kernel'
import { collectBundle } from '../trust-bundle/collect-bundle.ts'
import { signBundle } from '../trust-bundle/sign-bundle.ts'

export interface PublishedBundle {
  /** Empty where no copy was asked for. */
  readonly file: string
  readonly sequence: number
  readonly signedBy: number
  readonly of: number
  readonly expiresAtMs: number
}

export interface PublishBundleOptions {
  /** Where a copy is written; none if absent. */
  readonly directory?: string
  readonly publicGroupUrl: string
  readonly nowMs: number
  /** Who signs for the committee; two of the sample city's three if absent. */
  readonly signers?: readonly Signer[]
}

const validForMs = 7 * 86_400_000

/** How a node says that it holds a bundle with this number or a later one. */
const overtaken = new Set(['bundle_rolled_back', 'bundle_equivocates'])

export async function publishBundle(group: GroupClient, options: PublishBundleOptions): Promise<PublishedBundle> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await publishNext(group, options)
    } catch (error) {
      // Somebody else's bundle came in between; the next number is free again.
      const isOvertaken = error instanceof NodeAnswered && overtaken.has(error.problem.code)
      if (!isOvertaken || attempt === 5) throw error
    }
  }
}

async function publishNext(
  group: GroupClient,
  { directory, publicGroupUrl, nowMs, signers = sampleSigners() }: PublishBundleOptions,
): Promise<PublishedBundle> {
  const before = await heldBundle(group)
  const sequence = (before?.sequence ?? 0) + 1
  const options = { sequence, nowMs, validForMs, publicGroupUrl, ...(before && { before }) }
  const { payload } = await collectBundle(group, options)
  const text = await signBundle(payload, signers)
  await group.putTrustBundle(text)
  const file = directory === undefined ? '' : join(directory, 'bundle.json')
  if (file !== '') await writeFile(file, text)
  const { expiresAtMs } = payload
  return { file, sequence, signedBy: signers.length, of: sampleCommittee.length, expiresAtMs }
}

function sampleSigners(): readonly Signer[] {
  return sampleCommittee.slice(0, sampleThreshold).map((name) => sampleActor(name).signer)
}

/** The bundle that the node serves now, if it has one that holds. */
async function heldBundle(group: GroupClient): Promise<TrustBundle | undefined> {
  const held = await presentOnly(group.getText('/trust-bundle'))
  const bundle = held === undefined ? undefined : await openBundle(held)
  return bundle === undefined || isRefusal(bundle) ? undefined : bundle
}
