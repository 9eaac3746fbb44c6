import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { Progress } from '#ui/progress.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { problemOf } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { kindOf, loadAllTrash, type Trashed } from './trashed.ts'

interface ChosenBarProps {
  readonly chosen: readonly Trashed[]
  readonly choose: (records: readonly Trashed[]) => void
  /** The filter: choosing all chooses what it shows, on all pages. */
  readonly resource: string | undefined
}

/** Restores what is chosen, one after the other. What cannot be restored stays chosen, with the reason of the first. */
export function ChosenBar({ chosen, choose, resource }: ChosenBarProps) {
  const t = useText()
  const say = useToast()
  const [done, setDone] = useState<{ count: number; total: number }>()
  const [failure, setFailure] = useState<string>()
  const chooseAll = async () => {
    setFailure(undefined)
    try {
      choose(await loadAllTrash(resource === undefined ? {} : { resource }))
    } catch (error) {
      setFailure(problemOf(error).detail)
    }
  }
  const restoreChosen = async () => {
    const failed: { record: Trashed; reason: string }[] = []
    setFailure(undefined)
    for (const [index, record] of chosen.entries()) {
      setDone({ count: index, total: chosen.length })
      try {
        await kindOf(record)?.restore(record.id)
      } catch (error) {
        failed.push({ record, reason: problemOf(error).detail })
      }
    }
    setDone(undefined)
    choose(failed.map(({ record }) => record))
    const [first] = failed
    if (first) setFailure(t('trash.notRestored', { count: failed.length, reason: first.reason }))
    if (failed.length < chosen.length) say(t('trash.allRestored', { count: chosen.length - failed.length }))
    await queryClient.invalidateQueries()
  }
  return (
    <>
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      <div className="filters">
        {done ? (
          <Progress done={done.count} total={done.total} label={t('trash.restoring')} />
        ) : (
          <Button size="small" onClick={() => void chooseAll()}>
            {t('trash.chooseAll')}
          </Button>
        )}
        {chosen.length > 0 && (
          <>
            <Button size="small" tone="bare" disabled={done !== undefined} onClick={() => choose([])}>
              {t('trash.clearChosen')}
            </Button>
            <output>{t('trash.chosen', { count: chosen.length })}</output>
            <Button
              size="small"
              tone="primary"
              busy={done !== undefined}
              icon={<Undo2 size={14} aria-hidden />}
              onClick={() => void restoreChosen()}
            >
              {t('trash.restore')}
            </Button>
          </>
        )}
      </div>
    </>
  )
}
