/** Whoever has a vault of one's own says each time whether the agent or that vault is meant. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../../parts/icon.tsx'
import { Page } from '../../../parts/page.tsx'

export type Keeper = 'agent' | 'own'

export interface KeeperChoiceProps {
  readonly of: 'offer' | 'request'
  /** Whether the agent may act. */
  readonly hasAgent: boolean
  readonly choose: (keeper: Keeper) => void
}

export function KeeperChoice({ of, hasAgent, choose }: KeeperChoiceProps): ReactElement {
  const { t } = useTranslation('own')
  return (
    <Page title={t(`choice.${of}.title`)} lead={t(`choice.${of}.lead`)}>
      <div className="wallet-ways">
        {(['own', 'agent'] as const).map((keeper) => (
          <button
            key={keeper}
            type="button"
            className="wallet-way"
            disabled={keeper === 'agent' && !hasAgent}
            onClick={() => choose(keeper)}
            data-testid={`keeper-${keeper}`}
          >
            <Icon name={keeper === 'own' ? 'key' : 'wallet'} size={22} />
            <span>
              <strong>{t(`choice.${keeper}.name`)}</strong>
              <small>{t(keeper === 'agent' && !hasAgent ? 'choice.agent.shut' : `choice.${keeper}.text`)}</small>
            </span>
            <Icon name="chevron" size={18} />
          </button>
        ))}
      </div>
    </Page>
  )
}
