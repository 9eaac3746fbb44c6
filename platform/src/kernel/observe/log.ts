import pino from 'pino'

/** Structured log: JSON lines with timestamp, level, message and the fields given. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Log
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Wherever a field of one of these names turns up, also one level down, its value is not written. */
const redactedFields = [
  'password',
  'newPassword',
  'currentPassword',
  'token',
  'secret',
  'key',
  'cookie',
  'authorization',
  'email',
]

/** A log to standard output, or to `destination` (anything with `write`). `alert: true` marks lines that page somebody. */
export function createLog(settings: {
  level: LogLevel
  release: string
  destination?: { write(line: string): void }
}): Log {
  return pino(
    {
      level: settings.level,
      base: { release: settings.release },
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      serializers: { error: pino.stdSerializers.err },
      redact: { paths: redactedFields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    },
    settings.destination ?? pino.destination({ dest: 1, sync: false, minLength: 0 }),
  )
}
