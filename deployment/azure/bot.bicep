// The Azure Bot: where Teams sends activities, and who may answer them.

@description('Name of the resource, unique in Azure.')
param name string

@description('Shown in the portal.')
param displayName string

@description('Client id of the registration.')
param appId string

@description('Where Teams sends activities.')
param endpoint string

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: name
  location: 'global'
  kind: 'azurebot'
  sku: {
    name: 'F0'
  }
  properties: {
    displayName: displayName
    endpoint: endpoint
    msaAppId: appId
    msaAppTenantId: tenant().tenantId
    msaAppType: 'SingleTenant'
    disableLocalAuth: true
    isStreamingSupported: false
    publicNetworkAccess: 'Enabled'
    schemaTransformationVersion: '1.3'
  }
}

// The service adds Web Chat and Direct Line to every new bot, and a template can only add: the runbook removes them.
// Until then the bot itself refuses every other channel, with status 403.
resource teams 'Microsoft.BotService/botServices/channels@2022-09-15' = {
  name: 'MsTeamsChannel'
  parent: bot
  location: 'global'
  properties: {
    channelName: 'MsTeamsChannel'
    properties: {
      acceptedTerms: true
      deploymentEnvironment: 'CommercialDeployment'
      enableCalling: false
      isEnabled: true
    }
  }
}

@description('Name of the resource.')
output name string = bot.name
