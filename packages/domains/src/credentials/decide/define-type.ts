import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import type { defineType } from '../schema.ts'
import type { CredentialsEvent, CredentialsTables } from '../types.ts'

export const decideDefineType: Decide<CredentialsTables, ArgsOf<typeof defineType>, CredentialsEvent> = (
  read,
  { typeId, schemaHash, displayHash },
  context,
) => {
  const { principal, timeMs: atMs } = context
  if (!context.reads(governanceReads).memberOfRole(principal, 'issuer_authority'))
    return refuse('not_an_issuer_authority')
  if (read.types.has(typeId)) return refuse('type_already_exists')
  return [{ type: 'typeDefined', atMs, displayHash, schemaHash, typeId }]
}
