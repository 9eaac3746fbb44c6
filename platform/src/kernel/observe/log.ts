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

/** Lines are written together: a write for each line costs a third of a short request's CPU time. */
const bufferedBytes = 4_096
const flushEveryMs = 100

/**
 * A log to standard output, or to a file. `alert: true` marks lines that page somebody. Lines reach their destination
 * within 100 ms; `flush` before the process ends on purpose.
 */
export function createLog(settings: { level: LogLevel; release: string; file?: string }): Log & { flush(): void } {
  const where = settings.file === undefined ? { dest: 1 } : { dest: settings.file, mkdir: true }
  const destination = pino.destination({ ...where, sync: false, minLength: bufferedBytes, periodicFlush: flushEveryMs })
  const log = pino(
    {
      level: settings.level,
      base: { release: settings.release },
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      serializers: { error: pino.stdSerializers.err },
      redact: { paths: redactedFields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    },
    destination,
  )
  return Object.assign(log, { flush: () => destination.flushSync() })
}
