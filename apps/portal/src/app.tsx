/** Which page stands at which address. Every page is a file of its own that is fetched when it is first opened. */
import { QueryClientProvider } from '@tanstack/react-query'
import i18next from 'i18next'
import { type ComponentType, lazy, type ReactElement, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { BrowserRouter, Route, Routes } from 'react-router'
import { createQueryClient } from './api/client.ts'
import { CityProvider } from './city/city-provider.tsx'
import { Empty, Failure, Outline } from './parts/load-state.tsx'
import { SessionProvider } from './session/session-provider.tsx'
import { PageBoundary } from './shell/page-boundary.tsx'
import { Shell } from './shell/shell.tsx'
import { antLocale } from './theme/ant-locale.ts'
import { TourBar } from './tour/tour-bar.tsx'

const queryClient = createQueryClient()

const Overview = plain(async () => (await import('./pages/overview/overview-page.tsx')).OverviewPage)
const Check = onAnt(async () => (await import('./pages/check/check-page.tsx')).CheckPage)
const Explorer = plain(async () => (await import('./pages/explorer/explorer-page.tsx')).ExplorerPage)
const SearchResults = plain(async () => (await import('./pages/explorer/search-page.tsx')).SearchPage)
const Block = plain(async () => (await import('./pages/explorer/block-page.tsx')).BlockPage)
const Transaction = onAnt(async () => (await import('./pages/explorer/transaction-page.tsx')).TransactionPage)
const Identity = onAnt(async () => (await import('./pages/explorer/identity-page.tsx')).IdentityPage)
const Governance = onAnt(async () => (await import('./pages/governance/governance-page.tsx')).GovernancePage)
const Certificates = onAnt(async () => (await import('./pages/certificates/certificates-page.tsx')).CertificatesPage)
const Points = onAnt(async () => (await import('./pages/points/points-page.tsx')).PointsPage)
const Account = plain(async () => (await import('./pages/points/account-page.tsx')).AccountPage)
const Try = plain(async () => (await import('./pages/try/try-page.tsx')).TryPage)
const Bureau = onAnt(async () => (await import('./pages/bureau/bureau-page.tsx')).BureauPage)
const Recover = plain(async () => (await import('./pages/bureau/recover-page.tsx')).RecoverPage)
const SignIn = plain(async () => (await import('./pages/sign-in/sign-in-page.tsx')).SignInPage)
const Issuer = onAnt(async () => (await import('./pages/issuer/issuer-page.tsx')).IssuerPage)
const Claims = plain(async () => (await import('./pages/claims/claims-page.tsx')).ClaimsPage)
const Newcomers = onAnt(async () => (await import('./pages/registrars/newcomers-page.tsx')).NewcomersPage)
const Sharing = onAnt(async () => (await import('./pages/sharing/sharing-page.tsx')).SharingPage)
const Verifier = onAnt(async () => (await import('./pages/verifier/verifier-page.tsx')).VerifierPage)
const Wallet = plain(async () => (await import('./pages/wallet/wallet-routes.tsx')).WalletRoutes)
const Help = plain(async () => (await import('./pages/help/help-page.tsx')).HelpPage)
const Missing = plain(async () => (await import('./pages/help/missing-page.tsx')).MissingPage)

function plain(load: () => Promise<ComponentType>) {
  return lazy(async () => ({ default: await load() }))
}

/** A page that uses Ant Design: the page, the ground that its parts stand on and their words are fetched side by side. */
function onAnt(load: () => Promise<ComponentType>) {
  return lazy(async () => {
    const [Page, { AntSurface }, words] = await Promise.all([
      load(),
      import('./theme/ant-surface.tsx'),
      antLocale(i18next.language),
    ])
    return {
      default: () => (
        <AntSurface words={words}>
          <Page />
        </AntSurface>
      ),
    }
  })
}

export function App(): ReactElement {
  return (
    <QueryClientProvider client={queryClient}>
      <BrowserRouter>
        <Suspense fallback={null}>
          <SessionProvider>
            <City />
          </SessionProvider>
        </Suspense>
      </BrowserRouter>
    </QueryClientProvider>
  )
}

function City(): ReactElement {
  const { t } = useTranslation('shell')
  const states = {
    loading: (
      <div className="page">
        <Outline lines={6} />
      </div>
    ),
    failed: (problem: unknown, retry: () => void) => <Failure problem={problem} retry={retry} />,
    none: <Empty title={t('noGroup.title')} next={t('noGroup.next')} />,
  }
  return (
    <CityProvider states={states}>
      <Shell>
        <PageBoundary>
          <Suspense fallback={states.loading}>
            <Pages />
          </Suspense>
        </PageBoundary>
      </Shell>
      <Suspense fallback={null}>
        <TourBar />
      </Suspense>
    </CityProvider>
  )
}

function Pages(): ReactElement {
  return (
    <Routes>
      <Route path="/" element={<Overview />} />
      <Route path="/check" element={<Check />} />
      <Route path="/explorer" element={<Explorer />} />
      <Route path="/explorer/search" element={<SearchResults />} />
      <Route path="/explorer/blocks/:height" element={<Block />} />
      <Route path="/explorer/transactions/:id" element={<Transaction />} />
      <Route path="/explorer/dids/:did" element={<Identity />} />
      <Route path="/governance" element={<Governance />} />
      <Route path="/certificates" element={<Certificates />} />
      <Route path="/points" element={<Points />} />
      <Route path="/points/accounts/:accountId" element={<Account />} />
      <Route path="/try" element={<Try />} />
      <Route path="/bureau" element={<Bureau />} />
      <Route path="/recover" element={<Recover />} />
      <Route path="/sign-in" element={<SignIn />} />
      <Route path="/issuer" element={<Issuer />} />
      <Route path="/newcomers" element={<Newcomers />} />
      <Route path="/claims" element={<Claims />} />
      <Route path="/sharing" element={<Sharing />} />
      <Route path="/verifier" element={<Verifier />} />
      <Route path="/wallet/*" element={<Wallet />} />
      <Route path="/help" element={<Help />} />
      <Route path="*" element={<Missing />} />
    </Routes>
  )
}
