import { module } from '#kernel/module'
import { deleteExpired } from './jobs.ts'
import {
  changePassword,
  readProfile,
  requestPasswordReset,
  requestVerification,
  resetPassword,
  signIn,
  signUp,
  updateProfile,
  verifyEmail,
} from './operations.ts'
import { endOtherSessions, endSession, listSessions, signOut } from './session-operations.ts'

const keepsEverything = { kind: 'identity', privileges: ['select', 'insert', 'update', 'delete'] } as const

export const identity = module({
  name: 'identity',
  folder: import.meta.dirname,
  needs: ['mail'],
  tables: {
    users: keepsEverything,
    accounts: keepsEverything,
    sessions: keepsEverything,
    verifications: keepsEverything,
    throttles: keepsEverything,
  },
  jobs: [deleteExpired],
  operations: [
    signUp,
    requestVerification,
    verifyEmail,
    signIn,
    requestPasswordReset,
    resetPassword,
    changePassword,
    readProfile,
    updateProfile,
    listSessions,
    signOut,
    endSession,
    endOtherSessions,
  ],
})
