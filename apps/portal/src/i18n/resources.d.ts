/** The words that exist, so that a key without words does not compile. */
import 'i18next'
import type activity from '../locales/en/activity.json'
import type bureau from '../locales/en/bureau.json'
import type certificates from '../locales/en/certificates.json'
import type check from '../locales/en/check.json'
import type checks from '../locales/en/checks.json'
import type codes from '../locales/en/codes.json'
import type explorer from '../locales/en/explorer.json'
import type governance from '../locales/en/governance.json'
import type help from '../locales/en/help.json'
import type issuer from '../locales/en/issuer.json'
import type names from '../locales/en/names.json'
import type overview from '../locales/en/overview.json'
import type own from '../locales/en/own.json'
import type points from '../locales/en/points.json'
import type registrars from '../locales/en/registrars.json'
import type scan from '../locales/en/scan.json'
import type session from '../locales/en/session.json'
import type sharing from '../locales/en/sharing.json'
import type shell from '../locales/en/shell.json'
import type tour from '../locales/en/tour.json'
import type values from '../locales/en/values.json'
import type verifier from '../locales/en/verifier.json'
import type wallet from '../locales/en/wallet.json'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell'
    returnNull: false
    resources: {
      activity: typeof activity
      bureau: typeof bureau
      certificates: typeof certificates
      check: typeof check
      checks: typeof checks
      codes: typeof codes
      explorer: typeof explorer
      governance: typeof governance
      help: typeof help
      issuer: typeof issuer
      names: typeof names
      overview: typeof overview
      own: typeof own
      points: typeof points
      registrars: typeof registrars
      scan: typeof scan
      session: typeof session
      sharing: typeof sharing
      shell: typeof shell
      tour: typeof tour
      wallet: typeof wallet
      values: typeof values
      verifier: typeof verifier
    }
  }
}
