/** Credentials as lists: types, who may issue them and when, batches, status lists, and every document that is anchored. */
import type { AnyEvent, EventMeta, RowWriter, Views } from '@chengxin/module-kit'
import { sequenceOf } from '../sequence.ts'
import type { CredentialsEvent } from './types.ts'

export const views: Views = {
  tables: [
    {
      name: 'credentials_types',
      columns: { type_id: 'text', seq: 'bigint', schema_hash: 'text', display_hash: 'text', defined_at_ms: 'bigint' },
      key: ['type_id'],
      indexes: [['seq']],
    },
    {
      name: 'credentials_periods',
      columns: {
        issuer: 'text',
        type_id: 'text',
        period: 'integer',
        seq: 'bigint',
        domain: 'text',
        from_ms: 'bigint',
        until_ms: 'bigint',
        ended_at_ms: 'bigint',
        ended_by: 'text',
        compromised_since_ms: 'bigint',
        from_group: 'text',
        successor: 'text',
      },
      key: ['issuer', 'type_id', 'period'],
      indexes: [['seq'], ['type_id', 'seq']],
    },
    {
      name: 'credentials_batches',
      columns: {
        batch_id: 'text',
        seq: 'bigint',
        issuer: 'text',
        type_id: 'text',
        root: 'text',
        count: 'integer',
        anchored_at_ms: 'bigint',
        transaction_id: 'text',
      },
      key: ['batch_id'],
      indexes: [['seq'], ['issuer', 'seq'], ['root']],
    },
    {
      name: 'credentials_status_lists',
      columns: {
        list_id: 'text',
        version: 'integer',
        seq: 'bigint',
        issuer: 'text',
        hash: 'text',
        valid_until_ms: 'bigint',
        anchored_at_ms: 'bigint',
      },
      key: ['list_id', 'version'],
      indexes: [['seq']],
    },
    {
      name: 'credentials_verifiers',
      columns: {
        verifier: 'text',
        version: 'integer',
        seq: 'bigint',
        domain: 'text',
        registration_hash: 'text',
        from_ms: 'bigint',
        until_ms: 'bigint',
        ended_at_ms: 'bigint',
      },
      key: ['verifier'],
      indexes: [['seq']],
    },
    {
      name: 'credentials_statement_roots',
      columns: { root: 'text', seq: 'bigint', keeper: 'text', anchored_at_ms: 'bigint', transaction_id: 'text' },
      key: ['root'],
      indexes: [['seq']],
    },
    {
      name: 'credentials_anchored_documents',
      columns: { hash: 'text', kind: 'text', subject: 'text', version: 'integer', anchored_at_ms: 'bigint' },
      key: ['hash', 'kind', 'subject', 'version'],
    },
  ],
  fold: (event: AnyEvent, meta: EventMeta, rows: RowWriter) => fold(event as CredentialsEvent, meta, rows),
}

function fold(event: CredentialsEvent, meta: EventMeta, rows: RowWriter): void {
  switch (event.type) {
    case 'typeDefined': {
      const { typeId, schemaHash, displayHash, atMs } = event
      const hashes = { schema_hash: schemaHash, display_hash: displayHash }
      rows.put('credentials_types', { type_id: typeId, seq: sequenceOf(meta), ...hashes, defined_at_ms: atMs })
      putDocument(rows, schemaHash, 'schema', typeId, 1, atMs)
      putDocument(rows, displayHash, 'display', typeId, 1, atMs)
      return
    }
    case 'issuerAuthorised':
      rows.put('credentials_periods', {
        ...periodKey(event),
        seq: sequenceOf(meta),
        domain: event.domain ?? null,
        from_ms: event.fromMs,
        until_ms: event.untilMs ?? null,
      })
      return
    case 'issuerAccepted':
      // The first proof of a period makes its row, a later one moves its end.
      rows.put('credentials_periods', {
        ...periodKey(event),
        seq: sequenceOf(meta),
        domain: event.domain ?? null,
        from_ms: event.fromMs,
        until_ms: event.untilMs,
        from_group: event.group,
      })
      return
    case 'issuerFrozen': {
      const { endedAtMs, compromisedSinceMs } = event
      const compromise = compromisedSinceMs === undefined ? {} : { compromised_since_ms: compromisedSinceMs }
      rows.set('credentials_periods', periodKey(event), { ended_at_ms: endedAtMs, ended_by: 'frozen', ...compromise })
      return
    }
    case 'issuerWithdrawn':
      rows.set('credentials_periods', periodKey(event), {
        ended_at_ms: event.endedAtMs,
        ended_by: 'withdrawn',
        successor: event.successor ?? null,
      })
      return
    case 'batchAnchored':
      rows.put('credentials_batches', {
        batch_id: event.batchId,
        seq: sequenceOf(meta),
        issuer: event.issuer,
        type_id: event.typeId,
        root: event.root,
        count: event.count,
        anchored_at_ms: event.atMs,
        transaction_id: meta.transactionId ?? null,
      })
      return
    case 'statusListAnchored': {
      const { listId, version, issuer, hash, validUntilMs, atMs } = event
      rows.put('credentials_status_lists', {
        list_id: listId,
        version,
        seq: sequenceOf(meta),
        issuer,
        hash,
        valid_until_ms: validUntilMs ?? null,
        anchored_at_ms: atMs,
      })
      putDocument(rows, hash, 'status_list', listId, version, atMs)
      return
    }
    case 'verifierRegistered': {
      const { verifier, version, domain, registrationHash, fromMs, untilMs } = event
      rows.put('credentials_verifiers', {
        verifier,
        version,
        seq: sequenceOf(meta),
        domain,
        registration_hash: registrationHash,
        from_ms: fromMs,
        until_ms: untilMs ?? null,
        ended_at_ms: null,
      })
      putDocument(rows, registrationHash, 'registration', verifier, version, fromMs)
      return
    }
    case 'verifierWithdrawn':
      rows.set('credentials_verifiers', { verifier: event.verifier }, { ended_at_ms: event.endedAtMs })
      return
    case 'statementsAnchored':
      rows.put('credentials_statement_roots', {
        root: event.root,
        seq: sequenceOf(meta),
        keeper: event.keeper,
        anchored_at_ms: event.atMs,
        transaction_id: meta.transactionId ?? null,
      })
      return
  }
}

function periodKey({
  issuer,
  typeId,
  period,
}: {
  readonly issuer: string
  readonly typeId: string
  readonly period: number
}) {
  return { issuer, type_id: typeId, period }
}

function putDocument(
  rows: RowWriter,
  hash: string,
  kind: 'schema' | 'display' | 'status_list' | 'registration',
  subject: string,
  version: number,
  atMs: number,
): void {
  rows.put('credentials_anchored_documents', { hash, kind, subject, version, anchored_at_ms: atMs })
}
