/** `consortium admission`, `rotation` and `rotate`: a group that exists gets another member, or a member other keys. */
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { FoundingFault } from '../consensus/founding.ts'
import { admissionOf, parseOffer } from '../consensus/member-offer.ts'
import { readPem } from '../consensus/read-pem.ts'
import { orderingOfGroup, rotationOf, useProposedKey } from '../consensus/rotation.ts'
import { lockDirectory } from '../directory-lock.ts'
import { parseGenesis, readGenesis } from '../genesis-file.ts'
import { openMemberKeys } from '../member-keys.ts'
import { UsageFault } from '../usage-fault.ts'
import { deskFor, onlyGroup, shared, text } from './office-desk.ts'

type Environment = NodeJS.ProcessEnv

const admissionUsage =
  'consortium admission --genesis FILE | --group GROUP_ID --certificate FILE [--data DIRECTORY] [--out FILE] OFFER'

/** The change that admits this organisation to a group that exists, for its committee to pass. */
export async function runAdmission(args: readonly string[], environment: Environment): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ ...shared, genesis: text, group: text, certificate: text },
      out: { type: 'string', default: 'admission.json' },
    },
  })
  const { genesis, certificate, out } = values
  const [offerFile] = positionals
  const group = genesis === undefined ? values.group : parseGenesis(await readFile(genesis, 'utf8'), genesis).groupId
  if (group === undefined || certificate === undefined || offerFile === undefined) throw new UsageFault(admissionUsage)
  const { paths, passphrase, tell } = await deskFor(environment, values)
  const offer = parseOffer(await readFile(offerFile, 'utf8'), offerFile)
  const change = await admissionOf(offer, group, await readPem(certificate), paths.keys, passphrase)
  if (change.logKey.key.x !== offer.logKey.x) {
    throw new FoundingFault(`${offerFile} is not of the keys in ${paths.keys}.`)
  }
  await writeFile(out, `${JSON.stringify(change)}\n`)
  tell(
    { ok: true, member: offer.memberId, change: resolve(out) },
    `✓ ${resolve(out)} is the change that admits ${offer.memberId}; a member of the committee proposes it, others approve.`,
  )
  return 0
}

/** The change that gives this member another voting key, or the certificate that the authority renewed. */
export async function runRotation(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ ...shared, group: text, certificate: text },
      'voting-key': { type: 'boolean', default: false },
      out: { type: 'string', default: 'rotation.json' },
    },
  })
  const { certificate, 'voting-key': isKeyReplaced, out } = values
  if (!isKeyReplaced && certificate === undefined) {
    throw new UsageFault(
      'consortium rotation --voting-key | --certificate FILE [--group FOLDER] [--data DIRECTORY] [--out FILE]; or both.',
    )
  }
  const { paths, passphrase, tell } = await deskFor(environment, values)
  const group = paths.group(values.group ?? (await onlyGroup(paths)))
  const genesis = await readGenesis(group.genesis)
  if (genesis === undefined) throw new FoundingFault(`There is no group ${group.name} in ${paths.root}.`)
  const ordering = await orderingOfGroup(group)
  const { log } = await openMemberKeys(paths.keys, passphrase)
  const founder = genesis.document.members.find(({ logKey }) => logKey.x === log.x)
  const memberId = ordering.member ?? founder?.memberId
  if (memberId === undefined) throw new FoundingFault(`${group.genesis} does not name the log key of ${paths.keys}.`)
  const der = certificate === undefined ? undefined : await readPem(certificate)
  const facts = { groupId: genesis.groupId, memberId, ordering, isKeyReplaced, certificate: der }
  const change = await rotationOf(facts, paths.keys, passphrase)
  await writeFile(out, `${JSON.stringify(change)}\n`)
  const next = isKeyReplaced
    ? `\n  When it has passed: stop the node, chengxin consortium rotate --group ${group.name}, start it.`
    : ''
  tell(
    { ok: true, member: memberId, change: resolve(out) },
    `✓ ${resolve(out)} is the change; a member of the committee proposes it, others approve.${next}`,
  )
  return 0
}

/** From the next start on the engine votes with the new key. The node must not run meanwhile. */
export async function runRotate(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { ...shared, group: text } })
  const { paths, passphrase, tell } = await deskFor(environment, values)
  const group = paths.group(values.group ?? (await onlyGroup(paths)))
  const lock = lockDirectory(paths.lock)
  try {
    const validator = await useProposedKey(group, paths.keys, passphrase)
    tell(
      { ok: true, group: group.name, validator },
      `✓ From the next start on this member votes in ${group.name} with the key ${validator}.\n  Its votes count two blocks after the change has passed.`,
    )
    return 0
  } finally {
    lock.release()
  }
}
