/** `across pin` and `across right`: what one group needs to believe a fact of another, printed to be looked at and sent. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { openBundle } from '@chengxin/audit'
import { createNodeClient } from '@chengxin/client'
import { type GroupId, isDid, isHash, isRefusal } from '@chengxin/kernel'
import { collectRightProof, pinFromBundle } from '@chengxin/services'
import { UsageFault } from '../usage-fault.ts'

const usage =
  'across pin --bundle FILE --group ID --types TYPE,… [--members MEMBER,…] [--hours N], or across right --url ADDRESS --issuer DID --type TYPE [--group ID]'

/** A bundle that cannot be believed about its group. */
class PinFault extends Error {
  override readonly name = 'PinFault'
}

export async function run(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      bundle: text,
      group: text,
      types: text,
      members: text,
      hours: text,
      url: text,
      issuer: text,
      type: text,
    },
  })
  const [verb] = positionals
  const printed = verb === 'pin' ? await pin(values) : verb === 'right' ? await right(values) : undefined
  if (printed === undefined) throw new UsageFault(usage)
  console.log(JSON.stringify(printed, undefined, values.json === true ? undefined : 2))
  return 0
}

interface Options {
  readonly [name: string]: string | boolean | undefined
}

/** The change to propose. The group is named by whoever asks: a bundle is not believed about which group it is of. */
async function pin({ bundle: file, group, types, members, hours = '24' }: Options) {
  if (typeof file !== 'string' || typeof group !== 'string' || typeof types !== 'string') return undefined
  if (!isHash(group) || !/^[1-9][0-9]{0,3}$/.test(String(hours))) return undefined
  const opened = await openBundle(await readFile(file, 'utf8'), { pins: { group: group as string as GroupId } })
  if (isRefusal(opened)) throw new PinFault(`The trust bundle is refused (${opened.refused}).`)
  const memberIds = typeof members === 'string' ? members.split(',') : undefined
  const wish = { maxAgeMs: Number(hours) * 3_600_000, typeIds: types.split(','), ...(memberIds && { memberIds }) }
  return pinFromBundle(opened, wish)
}

/** The arguments of `credentials.acceptIssuer`. */
async function right({ url, group: named, issuer, type: typeId }: Options) {
  if (typeof url !== 'string' || typeof issuer !== 'string' || typeof typeId !== 'string') return undefined
  if (!isDid(issuer)) return undefined
  const group = await createNodeClient({ url }).findGroup(typeof named === 'string' ? named : undefined)
  const proof = await collectRightProof(group, { issuer, typeId })
  return { group: group.groupId, issuer, typeId, proof }
}
