export { flagsOf } from './declared.ts'
export { declaredFlags, flagClient } from './ports.ts'
export { isOn } from './question.ts'
export { RememberedFlags } from './remembered-flags.ts'
