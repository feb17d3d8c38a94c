import { describeKeyRotation } from './key-rotation.cases.ts'

describeKeyRotation('sqlite')
