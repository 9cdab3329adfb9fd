/**
 * Who may sign in here: residents and officers, each with one passkey or more. An account says nothing about a person;
 * what an office knows of somebody lies with that office.
 */
import { firstKeyId, personaActor, sampleActor } from '@chengxin/client'
import { deriveDid, type P256PublicJwk } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { type Did, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { AssertionKey } from '../desk/assertion.ts'
import type { OfficeRole, Person } from '../desk/person.ts'
import { randomId } from '../desk/random-id.ts'
import { type Collection, changeRecord, type Vault } from '../vault/face.ts'
import { type Persona, personaAccountId } from './personas.ts'

export type Account = {
  readonly kind: Person['kind']
  /** Of an officer. */
  readonly office?: string
  readonly roles: readonly OfficeRole[]
  /**
   * Derived from the first passkey, before it stands on the ledger and after: residents act with it, and officers at the
   * counter sign. Accounts of officers that were opened before these did get it when they next sign in.
   */
  readonly did?: Did
  readonly onLedger: boolean
  readonly isOpen: boolean
  readonly createdAtMs: number
  /** Names the account to the holder's device; random. */
  readonly userHandle: string
}

export type AccountPasskey = {
  readonly accountId: string
  readonly credentialId: string
  /** Name of the key in the resident's DID document, `key-1` for the first. */
  readonly keyId: string
  readonly jwk: PasskeyJwk
  readonly createdAtMs: number
}

/** As a plain object type, which a record may hold. */
export type PasskeyJwk = Pick<P256PublicJwk, 'kty' | 'crv' | 'x' | 'y'>

export interface Accounts {
  open(account: NewAccount): Promise<string>
  find(accountId: string): Promise<Account | undefined>
  /** The account that a DID belongs to. */
  idOfDid(did: Did): Promise<string | undefined>
  passkey(credentialId: string): Promise<AccountPasskey | undefined>
  /** Oldest first. */
  passkeys(accountId: string): Promise<readonly AccountPasskey[]>
  /** False where the passkey is known already. */
  addPasskey(accountId: string, passkey: NewPasskey): Promise<boolean>
  removePasskey(credentialId: string): Promise<boolean>
  /** Gives an account that was opened before officers had DIDs the one of its first passkey, if it still has that. */
  ensureDid(accountId: string): Promise<void>
  /** Keys that give this account's word: its passkeys, or the public key of a persona. */
  signingKeys(accountId: string): Promise<readonly AssertionKey[]>
  /** Says that the resident's DID has been brought in. */
  markOnLedger(accountId: string): Promise<void>
  /** A closed account signs in no more. */
  close(accountId: string): Promise<void>
}

export interface NewPasskey {
  readonly credentialId: string
  readonly jwk: PasskeyJwk
  /** Where the ledger knows the key already; the next number if absent. */
  readonly keyId?: string
}

export interface NewAccount {
  readonly kind: Person['kind']
  readonly office?: string
  readonly roles: readonly OfficeRole[]
  readonly userHandle: string
  readonly passkey: NewPasskey
}

export interface AccountsOptions {
  readonly vault: Vault
  /** The deployment that residents' DIDs belong to. */
  readonly chainId: string
  /** Those of a sample city, who have accounts without passkeys. */
  readonly personas: readonly Persona[]
  readonly nowMs: () => number
}

export function createAccounts({ vault, chainId, personas, nowMs }: AccountsOptions): Accounts {
  const accounts = vault.collection<Account>('sign-in-accounts')
  const passkeys = vault.collection<AccountPasskey>('sign-in-passkeys')
  const ofPersonas = new Map(personas.map((persona) => [personaAccountId(persona.name), accountOfPersona(persona)]))

  const change = (accountId: string, changed: Partial<Account>) =>
    changeRecord(accounts, accountId, (account) => ({ value: { ...account, ...changed }, result: undefined }))

  return {
    async open({ passkey, ...named }) {
      const accountId = randomId('account')
      const did = deriveDid(sha256, chainId, passkey.jwk)
      const account: Account = {
        ...{ ...named, did },
        onLedger: false,
        isOpen: true,
        createdAtMs: nowMs(),
      }
      await accounts.insert(accountId, account, { did })
      await insertPasskey(passkeys, accountId, passkey, 1, nowMs())
      return accountId
    },
    find: async (accountId) => ofPersonas.get(accountId) ?? (await accounts.get(accountId))?.value,
    async idOfDid(did) {
      for (const [accountId, account] of ofPersonas) if (account.did === did) return accountId
      return (await accounts.find('did', did, { limit: 1 }))[0]?.id
    },
    passkey: async (credentialId) => (await passkeys.get(passkeyRecordId(credentialId)))?.value,
    passkeys: async (accountId) => (await passkeys.find('account', accountId)).map(({ value }) => value),
    async addPasskey(accountId, passkey) {
      const known = await passkeys.find('account', accountId)
      const numbers = known.map(({ value }) => Number(value.keyId.slice('key-'.length)) || 1)
      return insertPasskey(passkeys, accountId, passkey, Math.max(0, ...numbers) + 1, nowMs())
    },
    async ensureDid(accountId) {
      const account = (await accounts.get(accountId))?.value
      const first = (await passkeys.find('account', accountId)).find(({ value }) => value.keyId === firstKeyId)
      if (account === undefined || account.did !== undefined || first === undefined) return
      const did = deriveDid(sha256, chainId, first.value.jwk)
      await changeRecord(accounts, accountId, (value) => ({
        value: { ...value, did },
        marks: { did },
        result: undefined,
      }))
    },
    async signingKeys(accountId) {
      const persona = personas.find(({ name }) => personaAccountId(name) === accountId)
      if (persona !== undefined) {
        const { name, sampleName } = persona
        const { jwk } = sampleName === undefined ? personaActor(name) : sampleActor(sampleName)
        return [{ keyId: firstKeyId, jwk, passkey: false }]
      }
      const known = await passkeys.find('account', accountId)
      return known.map(({ value: { keyId, jwk } }) => ({ keyId, jwk, passkey: true }))
    },
    removePasskey: (credentialId) => passkeys.erase(passkeyRecordId(credentialId)),
    async markOnLedger(accountId) {
      await change(accountId, { onLedger: true })
    },
    async close(accountId) {
      await change(accountId, { isOpen: false })
    },
  }
}

/** A credential id may be longer than a record's id. */
function passkeyRecordId(credentialId: string): string {
  return `passkey_${toBase64url(sha256(toUtf8(credentialId)))}`
}

function insertPasskey(
  passkeys: Collection<AccountPasskey>,
  accountId: string,
  { credentialId, jwk, keyId }: NewPasskey,
  number: number,
  createdAtMs: number,
): Promise<boolean> {
  const passkey = { accountId, credentialId, keyId: keyId ?? `key-${number}`, jwk, createdAtMs }
  return passkeys.insert(passkeyRecordId(credentialId), passkey, { account: accountId })
}

function accountOfPersona({ kind, office, roles, did }: Persona): Account {
  return {
    kind,
    roles,
    ...(office === undefined ? {} : { office }),
    ...(did === undefined ? {} : { did }),
    onLedger: did !== undefined,
    isOpen: true,
    createdAtMs: 0,
    userHandle: '',
  }
}
