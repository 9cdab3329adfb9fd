/** Identities as lists. What is shown is what is on the ledger: keys, sponsors, delegations, never a person. */
import { canonicalize } from '@chengxin/kernel'
import type { AnyEvent, EventMeta, RowWriter, Views } from '@chengxin/module-kit'
import { sequenceOf } from '../sequence.ts'
import type { IdentityEvent } from './types.ts'

export const views: Views = {
  tables: [
    {
      name: 'identity_dids',
      columns: {
        did: 'text',
        seq: 'bigint',
        sponsor: 'text',
        status: 'text',
        created_at_ms: 'bigint',
        deactivated_at_ms: 'bigint',
        confirmations: 'integer',
        confirmed_by: 'text',
        confirmed_at_ms: 'bigint',
        commitment: 'text',
      },
      key: ['did'],
      indexes: [['seq'], ['sponsor', 'seq']],
    },
    {
      name: 'identity_keys',
      columns: {
        did: 'text',
        key_id: 'text',
        jwk: 'json',
        passkey: 'boolean',
        added_at_ms: 'bigint',
        retired_at_ms: 'bigint',
      },
      key: ['did', 'key_id'],
    },
    {
      name: 'identity_delegations',
      columns: {
        delegation_id: 'text',
        seq: 'bigint',
        principal: 'text',
        agent: 'text',
        scope: 'json',
        from_ms: 'bigint',
        until_ms: 'bigint',
        revoked_at_ms: 'bigint',
      },
      key: ['delegation_id'],
      indexes: [
        ['principal', 'seq'],
        ['agent', 'seq'],
      ],
    },
    {
      name: 'identity_recoveries',
      columns: {
        did: 'text',
        guardians: 'json',
        threshold: 'integer',
        delay_ms: 'bigint',
        requested_by: 'text',
        requested_at_ms: 'bigint',
        new_key_id: 'text',
        approvals: 'integer',
        completable_at_ms: 'bigint',
        lapses_at_ms: 'bigint',
        at_counter: 'boolean',
        counter: 'text',
        counter_delay_ms: 'bigint',
      },
      key: ['did'],
    },
    {
      name: 'identity_completed_recoveries',
      columns: { seq: 'bigint', did: 'text', at_ms: 'bigint' },
      key: ['seq'],
    },
  ],
  fold: (event: AnyEvent, meta: EventMeta, rows: RowWriter) => fold(event as IdentityEvent, meta, rows),
}

function fold(event: IdentityEvent, meta: EventMeta, rows: RowWriter): void {
  switch (event.type) {
    case 'created':
      rows.put('identity_dids', {
        did: event.did,
        seq: sequenceOf(meta),
        sponsor: event.sponsor,
        status: 'active',
        created_at_ms: event.atMs,
        confirmations: 0,
      })
      // Everybody has a row: the counter helps who has named no guardians, and a request needs a place.
      rows.put('identity_recoveries', { did: event.did, guardians: '[]', threshold: 0, delay_ms: 0 })
      putKey({ ...event, keyId: 'key-1' }, rows)
      return
    case 'keyAdded':
      putKey(event, rows)
      return
    case 'keyRetired':
      rows.set('identity_keys', { did: event.did, key_id: event.keyId }, { retired_at_ms: event.atMs })
      return
    case 'deactivated':
      rows.set('identity_dids', { did: event.did }, { status: 'deactivated', deactivated_at_ms: event.atMs })
      return
    case 'confirmed': {
      const { did, by, atMs, commitment, count } = event
      const columns = { confirmations: count, confirmed_by: by, confirmed_at_ms: atMs, commitment }
      rows.set('identity_dids', { did }, columns)
      return
    }
    case 'delegated':
      rows.put('identity_delegations', {
        delegation_id: event.delegationId,
        seq: sequenceOf(meta),
        principal: event.principal,
        agent: event.to,
        scope: canonicalize(event.scope),
        from_ms: event.fromMs,
        until_ms: event.untilMs,
      })
      return
    case 'delegationRevoked': {
      const key = { delegation_id: event.delegationId }
      rows.set('identity_delegations', key, { revoked_at_ms: meta.timeMs })
      return
    }
    case 'counterSet': {
      const columns = { counter: event.standing, counter_delay_ms: event.delayMs, ...noRequest }
      rows.set('identity_recoveries', { did: event.did }, columns)
      return
    }
    case 'recoverySet':
    case 'recoveryRequested':
    case 'recoveryApproved':
    case 'recoveryWaiting':
    case 'recoveryCancelled':
    case 'recoveryCompleted':
      foldRecovery(event, meta, rows)
      return
    case 'relyingPartyAccepted':
      return
  }
}

function putKey(
  event: Pick<Extract<IdentityEvent, { readonly type: 'keyAdded' }>, 'did' | 'keyId' | 'key' | 'atMs' | 'relyingParty'>,
  rows: RowWriter,
): void {
  rows.put('identity_keys', {
    did: event.did,
    key_id: event.keyId,
    jwk: canonicalize(event.key),
    passkey: event.relyingParty !== undefined,
    added_at_ms: event.atMs,
  })
}

type RecoveryEvent = Extract<IdentityEvent, { readonly type: `recovery${string}` }>

const noRequest = {
  requested_by: null,
  requested_at_ms: null,
  new_key_id: null,
  approvals: null,
  completable_at_ms: null,
  lapses_at_ms: null,
  at_counter: null,
}

function foldRecovery(event: RecoveryEvent, meta: EventMeta, rows: RowWriter): void {
  const { did } = event
  const set = (columns: Parameters<RowWriter['set']>[2]) => rows.set('identity_recoveries', { did }, columns)
  switch (event.type) {
    case 'recoverySet': {
      const { guardians, threshold, delayMs } = event
      const policy = { guardians: canonicalize(guardians), threshold, delay_ms: delayMs }
      set({ ...policy, ...noRequest })
      return
    }
    case 'recoveryRequested':
      set({
        ...noRequest,
        requested_by: event.by,
        requested_at_ms: meta.timeMs,
        new_key_id: event.keyId,
        approvals: 0,
        lapses_at_ms: event.lapsesAtMs,
        at_counter: event.atCounter === true,
      })
      return
    case 'recoveryApproved':
      rows.add('identity_recoveries', { did }, { approvals: 1n })
      return
    case 'recoveryWaiting':
      set({ completable_at_ms: event.completableAtMs })
      return
    case 'recoveryCompleted':
      rows.put('identity_completed_recoveries', { seq: sequenceOf(meta), did, at_ms: meta.timeMs })
      set(noRequest)
      return
    case 'recoveryCancelled':
      set(noRequest)
      return
  }
}
