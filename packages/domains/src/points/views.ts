/** Programmes as a list; balances and movements stand in the tables of accounts. */
import type { AnyEvent, EventMeta, RowWriter, Views } from '@chengxin/module-kit'
import { sequenceOf } from '../sequence.ts'
import type { PointsEvent } from './types.ts'

export const views: Views = {
  tables: [
    {
      name: 'points_programs',
      columns: {
        program_id: 'text',
        seq: 'bigint',
        unit: 'text',
        operator: 'text',
        book_id: 'text',
        issuing_account_id: 'text',
        issued: 'bigint',
        redeemed: 'bigint',
        created_at_ms: 'bigint',
      },
      key: ['program_id'],
      indexes: [['seq'], ['book_id']],
    },
  ],
  fold: (event: AnyEvent, meta: EventMeta, rows: RowWriter) => fold(event as PointsEvent, meta, rows),
}

function fold(event: PointsEvent, meta: EventMeta, rows: RowWriter): void {
  const { programId: program_id } = event
  switch (event.type) {
    case 'programCreated':
      rows.put('points_programs', {
        program_id,
        seq: sequenceOf(meta),
        unit: event.unit,
        operator: event.operator,
        book_id: event.bookId,
        issuing_account_id: event.issuingAccountId,
        issued: 0n,
        redeemed: 0n,
        created_at_ms: meta.timeMs,
      })
      return
    case 'issued':
      rows.add('points_programs', { program_id }, { issued: event.amount })
      return
    case 'redeemed':
      rows.add('points_programs', { program_id }, { redeemed: event.amount })
      return
  }
}
