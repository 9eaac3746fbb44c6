import { settings } from './configuration.ts'

/** A setting as it is in force. */
export interface EffectiveSetting {
  readonly name: string
  readonly description: string
  readonly source: 'environment' | 'default'
  readonly isSet: boolean
  /** Whether its value is for nobody's eyes: it is then null. */
  readonly isSecret: boolean
  readonly value: string | null
}

type Name = keyof typeof settings

/** What may be seen. Of any other setting, such as a URL with a password in it, it is only said whether it is set. */
const open: ReadonlySet<string> = new Set<Name>([
  'TENANTRY_ENV',
  'HOST',
  'PORT',
  'TENANTRY_PUBLIC_URL',
  'TENANTRY_DATA',
  'TENANTRY_REGION',
  'TENANTRY_CONNECTIONS',
  'TENANTRY_UNNAMED_STATEMENTS',
  'TENANTRY_DEMO',
  'TENANTRY_MAIL_FROM',
  'TENANTRY_OIDC_ISSUER',
  'TENANTRY_OIDC_AUDIENCE',
  'TENANTRY_TRUSTED_PROXIES',
  'TENANTRY_OUTBOUND_LOOPBACK',
  'TENANTRY_AUDIT_STREAM_FORMAT',
  'TENANTRY_LOG_LEVEL',
])

/**
 * Every setting with where it comes from, in the order of the reference. `found` are values that the start has found in
 * place of a default, such as a free port.
 */
export function effectiveSettings(
  environment: Readonly<Record<string, string | undefined>>,
  found: Partial<Record<Name, string>> = {},
): EffectiveSetting[] {
  return Object.entries(settings).map(([name, schema]) => {
    const given = environment[name] || undefined
    // Only TENANTRY_CELLS is a list, and it has no default.
    const byDefault = schema.safeParse(undefined).data as string | number | boolean | undefined
    const value = found[name as Name] ?? given ?? (byDefault === undefined ? null : String(byDefault))
    const isSecret = !open.has(name)
    return {
      name,
      description: schema.description ?? '',
      source: given === undefined ? 'default' : 'environment',
      isSet: value !== null,
      isSecret,
      value: isSecret ? null : value,
    }
  })
}
