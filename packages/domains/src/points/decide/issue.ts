import { isRefusal, refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { transfer } from '../../accounts/schema.ts'
import { governanceReads } from '../../governance/reads.ts'
import type { issue } from '../schema.ts'
import type { PointsEvent, PointsTables } from '../types.ts'

export const decideIssue: Decide<PointsTables, ArgsOf<typeof issue>, PointsEvent> = (
  read,
  { programId, to, amount },
  context,
) => {
  const { principal } = context
  // The role is asked for each time: who has lost it issues nothing more.
  if (!context.reads(governanceReads).memberOfRole(principal, 'points_operator')) return refuse('not_a_points_operator')
  const program = read.programs.get(programId)
  if (program === undefined) return refuse('program_not_found')
  if (program.operator !== principal) return refuse('not_the_program_operator')
  const from = program.issuingAccountId
  const moved = context.run(transfer, { from, to, amount }, from)
  if (isRefusal(moved)) return moved
  return [...moved, { type: 'issued', amount, programId, to }]
}
