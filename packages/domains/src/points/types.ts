/** What points remember beside their accounts, and the facts that change it. */
import { defineEvents, defineTable, type EventOf, type Read, type RowOf, s } from '@chengxin/module-kit'

export const pointsTables = {
  programs: defineTable(
    'Programme id → its operator, its book in accounts, and the account that points are issued from.',
    s.object({
      bookId: s.id('book'),
      issuingAccountId: s.id('account'),
      operator: s.did(),
      unit: s.currency(),
    }),
  ),
}

/** Movements of value are facts of accounts; these say why value moved where accounts cannot know. */
export const pointsEvents = defineEvents({
  /** A programme exists, with its book and issuing account. */
  programCreated: {
    bookId: s.id('book'),
    issuingAccountId: s.id('account'),
    operator: s.did(),
    programId: s.id('program'),
    unit: s.currency(),
  },
  /** The operator owes more. */
  issued: { amount: s.positiveAmount(), programId: s.id('program'), to: s.id('account') },
  /** The operator owes less. */
  redeemed: { amount: s.positiveAmount(), from: s.id('account'), programId: s.id('program') },
})

export type PointsTables = typeof pointsTables
export type PointsRead = Read<PointsTables>
export type PointsEvent = EventOf<typeof pointsEvents>
export type Program = RowOf<PointsTables['programs']>
