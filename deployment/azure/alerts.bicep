// Who is told when the bot is unwell. Each query finds nothing while all is well; one row is enough to tell.
//
// The exporter sends a row to AppMetrics for each replica and each set of dimensions: every minute what was counted
// since, in Sum; of a gauge the value, in Sum as well; of a histogram Sum, ItemCount, Min and Max, and no buckets. So a
// percentile cannot be computed. The one below takes every turn of a row for as slow as its slowest: it never misses a
// slow p99, and may ring for one that is not slow yet.
//
// A query of a table to which nothing was written yet, or for 30 days, may fail instead of finding nothing, and Azure
// switches off a rule whose query has failed for a week. Silence looks at an empty table as well, so that it rings even
// if nothing has ever come. The others look at the one table alone, as Azure Monitor advises.

@description('Begins the name of every rule.')
param name string

@description('Region.')
param location string

@description('Workspace that the metrics are kept in.')
param workspaceId string

@description('Mail address that is told.')
param address string

var rules = [
  {
    name: 'notice-parked'
    title: 'A notice could not be delivered'
    severity: 2
    window: 'PT15M'
    description: 'Teams and mail both refused a notice for good, and somebody was not told. Run doctor: it names the request and the reason, and the full history of the request says whom. Then see "A partner says the card did not arrive" in the runbook.'
    query: '''
AppMetrics
| where Name == 'sme.notices' and tostring(Properties.outcome) == 'parked' and Sum > 0
'''
  }
  {
    name: 'notices-late'
    title: 'Notices wait for more than five minutes'
    severity: 2
    window: 'PT15M'
    description: 'The oldest due notice is older than 300 seconds. See whether Teams or Graph answer with errors (AppDependencies), whether the bot has a token (doctor), and whether the replicas run.'
    query: '''
AppMetrics
| where Name == 'sme.notices.oldest' and Sum > 300
'''
  }
  {
    name: 'clocks-overdue'
    title: 'Promised times are watched too late'
    severity: 2
    window: 'PT15M'
    description: 'Work is due and nobody does it. See whether the replicas run and reach the tables (/health, doctor), and whether one of them writes errors (AppTraces).'
    query: '''
AppMetrics
| where Name == 'sme.clocks.overdue' and Sum > 0
| summarize Minutes = dcount(bin(TimeGenerated, 1m))
| where Minutes > 5
'''
  }
  {
    name: 'work-set-aside'
    title: 'Work was set aside'
    severity: 2
    window: 'PT15M'
    description: 'Work on a request failed again and again, and is not tried any more. The log has the traceback (AppExceptions, AppTraces); doctor names the request. It is a fault in the bot.'
    query: '''
AppMetrics
| where Name == 'sme.work.set_aside' and Sum > 0
'''
  }
  {
    name: 'turns-failed'
    title: 'Turns fail'
    severity: 2
    window: 'PT15M'
    description: 'People were told that something went wrong. The log has the traceback and the trace of each such turn (AppExceptions, AppRequests). Often the tables were out of reach: see /health.'
    query: '''
AppMetrics
| where Name == 'sme.turn.duration' and tostring(Properties.outcome) == 'failed' and ItemCount > 0
'''
  }
  {
    name: 'turns-slow'
    title: 'Turns are slow'
    severity: 3
    window: 'PT1H'
    description: 'By the upper bound of the metrics, more than one turn in a hundred took more than two seconds. See the slowest of AppRequests and what they waited for, and whether the replicas are short of CPU.'
    query: '''
AppMetrics
| where Name == 'sme.turn.duration' and ItemCount > 0
| summarize Turns = sum(ItemCount), P99 = percentilew(Max, ItemCount, 99)
| where Turns >= 100 and P99 > 2
'''
  }
  {
    name: 'silence'
    title: 'Nothing is heard of the bot'
    severity: 1
    window: 'PT15M'
    description: 'No replica has measured the queue for 15 minutes: none runs, the tables are out of reach, or telemetry is refused. Open /health, then the system log of the container app, then doctor.'
    query: '''
union isfuzzy=true AppMetrics, (datatable(Name: string)[])
| where Name == 'sme.notices.pending'
| summarize Rows = count()
| where Rows == 0
'''
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  properties: {
    groupShortName: 'sme-bot'
    enabled: true
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in rules: {
  name: '${name}-${rule.name}'
  location: location
  kind: 'LogAlert'
  properties: {
    displayName: rule.title
    description: rule.description
    severity: rule.severity
    enabled: true
    autoMitigate: true
    // A new workspace has no metrics of the bot yet, and a query of them would be refused.
    skipQueryValidation: true
    scopes: [
      workspaceId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: rule.window
    criteria: {
      allOf: [
        {
          query: rule.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: [
        people.id
      ]
    }
  }
}]
