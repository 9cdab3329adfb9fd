/** The only place where the state of credentials changes. An event is a fact: nothing is refused here. */
import type { Did } from '@chengxin/kernel'
import { keyOf, type Write } from '@chengxin/module-kit'
import type { AuthorisationPeriod, CredentialsEvent, CredentialsTables } from './types.ts'

type CredentialsWrite = Write<CredentialsTables>

export function applyCredentialsEvent(write: CredentialsWrite, event: CredentialsEvent): void {
  switch (event.type) {
    case 'typeDefined': {
      const { atMs, displayHash, schemaHash, typeId } = event
      write.types.put(typeId, { definedAtMs: atMs, displayHash, schemaHash })
      return
    }
    case 'issuerAuthorised':
      applyAuthorised(write, event)
      return
    case 'issuerAccepted':
      applyAccepted(write, event)
      return
    case 'issuerFrozen': {
      const { compromisedSinceMs, endedAtMs, issuer, typeId } = event
      const compromise = compromisedSinceMs === undefined ? {} : { compromisedSinceMs }
      endPeriod(write, event, { ...compromise, end: 'frozen', endedAtMs })
      setFrozen(write, issuer, typeId, true)
      return
    }
    case 'issuerWithdrawn': {
      const { endedAtMs, issuer, successor, typeId } = event
      endPeriod(write, event, { end: 'withdrawn', endedAtMs, ...(successor !== undefined && { successor }) })
      setFrozen(write, issuer, typeId, false)
      return
    }
    case 'batchAnchored': {
      const { atMs, batchId, count, issuer, root, typeId } = event
      write.batches.put(batchId, { anchoredAtMs: atMs, count, issuer, root, typeId })
      write.batchRoots.put(root, { batchId })
      return
    }
    case 'statusListAnchored': {
      const { type: _type, atMs, listId, ...list } = event
      write.statusLists.put(listId, { anchoredAtMs: atMs, ...list })
      return
    }
    case 'verifierRegistered': {
      const { type: _type, verifier, ...registration } = event
      write.verifiers.put(verifier, registration)
      return
    }
    case 'verifierWithdrawn': {
      const { endedAtMs } = event
      write.verifiers.change(event.verifier, (registration) => ({ ...registration, endedAtMs }))
      return
    }
    case 'statementsAnchored':
      write.statementRoots.put(event.root, { anchoredAtMs: event.atMs, keeper: event.keeper })
      return
  }
}

function applyAuthorised(
  write: CredentialsWrite,
  { domain, fromMs, issuer, typeId, untilMs }: Extract<CredentialsEvent, { readonly type: 'issuerAuthorised' }>,
): void {
  openPeriod(write, { issuer, typeId, domain }, { fromMs, ...(untilMs !== undefined && { untilMs }) })
}

function applyAccepted(
  write: CredentialsWrite,
  event: Extract<CredentialsEvent, { readonly type: 'issuerAccepted' }>,
): void {
  const { domain, fromMs, group, issuer, period, typeId, untilMs } = event
  const last = write.authorisations.get(keyOf(issuer, typeId))?.periods[period]
  if (last === undefined) openPeriod(write, { issuer, typeId, domain }, { fromMs, group, untilMs })
  else endPeriod(write, event, { untilMs })
}

function openPeriod(
  write: CredentialsWrite,
  right: { readonly issuer: Did; readonly typeId: `type_${string}`; readonly domain: string | undefined },
  period: AuthorisationPeriod,
): void {
  const { issuer, typeId, domain } = right
  const key = keyOf(issuer, typeId)
  const known = write.authorisations.get(key)
  const nowDomain = domain ?? known?.domain
  write.authorisations.put(key, {
    ...(nowDomain !== undefined && { domain: nowDomain }),
    periods: [...(known?.periods ?? []), period],
  })
  const { typeIds, frozenTypeIds } = write.issuers.get(issuer) ?? { typeIds: [], frozenTypeIds: [] }
  if (!typeIds.includes(typeId)) write.issuers.put(issuer, { frozenTypeIds, typeIds: [...typeIds, typeId] })
  setFrozen(write, issuer, typeId, false)
}

function endPeriod(
  { authorisations }: CredentialsWrite,
  { issuer, typeId, period: number }: { readonly issuer: Did; readonly typeId: string; readonly period: number },
  end: Partial<AuthorisationPeriod>,
): void {
  authorisations.change(keyOf(issuer, typeId), (authorisation) => ({
    ...authorisation,
    periods: authorisation.periods.map((period, index) => (index === number ? { ...period, ...end } : period)),
  }))
}

function setFrozen({ issuers }: CredentialsWrite, issuer: Did, typeId: `type_${string}`, isFrozen: boolean): void {
  const known = issuers.get(issuer)
  if (known === undefined || known.frozenTypeIds.includes(typeId) === isFrozen) return
  const others = known.frozenTypeIds.filter((other) => other !== typeId)
  issuers.put(issuer, { ...known, frozenTypeIds: isFrozen ? [...others, typeId] : others })
}
