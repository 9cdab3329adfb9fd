/** The pages of a resident's wallet, for whoever is signed in as a resident. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Route, Routes } from 'react-router'
import { CityLink } from '../../city/city-link.tsx'
import { Empty, Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { useReturnHere } from '../../session/return-here.ts'
import { useSession } from '../../session/session.ts'
import { AuthorizePage } from './authorize-page.tsx'
import { CertificatePage } from './certificate-page.tsx'
import { ConsentsPage } from './consents-page.tsx'
import { KeysPage } from './keys-page.tsx'
import { OfferPage } from './offer-page.tsx'
import { OwnPage } from './own/own-page.tsx'
import { PrintPage } from './print-page.tsx'
import { PrintsPage } from './prints-page.tsx'
import { RequestPage } from './request-page.tsx'
import { WalletPage } from './wallet-page.tsx'
import './wallet.css'

export function WalletRoutes(): ReactElement {
  const { isKnown, person } = useSession()
  if (!isKnown) return <Outline lines={6} />
  if (person?.kind !== 'resident') return <SignedOut />
  return (
    <Routes>
      <Route index element={<WalletPage />} />
      <Route path="offer" element={<OfferPage />} />
      <Route path="authorize" element={<AuthorizePage />} />
      <Route path="request" element={<RequestPage />} />
      <Route path="certificates/:certificateId" element={<CertificatePage />} />
      <Route path="consents" element={<ConsentsPage />} />
      <Route path="prints" element={<PrintsPage />} />
      <Route path="prints/:printId" element={<PrintPage />} />
      <Route path="own" element={<OwnPage />} />
      <Route path="keys" element={<KeysPage />} />
    </Routes>
  )
}

function SignedOut(): ReactElement {
  const { t } = useTranslation('wallet')
  const { sampleCity } = useSession()
  const next = useReturnHere()
  return (
    <Page title={t('title')}>
      <Empty
        icon="wallet"
        title={t('signedOut.title')}
        next={
          <>
            <CityLink to="/sign-in" state={next}>
              {t('signedOut.signIn')}
            </CityLink>
            {sampleCity && (
              <>
                {' · '}
                <CityLink to="/try" state={next}>
                  {t('signedOut.try')}
                </CityLink>
              </>
            )}
          </>
        }
      />
    </Page>
  )
}
