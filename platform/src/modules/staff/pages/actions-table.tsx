import type { operations } from '#client/generated/schema.d.ts'
import { When } from '#ui/date.tsx'
import { Diff } from '#ui/diff.tsx'
import type { Column } from '#ui/table.tsx'
import type { Translate } from '#ui/text.tsx'

export type Action = operations['staffActions.list']['responses'][200]['content']['application/json']['items'][number]

/** When, who, what and why, and what changed by it. */
export function actionColumns(t: Translate): Column<Action>[] {
  return [
    {
      key: 'target',
      header: t('staff.action'),
      cell: ({ operation, reason }) => (
        <span className="target-name">
          <span className="mono">{operation}</span>
          <small dir="auto">{reason ?? t('staff.noReason')}</small>
        </span>
      ),
    },
    { key: 'who', header: t('staff.who'), cell: ({ actorName }) => actorName || t('staff.commandLine') },
    { key: 'at', header: t('staff.at'), cell: ({ at }) => <When at={at} /> },
    {
      key: 'change',
      header: t('staff.change'),
      cell: ({ event, before, after }) => (
        <details>
          <summary className="mono">{event}</summary>
          <Diff before={before} after={after} />
        </details>
      ),
    },
  ]
}
