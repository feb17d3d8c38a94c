import { plural } from '../plural.ts'

export const health = {
  health: {
    findings: {
      'writes-production': {
        title: 'It may change things on production',
        about: 'Make it read-only, and mint another one for the few programs that must write there.',
        fix: 'Make it read-only',
        done: 'It is read-only from now on.',
      },
      endless: {
        title: 'It never ends by itself',
        about: 'A token that is forgotten should not work for ever.',
        fix: 'Let it end',
        done: 'It ends by itself now.',
      },
      'unused-long': {
        title: 'Nobody has used it for 90 days',
        about: 'What nobody needs can only do harm.',
        fix: 'Revoke it',
        done: '',
      },
      unused: {
        title: 'Nobody has used it for 30 days',
        about: 'Revoke it, if its program is gone.',
        fix: 'Revoke it',
        done: '',
      },
      'several-networks': {
        title: 'It was used from several networks lately',
        about: 'If that was not you alone, somebody has a copy. Replace it.',
        fix: 'Replace it',
        done: '',
      },
      'several-clients': {
        title: 'Several clients use it',
        about: 'Mint one like it for each: then you can revoke one alone.',
        fix: 'Split it',
        done: '',
      },
      destroys: {
        title: 'It may call tools that destroy',
        about: 'As Member it can still change things.',
        fix: 'Lower it to Member',
        done: 'It is Member at most from now on.',
      },
      old: {
        title: 'It is older than half a year',
        about: 'Replace it: whoever copied it meanwhile loses it.',
        fix: 'Replace it',
        done: '',
      },
      grows: {
        title: 'It also reaches instances that are created later',
        about: 'Narrow it to those that there are today.',
        fix: 'Only those of today',
        done: 'It names the instances of today and no others.',
      },
      broad: {
        title: 'It reaches more than 10 instances',
        about: 'One token for each program and place can be revoked alone.',
        fix: 'Change its reach',
        done: '',
      },
      'over-cap': {
        title: 'Its cap is above what you are',
        about: 'It would grow with your next promotion.',
        fix: 'Lower the cap',
        done: 'Its cap is what you are today.',
      },
    },
    shrink: {
      title: 'It may do more than it did in the last 30 days',
      about: (calls: number, tools: number, instances: number) =>
        `${plural(calls, { one: '# call', other: '# calls' })} of ${plural(tools, { one: '# tool', other: '# tools' })} at ${plural(instances, { one: '# instance', other: '# instances' })}.`,
      fix: 'Shrink it to that',
      ask: (name: string) => `Shrink “${name}” to what it was used for?`,
      keep: 'Leave it as it is',
      goes: 'This goes:',
      grants: (kept: string) => `Everything that it reaches beside ${kept}.`,
      tools: (kept: string) => `Every tool beside ${kept}.`,
      role: (role: string) => `Whatever needs more than ${role}.`,
      readOnly: 'Writing.',
      warning:
        'What it does less often than once in 30 days is refused from then on. Of plain requests that are no calls of tools only the last is known. You can widen it again when you confirm that it is you.',
      done: 'It can do what it did in the last 30 days, and no more.',
    },
    team: {
      title: 'Health of these tokens',
      about: 'The average of all that work: by age, reach, use, expiry, and whether they may change production.',
      partly: (count: string) => `Of the ${count} newest.`,
      healthy: 'There is nothing to mend.',
      none: 'No token works here, so there is nothing to mend.',
      counted: (count: number, finding: string) =>
        `${plural(count, { one: '# token', other: '# tokens' })}: ${finding}`,
      findings: {
        'writes-production': 'may change things on production',
        'unused-long': 'not used for 90 days',
        unused: 'not used for 30 days',
        endless: 'never ends',
        destroys: 'may call tools that destroy',
        'several-networks': 'used from several networks',
        'several-clients': 'used by several clients',
        old: 'older than half a year',
        grows: 'reaches instances that are created later',
        broad: 'reaches more than 10 instances',
        'over-cap': 'its cap is above what its holder is',
      },
    },
  },
}
