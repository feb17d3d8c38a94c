import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Attribute, Change, Client, Control } from 'ldapts'

import { findSlapd } from '../../../scripts/slapd.mjs'
import { eventually } from '../eventually.ts'
import { freePort } from '../forge.ts'

const slapd = findSlapd()
export const hasSlapd = slapd !== null

export const BASE = 'dc=acme,dc=example'
export const PEOPLE = `ou=people,${BASE}`
export const GROUPS = `ou=groups,${BASE}`
export const SERVICE = { dn: `cn=forge,${BASE}`, password: 'what the forge binds with' }
const ROOT = { dn: `cn=root,${BASE}`, password: 'root' }

const CERTIFICATES = fileURLToPath(new URL('./certificates/', import.meta.url))
/** The authority that has signed the certificate of the directory, and one that has not. */
export const certificateOf = (name: 'ca' | 'other') => readFile(join(CERTIFICATES, `${name}.pem`), 'utf8')

/** A person of the directory; their password is their name, turned round. */
export interface DirectoryPerson {
  mail?: string | string[]
  cn?: string
}

/** OpenLDAP's server as a process of its own, with a directory that a test fills. */
export interface Directory {
  /** Plain, with StartTLS. */
  url: string
  /** TLS from the beginning. */
  secureUrl: string
  start(): Promise<void>
  stop(): Promise<void>
  /** Stops it and takes its folder. */
  remove(): Promise<void>
  /** Takes all people and groups away. */
  clear(): Promise<void>
  addPerson(uid: string, person?: DirectoryPerson): Promise<void>
  /** A groupOfNames; with nobody in it, its own name is. */
  addGroup(name: string, members?: string[]): Promise<void>
  setMembers(name: string, members: string[]): Promise<void>
  change(dn: string, attributes: Record<string, string[] | Buffer[]>): Promise<void>
  add(dn: string, attributes: Record<string, string | string[]>): Promise<void>
  delete(dn: string): Promise<void>
}

export const dnOf = (uid: string) => `uid=${uid},${PEOPLE}`
export const groupDn = (name: string) => `cn=${name},${GROUPS}`
export const passwordOf = (uid: string) => [...uid].reverse().join('')

export async function createDirectory(): Promise<Directory> {
  if (!slapd) throw new Error('no slapd')
  const folder = await mkdtemp(join(tmpdir(), 'forge-slapd-'))
  await mkdir(join(folder, 'data'))
  await writeFile(join(folder, 'slapd.conf'), configuration(folder))
  const [port, securePort] = [await freePort(), await freePort()]
  const [url, secureUrl] = [`ldap://127.0.0.1:${port}`, `ldaps://127.0.0.1:${securePort}`]
  let process_: ChildProcess | null = null

  async function asRoot<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ url, timeout: 10_000 })
    try {
      await client.bind(ROOT.dn, ROOT.password)
      return await work(client)
    } finally {
      await client.unbind()
    }
  }

  const directory: Directory = {
    url,
    secureUrl,
    async start() {
      const args = ['-f', join(folder, 'slapd.conf'), '-h', `${url}/ ${secureUrl}/`, '-d', '0']
      process_ = spawn(slapd.command, args, { env: { ...process.env, ...slapd.env }, stdio: 'ignore' })
      await eventually(() => asRoot(async () => undefined))
    },
    async stop() {
      const running = process_
      process_ = null
      if (!running || running.exitCode !== null) return
      const ended = new Promise((resolve) => running.once('exit', resolve))
      running.kill('SIGTERM')
      await ended
    },
    async remove() {
      await directory.stop()
      await rm(folder, { recursive: true })
    },
    clear: () =>
      asRoot(async (client) => {
        const { searchEntries } = await client.search(BASE, { attributes: ['1.1'] }, AS_ENTRIES).catch(nothing)
        for (const { dn } of searchEntries.reverse()) await client.del(dn, AS_ENTRIES)
        await client.add(BASE, { objectClass: ['dcObject', 'organization'], dc: 'acme', o: 'Acme' })
        await client.add(PEOPLE, { objectClass: 'organizationalUnit', ou: 'people' })
        await client.add(GROUPS, { objectClass: 'organizationalUnit', ou: 'groups' })
        const service = { objectClass: ['organizationalRole', 'simpleSecurityObject'], cn: 'forge' }
        await client.add(SERVICE.dn, { ...service, userPassword: SERVICE.password })
      }),
    addPerson: (uid, { cn = uid, mail = `${uid}@acme.example` } = {}) =>
      directory.add(dnOf(uid), {
        objectClass: ['inetOrgPerson', 'extensibleObject'],
        uid,
        cn,
        sn: cn,
        mail,
        userPassword: passwordOf(uid),
      }),
    addGroup: (name, members = []) =>
      directory.add(groupDn(name), { objectClass: 'groupOfNames', cn: name, member: membersOf(name, members) }),
    setMembers: (name, members) => directory.change(groupDn(name), { member: membersOf(name, members) }),
    add: (dn, attributes) => asRoot((client) => client.add(dn, attributes)),
    delete: (dn) => asRoot((client) => client.del(dn)),
    change: (dn, attributes) =>
      asRoot((client) =>
        client.modify(
          dn,
          Object.entries(attributes).map(
            ([type, values]) => new Change({ operation: 'replace', modification: new Attribute({ type, values }) }),
          ),
        ),
      ),
  }
  await directory.start()
  return directory
}

/** Referrals are entries too (RFC 3296). */
const AS_ENTRIES = new Control('2.16.840.1.113730.3.4.2', { critical: true })

/** A group must have somebody. */
const membersOf = (name: string, members: string[]) =>
  members.length === 0 ? [groupDn(name)] : members.map((member) => (member.includes('=') ? member : dnOf(member)))

const nothing = () => ({ searchEntries: [] as { dn: string }[] })

const configuration = (folder: string) => `
${['core', 'cosine', 'inetorgperson', 'nis'].map((name) => `include ${slapd?.schemas}/${name}.schema`).join('\n')}
attributetype ( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 )
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
modulepath ${slapd?.modules}
moduleload back_mdb
moduleload memberof
pidfile ${folder}/slapd.pid
TLSCACertificateFile ${CERTIFICATES}ca.pem
TLSCertificateFile ${CERTIFICATES}server.pem
TLSCertificateKeyFile ${CERTIFICATES}server.key
database mdb
suffix "${BASE}"
rootdn "${ROOT.dn}"
rootpw ${ROOT.password}
directory ${folder}/data
dbnosync
index objectClass,uid,mail,member,entryUUID eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${SERVICE.dn}" read by * none
overlay memberof
`
