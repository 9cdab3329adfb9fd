/**
 * What every ledger shows whatever its business: blocks, transactions, who took part, which verbs. Looking up one
 * transaction or block by its id is the ledger's own work; these tables serve lists.
 */
import { canonicalize, isDid } from '@chengxin/kernel'
import type { CommittedBlock, CommittedTransaction, RowWriter, ViewTable } from '@chengxin/module-kit'

export const ledgerTables: readonly ViewTable[] = [
  {
    name: 'ledger_blocks',
    columns: {
      height: 'bigint',
      time_ms: 'bigint',
      first_leaf: 'bigint',
      transactions: 'integer',
      refused: 'integer',
      agreed_hash: 'text',
      root: 'text',
    },
    key: ['height'],
  },
  {
    name: 'ledger_transactions',
    columns: {
      leaf_index: 'bigint',
      id: 'text',
      height: 'bigint',
      position: 'integer',
      time_ms: 'bigint',
      code: 'text',
      signer: 'text',
      /** The first action's type; others stand in `ledger_further_types`, so that the usual single type costs no row. */
      type: 'text',
      types: 'json',
      /** The stored events, or null where they are too long for a list and are asked for one by one. */
      events: 'json',
    },
    key: ['leaf_index'],
    indexes: [
      ['signer', 'leaf_index'],
      ['type', 'leaf_index'],
    ],
  },
  {
    // Signers stand in ledger_transactions; here are principals and every DID that an event names.
    name: 'ledger_further_parties',
    columns: { did: 'text', leaf_index: 'bigint' },
    key: ['did', 'leaf_index'],
  },
  {
    name: 'ledger_further_types',
    columns: { type: 'text', leaf_index: 'bigint' },
    key: ['type', 'leaf_index'],
  },
]

/** A list shows events in plain words; a transaction with more than this is looked at alone. */
const listedEventsChars = 16 * 1024

export function foldLedgerTables(block: CommittedBlock, rows: RowWriter): void {
  let refused = 0
  for (const transaction of block.transactions) {
    if (transaction.code !== 'ok') refused++
    foldTransaction(block, transaction, rows)
  }
  rows.put('ledger_blocks', {
    height: BigInt(block.height),
    time_ms: BigInt(block.timeMs),
    first_leaf: BigInt(block.firstLeaf),
    transactions: block.transactions.length,
    refused,
    agreed_hash: block.agreedHash,
    root: block.root,
  })
}

function foldTransaction(block: CommittedBlock, transaction: CommittedTransaction, rows: RowWriter): void {
  const { leafIndex, signer, types, events } = transaction
  const eventsText = canonicalize(events)
  rows.put('ledger_transactions', {
    leaf_index: leafIndex,
    id: transaction.id,
    height: block.height,
    position: transaction.position,
    time_ms: block.timeMs,
    code: transaction.code,
    signer,
    type: types[0] ?? '',
    types: canonicalize(types),
    events: eventsText.length <= listedEventsChars ? eventsText : null,
  })
  for (const did of furtherParties(transaction)) rows.put('ledger_further_parties', { did, leaf_index: leafIndex })
  if (types.length > 1) {
    for (const type of new Set(types)) {
      if (type !== types[0]) rows.put('ledger_further_types', { type, leaf_index: leafIndex })
    }
  }
}

function furtherParties({ signer, principals, events }: CommittedTransaction): Iterable<string> {
  const parties = new Set<string>(principals)
  for (const event of events) {
    for (const name in event) {
      const member = event[name]
      if (typeof member === 'string' && member.startsWith('did:') && isDid(member)) parties.add(member)
    }
  }
  parties.delete(signer)
  return parties
}
