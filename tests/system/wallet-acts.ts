/** What a resident does in the wallet that the user agent keeps, with a passkey's word for each. */
import { type Resident, until } from './desk-visitor.ts'

/** Takes an offer into the wallet that the user agent keeps; answers the id of the certificate. */
export async function takeOffer(person: Resident, link: string): Promise<string> {
  const opened = await person.ask<{ actId: string; statement: string }>('POST', 'agent/offers', { link })
  const held = async () =>
    (await person.ask<{ certificates: readonly { certificateId: string }[] }>('GET', 'agent/wallet')).certificates
  const before = new Set((await held()).map(({ certificateId }) => certificateId))
  const assertion = person.assertion(opened.statement)
  await person.ask('POST', 'agent/offers/acceptance', { actId: opened.actId, assertion })
  return until('The certificate', async () =>
    (await held()).map(({ certificateId }) => certificateId).find((id) => !before.has(id)),
  )
}

/** Shows whoever asks all that is asked for; answers the id of the consent. */
export async function answer(person: Resident, link: string): Promise<string> {
  interface Asked {
    readonly actId: string
    readonly parts: readonly {
      readonly queryId: string
      readonly candidates: readonly {
        readonly certificateId: string
        readonly fields: readonly { readonly name: string }[]
      }[]
    }[]
  }
  const { actId, parts } = await person.ask<Asked>('POST', 'agent/requests', { link })
  const choices = parts.map(({ queryId, candidates: [candidate] }) => ({
    queryId,
    certificateId: candidate?.certificateId,
    fields: candidate?.fields.map(({ name }) => name),
  }))
  const open = await person.ask<{ actId: string; statement: string }>('POST', 'agent/requests/choice', {
    actId,
    choices,
  })
  const assertion = person.assertion(open.statement)
  const agreed = { actId: open.actId, assertion }
  return (await person.ask<{ consentId: string }>('POST', 'agent/requests/agreement', agreed)).consentId
}
