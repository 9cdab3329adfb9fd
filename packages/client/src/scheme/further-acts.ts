/** Acts that the demonstration plays beside the scheme's own: another department, a request too far, a no, a consent taken back. */
import { type Act, need, SchemeBroken, waitFor } from './act.ts'
import { answerRequest, wallet } from './resident-acts.ts'
import { DeskRefused, type Stage } from './stage.ts'

/** What a desk refuses with; throws where it does not refuse. */
async function refusalOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
  } catch (problem) {
    if (problem instanceof DeskRefused) return problem.code
    throw problem
  }
  throw new SchemeBroken('What should have been refused was done.')
}

interface Request {
  readonly requestId: string
  readonly link: string
}

function askAsDepartment(stage: Stage): Promise<Request> {
  return stage.ask('POST', 'verifier/requests', {
    purposeId: 'licence-application',
    typeId: 'type_graduation-v1',
    fields: ['name_latin', 'conferred_on'],
    device: 'other',
  })
}

/** A department that is no employer asks for its own purpose; the holder agrees, nobody carries paper. */
export const department: Act = {
  key: 'department',
  persona: 'department',
  page: '/verifier',
  async play(stage, props) {
    const { requestId, link } = await askAsDepartment(stage)
    await stage.become('resident')
    const { consent = '' } = await answerRequest(stage, link, props['certificate'])
    await stage.become('department')
    const { shown } = await stage.ask<{ readonly shown?: { readonly report: { readonly verdict: string } } }>(
      'GET',
      `verifier/requests/${requestId}`,
    )
    const verdict = shown?.report.verdict ?? 'none'
    if (verdict !== 'valid') throw new SchemeBroken(`The certificate should be valid, but is ${verdict}.`)
    return { departmentConsent: consent, departmentVerdict: verdict }
  },
}

/** The verifier asks for a field that it is not registered for. */
export const tooFar: Act = {
  key: 'tooFar',
  persona: 'verifier',
  page: '/verifier',
  async play(stage) {
    const wish = { purposeId: 'job-application', typeId: 'type_graduation-v1', fields: ['gpa'], device: 'other' }
    return { refusedWith: await refusalOf(() => stage.ask('POST', 'verifier/requests', wish)) }
  },
}

/** The agent without the resident's key: it presents nothing. */
export const withoutKey: Act = {
  key: 'withoutKey',
  persona: 'resident',
  page: '/wallet',
  async play(stage, props) {
    await stage.become('verifier')
    const wish = { purposeId: 'job-application', typeId: 'type_graduation-v1', fields: ['name_latin'], device: 'other' }
    const { link } = await stage.ask<Request>('POST', 'verifier/requests', wish)
    await stage.become('resident')
    const { actId } = await stage.ask<{ readonly actId: string }>('POST', 'agent/requests', { link })
    const choices = [{ queryId: 'certificate', certificateId: need(props, 'certificate'), fields: ['name_latin'] }]
    const open = await stage.ask<{ readonly actId: string }>('POST', 'agent/requests/choice', { actId, choices })
    const assertion = { keyId: 'key-1', signature: 'A'.repeat(86) }
    const code = await refusalOf(() => stage.ask('POST', 'agent/requests/agreement', { actId: open.actId, assertion }))
    return { keylessRefusedWith: code }
  },
}

/** A consent is read and withdrawn. */
export const withdraw: Act = {
  key: 'withdraw',
  persona: 'resident',
  page: '/wallet/consents',
  async play(stage, props) {
    const consentId = need(props, 'departmentConsent')
    const { state } = await stage.ask<{ readonly state: string }>('POST', `agent/consents/${consentId}/withdrawal`)
    return { consentState: state }
  },
}

/** The resident is told of the revocation, with its reason, and the wallet shows the certificate to nobody any more. */
export const told: Act = {
  key: 'told',
  persona: 'resident',
  page: '/wallet',
  async play(stage, props) {
    const certificateId = need(props, 'certificate')
    const word = await waitFor('The news of the revocation', async () => {
      const { certificates } = await wallet(stage)
      const standing = certificates.find((held) => held.certificateId === certificateId)?.standing.word
      return standing === 'valid' ? undefined : (standing ?? 'not held')
    })
    if (word !== 'status_revoked') throw new SchemeBroken(`The wallet should show the revocation, but says ${word}.`)
    return { walletSays: word }
  },
}
