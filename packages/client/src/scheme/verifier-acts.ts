/** What the verifier does: asks for a registered purpose, reads the answer, and looks again after a revocation. */
import { type Act, need, SchemeBroken, waitFor } from './act.ts'

interface Request {
  readonly requestId: string
  readonly link: string
  readonly status: string
  readonly shown?: { readonly report: { readonly verdict: string } }
}

export interface Checked {
  readonly results: readonly {
    readonly report: {
      readonly verdict: string
      readonly checks: readonly { readonly result: string; readonly code?: string }[]
    }
  }[]
}

export const ask: Act = {
  key: 'ask',
  persona: 'verifier',
  page: '/verifier?tab=requests',
  async play(stage) {
    const { requestId, link } = await stage.ask<Request>('POST', 'verifier/requests', {
      purposeId: 'job-application',
      typeId: 'type_graduation-v1',
      fields: ['name_latin', 'degree_en', 'conferred_on'],
      device: 'other',
    })
    return { request: requestId, link }
  },
}

export const verify: Act = {
  key: 'verify',
  persona: 'verifier',
  page: '/verifier?tab=requests',
  async play(stage, props) {
    const path = `verifier/requests/${need(props, 'request')}`
    const answered = await waitFor('The answer', async () => {
      const request = await stage.ask<Request>('GET', path)
      return request.status === 'open' ? undefined : request
    })
    const verdict = answered.shown?.report.verdict ?? answered.status
    if (verdict !== 'valid') throw new SchemeBroken(`The certificate should be valid, but is ${verdict}.`)
    return { verdict }
  },
}

/** The same certificate after it was revoked, as a file: not valid, and the reason is named. */
export const verifyAgain: Act = {
  key: 'verifyAgain',
  persona: 'verifier',
  page: '/check',
  async play(stage, props) {
    const files = [{ name: 'certificate', text: need(props, 'file') }]
    const code = await waitFor('The new status list', async () => {
      const { results } = await stage.ask<Checked>('POST', 'verifier/files', { files })
      const failed = results[0]?.report.checks.find(({ result }) => result === 'fail')
      return failed?.code
    })
    if (code !== 'status_revoked') throw new SchemeBroken(`The certificate should be revoked, but failed by ${code}.`)
    return { verdictAfter: 'not_valid', codeAfter: code }
  },
}
