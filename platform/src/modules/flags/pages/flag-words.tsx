import type { operations } from '#client/generated/schema.d.ts'
import { Status } from '#ui/status.tsx'
import { type Translate, useText } from '#ui/text.tsx'

export type Flag = operations['staffFlags.list']['responses'][200]['content']['application/json']['items'][number]
export type Role = Flag['roles'][number]

export const roles: readonly Role[] = ['owner', 'admin', 'member', 'viewer', 'guest']

export function rolesText(t: Translate, named: readonly Role[]): string {
  return named.map((role) => t(`flags.role.${role}`)).join(', ')
}

/** For whom a flag is on, as far as its state says it. */
export function FlagState({ of: flag }: { of: Flag }) {
  const t = useText()
  if (flag.state === 'on') return <Status look="good">{t('flags.state.on')}</Status>
  if (flag.state === 'off') return <Status look="paused">{t('flags.state.off')}</Status>
  if (rulesOf(t, flag).length > 0) return <Status look="going">{t('flags.state.rules')}</Status>
  return <Status look="open">{t(flag.default ? 'flags.declared.on' : 'flags.declared.off')}</Status>
}

/** Each rule of a flag in words; none for one that is as it was declared. */
export function rulesOf(t: Translate, { roles: named, plans, percentage, tenantsOn, tenantsOff }: Flag): string[] {
  return [
    ...(tenantsOn > 0 ? [t('flags.rule.tenantsOn', { count: tenantsOn })] : []),
    ...(tenantsOff > 0 ? [t('flags.rule.tenantsOff', { count: tenantsOff })] : []),
    ...(named.length > 0 ? [t('flags.rule.roles', { roles: rolesText(t, named) })] : []),
    ...(plans.length > 0 ? [t('flags.rule.plans', { plans: plans.join(', ') })] : []),
    ...(percentage === null ? [] : [t('flags.rule.percentage', { percentage })]),
  ]
}
