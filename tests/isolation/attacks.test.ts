import { attackUnder } from './attacks.ts'

attackUnder('pool')
