import { useLanguage } from '#ui/text.tsx'
import type { Clause } from './access-queries.ts'

/** Says one clause of a condition in a sentence. */
export function useClauseWords(): (clause: Clause) => string {
  const { t, region } = useLanguage()
  const among = new Intl.ListFormat(region, { type: 'disjunction' })
  const together = new Intl.ListFormat(region, { type: 'conjunction' })
  return (clause) => {
    if ('record' in clause) {
      const attribute = clause.record
      const parts = [
        ...(clause.is === undefined ? [] : [t('access.clause.self', { attribute })]),
        ...(clause.in === undefined
          ? []
          : [t('access.clause.among', { attribute, values: among.format(clause.in.map(String)) })]),
      ]
      return together.format(parts)
    }
    if ('actor' in clause) {
      const said = clause.actor === 'kind' ? clause.in.map((kind) => t(`access.actor.${kind}`)) : clause.in
      return t(`access.clause.${clause.actor}`, { values: among.format(said) })
    }
    if ('network' in clause) return t('access.clause.network', { values: among.format(clause.network) })
    const { from, until, zone, days } = clause.time
    const hours = t('access.clause.time', { from, until, zone })
    if (days === undefined) return hours
    return t('access.clause.days', { hours, days: together.format(days.map((day) => weekdayName(day, region))) })
  }
}

/** The short name of a day of the week; 1 is Monday (ISO 8601). */
export function weekdayName(day: number, region: string): string {
  // 1 January 2024 was a Monday.
  return new Date(Date.UTC(2024, 0, day)).toLocaleDateString(region, { weekday: 'short', timeZone: 'UTC' })
}
