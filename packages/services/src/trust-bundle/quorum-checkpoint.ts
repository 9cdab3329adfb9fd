/** The checkpoint of a trust bundle: one that a quorum of members has cosigned, which can take a moment after a start. */
import { createPause, type GroupClient } from '@chengxin/client'
import { type CheckpointPolicy, type NoteKey, openCheckpoint, parseVkey } from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { expectOk, isRefusal } from '@chengxin/kernel'

export interface QuorumKeys {
  readonly origin: string
  /** vkeys of members. */
  readonly logKeys: readonly string[]
  readonly cosigners: readonly string[]
  readonly quorum: number
}

const patienceMs = 60_000

/** Throws where no quorum comes together: a bundle without it would be refused by everyone. */
export async function quorumCheckpoint(group: GroupClient, keys: QuorumKeys): Promise<string> {
  const policy = quorumPolicy(keys)
  const { verify } = createVerifier()
  const pause = createPause(patienceMs)
  for (;;) {
    const note = await group.getText('/log/checkpoint')
    const opened = openCheckpoint(note, policy, verify)
    if (!isRefusal(opened)) return note
    const canCome = opened.refused === 'cosignatures_too_few'
    if (!canCome || !(await pause(0))) throw new Error(`The log's checkpoint cannot be used (${opened.refused}).`)
  }
}

/** One log key, and as many cosigners as the quorum asks for. */
export function quorumPolicy({ origin, logKeys, cosigners, quorum }: QuorumKeys): CheckpointPolicy {
  return {
    origin,
    logKeys: logKeys.map(keyOf),
    logThreshold: 1,
    cosignerKeys: cosigners.map(keyOf),
    cosignerThreshold: quorum,
  }
}

function keyOf(vkey: string): NoteKey {
  return expectOk(parseVkey(sha256, vkey))
}
