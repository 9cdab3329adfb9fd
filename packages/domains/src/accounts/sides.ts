/** The two sides of a movement. */
import type { Account, AccountsRead, Balance } from './types.ts'

export interface Side {
  readonly account: Account
  readonly balance: Balance
}

export function sideOf(read: AccountsRead, accountId: string): Side | undefined {
  const account = read.accounts.get(accountId)
  if (account === undefined) return undefined
  const balance = read.balances.get(accountId)
  if (balance === undefined) throw new Error('An account has a balance from its opening on.')
  return { account, balance }
}

/** The sides of a hold: it outlives neither. */
export function sidesOf(
  read: AccountsRead,
  { from, to }: { readonly from: string; readonly to: string },
): { readonly debtor: Side; readonly creditor: Side } {
  const debtor = sideOf(read, from)
  const creditor = sideOf(read, to)
  if (debtor === undefined || creditor === undefined) throw new Error('A hold is between two accounts.')
  return { debtor, creditor }
}
