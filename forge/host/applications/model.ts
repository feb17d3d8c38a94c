import { randomUUID } from 'node:crypto'

import {
  DataTypes,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
} from 'sequelize'

export interface ApplicationRow extends Model<
  InferAttributes<ApplicationRow>,
  InferCreationAttributes<ApplicationRow>
> {
  id: CreationOptional<string>
  teamId: string
  name: string
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

export interface ApplicationModels {
  Application: ModelStatic<ApplicationRow>
}

export function defineApplicationModels(db: Sequelize): ApplicationModels {
  const Application = db.define<ApplicationRow>(
    'Application',
    {
      id: { type: DataTypes.STRING(36), primaryKey: true, defaultValue: () => randomUUID() },
      teamId: DataTypes.STRING(36),
      name: DataTypes.STRING(100),
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { tableName: 'applications', underscored: true },
  )
  return { Application }
}
