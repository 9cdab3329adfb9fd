/**
 * `bundle draft|sign|publish|show`: the members of a committee sign a trust bundle together. One collects the payload from a node;
 * the file goes from member to member, each compares it with a node of its own and adds a signature; anyone publishes it.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type BundlePayload, type Committee, pinsOfKept, readUnjudged } from '@chengxin/audit'
import { createNodeClient, type GroupClient, presentOnly, type Signer } from '@chengxin/client'
import { isRefusal } from '@chengxin/kernel'
import {
  addBundleSignature,
  collectBundle,
  committeesFor,
  comparePayload,
  countSignatures,
  draftBundle,
  isSignedEnough,
  mergeBundles,
  type SignatureCount,
} from '@chengxin/services'
import { readingAs } from '../offices/reading.ts'
import { UsageFault } from '../usage-fault.ts'
import { namedSigner } from './named-signer.ts'

const usage = [
  'bundle draft --url ADDRESS [--group ID] [--key NAME] [--days NUMBER] [--out FILE]',
  'bundle sign FILE --key NAME… [--url ADDRESS | --offline]',
  'bundle publish FILE… --url ADDRESS',
  'bundle show FILE',
].join(', or ')

/** What keeps a bundle from being signed or published, in one sentence. */
class BundleFault extends Error {
  override readonly name = 'BundleFault'
}

interface Wish {
  readonly files: readonly string[]
  readonly url: string | undefined
  readonly group: string | undefined
  readonly keyNames: readonly string[]
  readonly keysDirectory: string
  readonly passphraseFile: string | undefined
  readonly days: number
  readonly out: string
  readonly isOffline: boolean
  readonly isJson: boolean
}

const verbs: { readonly [verb: string]: (wish: Wish) => Promise<void> } = { draft, sign, publish, show }

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ url: text, group: text, keys: text, out: text, json: flag, offline: flag },
      key: { type: 'string', multiple: true, default: [] },
      days: { type: 'string', default: '7' },
    },
  })
  const [verb = '', ...files] = positionals
  const chosen = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (chosen === undefined || !/^[1-9][0-9]{0,2}$/.test(values.days)) throw new UsageFault(usage)
  await chosen({
    files,
    url: values.url,
    group: values.group,
    keyNames: values.key,
    keysDirectory: values.keys ?? '',
    passphraseFile: environment['CHENGXIN_PASSPHRASE_FILE'] || undefined,
    days: Number(values.days),
    out: values.out ?? 'bundle.json',
    isOffline: values.offline,
    isJson: values.json,
  })
  return 0
}

/** Collects what is to be signed. A key is needed where the group shows itself to members only. */
async function draft(wish: Wish): Promise<void> {
  const [reader] = await signersOf(wish)
  const group = await groupAt(wish, wish.group, reader)
  const held = await presentOnly(group.getText('/trust-bundle'))
  const before = held === undefined ? undefined : readUnjudged(held)?.payload
  const { payload, missing } = await collectBundle(group, {
    sequence: (before?.sequence ?? 0) + 1,
    nowMs: Date.now(),
    validForMs: wish.days * 86_400_000,
    publicGroupUrl: group.url,
    ...(before && { before }),
  })
  // A draft of the same name may have signatures already: it is never written over.
  await writeFile(wish.out, draftBundle(payload), { flag: 'wx' })
  tell(wish, { file: wish.out, ...factsOf(payload), missing }, [
    ...linesOf(payload),
    ...missing.map((id) => `! ${id} is left out: nobody published its document.`),
    `✓ ${wish.out} is ready to be signed: chengxin bundle sign ${wish.out} --key NAME`,
  ])
}

/** Shows what is signed, compares it with the node, and adds a signature for each key. */
async function sign(wish: Wish): Promise<void> {
  const { file, text, payload } = await bundleIn(wish)
  if (wish.keyNames.length === 0) throw new UsageFault(usage)
  // Before a passphrase is asked for.
  const tellFirst = wish.isJson ? console.error : console.log
  tellFirst(linesOf(payload).join('\n'))
  const signers = await signersOf(wish)
  const compared = wish.isOffline ? undefined : await comparedWith(wish, payload, signers[0])
  const committees = committeesFor(payload, compared?.before)
  let signed = text
  for (const signer of signers) {
    const added = await addBundleSignature(signed, signer, committees)
    if (isRefusal(added)) throw faultOf(added.refused, signer.kid)
    signed = added
  }
  await replaceFile(file, signed)
  const counts = await countsOf(signed, committees)
  const { newerSince = [] } = compared ?? {}
  tell(wish, { file, ...factsOf(payload), newerSince, compared: !wish.isOffline, ...progress(counts) }, [
    ...newerSince.map((id) => `! The status list ${id} has a newer version since the draft.`),
    ...(wish.isOffline ? ['! Compared with no node.'] : []),
    ...signers.map(({ kid }) => `✓ Signed with ${kid}.`),
    ...countLines(counts),
  ])
}

interface Compared {
  readonly newerSince: readonly string[]
  readonly before?: Committee
}

/** Throws with all that is not as the node says. */
async function comparedWith(wish: Wish, payload: BundlePayload, reader: Signer | undefined): Promise<Compared> {
  const group = await groupAt(wish, payload.group, reader)
  const newest = await heldPins(group)
  const { differences, newerSince } = await comparePayload(group, payload, {
    nowMs: Date.now(),
    ...(newest && { heldSequence: newest.sequence }),
  })
  if (differences.length > 0) {
    throw new BundleFault(['Not signed: the bundle is not as the node says.', ...differences].join('\n  '))
  }
  return { newerSince, ...(newest && { before: newest.committee }) }
}

/** Gives the bundle to a node; copies that members signed apart are put together first. */
async function publish(wish: Wish): Promise<void> {
  const { text, payload } = await bundleIn(wish)
  const group = await groupAt(wish, payload.group)
  const committees = committeesFor(payload, (await heldPins(group))?.committee)
  let whole = text
  for (const other of wish.files.slice(1)) {
    const merged = await mergeBundles(whole, await readBundle(other), committees)
    if (isRefusal(merged)) throw faultOf(merged.refused, other)
    whole = merged
  }
  const counts = await countsOf(whole, committees)
  if (!isSignedEnough(counts)) throw new BundleFault(['Not published.', ...countLines(counts)].join('\n  '))
  await group.putTrustBundle(whole)
  const { sequence } = payload
  tell(wish, { published: true, sequence, url: group.url, ...progress(counts) }, [
    ...countLines(counts),
    `✓ ${group.url}/trust-bundle is bundle ${sequence}, until ${timeOf(payload.expiresAtMs)}.`,
  ])
}

/** What a file says and who signed it; no node is asked. */
async function show(wish: Wish): Promise<void> {
  const { file, text, payload } = await bundleIn(wish)
  const counts = await countsOf(text, committeesFor(payload, payload.committee))
  tell(wish, { file, ...factsOf(payload), ...progress(counts) }, [...linesOf(payload), ...countLines(counts)])
}

async function bundleIn({ files: [file] }: Wish) {
  if (file === undefined) throw new UsageFault(usage)
  const text = await readBundle(file)
  const bundle = readUnjudged(text)
  if (!bundle) throw faultOf('bundle_malformed', file)
  return { file, text, payload: bundle.payload }
}

async function readBundle(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch {
    throw new BundleFault(`${file} cannot be read.`)
  }
}

/** A signature is not lost where the disk is full: the old file stays until the new one is whole. */
async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { flush: true })
  await rename(`${file}.new`, file)
}

function signersOf({ keyNames, keysDirectory, passphraseFile }: Wish): Promise<readonly Signer[]> {
  // One after the other: each may ask for its passphrase.
  return keyNames.reduce<Promise<readonly Signer[]>>(
    async (before, name) => [...(await before), await namedSigner(name, keysDirectory, passphraseFile)],
    Promise.resolve([]),
  )
}

async function groupAt({ url }: Wish, named: string | undefined, reader?: Signer): Promise<GroupClient> {
  if (url === undefined) throw new UsageFault(usage)
  const found = await createNodeClient({ url }).findGroup(named)
  if (reader === undefined) return found
  const groups = await createNodeClient({ url }).groups()
  const isOpen = groups.find(({ id }) => id === found.groupId)?.readPolicy === 'public'
  return isOpen ? found : createNodeClient({ url, fetch: readingAs(reader, found.groupId, fetch) }).group(found.groupId)
}

async function heldPins(group: GroupClient) {
  const held = await presentOnly(group.getText('/trust-bundle'))
  return held === undefined ? undefined : pinsOfKept(held)?.newest
}

async function countsOf(text: string, committees: readonly Committee[]): Promise<readonly SignatureCount[]> {
  const counts = await countSignatures(text, committees)
  if (isRefusal(counts)) throw faultOf(counts.refused)
  return counts
}

const sentences: { readonly [code: string]: (of: string) => string } = {
  bundle_malformed: (of) => `${of} is no trust bundle, nor the draft of one.`,
  bundle_key_not_seated: (of) => `${of} is no key of the committee that this bundle waits for.`,
  bundle_signed_before: (of) => `The committee member of ${of} has signed this bundle before.`,
  bundle_payload_differs: (of) => `${of} is another bundle: its payload differs.`,
  bundle_signature_invalid: (of) => `A signature does not hold under the key that the committee has (${of}).`,
}

function faultOf(code: string, of = 'the file'): BundleFault {
  return new BundleFault(sentences[code]?.(of) ?? `The bundle is refused (${code}).`)
}

function progress(counts: readonly SignatureCount[]) {
  return { complete: isSignedEnough(counts), committees: counts }
}

function countLines(counts: readonly SignatureCount[]): readonly string[] {
  return counts.flatMap(({ signed, open, needed }, at) => [
    `${at === 0 ? 'Committee' : 'Committee trusted before'}: ${signed.length} of ${signed.length + open.length} signed, ${needed} needed.`,
    ...signed.map((did) => `  ✓ ${did}`),
    ...open.map((did) => `  · ${did}`),
  ])
}

function factsOf(payload: BundlePayload) {
  const { group, sequence, issuedAtMs, expiresAtMs, quorum } = payload
  return {
    ...{ group, sequence, issued: timeOf(issuedAtMs), expires: timeOf(expiresAtMs), quorum },
    threshold: payload.committee.threshold,
    issuers: payload.issuers.map(({ did, name, domain, types }) => ({ did, name, domain, types })),
    types: payload.types.map(({ typeId }) => typeId),
    statusLists: payload.statusLists.map(({ listId, version, uri }) => ({ listId, version, uri })),
    checkpoint: checkpointOf(payload),
  }
}

/** The first two lines of a checkpoint (C2SP tlog-checkpoint). */
function checkpointOf({ checkpoint }: BundlePayload) {
  const [origin = '', size = '', root = ''] = checkpoint.split('\n')
  return { origin, size, root }
}

/** The file is somebody else's: nothing in it may move the cursor or turn the text around before it is signed. */
function linesOf(payload: BundlePayload): readonly string[] {
  const { origin, size, root } = checkpointOf(payload)
  return [
    `Trust bundle ${payload.sequence} of the group ${payload.group}`,
    `  issued ${timeOf(payload.issuedAtMs)}, expires ${timeOf(payload.expiresAtMs)}`,
    `  checkpoint ${origin}, ${size} entries, root ${root}`,
    `  ${payload.cosigners.length} cosigners, ${payload.quorum} make a checkpoint good`,
    `  ${payload.committee.threshold} must sign, of ${payload.committee.keys.map(({ kid }) => kid).join(', ')}`,
    ...payload.issuers.map((issuer) => `  issuer ${issuer.name} ${issuer.did}: ${rightsOf(issuer.types)}`),
    ...payload.statusLists.map(({ listId, version, uri }) => `  status list ${listId}, version ${version}, ${uri}`),
  ].map((line) => line.replace(/\p{C}/gu, '\u{FFFD}'))
}

function rightsOf(types: BundlePayload['issuers'][number]['types']): string {
  return types
    .map(({ typeId, untilMs, frozenSinceMs }) => {
      const end = frozenSinceMs === undefined ? untilMs : frozenSinceMs
      const word = frozenSinceMs === undefined ? 'until' : 'frozen since'
      return end === undefined ? typeId : `${typeId} (${word} ${timeOf(end)})`
    })
    .join(', ')
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}

function tell({ isJson }: Wish, facts: object, lines: readonly string[]): void {
  console.log(isJson ? JSON.stringify(facts) : lines.join('\n'))
}
