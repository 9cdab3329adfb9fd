/**
 * docs/consortium.md typed as it is printed, from four bare hosts to a running city and through what happens to one: every
 * block that the guide marks with who types it is run by that user on that host, in the guide's order, and none is left out.
 * What the guide has people carry from host to host is carried here.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { home } from '../running-node.ts'
import { enginePath, hasEngine } from './engine.ts'
import { hasHosts, NetworkHosts } from './network-hosts.ts'

const founders = ['bank', 'bureau', 'court', 'university']
const newcomer = 'transport'
const everybody = [...founders, newcomer]

const othersThan = (name: string) => founders.filter((other) => other !== name)
const groupIn = (told: string) => /founds the group (\S+)/.exec(told)?.[1]

/** A member that has started is well with the next block, which an idle group makes every half minute unless told otherwise. */
const beatSooner = (group: string) =>
  `sed -i 's/"driver": "cometbft",/&"timing":{"heartbeatMs":2000},/' /srv/chengxin/groups/${group}/ordering.json`

const guide = readFileSync(join(home, 'docs/consortium.md'), 'utf8')
const blocks = [...guide.matchAll(/^```sh (.+)\n([^]*?)^```$/gm)].map(([, who = '', text = '']) => ({ who, text }))

describe.skipIf(!hasEngine || !hasHosts)('the guide, on four hosts', { timeout: 900_000 }, () => {
  let hosts: NetworkHosts
  // Blocks that the guide comes back to.
  let [sessionBlock, madeReady, keys, certified, started] = ['', '', '', '', '']
  let at = ''
  let turn = 0

  /** The next block of the guide, which is typed by whom the test says. */
  function block(who: string): string {
    const next = blocks[turn++]
    expect(next?.who, `block ${turn} of the guide:\n${next?.text}`).toBe(who)
    return next?.text ?? ''
  }

  /** As the guide says: the example's words stand for each organisation's own. */
  const wordsOf = (name: string, text: string) =>
    text
      .replaceAll('City University', `City ${name}`)
      .replaceAll('university', name)
      .replaceAll('2026-11-01T08:00:00Z', at)

  async function typeAs(user: 'root' | 'chengxin', name: string, text: string): Promise<string> {
    const session = user === 'root' ? '' : `${sessionBlock}\n`
    const { status, stdout, stderr } = await hosts.run(name, user, `${session}${wordsOf(name, text)}`)
    if (status === 0) return stdout
    const log = await hosts.run(name, 'root', 'tail -n 40 /var/log/chengxin.log')
    throw new Error(`${name} typed\n${text}\nand was told\n${stdout}${stderr}\nThe end of its log:\n${log.stdout}`)
  }
  const asRoot = (name: string, text: string) => typeAs('root', name, text)
  const asUser = (name: string, text: string) => typeAs('chengxin', name, text)

  /** At all of these hosts at the same time, as their operators would. */
  const atEach = (names: readonly string[], type: (name: string) => Promise<string>) => Promise.all(names.map(type))

  /** Somebody carries a file from one home to others. */
  function carry(file: string, from: string, to: readonly string[]): void {
    const text = hosts.read(from, `/home/chengxin/${file}`)
    for (const name of to) hosts.write(name, `/home/chengxin/${file}`, text)
  }

  /** At the authority, which is asked for the pass phrase of its key. */
  function authority(text: string): void {
    execFileSync('setsid', ['bash', '-euc', text], {
      ...{ cwd: hosts.at('authority'), stdio: 'pipe' },
      input: 'what the authority types\nwhat the authority types\n',
    })
  }

  function certify(name: string): void {
    const request = hosts.read(name, `/home/chengxin/exchange/member_${name}.csr.pem`)
    writeFileSync(hosts.at('authority', `member_${name}.csr.pem`), request)
    authority(wordsOf(name, certified))
  }

  function handOutCertificates(names: readonly string[], to: readonly string[]): void {
    for (const one of to) {
      hosts.write(one, '/home/chengxin/ca.pem', readFileSync(hosts.at('authority/ca.pem'), 'utf8'))
      for (const name of names) {
        const file = `certificates/member_${name}.pem`
        hosts.write(one, `/home/chengxin/${file}`, readFileSync(hosts.at('authority', file), 'utf8'))
      }
    }
  }

  interface GroupView {
    readonly members: number
    readonly consensus: { readonly validators: readonly { readonly member: string; readonly signedHeight?: number }[] }
  }

  async function viewOf(name: string, group = 'certificates'): Promise<GroupView> {
    const genesis = hosts.read(name, `/srv/chengxin/groups/${group}/genesis.json`)
    const { name: called } = JSON.parse(genesis) as { readonly name: string }
    const { groups } = JSON.parse(await asUser(name, 'curl -fsS http://localhost:8080/v1/groups')) as {
      readonly groups: readonly { readonly id: string; readonly name: string }[]
    }
    const { id } = groups.find((one) => one.name === called) as { readonly id: string }
    return JSON.parse(await asUser(name, `curl -fsS http://localhost:8080/v1/groups/${id}`)) as GroupView
  }

  const heightOfVote = ({ consensus }: GroupView, name: string) =>
    consensus.validators.find(({ member }) => member === `member_${name}`)?.signedHeight ?? 0

  /** Waits until a member's vote counts, with a proposal each time for the block that it makes. */
  async function untilItVotes(name: string, seenBy: string, above = 0): Promise<void> {
    while (heightOfVote(await viewOf(seenBy), name) <= above) await somethingHappens(seenBy)
  }

  let happened = 0
  const somethingHappens = (name: string) =>
    asUser(
      name,
      `chengxin tx send governance.proposeChange --as admin --args '{"proposalId":"proposal_${name}-${++happened}",
        "change":{"kind":"setReceiptQuorum","cosignatures":3}}'`,
    )

  /** The guide's wait of step 4, without its start. */
  const untilHealthy = (name: string) => asRoot(name, started.split('\n').slice(1).join('\n'))

  beforeAll(async () => {
    hosts = new NetworkHosts(enginePath())
    await hosts.makeNetwork()
    for (const name of founders) await hosts.add(name, everybody)
    mkdirSync(hosts.at('authority'))
  })

  afterAll(() => {
    hosts?.remove()
  })

  async function makeReady(name: string): Promise<string> {
    await asRoot(name, madeReady)
    return asRoot(name, 'echo NODE_EXTRA_CA_CERTS=/etc/chengxin/web-ca.pem >> /etc/chengxin/environment')
  }

  test('hosts are made ready, and each makes its keys', async () => {
    sessionBlock = block('session')
    madeReady = block('root each')
    keys = block('each')
    await atEach(founders, makeReady)
    await atEach(founders, (name) => asUser(name, keys))
    const offer = hosts.read('bank', '/home/chengxin/exchange/member_bank.offer.json')
    expect(offer).toContain('"validatorKey"')
    expect(offer).not.toContain('"d":')
  })

  test('the authority certifies them', () => {
    const madeAuthority = block('authority')
    certified = block('authority for each')
    authority(madeAuthority)
    for (const name of founders) certify(name)
    handOutCertificates(founders, founders)
    for (const name of founders) carry(`exchange/member_${name}.offer.json`, name, othersThan(name))
  })

  test('each comes to the same genesis, installs it, and starts', async () => {
    at = `${new Date().toISOString().slice(0, 19)}Z`
    const genesis = block('each')
    const told = await atEach(founders, (name) => asUser(name, genesis))
    expect(new Set(told.map(groupIn)).size).toBe(1)
    const install = block('each')
    await atEach(founders, (name) => asUser(name, install))
    await atEach(founders, (name) => asUser(name, beatSooner('certificates')))
    started = block('root each')
    await atEach(founders, (name) => asRoot(name, started))
    for (const name of founders) expect(await viewOf(name)).toMatchObject({ members: 4, consensus: { state: 'ready' } })
  })

  test('others reach a member under its name, over TLS', async () => {
    const told = await asUser('court', 'curl -fsS --cacert /etc/chengxin/web-ca.pem https://bank.example/health')
    expect(JSON.parse(told)).toMatchObject({ status: 'ok' })
  })

  test('the committee gives out a role', async () => {
    const added = await asUser('bureau', block('bureau'))
    const [did = ''] = /did:weid:macau:0x[0-9a-f]+/.exec(added) ?? []
    await asUser('bureau', block('bureau').replace('did:weid:macau:0x…', did))
    await approve()
    await asRoot('bureau', 'systemctl restart chengxin')
    await untilHealthy('bureau')
    expect(await asUser('bureau', 'chengxin office list')).toContain(did)
  })

  /** The guide's next block, by which two others agree. */
  async function approve(): Promise<void> {
    const approval = block('court university')
    for (const name of ['court', 'university']) await asUser(name, approval)
  }

  test('a member is restored from an older copy, and gets a new voting key first', async () => {
    await untilItVotes('bank', 'court')
    await asRoot('bank', block('root bank'))
    await untilHealthy('bank')
    await somethingHappens('court')
    // Its disk is lost after more has happened.
    await asRoot('bank', 'systemctl stop chengxin && find /srv/chengxin -mindepth 1 -delete')
    await somethingHappens('university')
    await asRoot('bank', block('root bank'))
    await asUser('bank', block('bank'))
    carry('rotation.json', 'bank', ['bureau'])
    await asUser('bureau', block('bureau'))
    await approve()
    const before = heightOfVote(await viewOf('court'), 'bank')
    await asUser('bank', block('bank'))
    await asRoot('bank', 'systemctl start chengxin')
    await untilItVotes('bank', 'court', before)
    await untilHealthy('bank')
  })

  test('one after the other is stopped and started, and the others go on', async () => {
    const [stop, start] = [block('root each in turn'), block('root each in turn')]
    // The two others were stopped and started before.
    for (const name of ['court', 'university']) {
      await asRoot(name, stop)
      await somethingHappens(othersThan(name)[0] as string)
      await asRoot(name, start)
    }
  })

  test('a fifth is admitted, joins and votes', async () => {
    await hosts.add(newcomer, everybody)
    await makeReady(newcomer)
    await asUser(newcomer, keys)
    certify(newcomer)
    handOutCertificates([newcomer], [newcomer])
    carry('genesis.json', 'bank', [newcomer])
    for (const name of founders) carry(`exchange/member_${name}.offer.json`, name, [newcomer])
    await asUser(newcomer, block(newcomer))
    carry('admission.json', newcomer, ['bureau'])
    await asUser('bureau', block('bureau'))
    await approve()
    await asUser(newcomer, block(newcomer))
    await asUser(newcomer, beatSooner('certificates'))
    await asRoot(newcomer, started)
    await untilItVotes(newcomer, 'court')
    expect((await viewOf(newcomer)).members).toBe(5)
  })

  test('and is removed again', async () => {
    await asUser('bureau', block('bureau'))
    await approve()
    // Its vote counts for two blocks more.
    const voters = async () => (await viewOf('court')).consensus.validators.map(({ member }) => member)
    while ((await voters()).length > founders.length) await somethingHappens('court')
    expect((await voters()).toSorted()).toEqual(founders.map((name) => `member_${name}`))
    await asRoot(newcomer, 'systemctl stop chengxin')
  })

  test('the four found another group beside the first', async () => {
    at = `${new Date().toISOString().slice(0, 19)}Z`
    const again = block('each')
    await atEach(founders, (name) => asUser(name, again))
    for (const name of founders) carry(`parking/exchange/member_${name}.offer.json`, name, othersThan(name))
    const found = block('each')
    const told = await atEach(founders, (name) => asUser(name, found))
    expect(new Set(told.map(groupIn)).size).toBe(1)
    await atEach(founders, (name) => asUser(name, beatSooner('parking')))
    await atEach(founders, (name) => asRoot(name, 'systemctl restart chengxin'))
    await atEach(founders, untilHealthy)
    for (const name of founders) {
      expect(await viewOf(name, 'parking')).toMatchObject({ members: 4, consensus: { state: 'ready' } })
      expect(await viewOf(name)).toMatchObject({ consensus: { state: 'ready' } })
    }
  })

  test('nothing of the guide was left out', () => {
    expect(blocks.slice(turn)).toEqual([])
  })
})
