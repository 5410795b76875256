// Puts the bot into one resource group: who it is, where it runs, what it keeps, and who is told when it is unwell.
// How to deploy it, and what of it was never tried against a real tenant, stands in README.md beside this file.
targetScope = 'resourceGroup'

@description('Begins the name of every resource. Small letters, digits and single hyphens; a letter first, no hyphen last.')
@minLength(4)
@maxLength(20)
param name string = 'sme-bot'

@description('Region of every resource that has one.')
param location string = resourceGroup().location

@description('Image of the bot with its tag or digest, like myregistry.azurecr.io/sme-bot:1.2.0.')
param image string

@description('Name of the Azure container registry that holds the image; empty for an image that anybody may pull.')
param registryName string = ''

@description('Resource group of that registry.')
param registryResourceGroup string = resourceGroup().name

@description('The id in the manifest of the Teams app. The bot finds the app in the catalogue by it.')
@minLength(36)
@maxLength(36)
param teamsAppId string

@description('Mailbox of the programme, which mails are sent from.')
param mailSender string

@description('Mail address of the SME assignment team, shown on receipts.')
param assignmentAddress string

@description('Mail address that is told of every alert.')
param alertAddress string

@description('How the app proves who it is: by the managed identity, or by a certificate in a key vault.')
@allowed([
  'federated'
  'certificate'
])
param credential string = 'federated'

@description('Certificates that are trusted: objects with name (in the vault), key (DER in Base64, the public part), startDateTime and endDateTime. The bot uses the first. While there is none the container app waits, as the vault comes first.')
param certificates array = []

@description('Whether this deployment grants the three Graph permissions in its own tenant, which takes a Privileged Role Administrator.')
param grantsGraph bool = true

@description('Replicas that always run. With two, one may fail or be replaced while the other answers.')
@minValue(1)
@maxValue(10)
param minReplicas int = 2

@description('Most replicas under load.')
@minValue(1)
@maxValue(30)
param maxReplicas int = 4

@description('Whether replicas are spread over the zones of the region. It cannot be changed afterwards.')
param zoneRedundant bool = true

@description('Copies that are kept of the tables: in three zones, or in one for a region without zones.')
@allowed([
  'Standard_ZRS'
  'Standard_GZRS'
  'Standard_LRS'
])
param storageSku string = 'Standard_ZRS'

@description('IPv4 addresses from which administrators reach the tables and the vault. Empty: nobody but the bot does.')
param administratorAddresses array = []

@description('Days that logs, traces and metrics are kept.')
@minValue(30)
@maxValue(730)
param retentionDays int = 90

@description('Address range of the network of the bot; its only subnet takes all of it.')
param addressRange string = '10.60.0.0/24'

var suffix = uniqueString(resourceGroup().id)
var vaultName = 'sme-${suffix}'
var isReady = credential == 'federated' || !empty(certificates)

// One identity for the tables, the telemetry, the image, the vault, and as the credential of the app.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
}

module network 'azure/network.bicep' = {
  name: 'network'
  params: {
    name: name
    location: location
    addressRange: addressRange
  }
}

module telemetry 'azure/telemetry.bicep' = {
  name: 'telemetry'
  params: {
    name: name
    location: location
    retentionDays: retentionDays
    principalId: identity.properties.principalId
  }
}

module storage 'azure/storage.bicep' = {
  name: 'storage'
  params: {
    accountName: 'sme${suffix}'
    location: location
    sku: storageSku
    subnetId: network.outputs.subnetId
    administratorAddresses: administratorAddresses
    principalId: identity.properties.principalId
  }
}

module vault 'azure/vault.bicep' = if (credential == 'certificate') {
  name: 'vault'
  params: {
    name: vaultName
    location: location
    subnetId: network.outputs.subnetId
    administratorAddresses: administratorAddresses
    principalId: identity.properties.principalId
  }
}

module pull 'azure/pull.bicep' = if (!empty(registryName)) {
  name: 'pull'
  scope: resourceGroup(registryResourceGroup)
  params: {
    registryName: registryName
    principalId: identity.properties.principalId
  }
}

module appEnvironment 'azure/environment.bicep' = {
  name: 'environment'
  params: {
    name: name
    location: location
    subnetId: network.outputs.subnetId
    zoneRedundant: zoneRedundant
    workspaceId: telemetry.outputs.workspaceId
  }
}

var host = '${name}.${appEnvironment.outputs.domain}'

module registration 'azure/registration.bicep' = {
  name: 'registration'
  params: {
    name: name
    uniqueName: '${name}-${suffix}'
    host: host
    credential: credential
    principalId: identity.properties.principalId
    certificates: certificates
    grantsGraph: grantsGraph
  }
}

module app 'azure/app.bicep' = if (isReady) {
  name: 'app'
  params: {
    name: name
    location: location
    environmentId: appEnvironment.outputs.id
    identityId: identity.id
    identityClientId: identity.properties.clientId
    image: image
    registry: empty(registryName) ? '' : '${registryName}.azurecr.io'
    credential: credential
    vaultName: vaultName
    certificateNames: [for certificate in certificates: certificate.name]
    appId: registration.outputs.appId
    storageAccount: storage.outputs.name
    mailSender: mailSender
    teamsAppId: teamsAppId
    assignmentAddress: assignmentAddress
    telemetryAddress: telemetry.outputs.address
    minReplicas: minReplicas
    maxReplicas: maxReplicas
  }
  // Without these the first replica would find the tables, the image or the certificate closed.
  dependsOn: [
    pull
    vault
  ]
}

module bot 'azure/bot.bicep' = {
  name: 'bot'
  params: {
    name: '${name}-${suffix}'
    displayName: name
    appId: registration.outputs.appId
    endpoint: 'https://${host}/api/messages'
  }
}

module alerts 'azure/alerts.bicep' = {
  name: 'alerts'
  params: {
    name: name
    location: location
    workspaceId: telemetry.outputs.workspaceId
    address: alertAddress
  }
}

@description('MICROSOFT_APP_ID: the botId of the Teams app, and the id that partner tenants consent to.')
output appId string = registration.outputs.appId

@description('Object id of the app in this tenant, which Exchange Online asks for.')
output servicePrincipalId string = registration.outputs.servicePrincipalId

@description('Host of the bot: https://HOST/health says how it is.')
output host string = host

@description('Where Teams sends activities.')
output endpoint string = 'https://${host}/api/messages'

@description('False while the vault waits for its certificate, and no container app was made.')
output isDeployed bool = isReady

@description('Name of the container app.')
output containerApp string = name

@description('Name of the bot resource.')
output botName string = bot.outputs.name

@description('Name of the storage account.')
output storageAccount string = storage.outputs.name

@description('Name of the key vault, where a certificate is used.')
output vaultName string = (credential == 'certificate') ? vaultName : ''

@description('Client id of the managed identity.')
output identityClientId string = identity.properties.clientId

@description('Object id of the managed identity.')
output identityPrincipalId string = identity.properties.principalId

@description('Resource id of the Log Analytics workspace.')
output workspaceId string = telemetry.outputs.workspaceId
