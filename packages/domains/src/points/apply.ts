/** The only place where the state of points changes; their value lies in accounts. */
import type { Write } from '@chengxin/module-kit'
import type { PointsEvent, PointsTables } from './types.ts'

export function applyPointsEvent({ programs }: Write<PointsTables>, event: PointsEvent): void {
  switch (event.type) {
    case 'programCreated': {
      const { bookId, issuingAccountId, operator, programId, unit } = event
      programs.put(programId, { bookId, issuingAccountId, operator, unit })
      return
    }
    case 'issued':
    case 'redeemed':
      // Accounts have moved the value; these say why.
      return
  }
}
