/** Signing in and out, with passkeys of our own making, and everything around it that must be refused. */
import { isRefusal, type Json, type JsonObject } from '@chengxin/kernel'
import { beforeEach, describe, expect, test } from 'vitest'
import { type DeskCall, DeskFile } from '../desk/endpoint.ts'
import type { Person } from '../desk/person.ts'
import { createSoftPasskey, type SoftPasskeyChange } from '../testing/soft-passkey.ts'
import { createMemoryVault } from '../vault/memory-vault.ts'
import { createSignInDesk, type SignInDesk } from './sign-in-desk.ts'

const origin = 'http://localhost:18500'
const start = 1_800_000_000_000
let nowMs = start
let desk: SignInDesk

beforeEach(() => {
  nowMs = start
  desk = openDesk(true)
})

function openDesk(isSampleCity: boolean, attemptsPerMinute = 1000): SignInDesk {
  return createSignInDesk({
    ...{ isSampleCity, attemptsPerMinute, publicUrl: origin, chainId: 'sample' },
    vault: createMemoryVault(),
    nowMs: () => nowMs,
  })
}

interface Answered {
  readonly code?: string
  readonly json: JsonObject & { readonly person?: JsonObject & { readonly accountId: string } }
  readonly cookie?: string
}

/** A browser: keeps the cookie, and sends it with everything. */
function browser(at: () => SignInDesk = () => desk) {
  let cookie = ''
  return {
    get cookie() {
      return cookie
    },
    person: (): Promise<Person | undefined> => at().personOf({ cookie }),
    async ask(method: string, path: string, body: JsonObject = {}): Promise<Answered> {
      for (const endpoint of at().endpoints) {
        const params = matchPath(endpoint.path, path)
        if (endpoint.method !== method || params === undefined) continue
        const headers = { cookie, 'user-agent': 'Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Safari/537.36' }
        const person = await at().personOf(headers)
        if (person === undefined && endpoint.who !== 'anyone') return { code: 'sign_in_needed', json: {} }
        const call: DeskCall = { params, query: {}, body, headers, address: '192.0.2.1', person }
        const answer = await endpoint.handle(call)
        if (isRefusal(answer)) return { code: answer.refused, json: {} }
        if (!(answer instanceof DeskFile)) return { json: answer as JsonObject }
        const set = answer.headers['set-cookie'] ?? ''
        cookie = set.split(';', 1)[0] ?? ''
        return { json: JSON.parse(answer.bytes as string) as JsonObject, cookie: set }
      }
      throw new Error(`No endpoint ${method} ${path}.`)
    },
  }
}

function endpointNamed(id: string) {
  const found = desk.endpoints.find((endpoint) => endpoint.id === id)
  if (found === undefined) throw new Error(`No endpoint ${id}.`)
  return found
}

const textOf = (value: Json | undefined) => value as string

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [place, part] of wanted.entries()) {
    const name = /^\{(.+)\}$/.exec(part)?.[1]
    if (name !== undefined) params[name] = given[place] as string
    else if (part !== given[place]) return undefined
  }
  return params
}

type Browser = ReturnType<typeof browser>

async function register(visitor: Browser, passkey = createSoftPasskey(origin), invitation?: string) {
  const invited = invitation === undefined ? {} : { invitation }
  const begun = await visitor.ask('POST', '/passkeys/registration', invited)
  const challenge = textOf(begun.json['challenge'])
  return visitor.ask('POST', '/passkeys/registration/complete', {
    challenge,
    ...invited,
    ...passkey.register(challenge),
  })
}

async function signIn(visitor: Browser, passkey: ReturnType<typeof createSoftPasskey>, change?: SoftPasskeyChange) {
  const challenge = textOf((await visitor.ask('POST', '/passkeys/challenge')).json['challenge'])
  const assertion = passkey.assert(challenge, change)
  return visitor.ask('POST', '/passkeys/assertion', {
    challenge,
    credentialId: passkey.credentialId,
    ...assertion,
  })
}

describe('a resident', () => {
  test('registers, signs out, and in again with the same passkey into the same account', async () => {
    const [visitor, passkey] = [browser(), createSoftPasskey(origin)]
    const registered = await register(visitor, passkey)
    const person = await visitor.person()
    expect(person).toMatchObject({ kind: 'resident', roles: [], signedInAtMs: start })
    // The DID does not stand on the ledger yet, and so is only told to the resident.
    expect(person?.did).toBeUndefined()
    expect(registered.json.person?.['ownDid']).toMatch(/^did:weid:sample:/)

    await visitor.ask('DELETE', '/session')
    expect(await visitor.person()).toBeUndefined()
    const again = await signIn(visitor, passkey)
    expect(again.json.person?.accountId).toBe(person?.accountId)
  })

  test('has a cookie that no script reads and no other site sends, and on https no plain line', async () => {
    const { cookie } = await register(browser())
    expect(cookie).toMatch(/^chengxin-session=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/)
    desk = createSignInDesk({
      ...{ isSampleCity: true, publicUrl: 'https://id.city.example', chainId: 'sample' },
      vault: createMemoryVault(),
      nowMs: () => nowMs,
    })
    expect((await browser().ask('POST', '/personas/resident')).cookie).toMatch(/; Secure$/)
  })

  test('is known by DID once it was brought in', async () => {
    const visitor = browser()
    const { json } = await register(visitor)
    const { accountId, ownDid } = json.person as { accountId: string; ownDid: never }
    await desk.accounts.markOnLedger(accountId)
    expect((await visitor.person())?.did).toBe(ownDid)
    expect(await desk.accounts.idOfDid(ownDid)).toBe(accountId)
  })

  test('adds a second passkey, takes the first away, and keeps the last', async () => {
    const [visitor, first, second] = [browser(), createSoftPasskey(origin), createSoftPasskey(origin)]
    const accountId = (await register(visitor, first)).json.person?.accountId
    expect((await register(visitor, second)).json.person).toMatchObject({
      accountId,
      passkeys: [{ keyId: 'key-1' }, { keyId: 'key-2' }],
    })
    const elsewhere = browser()
    await signIn(elsewhere, first)
    await visitor.ask('DELETE', `/passkeys/${first.credentialId}`)
    // Whoever was signed in with what was taken away is out.
    expect(await elsewhere.person()).toBeUndefined()
    expect((await signIn(elsewhere, first)).code).toBe('passkey_not_known')
    expect((await visitor.ask('DELETE', `/passkeys/${second.credentialId}`)).code).toBe('last_passkey')
    expect((await register(visitor, second)).code).toBe('passkey_already_known')
  })

  test('who acts for another as guardian adds and takes away no keys', async () => {
    const [guardian, ward, wardsKey] = [browser(), browser(), createSoftPasskey(origin)]
    const wardId = (await register(ward, wardsKey)).json.person?.accountId as string
    await register(guardian)
    const acting = browser(() => ({
      ...desk,
      endpoints: [
        ...desk.endpoints,
        { ...endpointNamed('signOut'), path: '/ward', handle: (call) => desk.signInAs(call, wardId, 60_000) },
      ],
    }))
    const own = await register(acting)
    await acting.ask('DELETE', '/ward')
    expect(await acting.person()).toMatchObject({ accountId: wardId, guardian: own.json.person?.accountId })
    expect((await register(acting)).code).toBe('guardian_changes_no_keys')
    const taken = await acting.ask('DELETE', `/passkeys/${wardsKey.credentialId}`)
    expect(taken.code).toBe('guardian_changes_no_keys')
    expect((await ward.person())?.guardian).toBeUndefined()
  })

  test('shows the passkey again before a way in is added or taken away', async () => {
    const [visitor, passkey] = [browser(), createSoftPasskey(origin)]
    await register(visitor, passkey)
    nowMs += 5 * 60_000 + 1
    expect((await register(visitor)).code).toBe('sign_in_not_fresh')
    expect((await visitor.ask('DELETE', `/passkeys/${passkey.credentialId}`)).code).toBe('sign_in_not_fresh')
    await signIn(visitor, passkey)
    expect((await register(visitor)).code).toBeUndefined()
  })

  test('sees and ends own sessions, and nobody else’s', async () => {
    const [phone, laptop, stranger, passkey] = [browser(), browser(), browser(), createSoftPasskey(origin)]
    await register(phone, passkey)
    await signIn(laptop, passkey)
    await register(stranger)
    const { sessions } = (await phone.ask('GET', '/sessions')).json as {
      sessions: readonly { sessionId: string; current: boolean; device: string }[]
    }
    expect(sessions.map(({ current, device }) => [current, device])).toEqual([
      [true, 'Chrome · Android'],
      [false, 'Chrome · Android'],
    ])
    const other = sessions.find(({ current }) => !current)?.sessionId ?? ''
    expect((await stranger.ask('DELETE', `/sessions/${other}`)).code).toBe('session_not_found')
    await phone.ask('DELETE', `/sessions/${other}`)
    expect([await laptop.person(), (await phone.person())?.kind]).toEqual([undefined, 'resident'])
  })

  test('is out when the session’s time is over, and when the account is closed', async () => {
    const [visitor, passkey] = [browser(), createSoftPasskey(origin)]
    const accountId = (await register(visitor, passkey)).json.person?.accountId ?? ''
    nowMs += 30 * 86_400_000
    expect(await visitor.person()).toBeUndefined()
    await signIn(visitor, passkey)
    await desk.accounts.close(accountId)
    expect(await visitor.person()).toBeUndefined()
    expect((await signIn(visitor, passkey)).code).toBe('account_closed')
  })
})

describe('registration is refused', () => {
  test.each<[string, SoftPasskeyChange, string]>([
    ['from another origin', { origin: 'http://localhost:18501' }, 'passkey_not_for_this_page'],
    ['for another relying party', { rpId: 'evil.example' }, 'passkey_not_for_this_page'],
    ['as an assertion', { type: 'webauthn.get' }, 'passkey_not_for_this_page'],
    ['for another challenge', { clientData: { challenge: 'AAAA' } }, 'passkey_not_for_this_page'],
    ['from within another site', { clientData: { crossOrigin: true } }, 'passkey_not_for_this_page'],
    ['below another site', { clientData: { topOrigin: 'https://evil.example' } }, 'passkey_not_for_this_page'],
    ['where nobody was verified', { flagBits: 0x41 }, 'passkey_holder_not_verified'],
    ['where nobody was there', { flagBits: 0x44 }, 'passkey_holder_not_verified'],
    ['without a key', { flagBits: 0x05 }, 'passkey_malformed'],
    ['with a key cut short', { rest: new Uint8Array(76) }, 'passkey_algorithm_not_allowed'],
    ['with a key of another kind', { rest: new Uint8Array(77) }, 'passkey_algorithm_not_allowed'],
    ['with something behind the key', { rest: new Uint8Array(90) }, 'passkey_algorithm_not_allowed'],
  ])('%s', async (_case, change, code) => {
    const visitor = browser()
    const challenge = textOf((await visitor.ask('POST', '/passkeys/registration')).json['challenge'])
    const made = createSoftPasskey(origin).register(challenge, change)
    const answer = await visitor.ask('POST', '/passkeys/registration/complete', { challenge, ...made })
    expect(answer.code).toBe(code)
    expect(await visitor.person()).toBeUndefined()
  })

  test('with a challenge that was used, is past its time, or was given for signing in', async () => {
    const [visitor, passkey] = [browser(), createSoftPasskey(origin)]
    const complete = (challenge: string) =>
      visitor.ask('POST', '/passkeys/registration/complete', { challenge, ...passkey.register(challenge) })
    const begin = async (path: string) => textOf((await visitor.ask('POST', path)).json['challenge'])

    const forSignIn = await begin('/passkeys/challenge')
    expect((await complete(forSignIn)).code).toBe('passkey_challenge_not_valid')
    const late = await begin('/passkeys/registration')
    nowMs += 5 * 60_000
    expect((await complete(late)).code).toBe('passkey_challenge_not_valid')
    const good = await begin('/passkeys/registration')
    expect((await complete(good)).code).toBeUndefined()
    expect((await complete(good)).code).toBe('passkey_challenge_not_valid')
  })
})

describe('signing in is refused', () => {
  test.each<[string, SoftPasskeyChange]>([
    ['from another origin', { origin: 'http://localhost:18501' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['as a registration', { type: 'webauthn.create' }],
    ['over another challenge', { clientData: { challenge: 'AAAA' } }],
    ['where nobody was verified', { flagBits: 0x01 }],
  ])('%s', async (_case, change) => {
    const [visitor, passkey] = [browser(), createSoftPasskey(origin)]
    await register(visitor, passkey)
    await visitor.ask('DELETE', '/session')
    expect((await signIn(visitor, passkey, change)).code).toBe('passkey_assertion_invalid')
  })

  test('with a signature of another key, or an assertion seen before', async () => {
    const [visitor, passkey, thief] = [browser(), createSoftPasskey(origin), createSoftPasskey(origin)]
    await register(visitor, passkey)
    const stolen = { ...thief, credentialId: passkey.credentialId }
    expect((await signIn(browser(), stolen)).code).toBe('passkey_assertion_invalid')
    const challenge = textOf((await visitor.ask('POST', '/passkeys/challenge')).json['challenge'])
    const body = { challenge, credentialId: passkey.credentialId, ...passkey.assert(challenge) }
    expect((await visitor.ask('POST', '/passkeys/assertion', body)).code).toBeUndefined()
    expect((await browser().ask('POST', '/passkeys/assertion', body)).code).toBe('passkey_challenge_not_valid')
  })

  test('from an address that tries too often, until a minute has passed', async () => {
    desk = openDesk(true, 3)
    const visitor = browser()
    for (let attempt = 0; attempt < 3; attempt++) await visitor.ask('POST', '/passkeys/challenge')
    expect((await visitor.ask('POST', '/passkeys/challenge')).code).toBe('too_many_attempts')
    expect((await visitor.ask('POST', '/personas/clerk')).code).toBe('too_many_attempts')
    nowMs += 60_000
    expect((await visitor.ask('POST', '/passkeys/challenge')).code).toBeUndefined()
  })
})

describe('an officer', () => {
  async function invite(proposer: Browser, approver: Browser): Promise<string> {
    const proposed = await proposer.ask('POST', '/invitations', { roles: ['bureau_clerk'] })
    const id = textOf(proposed.json['invitationId'])
    expect((await proposer.ask('POST', `/invitations/${id}/approval`)).code).toBe('invitation_own')
    const approved = await approver.ask('POST', `/invitations/${id}/approval`)
    expect((await approver.ask('POST', `/invitations/${id}/approval`)).code).toBe('invitation_not_open')
    return textOf(approved.json['secret'])
  }

  async function bureau() {
    const [clerk, second] = [browser(), browser()]
    await clerk.ask('POST', '/personas/clerk')
    await second.ask('POST', '/personas/second-officer')
    return { clerk, second }
  }

  test('comes by an invitation of two, once', async () => {
    const { clerk, second } = await bureau()
    const secret = await invite(clerk, second)
    const newcomer = browser()
    await register(newcomer, createSoftPasskey(origin), secret)
    expect(await newcomer.person()).toMatchObject({ kind: 'officer', office: 'bureau', roles: ['bureau_clerk'] })
    expect((await register(browser(), createSoftPasskey(origin), secret)).code).toBe('passkey_challenge_not_valid')
  })

  test('of two who race for one invitation one succeeds', async () => {
    const { clerk, second } = await bureau()
    const secret = await invite(clerk, second)
    const racers = [browser(), browser()]
    const outcomes = await Promise.all(racers.map((racer) => register(racer, createSoftPasskey(origin), secret)))
    expect(outcomes.filter(({ code }) => code === undefined)).toHaveLength(1)
  })

  test('is not invited by another office, into another kind of office, or too late', async () => {
    const { clerk, second } = await bureau()
    const university = browser()
    await university.ask('POST', '/personas/university')
    expect((await university.ask('POST', '/invitations', { roles: ['bureau_clerk'] })).code).toBe(
      'invitation_roles_not_of_office',
    )
    const proposed = await clerk.ask('POST', '/invitations', { roles: ['bureau_officer'] })
    const approval = `/invitations/${textOf(proposed.json['invitationId'])}/approval`
    expect((await university.ask('POST', approval)).code).toBe('invitation_not_found')
    const secret = textOf((await second.ask('POST', approval)).json['secret'])
    nowMs += 3 * 86_400_000
    const late = await browser().ask('POST', '/passkeys/registration', { invitation: secret })
    expect(late.code).toBe('invitation_not_valid')
  })

  test('invited by who runs the node needs nobody else', async () => {
    const secret = await desk.invitations.invite('bureau', ['bureau_officer'])
    const newcomer = browser()
    await register(newcomer, createSoftPasskey(origin), secret)
    expect((await newcomer.person())?.roles).toEqual(['bureau_officer'])
  })
})

describe('personas', () => {
  test('are there in the sample city, each with its office, and change with one touch', async () => {
    const visitor = browser()
    const { json } = await visitor.ask('GET', '/session')
    const names = (json['personas'] as readonly { name: string }[]).map(({ name }) => name)
    expect(names).toEqual([
      ...['resident', 'clerk', 'second-officer', 'university', 'university-second', 'department', 'verifier'],
    ])
    for (const name of names) await visitor.ask('POST', `/personas/${name}`)
    expect(await visitor.person()).toMatchObject({ persona: 'verifier', office: 'verifier' })
    await visitor.ask('POST', '/personas/resident')
    expect((await visitor.person())?.did).toMatch(/^did:weid:sample:/)
  })

  test('leave no passkey behind', async () => {
    const visitor = browser()
    await visitor.ask('POST', '/personas/resident')
    expect((await register(visitor)).code).toBe('invitation_not_valid')
  })

  test('are nowhere else', async () => {
    desk = openDesk(false)
    const visitor = browser()
    expect((await visitor.ask('POST', '/personas/clerk')).code).toBe('persona_not_found')
    expect((await visitor.ask('GET', '/session')).json).toMatchObject({ personas: [], sampleCity: false })
  })
})
