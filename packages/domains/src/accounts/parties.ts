/** The two accounts of a hold, which outlive it. */
import type { Account, AccountsRead, Hold } from './types.ts'

export function partiesOf(
  read: AccountsRead,
  { from, to }: Hold,
): { readonly debtor: Account; readonly creditor: Account } {
  const debtor = read.accounts.get(from)
  const creditor = read.accounts.get(to)
  if (debtor === undefined || creditor === undefined) throw new Error('A hold is between two accounts.')
  return { debtor, creditor }
}
