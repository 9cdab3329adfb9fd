import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router'
import { type SearchHit, search } from '../../api/search.ts'
import { useCity } from '../../city/city.ts'
import { CityLink, useCityPath } from '../../city/city-link.tsx'
import { shortenMiddle } from '../../format/shorten.ts'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { SearchBox } from '../../shell/search-box.tsx'
import { hitPath } from './hit-path.ts'
import './explorer.css'

const icons: Readonly<Record<string, IconName>> = {
  transaction: 'explorer',
  block: 'block',
  did: 'person',
  member: 'governance',
  proposal: 'governance',
  batch: 'certificates',
  'credential-type': 'certificates',
  'status-list': 'certificates',
  account: 'points',
  program: 'points',
}

export function SearchPage(): ReactElement {
  const { t, i18n } = useTranslation('explorer')
  const { group } = useCity()
  const navigate = useNavigate()
  const path = useCityPath()
  const [parameters] = useSearchParams()
  const asked = parameters.get('q') ?? ''
  const query = useQuery({
    queryKey: ['search', group.id, asked],
    queryFn: ({ signal }) => search(group.id, asked, signal),
    enabled: asked !== '',
  })
  // What can only be one thing is opened; going back must not lead here again.
  const only = query.data?.length === 1 ? query.data[0] : undefined
  const onlyPath = only === undefined ? undefined : path(hitPath(only))
  useEffect(() => {
    if (onlyPath !== undefined) void navigate(onlyPath, { replace: true })
  }, [navigate, onlyPath])

  const kindWord = ({ kind }: SearchHit) => (i18n.exists(`explorer:kinds.${kind}`) ? t(`kinds.${kind}` as never) : kind)
  return (
    <Page title={t('results.title', { text: shortenMiddle(asked, 24, 8) })}>
      <div className="explorer-search">
        <SearchBox id="search-of-page" large />
      </div>
      <Panel title={t('results.found')}>
        <Loaded query={query} lines={3}>
          {(hits) => {
            if (hits.length === 0)
              return <Empty icon="search" title={t('results.empty')} next={t('results.emptyNext')} />
            return (
              <ul className="hits">
                {hits.map((hit) => (
                  <li key={`${hit.kind} ${hit.id}`}>
                    <CityLink to={hitPath(hit)} className="hit" title={hit.id}>
                      <Icon name={icons[hit.kind] ?? 'search'} />
                      <span className="hit-label">{shortenMiddle(hit.label, 36, 12)}</span>
                      <span className="hit-kind">{kindWord(hit)}</span>
                    </CityLink>
                  </li>
                ))}
              </ul>
            )
          }}
        </Loaded>
      </Panel>
    </Page>
  )
}
