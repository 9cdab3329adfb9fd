/** A book with three accounts in the hands of a domain, so that the internal verbs of accounts can be tried one by one. */
import { accountsTransactions, openAccount, openBook, transfer } from '@chengxin/domains/accounts/schema'
import { ruleset } from '@chengxin/domains/ruleset'
import type { Did } from '@chengxin/kernel'
import type { StoredEvent, TransactionDefinition } from '@chengxin/module-kit'
import { actor, type City, foundCity } from './rules-city.ts'

/** Who runs a verb: a domain with a capability, or nobody but the principal. */
export interface Caller {
  readonly domain: string
  readonly capability?: string
  readonly principal: Did
}

export interface AccountsScene {
  readonly city: City
  /** Runs a verb of accounts; the caller is the domain `till`, unless it is changed. */
  run(verb: string, args: object, capability: string, change?: Partial<Caller>): readonly StoredEvent[] | string
}

const bank = actor('bank')

/** Accounts `bank` (may owe), `ann` (owns 100) and `bo` in one book; `foreign` in another; `own` that ann moves herself. */
export function accountsScene(): AccountsScene {
  const city = foundCity(ruleset)
  const run = (verb: string, args: object, capability: string, change: Partial<Caller> = {}) => {
    const definition = accountsTransactions.find(({ type }) => type === `accounts.${verb}`)
    const caller: Caller = { domain: 'till', capability, principal: bank.did, ...change }
    return city.runAs(caller, definition as TransactionDefinition, args)
  }
  const must = (outcome: readonly StoredEvent[] | string) => {
    if (typeof outcome === 'string') throw new Error(`The scene is refused: ${outcome}.`)
  }
  const open = (name: string, bookId: string, more: object = {}) => {
    const account = { accountId: `account_${name}`, bookId, owner: actor(name).did, movedBy: 'domain' }
    must(run(nameOf(openAccount), { ...account, limit: 'debits_must_not_exceed_credits', ...more }, bookId))
  }
  must(run(nameOf(openBook), { bookId: 'book_till', unit: 'MOP' }, 'book_till'))
  must(run(nameOf(openBook), { bookId: 'book_foreign', unit: 'MOP' }, 'book_foreign'))
  open('bank', 'book_till', { limit: 'none' })
  open('anna', 'book_till')
  open('bobo', 'book_till')
  open('foreign', 'book_foreign')
  open('owner', 'book_till', { movedBy: 'owner' })
  for (const to of ['account_anna', 'account_owner']) {
    must(run(nameOf(transfer), { from: 'account_bank', to, amount: 100n }, 'account_bank'))
  }
  return { city, run }
}

function nameOf({ type }: { readonly type: string }): string {
  return type.slice(type.indexOf('.') + 1)
}
