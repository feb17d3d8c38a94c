import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize'

import type { RawTime } from '../sql/rows.ts'

/** A tool that an instance reports, or has reported. */
export interface StoredTool {
  instanceId: string
  serverPath: string
  name: string
  serverName: string
  title: string | null
  description: string | null
  /** JSON. */
  inputSchema: string | null
  /** JSON: MCP's ToolAnnotations. */
  annotations: string
  firstSeenAt: RawTime
  /** When its description, schema or hints changed last. */
  changedAt: RawTime | null
  /** When it was reported last; null while it is, since then that is when its set was seen. */
  lastSeenAt: RawTime | null
}

/** The set that an instance reported last. */
export interface StoredToolSet {
  instanceId: string
  hash: string
  seenAt: RawTime
}

type ToolRow = Model<StoredTool, StoredTool> & StoredTool
type ToolSetRow = Model<StoredToolSet, StoredToolSet> & StoredToolSet

export interface ToolModels {
  Tool: ModelStatic<ToolRow>
  ToolSet: ModelStatic<ToolSetRow>
}

/** Defines the tables of reported tools on a connection. */
export function defineToolModels(db: Sequelize): ToolModels {
  const settings = { underscored: true, timestamps: false }

  return {
    Tool: db.define<ToolRow>(
      'PatTool',
      {
        instanceId: { type: DataTypes.STRING(64), primaryKey: true },
        serverPath: { type: DataTypes.STRING(200), primaryKey: true },
        name: { type: DataTypes.STRING(128), primaryKey: true },
        serverName: DataTypes.STRING(200),
        title: DataTypes.TEXT,
        description: DataTypes.TEXT,
        inputSchema: DataTypes.TEXT,
        annotations: DataTypes.TEXT,
        firstSeenAt: DataTypes.DATE,
        changedAt: DataTypes.DATE,
        lastSeenAt: DataTypes.DATE,
      },
      { ...settings, tableName: 'pat_tools' },
    ),
    ToolSet: db.define<ToolSetRow>(
      'PatToolSet',
      {
        instanceId: { type: DataTypes.STRING(64), primaryKey: true },
        hash: DataTypes.STRING(64),
        seenAt: DataTypes.DATE,
      },
      { ...settings, tableName: 'pat_tool_sets' },
    ),
  }
}
