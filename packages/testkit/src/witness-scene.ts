/** Members of one group, each with a log of its own in memory and keys of its own, who hear each other without a network. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  addSignatures,
  consistencyProof,
  cosign,
  createFrontier,
  createTreeHasher,
  encodeTlogProof,
  inclusionProof,
  type NodeReader,
  noteSignatureTypes,
  sha256,
  signCheckpoint,
  signCoseReceipt,
  signStateCheckpoint,
  stateKey,
  treeRoot,
} from '@chengxin/crypto'
import { expectOk, toBase64url, toUtf8 } from '@chengxin/kernel'
import { type GroupMember, type OwnLog, Witnessing } from '@chengxin/services/witness'
import { noteSigner } from './test-log.ts'

const hasher = createTreeHasher(sha256)
export const sceneOrigin = 'city.example/groups/witnessed'
export const sceneGroup = toBase64url(sha256(toUtf8(sceneOrigin)))

export interface MemberLog extends OwnLog {
  /** Appends entries as one block and tells listeners. */
  append(...entries: readonly string[]): void
  /** What the member signs as the state's root, from now on. */
  setState(size: number, root: string): void
}

export function signersOf(memberId: string) {
  return {
    log: noteSigner(sceneOrigin, noteSignatureTypes.ed25519, `${memberId} log`),
    cosigner: noteSigner(`${sceneOrigin}/${memberId}`, noteSignatureTypes.cosignature, `${memberId} cosigner`),
  }
}

export function groupMember(memberId: string): GroupMember {
  const { log, cosigner } = signersOf(memberId)
  const keys = { logKey: log.key.jwk, cosignerKey: cosigner.key.jwk }
  return { memberId, organisation: `Office of ${memberId}`, status: 'active', ...keys }
}

/** A member's log: real tree and signatures, entries in memory. The id of an entry is the entry itself. */
export function memberLog(memberId: string, memberIds: readonly string[], quorum: number): MemberLog {
  const frontier = createFrontier(hasher)
  const levels: Uint8Array[][] = []
  const entries: string[] = []
  const listeners = new Set<() => void>()
  const read: NodeReader = (level, index) => levels[level]?.[index] as Uint8Array
  const signers = signersOf(memberId)
  let height = 0
  let state: string | undefined
  const rootAt = (size: number) => (size <= entries.length ? treeRoot(hasher, read, size) : undefined)
  return {
    groupId: sceneGroup,
    origin: sceneOrigin,
    memberId,
    head: () => ({
      height,
      size: entries.length,
      timeMs: 1_750_000_000_000 + height,
      ruleset: { version: '1', hash: 'r' },
    }),
    checkpoint() {
      const tree = { origin: sceneOrigin, size: entries.length, root: frontier.root(), extensions: [] }
      const note = signCheckpoint(tree, [signers.log])
      return expectOk(
        addSignatures(note, [cosign(note.slice(0, note.indexOf('\n\n') + 1), signers.cosigner, 1_750_000_000)]),
      )
    },
    stateCheckpoint: () => state,
    rootAt,
    consistency: (older, newer) => (newer <= entries.length ? consistencyProof(hasher, read, older, newer) : undefined),
    leafIndexOf: (id) => (entries.includes(id) ? entries.indexOf(id) : undefined),
    receipt(id, { size, note }) {
      const index = entries.indexOf(id)
      const hashes = inclusionProof(hasher, read, index, size)
      return encodeTlogProof({ index, hashes, checkpoint: note, extra: toUtf8(id) })
    },
    coseReceipt(id, { size, note }) {
      const index = entries.indexOf(id)
      const hashes = inclusionProof(hasher, read, index, size)
      const root = treeRoot(hasher, read, size)
      return signCoseReceipt({ size, index, hashes }, root, signers.log, { checkpoint: note, leaf: toUtf8(id) })
    },
    membership: () => ({ members: memberIds.map(groupMember), quorum }),
    onGrowth(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    append(...added) {
      for (const entry of added) {
        entries.push(entry)
        frontier.append(hasher.leaf(toUtf8(entry)), (level, index, hash) => {
          const row = (levels[level] ??= [])
          row[index] = hash
        })
      }
      height++
      for (const listener of listeners) listener()
    },
    setState(size, root) {
      const signer = { key: stateKey(sha256, sceneOrigin, signers.log.key.jwk), sign: signers.log.sign }
      state = signStateCheckpoint(sceneOrigin, { size, root: sha256(toUtf8(root)), timeMs: 1_750_000_000_000 }, signer)
    },
  }
}

export interface WitnessScene {
  readonly logs: readonly MemberLog[]
  readonly nodes: readonly Witnessing[]
  readonly notices: { readonly member: string; readonly code: string }[]
  /** Members whose nodes nobody reaches. */
  readonly away: Set<string>
  /** How often a member has asked another for what it signed. */
  readonly asked: { readonly times: number }
  /** Closes a member's witnessing and starts it again over the same log and folder. */
  restart(member: number): Promise<void>
  close(): Promise<void>
}

/** Starts witnessing for each member; they reach each other through a fetch that knows them all. */
export async function openWitnessScene(
  memberIds: readonly string[],
  quorum: number,
  { askEveryMs = 10 }: { readonly askEveryMs?: number } = {},
): Promise<WitnessScene> {
  const directory = mkdtempSync(join(tmpdir(), 'chengxin-witness-'))
  const logs = memberIds.map((memberId) => memberLog(memberId, memberIds, quorum))
  const nodes: Witnessing[] = []
  const notices: { member: string; code: string }[] = []
  const away = new Set<string>()
  const asked = { times: 0 }
  const peers = memberIds.map((memberId) => ({ memberId, nodeUrl: `http://${memberId}.example` }))
  const send = async (input: string | URL | Request): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input)
    const index = memberIds.findIndex((memberId) => `${memberId}.example` === url.hostname)
    const node = nodes[index]
    if (node === undefined || away.has(memberIds[index] ?? '')) throw new TypeError('fetch failed')
    const path = url.pathname.slice(`/v1/groups/${sceneGroup}`.length)
    if (path === '/log/cosignatures') {
      asked.times++
      const answer = await node.answer(Number(url.searchParams.get('from')), Number(url.searchParams.get('waitMs')))
      return Response.json(answer)
    }
    const proof = node.contradiction(path.split('/').at(-1) ?? '')
    return proof === undefined ? new Response('', { status: 404 }) : new Response(proof)
  }
  const start = (member: number) =>
    Witnessing.start({
      log: logs[member] as MemberLog,
      directory: join(directory, memberIds[member] as string),
      version: '0.0.0-test',
      peers,
      fetch: send,
      waitMs: 50,
      askEveryMs,
      firstPauseMs: 5,
      notice: (_level, facts) => notices.push({ member: memberIds[member] as string, code: String(facts['code']) }),
    })
  for (const member of memberIds.keys()) nodes.push(await start(member))
  return {
    logs,
    nodes,
    notices,
    away,
    asked,
    async restart(member) {
      await nodes[member]?.close()
      nodes[member] = await start(member)
    },
    async close() {
      await Promise.all(nodes.map((node) => node.close()))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
