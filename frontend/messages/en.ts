import { calls } from './en/calls.ts'
import { device } from './en/device.ts'
import { domain } from './en/domain.ts'
import { mint } from './en/mint.ts'
import { notices } from './en/notices.ts'
import { oversight } from './en/oversight.ts'
import { pages } from './en/pages.ts'
import { site } from './en/site.ts'
import { sso } from './en/sso.ts'
import { team } from './en/team.ts'
import { tokens } from './en/tokens.ts'
import { tools } from './en/tools.ts'
import { ui } from './en/ui.ts'
import { users } from './en/users.ts'
import { plural } from './plural.ts'

/**
 * The English words, by the part of the page where they stand. Dates and numbers come in as text that `Intl` has
 * written already; whoever translates decides about the order and the plurals.
 */
export const en = {
  ...calls,
  ...device,
  ...domain,
  ...mint,
  ...notices,
  ...oversight,
  ...pages,
  ...site,
  ...sso,
  ...team,
  ...tokens,
  ...tools,
  ...ui,
  ...users,

  list: {
    title: 'Access tokens',
    about: 'Tokens let programs act as you on your Node-RED instances, within the limits that you set.',
    mint: 'Mint a token',
    loading: 'Loading your tokens…',
    region: 'Your tokens',
    groups: 'Show tokens that are',
    group: {
      active: { label: 'Active', about: 'Work now' },
      expiring: { label: 'Expiring', about: 'Within 14 days' },
      unused: { label: 'Unused', about: 'For 30 days or longer' },
      ended: { label: 'Ended', about: 'Revoked, expired, replaced' },
      exchanged: { label: 'By instances', about: 'Issued for calls to others' },
    },
    search: 'Search your tokens',
    searchHint: 'Name, instance, client, or the token itself',
    sort: 'Sort by',
    sorts: {
      newest: 'Newest first',
      ends: 'Ends soonest',
      used: 'Last used',
      name: 'Name',
      health: 'Health, worst first',
    },
    found: (count: number) => plural(count, { one: '# token', other: '# tokens' }),
    foundElsewhere: (count: number, group: string) =>
      plural(count, { one: `# is among the ${group}. Show it`, other: `# are among the ${group}. Show them` }),
    elsewhere: {
      active: 'active ones',
      expiring: 'expiring ones',
      unused: 'unused ones',
      ended: 'ended ones',
      exchanged: 'ones that your instances got',
    },
    nothing: {
      active: 'No token is active now.',
      expiring: 'No token ends within the next 14 days.',
      unused: 'Every token that works has been used within the last 30 days.',
      ended: 'No token has ended yet.',
      exchanged:
        'No instance has exchanged a token of yours today. One does to call another instance as you, for minutes.',
    },
    nothingFound: (text: string) => `Nothing here matches “${text}”.`,
    clear: 'Clear the search',
    more: (count: number) => plural(count, { one: 'Show # more', other: 'Show # more' }),
    columns: {
      name: 'Name',
      reach: 'Reaches',
      role: 'Is worth',
      ends: 'Ends',
      used: 'Last used',
      health: 'Health',
    },
    targetsFailed: (reason: string) => `What your tokens are worth now could not be worked out. ${reason}`,
  },

  token: {
    old: '(old)',
    endsSoon: 'Ends soon',
    waiting: 'Waits for approval',
    alarm: 'Used after its end',
    laterToo: 'and later instances',
    moreReach: (count: number) => plural(count, { one: 'and # more', other: 'and # more' }),
    never: 'Never',
    atMost: (role: string) => `${role} at most`,
    readOnly: 'Read-only',
    mayWrite: 'May write',
    cappedNow: (role: string) => `Capped now: ${role}`,
    cappedSomewhere: (role: string) => `${role} in some places`,
    worthNothing: 'Nothing now',
    ends: { expires: 'Expires', expired: 'Expired', revoked: 'Revoked', replaced: 'Replaced' },
    healthOf: (score: string) => `${score} of 100`,
    gradeNames: { good: 'Good', fair: 'Fair', poor: 'Poor' },
  },

  drawer: {
    close: 'Close',
    gone: 'There is no such token in your list.',
    tabs: { overview: 'Overview', access: 'What it may do', tools: 'Tools', calls: 'Calls', history: 'History' },
    tabList: 'About this token',
    actionsFor: (name: string) => `Actions for ${name}`,
    edit: 'Edit',
    replace: 'Replace',
    duplicate: 'Duplicate',
    revoke: 'Revoke',
    mintAgain: 'Mint one like it',
    restrictions: 'What limits it',
    reach: 'Reaches',
    onlyTools: 'Calls only',
    noTool: 'No tool',
    cap: 'Role, at most',
    now: 'Is worth now',
    writing: 'Writing',
    minted: 'Minted',
    issuedTo: 'Issued to',
    issuedVia: { device: 'By its code', exchange: 'In exchange for another token' },
    ends: 'Ends',
    lastUse: 'Last used',
    client: 'Client, as it calls itself',
    address: 'From',
    unknown: 'Unknown',
    usage: 'Use in the last 30 days',
    usageLoading: 'Counting the uses…',
    usageNone: 'Not used in the last 30 days.',
    usageSummary: (uses: number, days: number) =>
      `${plural(uses, { one: '# use', other: '# uses' })} on ${plural(days, { one: '# day', other: '# days' })}`,
    usagePeak: (day: string, uses: string) => `most on ${day} (${uses})`,
    usageDay: (day: string, uses: number) => `${day}: ${plural(uses, { one: '# use', other: '# uses' })}`,
    usageNote: 'Days are those of UTC. An instance remembers an answer for seconds, so many calls may count as one.',
    historyLoading: 'Loading its history…',
    historyNone: 'Nothing has been written down about it yet.',
    historyMore: 'Show older entries',
    toolsLoading: 'Looking at the tools…',
    toolsNone: 'No instance in its reach has reported any tools.',
    toolsCan: (allowed: number, all: number) =>
      `It can call ${allowed} of ${plural(all, { one: '# tool', other: '# tools' })} where it reaches now.`,
    toolsListed: (listed: number, all: number) => `Only ${listed} of ${all} tools are listed.`,
    toolsOf: (instance: string, server: string) => `${instance}, ${server}`,
    toolAllowed: 'Can call',
    toolRefused: 'Can not call',
    toolSince: { new: 'New since it was minted', changed: 'Changed since it was minted' },
    toolWrites: 'Changes something',
    toolReads: 'Only reads',
    toolLast: (when: string) => `last called ${when}`,
    callsLoading: 'Loading its calls…',
    callsNone: 'It has called no tool yet, as far as instances have reported.',
    callsTable: 'Calls with this token',
    callsMore: 'Show older calls',
    health: 'Health',
    healthy: 'Nothing to mend.',
  },

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
      about: 'The mean of all that work, by age, reach, use, expiry and writing on production.',
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

  clients: { n8n: 'n8n', script: 'Script or curl' },

  mint: {
    steps: {
      client: {
        title: 'Client',
        about: 'Which program is it for? One token for each is best: then you can revoke one alone.',
      },
      reach: { title: 'Instances', about: 'What it may reach, and nothing else.' },
      role: { title: 'Role', about: 'The most that it may be.' },
      expiry: { title: 'Expiry', about: 'When it ends by itself.' },
      review: { title: 'Review', about: 'What the forge says to this token, before there is one.' },
      edit: { title: 'What it is', about: 'So that you know later which one to revoke.' },
    },
    clientLegend: 'The program that will use it',
    fromLink: 'From the link',
    prefilled: {
      link: 'A link has filled in what is marked below. Check each of it: nothing is minted before you say so.',
      token: 'Filled in from your other token. Change what should be different.',
      draft: 'What you had typed before you signed in is here again.',
    },
    tools: {
      limit: 'Limit to certain tools',
      limitHint: 'Otherwise it may call every tool that its role allows, also those that come later.',
      legend: 'Tools that it may call',
      loading: 'Looking at the tools…',
      search: 'Search tools',
      summary: (shown: number | null, chosen: number) => `${shown === null ? '' : `${shown} shown, `}${chosen} chosen`,
      none: 'The chosen instances have not reported any tools yet.',
      unreached: 'Choose what it may reach first.',
      nothingFound: (text: string) => `No tool is called “${text}”.`,
      more: (count: number) => `And ${count} more. Search to find them.`,
      notListed: (count: number) => `The forge lists ${count} tools at most; the others cannot be chosen here.`,
      gone: 'Not offered there now',
      reads: 'Reads',
      writes: 'Writes',
      onlyUsed: (count: number) =>
        plural(count, { one: 'Only the # tool that it used', other: 'Only the # tools that it used' }),
      onlyUsedHint: 'In the last 30 days.',
      title: 'Its tools',
      can: (count: number) => plural(count, { one: 'Can call # tool', other: 'Can call # tools' }),
      cannot: (count: number) => plural(count, { one: 'Can’t call # tool', other: 'Can’t call # tools' }),
      canNone: 'Can call no tool.',
      why: 'Why not',
      andMore: (count: number) => `and ${count} more`,
    },
    reviewEmpty: 'Choose what it may reach, and the forge says here what it would be worth.',
  },

  prefill: {
    copyOf: (name: string) => `${name} (copy)`,
    unknownGrants: (count: number) =>
      plural(count, {
        one: 'The link names # place that you do not reach. It was left out.',
        other: 'The link names # places that you do not reach. They were left out.',
      }),
    lostGrants: (count: number) =>
      plural(count, {
        one: '# place of the other token is out of your reach now. It was left out.',
        other: '# places of the other token are out of your reach now. They were left out.',
      }),
    roleLowered: (role: string) =>
      `The link asks for ${role}. A link gives no more than Viewer; choose more yourself, if it is needed.`,
    writeRefused:
      'The link asks for a token that may write. A link gives read-only tokens; change it yourself, if it is needed.',
  },

  risk: {
    levels: { low: 'Low risk', medium: 'Medium risk', high: 'High risk' },
    fine: 'It only reads, where you say, and ends by itself.',
    writesProduction: 'May change things on production.',
    destroys: 'May call tools that destroy.',
    writesForEver: 'May change things, and never ends.',
    writes: 'May change things.',
    endless: 'Never ends by itself.',
    grows: 'Reaches instances that do not exist yet.',
    many: (count: number) => `Reaches ${plural(count, { one: '# instance', other: '# instances' })}.`,
    long: 'Lives longer than half a year.',
  },

  created: {
    ready: (name: string) => `“${name}” is ready`,
    about:
      'Copy the token now and put it where its program finds it. It cannot be shown again: not here, not by anyone.',
    store: '1. Store the token',
    label: 'Your token',
    copy: 'Copy token',
    warning:
      'Whoever has this text can act as you within its limits. Keep it in a password manager or your client’s secret storage, never in a file that is shared or committed.',
    connect: (client: string) => `2. Connect ${client}`,
    connectAny: '2. Connect a client',
    stored: 'I have stored it',
    ask: 'Have you stored the token?',
    leave: 'Yes, leave this page',
    back: 'Go back to it',
    lost: 'It cannot be shown again. Without it, all that is left is to revoke it and mint another.',
  },

  config: {
    none: 'There is no instance in its reach yet. Once there is one, point your client at its MCP address.',
    client: 'Client',
    system: 'System',
    systems: { darwin: 'macOS', linux: 'Linux', win32: 'Windows' },
    instance: 'Instance',
    all: (count: number) => plural(count, { one: 'The instance', other: 'All # instances' }),
    path: 'MCP path',
    place: 'Where',
    project: 'In this project',
    user: 'For everything I do',
    give: 'Put the token into the variable',
    giveAbout:
      'Run this, paste the token and press Enter. Nothing of it stays in the history of the shell. Start the client from the same terminal.',
    put: (file: string) => `Put this into ${file}`,
    copy: 'Copy config',
    copyLine: 'Copy',
    merge: 'If the file is there already, add the entry to what is in it.',
    inline: 'Write the token itself into the file',
    inlineWarning: 'Whoever can read the file can act as you. It must never be committed or shared.',
    inlineNone: (client: string) => `${client} takes no token in its file.`,
    ignore: 'Keep it out of the repository',
    ignoreAbout: (file: string) => `The file holds the token: add this line to .gitignore before you save ${file}.`,
    ignoreEnv: 'If you keep the variable in a file, add this line to .gitignore.',
    ignoreLabel: 'Line for .gitignore',
    prove: 'See that it works',
    proveAbout: 'One line that says hello to the MCP server with your token. It waits for the call below.',
    proveLabel: (server: string) => `Say hello to ${server}`,
    n8nFile: 'the canvas of a workflow',
    n8nSecret:
      'In n8n, create a credential of the kind “Bearer Auth” with the token, paste the nodes onto the canvas, and choose the credential in each.',
    scriptFile: 'a script',
    scriptSecret: 'The script reads the token from its environment: nothing of it stands in the file.',
  },

  firstCall: {
    title: '3. Wait for the first call',
    waiting: (client: string) => `Waiting for the first call from ${client}…`,
    anyClient: 'your client',
    about: 'Start the client, or run the line above. This page notices by itself.',
    paused: 'Waiting is paused while this page is in the background.',
    arrived: (client: string) => `${client} has called`,
    details: (instance: string, at: string) => `At ${instance}, ${at}.`,
    other: (expected: string) => `You minted it for ${expected}. If that was not you, revoke it.`,
    unknownClient: 'A client',
    unknownInstance: 'an instance that is gone',
    seen: 'Something came, and it was not the token as it should be',
    uncertain: 'Nobody can tell whether it was meant to be this token.',
    slips: {
      not_expanded: {
        title: 'The placeholder was not expanded',
        todo: 'The client sends the name of the variable in place of the token. Start it where the variable is set, and check how its config refers to variables.',
      },
      truncated: {
        title: 'The token is cut off',
        todo: 'Copy all of it again: it has 68 characters and begins with ffpat_.',
      },
      wrong_instance: {
        title: 'It was taken to another instance',
        todo: 'The token is right, and does not reach this one. Check the address in the config, or give the token this instance too.',
      },
      empty: {
        title: 'The token is missing',
        todo: 'The client sends “Bearer” and nothing behind it. The variable is empty, or not set where the client was started.',
      },
      placeholder: {
        title: 'The config still holds a placeholder',
        todo: 'Put the token where the example stood.',
      },
      quoted: { title: 'There are quotes around the token', todo: 'Take them away.' },
      doubled_bearer: {
        title: 'The word Bearer is there twice',
        todo: 'Leave it out of the variable: the config adds it.',
      },
      blank_inside: {
        title: 'There is a blank or a line break in the token',
        todo: 'Copy it again in one piece.',
      },
      too_long: { title: 'Something follows the token', todo: 'Copy it again, without what is behind it.' },
      wrong_character: { title: 'A character of the token is wrong', todo: 'Copy it again.' },
      flowfuse_platform_token: {
        title: 'It is a token for the FlowFuse platform',
        todo: 'Instances take access tokens, such as the one above.',
      },
    },
    late: 'No call yet. What it usually is:',
    checks: [
      'The client was not started again after its config was changed.',
      'The placeholder was not expanded: the client sends the name of the variable in place of the token. Start it from the terminal in which the variable is set.',
      'The token was cut off when it was copied. It has 68 characters and begins with ffpat_.',
      'The config names another instance, or another path than its flow serves.',
      'The instance does not reach this forge. Its own log says so.',
    ],
    discard: 'Discard this token',
    discardAbout: 'Nobody has used it, so nothing breaks.',
    discarded: (name: string) => `“${name}” is revoked. Nobody had used it.`,
  },
}
