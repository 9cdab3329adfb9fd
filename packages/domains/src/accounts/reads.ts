/** What other domains may ask of accounts. */
import { defineReads } from '@chengxin/module-kit'
import type { Account, AccountsTables, Hold } from './types.ts'

export interface AccountsReads {
  account(accountId: string): Account | undefined
  hold(holdId: string): Hold | undefined
}

export const accountsReads = defineReads<AccountsTables, AccountsReads>('accounts', (read) => ({
  account: (accountId) => read.accounts.get(accountId),
  hold: (holdId) => read.holds.get(holdId),
}))
