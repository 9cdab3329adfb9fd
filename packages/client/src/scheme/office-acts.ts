/** What bureau and university do: confirm who somebody is, give what was earned, take it back. */
import { fromBase64 } from '@chengxin/crypto'
import { toUtf8 } from '@chengxin/kernel'
import { type Act, need, SchemeBroken, waitFor } from './act.ts'
import { answerRequest, takeOffer } from './resident-acts.ts'
import { samplePhotos } from './sample-photos.ts'
import { DeskRefused, type Stage } from './stage.ts'
import type { Checked } from './verifier-acts.ts'

/** Everybody knows this resident: the sample city's people are made up. */
const facts = {
  family_name: 'CHAN',
  given_name: 'SIO MENG',
  birth_date: '2003-04-05',
  document_type: 'resident_card',
  document_number: '1234567(8)',
  document_expires: '2035-12-31',
} as const

/** Refusals that say an act was played before, in this city and with this resident. */
const playedBefore: readonly string[] = ['person_already_confirmed', 'application_pending']

async function unlessDone(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (problem) {
    if (!(problem instanceof DeskRefused && playedBefore.includes(problem.code))) throw problem
  }
}

async function bringPhoto(stage: Stage, jpeg: string): Promise<string> {
  const bytes = fromBase64(jpeg) ?? new Uint8Array()
  return (await stage.send<{ readonly photoId: string }>('bureau/photos', 'image/jpeg', bytes)).photoId
}

/** The resident asks the bureau to confirm who they are. */
export const apply: Act = {
  key: 'apply',
  persona: 'resident',
  page: '/bureau',
  async play(stage) {
    await unlessDone(async () => {
      const documentPhoto = await bringPhoto(stage, samplePhotos.document)
      const facePhoto = await bringPhoto(stage, samplePhotos.face)
      await stage.ask('POST', 'bureau/applications', { facts, documentPhoto, facePhoto })
    })
    return {}
  },
}

interface Queue {
  readonly applications: readonly {
    readonly applicationId: string
    readonly facts: { readonly document_number: string }
  }[]
}

/** A clerk compares and confirms; on the ledger stands a salted commitment, and nothing else. */
export const confirm: Act = {
  key: 'confirm',
  persona: 'clerk',
  page: '/bureau?status=confirmed',
  async play(stage) {
    const { applications } = await stage.ask<Queue>('GET', 'bureau/applications?status=submitted')
    const waiting = applications.find(({ facts: { document_number } }) => document_number === facts.document_number)
    if (waiting) await stage.ask('POST', `bureau/applications/${waiting.applicationId}/decision`, { confirm: true })
    return {}
  },
}

/** The bureau's certificate of identity comes into the wallet. */
export const identityCertificate: Act = {
  key: 'identity',
  persona: 'resident',
  page: '/wallet',
  async play(stage) {
    const { uri } = await stage.ask<{ readonly uri: string }>('POST', 'bureau/certificate')
    return { identityCertificate: await takeOffer(stage, uri) }
  },
}

/** A register of one graduate, as the university's own system would export it. */
function register(studentNo: string): string {
  const row = {
    student_no: studentNo,
    name_zh: '陳小明',
    name_latin: 'CHAN SIO MENG',
    birth_date: facts.birth_date,
    degree_code: 'BSC',
    degree_zh: '理學士',
    degree_pt: 'Licenciatura em Ciências',
    degree_en: 'Bachelor of Science',
    major_zh: '計算機科學',
    major_pt: 'Informática',
    major_en: 'Computer Science',
    gpa: '3.83',
    honours: '',
    conferred_on: '2026-06-30',
    document_no: facts.document_number,
  }
  return `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`
}

/** The university takes its register in: whoever is in it may fetch the certificate. */
export const issue: Act = {
  key: 'issue',
  persona: 'university',
  page: '/issuer',
  async play(stage) {
    const digits = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
    const csv = register(`S${String(digits).padStart(10, '0').slice(-8)}`)
    const typeId = 'type_graduation-v1'
    const { importId, columns } = await stage.send<{ readonly importId: string; readonly columns: readonly string[] }>(
      `issuer/imports?typeId=${typeId}`,
      'text/csv',
      toUtf8(csv),
    )
    const fields = columns.filter((column) => column !== 'document_no')
    const mapping = {
      columns: Object.fromEntries(fields.map((column) => [column, column])),
      documentNumber: 'document_no',
      documentType: { always: 'resident_card' },
    }
    const { jobId } = await stage.ask<{ readonly jobId: string }>('POST', `issuer/imports/${importId}/entitlements`, {
      mapping,
      leftOut: [],
    })
    await waitFor('The entitlement', async () => {
      const { state } = await stage.ask<{ readonly state: string }>('GET', `issuer/jobs/${jobId}`)
      return state === 'done' ? state : undefined
    })
    return { job: jobId }
  },
}

interface Claim {
  readonly claimId: string
  readonly state: string
  readonly certificates: readonly { readonly state: string; readonly uri?: string }[]
}

/** The resident shows who they are and gets what is theirs; signed and anchored only now, to a key of their own. */
export const claim: Act = {
  key: 'claim',
  persona: 'resident',
  page: '/wallet',
  async play(stage, props) {
    const begun = await stage.ask<{ readonly claimId: string; readonly link: string }>('POST', 'issuer/claims', {
      office: 'university',
    })
    await answerRequest(stage, begun.link, props['identityCertificate'])
    const uri = await waitFor('The offer', async () => {
      const { certificates } = await stage.ask<Claim>('GET', `issuer/claims/${begun.claimId}`)
      return certificates.find(({ state }) => state === 'offered')?.uri
    })
    const certificateId = await takeOffer(stage, uri)
    const { copies } = await stage.ask<{ readonly copies: readonly string[] }>(
      'GET',
      `agent/certificates/${certificateId}/file`,
    )
    const file = copies[0] ?? ''
    // What was issued a moment ago is good once the committee has signed for the newest status list; its holder looks first.
    await waitFor('The word that the certificate is good', async () => {
      const files = [{ name: 'certificate', text: file }]
      const { results } = await stage.ask<Checked>('POST', 'verifier/files', { files })
      return results[0]?.report.verdict === 'valid' ? results : undefined
    })
    return { certificate: certificateId, file }
  },
}

interface Certificates {
  readonly certificates: readonly { readonly reference: string; readonly status: string; readonly issuedOnMs: number }[]
}

/** The university finds that it issued in error, and revokes; the reason is kept and the holder told. */
export const revoke: Act = {
  key: 'revoke',
  persona: 'university',
  page: '/issuer?tab=certificates',
  async play(stage, props) {
    need(props, 'certificate')
    const reference = await newestCertificate(stage)
    await stage.ask('POST', 'issuer/certificates/status', {
      references: [reference],
      word: 'revoked',
      reasonCode: 'issued_in_error',
    })
    return { reference }
  },
}

async function newestCertificate(stage: Stage): Promise<string> {
  const { certificates } = await stage.ask<Certificates>('GET', 'issuer/certificates?typeId=type_graduation-v1')
  const newest = certificates.filter(({ status }) => status === 'valid').at(0)
  if (newest === undefined) throw new SchemeBroken('The university lists no certificate that is valid.')
  return newest.reference
}
