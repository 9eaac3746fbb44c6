import { module } from '#kernel/module'
import { beginAccountRecovery, cancelAccountRecovery, requestAccountRecovery } from './account-recovery-operations.ts'
import { confirmChange, requestEmailChange, undoChange } from './email-change-operations.ts'
import { completeDueRecoveries, deleteExpired } from './jobs.ts'
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
import {
  beginPasskey,
  challengePasskey,
  createPasskey,
  listPasskeys,
  removePasskey,
  renamePasskey,
  signInWithPasskey,
} from './passkey-operations.ts'
import {
  beginAuthenticator,
  confirmAuthenticator,
  disableSecondFactor,
  readSecondFactor,
  renewRecoveryCodes,
  stepUp,
  verifySignIn,
} from './second-factor-operations.ts'
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
    authenticators: keepsEverything,
    recovery_codes: keepsEverything,
    pending_sign_ins: keepsEverything,
    passkeys: keepsEverything,
    used_challenges: keepsEverything,
    known_devices: keepsEverything,
    email_changes: keepsEverything,
    account_recoveries: keepsEverything,
  },
  jobs: [deleteExpired, completeDueRecoveries],
  onboarding: {
    'identity.secondFactor': {
      permission: 'tenant:read',
      isDone: async ({ actor }) => actor.signIn?.hasSecondFactor === true,
    },
  },
  operations: [
    signUp,
    requestVerification,
    verifyEmail,
    signIn,
    verifySignIn,
    requestPasswordReset,
    resetPassword,
    changePassword,
    readProfile,
    updateProfile,
    listSessions,
    signOut,
    endSession,
    endOtherSessions,
    stepUp,
    readSecondFactor,
    beginAuthenticator,
    confirmAuthenticator,
    renewRecoveryCodes,
    disableSecondFactor,
    challengePasskey,
    signInWithPasskey,
    listPasskeys,
    beginPasskey,
    createPasskey,
    renamePasskey,
    removePasskey,
    requestEmailChange,
    confirmChange,
    undoChange,
    requestAccountRecovery,
    beginAccountRecovery,
    cancelAccountRecovery,
  ],
})
