import type { LdapInput, LdapSettings } from '@contract/ldap.ts'

/** What an LDAP provider has of its own, as it is typed in. */
export type LdapForm = Omit<LdapSettings, 'checkMinutes'> & { bindPassword: string; checkMinutes: string }

/** What directories of a kind have in common. */
export const LDAP_PRESETS = {
  openldap: {
    userFilter: '(&(objectClass=inetOrgPerson)(|(uid=${username})(mail=${username})))',
    usernameAttribute: 'uid',
    nameAttribute: 'cn',
    mailAttribute: 'mail',
    idAttribute: 'entryUUID',
    groupsFrom: 'search',
    memberOfAttribute: 'memberOf',
    groupFilter: '(|(member=${dn})(uniqueMember=${dn})(memberUid=${username}))',
    groupNameAttribute: 'cn',
  },
  activeDirectory: {
    userFilter:
      '(&(objectCategory=person)(objectClass=user)(|(sAMAccountName=${username})(userPrincipalName=${username})(mail=${username})))',
    usernameAttribute: 'sAMAccountName',
    nameAttribute: 'displayName',
    mailAttribute: 'mail',
    idAttribute: 'objectGUID',
    groupsFrom: 'memberOf',
    memberOfAttribute: 'memberOf',
    groupFilter: '(&(objectClass=group)(member=${dn}))',
    groupNameAttribute: 'cn',
  },
  freeIpa: {
    userFilter: '(&(objectClass=person)(|(uid=${username})(mail=${username})))',
    usernameAttribute: 'uid',
    nameAttribute: 'displayName',
    mailAttribute: 'mail',
    idAttribute: 'ipaUniqueID',
    groupsFrom: 'memberOf',
    memberOfAttribute: 'memberOf',
    groupFilter: '(&(objectClass=groupOfNames)(member=${dn}))',
    groupNameAttribute: 'cn',
  },
} as const satisfies Record<string, Partial<LdapSettings>>
export type LdapPreset = keyof typeof LDAP_PRESETS

export function emptyLdapForm(): LdapForm {
  return {
    url: '',
    startTls: false,
    caCertificate: '',
    bindDn: '',
    bindPassword: '',
    baseDn: '',
    ...LDAP_PRESETS.openldap,
    groupBaseDn: '',
    nestedGroups: false,
    checkMinutes: '15',
  }
}

export function ldapFormOf(settings: LdapSettings): LdapForm {
  return { ...settings, bindPassword: '', checkMinutes: String(settings.checkMinutes) }
}

/** What the form says; a number that is none is for the forge to refuse. */
export function ldapInputOf({ bindPassword, checkMinutes, ...form }: LdapForm): LdapInput {
  return {
    ...form,
    url: form.url.trim().replace(/\/$/, ''),
    bindDn: form.bindDn.trim(),
    baseDn: form.baseDn.trim(),
    groupBaseDn: form.groupBaseDn.trim(),
    userFilter: form.userFilter.trim(),
    groupFilter: form.groupFilter.trim(),
    ...(bindPassword === '' ? {} : { bindPassword }),
    checkMinutes: Number(checkMinutes),
  }
}
