/** Who may move what: a domain what it controls, by naming it as the capability; an owner what was left to owners. */
import type { Context } from '@chengxin/module-kit'
import type { Account } from './types.ts'

/** The calling domain, if it runs the verb on the authority of this book or account. */
export function domainActingOn(capability: string, { authority }: Context): string | undefined {
  return authority.kind === 'domain' && authority.capability === capability ? authority.domain : undefined
}

export function mayMove(account: Account, accountId: string, context: Context): boolean {
  if (account.movedBy === 'owner') {
    return context.authority.kind === 'principal' && account.owner === context.principal
  }
  return domainActingOn(accountId, context) === account.controller
}
