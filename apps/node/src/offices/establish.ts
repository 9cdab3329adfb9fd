/** Brings offices onto the ledger: at once where this node holds the keys for it, else as soon as others have done their part. */
import { buildTransaction, type GroupClient, type Signer } from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import type { Log } from '../log.ts'
import { type Need, needsOf } from './needs.ts'
import type { Offices } from './offices.ts'

/** What others have yet to write, and the ledger's code where they or we were refused. */
export interface Unmet {
  readonly by: Need['by']
  readonly type: string
  readonly code?: string
}

/** Meets what can be met now. What was done before is left alone. */
export async function establish(group: GroupClient, offices: Offices): Promise<readonly Unmet[]> {
  const unmet: Unmet[] = []
  for (const need of await needsOf(group.groupId as GroupId, offices)) {
    const isMet = await need.isMet(group)
    const code = isMet ? undefined : await write(group, need, offices[need.by])
    if (code !== undefined) {
      unmet.push({ by: need.by, type: need.wanted.type, ...(code !== '' && { code }) })
      continue
    }
    for (const { hash, text } of need.documents) await group.putDocument(hash, text, 'application/json')
  }
  return unmet
}

/** Undefined once it is written; else the ledger's code, empty where nobody here may write it. */
async function write(group: GroupClient, { wanted }: Need, signer: Signer | undefined): Promise<string | undefined> {
  if (signer === undefined) return ''
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: [wanted] }, signer)
  const [outcome] = await group.submit([jws])
  if (outcome?.status !== 'committed') return outcome?.code ?? 'no_outcome'
  if (outcome.height !== undefined) await group.readModelReached(outcome.height)
  return undefined
}

const lookAgainAfterMs = 30_000

export interface Establishing {
  /** Resolves after the first attempt; what is unmet then is looked at again until nothing is. */
  readonly begun: Promise<void>
  stop(): Promise<void>
}

export function keepEstablishing(
  group: GroupClient,
  offices: Offices,
  { log, changed }: { readonly log: Log; readonly changed: () => void },
): Establishing {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let told = ''
  async function attempt(): Promise<void> {
    const unmet = await establish(group, offices).catch((error: unknown) => {
      log.warn({ error: String(error) }, 'The offices of this node are not on the ledger yet; it is tried again.')
      return undefined
    })
    const text = JSON.stringify(unmet)
    if (unmet?.length && text !== told) log.warn({ unmet }, 'Others have to write something before all offices work.')
    if (text !== told) changed()
    told = text
    if (isStopped || unmet?.length === 0) return
    timer = setTimeout(() => void (running = attempt()), lookAgainAfterMs)
    timer.unref()
  }
  let running = attempt()
  return {
    begun: running,
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await running
    },
  }
}
