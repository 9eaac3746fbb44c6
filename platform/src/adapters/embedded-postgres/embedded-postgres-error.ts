export type EmbeddedPostgresErrorCode =
  | 'platform_not_supported'
  | 'binaries_missing'
  | 'no_unprivileged_account'
  | 'data_folder_not_usable'
  | 'data_folder_in_use'
  | 'data_folder_of_another_account'
  | 'data_folder_of_another_version'
  | 'cluster_missing'
  | 'superuser_password_missing'
  | 'superuser_password_rejected'
  | 'port_in_use'
  | 'initdb_failed'
  | 'start_failed'

/** Why the embedded PostgreSQL can't serve: `message` says what is the matter, `remedy` what the operator can do. */
export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresErrorCode
  readonly remedy: string

  constructor(code: EmbeddedPostgresErrorCode, message: string, remedy: string) {
    super(message)
    this.name = 'EmbeddedPostgresError'
    this.code = code
    this.remedy = remedy
  }
}
