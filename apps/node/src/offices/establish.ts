/** Brings offices onto the ledger: at once where this node holds the keys for it, else as soon as others have done their part. */
import { buildTransaction, type GroupClient, type Signer } from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import type { Log } from '../log.ts'
import { type Need, needsOf } from './needs.ts'
import type { Offices } from './offices.ts'

/** What others have yet to write, or the ledger's code where it refused what we wrote. */
export interface Unmet {
  readonly by: Need['by']
  readonly type: string
  readonly code?: string
}

/** Codes of what was refused, by what was wanted: a refusal stays in the log for ever, and is not asked for twice. */
type Refused = Map<string, string>

const roleOf = { registrar: 'registrar', authority: 'issuer_authority' } as const

/** Meets what can be met now. What was done before is left alone. */
export async function establish(
  group: GroupClient,
  offices: Offices,
  refused: Refused = new Map(),
): Promise<readonly Unmet[]> {
  const unmet: Unmet[] = []
  for (const need of await needsOf(group.groupId as GroupId, offices)) {
    const { by, wanted, documents } = need
    const isThere = (await need.isMet(group)) || (await write(group, need, { signer: offices[by], refused }))
    if (isThere) {
      for (const { hash, text } of documents) await group.putDocument(hash, text, 'application/json')
      continue
    }
    const code = refused.get(nameOf(need))
    unmet.push({ by, type: wanted.type, ...(code !== undefined && { code }) })
  }
  return unmet
}

/** Tells whether it is written now. Nothing is sent without the role: what is refused would stand in the log. */
async function write(
  group: GroupClient,
  need: Need,
  { signer, refused }: { readonly signer: Signer | undefined; readonly refused: Refused },
): Promise<boolean> {
  const name = nameOf(need)
  if (signer === undefined || refused.has(name) || !(await hasRole(group, signer, roleOf[need.by]))) return false
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: [need.wanted] }, signer)
  const [outcome] = await group.submit([jws])
  if (outcome?.status === 'refused' && outcome.code !== undefined) refused.set(name, outcome.code)
  if (outcome?.status !== 'committed') return false
  if (outcome.height !== undefined) await group.readModelReached(outcome.height)
  return true
}

async function hasRole(group: GroupClient, { did }: Signer, role: string): Promise<boolean> {
  const { roles } = (await group.get(`/roles?role=${role}&did=${encodeURIComponent(did)}`)) as {
    readonly roles: readonly { readonly status: string }[]
  }
  return roles.some(({ status }) => status === 'held')
}

function nameOf({ wanted: { type, args } }: Need): string {
  return `${type} ${JSON.stringify(args)}`
}

const lookAgainAfterMs = 5_000

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
  const refused: Refused = new Map()
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let told = ''
  async function attempt(): Promise<void> {
    const unmet = await establish(group, offices, refused).catch((error: unknown) => {
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
