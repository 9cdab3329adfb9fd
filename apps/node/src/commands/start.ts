/** `start`: one member's node, from an empty folder to a city that runs, or on from where it stopped. */
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createNodeClient, sampleChainId } from '@chengxin/client'
import { readSettings, SettingFault, type Settings } from '../config.ts'
import { openEngineKeys } from '../consensus/engine-keys.ts'
import { dataPaths, groupNames } from '../data-directory.ts'
import { lockDirectory } from '../directory-lock.ts'
import { readInstalledRuleset } from '../installed-ruleset.ts'
import { openLog } from '../log.ts'
import { rebuildLostStates } from '../lost-state.ts'
import { openMemberKeys } from '../member-keys.ts'
import { homeOf, officesOf, readerOf } from '../offices/home.ts'
import { readOffices } from '../offices/offices-file.ts'
import { readingAs } from '../offices/reading.ts'
import { type GroupOnNode, openGroup } from '../open-group.ts'
import { foundSampleCity } from '../sample-city/found.ts'
import type { SampleFile } from '../sample-city/sample-files.ts'
import { liveInSampleCity } from '../sample-city/seed.ts'
import { keystorePassphrase } from '../secrets.ts'
import { openDesks } from '../serving/desks.ts'
import { injectFetch } from '../serving/inject-fetch.ts'
import { type Api, createNodeApi } from '../serving/node-api.ts'
import { untilStopped } from '../until-stopped.ts'
import { openNodeVault } from '../vault/open-vault.ts'
import { openWitnessDesk } from '../witness/witness-desk.ts'

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  // Everything is set in the environment; an argument would be a mistake that should not pass in silence.
  parseArgs({ args: [...args], options: {} })
  const settings = readSettings(environment)
  const passphrase = await keystorePassphrase(environment)
  await holdPortFree(settings)
  const paths = dataPaths(settings.dataDirectory)
  await rebuildLostStates(paths)
  const lock = lockDirectory(paths.lock)
  const log = openLog(settings.logLevel)
  try {
    const installed = await readInstalledRuleset(new URL('.', import.meta.url))
    const memberKeys = await openMemberKeys(paths.keys, passphrase)
    const engineKeys = (validator: string | undefined) => openEngineKeys(paths.keys, passphrase, validator)
    const founding = { paths, publicUrl: settings.publicUrl, ruleset: installed, memberKeys, nowMs: Date.now() }
    if (await foundSampleCity(founding)) console.log('Founding the sample city: a few seconds, this once.')
    const groups: GroupOnNode[] = []
    for (const name of await groupNames(paths)) {
      groups.push(
        await openGroup({ name, paths, settings, installed, memberKeys, passphrase, engineKeys, environment, log }),
      )
    }
    refuseOpenKeys(groups, passphrase)
    let samples: () => readonly SampleFile[] | undefined = () => undefined
    // Desks use the node's own door, which opens once they are there.
    const door: { api?: Api } = {}
    const send: typeof fetch = (...call) => injectFetch(apiBehind(door))(...call)
    const node = createNodeClient({ url: settings.publicUrl, fetch: send })
    const file = await readOffices(paths.offices)
    const home = homeOf(groups, file?.group)
    // What offices have done is looked up in the lists; from lists that are being built anew they would do it again.
    if (home && (file || home.ledger.genesis.chainId === sampleChainId)) await listsOf(home)
    const vault = await openNodeVault(paths, settings, passphrase)
    const own = home && (await officesOf(home, file, { paths, passphrase, log }))
    const reader = own && readerOf(own)
    const reading = home && reader ? readingAs(reader, home.ledger.groupId, send) : send
    const desks =
      home &&
      (await openDesks({
        ...(own && { offices: own }),
        group: createNodeClient({ url: settings.publicUrl, fetch: reading }).group(home.ledger.groupId),
        vault,
        chainId: home.ledger.genesis.chainId,
        isSampleCity: home.ledger.genesis.chainId === sampleChainId,
        publicUrl: settings.publicUrl,
        wallets: settings.wallets,
        log,
      }))
    const witnessDesk = await openWitnessDesk(paths, passphrase)
    const api = createNodeApi({
      groups,
      ...(witnessDesk && { witnessDesk: witnessDesk.desk }),
      ...(desks === undefined ? {} : { desks }),
      publicUrl: settings.publicUrl,
      trustedProxies: settings.trustedProxies,
      documentsDirectory: paths.documents,
      portalDirectory: fileURLToPath(new URL('../../portal/dist', import.meta.url)),
      samples: () => samples(),
      log,
    })
    door.api = api
    // The city is written through the node's own door before that opens to others: nobody meets it half made.
    const life = liveInSampleCity({ groups, node, paths, publicUrl: settings.publicUrl, log })
    samples = life.samples
    // Members that order together need each other's open doors before anything can be written.
    const isOurs = groups.every(({ ledger }) => ledger.consensus() === undefined)
    if (isOurs) await life.begun
    const offices = life.begun
      .then(() => desks?.begin())
      .catch((error: unknown) => log.warn({ error: String(error) }, 'The offices have issued nothing yet.'))
    if (isOurs) await offices
    await listen(api, settings)
    greet(settings, groups)
    if (witnessDesk !== undefined) {
      console.log(`  witness ${settings.publicUrl}/witness cosigns other logs as\n          ${witnessDesk.vkey}\n`)
    }
    await untilStopped(log)
    life.stop()
    await api.close()
    await desks?.close()
    await vault.close()
    for (const group of groups) await group.close()
    return 0
  } finally {
    lock.release()
    log.flush()
  }
}

const listsWithinMs = 60_000

/** Waits for the read model, but not for ever: it may lie in a database that is down. */
async function listsOf({ ledger, projection }: GroupOnNode): Promise<void> {
  const giveUp = new AbortController()
  const late = delay(listsWithinMs, undefined, { signal: giveUp.signal }).catch(() => undefined)
  await Promise.race([projection.reached(ledger.head().height), late])
  giveUp.abort()
}

/** Keys that anyone with this disk can read are good enough for a city whose other keys are public, and no other. */
function refuseOpenKeys(groups: readonly GroupOnNode[], passphrase: string | undefined): void {
  const real = groups.find(({ ledger }) => ledger.genesis.chainId !== sampleChainId)
  if (real === undefined || passphrase !== undefined) return
  throw new SettingFault(`The keys of ${real.name} must be encrypted: name a file in CHENGXIN_PASSPHRASE_FILE.`)
}

function apiBehind({ api }: { readonly api?: Api }): Api {
  if (api === undefined) throw new Error('A desk has used the door of the node before it was built.')
  return api
}

async function listen(api: Api, { host, port }: Settings): Promise<void> {
  await api.listen({ host, port })
}

/** Tells of a port in use before anything is opened or founded. */
async function holdPortFree({ host, port }: Settings): Promise<void> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => reject(listenFault(error, host, port)))
    probe.listen(port, host, resolve)
  })
  await new Promise((resolve) => probe.close(resolve))
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const sentence = {
    EADDRINUSE: `Port ${port} is in use: stop the program that uses it, or name another in CHENGXIN_PORT.`,
    EACCES: `Port ${port} is not for this user: name one above 1023 in CHENGXIN_PORT.`,
    EADDRNOTAVAIL: `This machine has no address ${host}: check CHENGXIN_HOST.`,
    ENOTFOUND: `This machine has no address ${host}: check CHENGXIN_HOST.`,
  }[error.code ?? '']
  return sentence === undefined ? error : new SettingFault(sentence)
}

function greet(
  { publicUrl, isPublicUrlSet, host, port, dataDirectory }: Settings,
  groups: readonly GroupOnNode[],
): void {
  const lines = ['', 'Chengxin 城信 is running.', '', `  portal  ${publicUrl}`, `  data    ${dataDirectory}`]
  // A proxy must be told where to pass on to.
  if (isPublicUrlSet) lines.splice(4, 0, `  listens on ${host}, port ${port}`)
  for (const { ledger } of groups) {
    const { name, chainId } = ledger.genesis
    lines.push(`  group   ${name}, ${ledger.head().size} entries${chainId === 'sample' ? '; its keys are public' : ''}`)
  }
  if (!isPublicUrlSet) {
    lines.push('', 'Phones and passkeys on other devices need https: set CHENGXIN_PUBLIC_URL to the address they use.')
  }
  console.log([...lines, 'Stop it with Ctrl-C.', ''].join('\n'))
}
