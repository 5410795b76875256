// The storage account of the tables: no keys, one identity, one network.

@description('Name of the account.')
param accountName string

@description('Region.')
param location string

@description('How many copies are kept, and where.')
param sku string

@description('Subnet from which the bot reaches the tables.')
param subnetId string

@description('IPv4 addresses from which administrators reach the tables.')
param administratorAddresses array

@description('Object id of the identity of the bot.')
param principalId string

// Storage Table Data Contributor.
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  // checkov:skip=CKV_AZURE_36: no other service of Microsoft has any business with the tables, trusted or not
  // checkov:skip=CKV_AZURE_43: the name is computed in main.bicep: sme, and thirteen small letters and digits
  // checkov:skip=CKV_AZURE_59: service endpoints use the public name; networkAcls close it to all but one subnet
  // checkov:skip=CKV_AZURE_206: a parameter, of which each value but the one for regions without zones is replicated
  name: accountName
  location: location
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // The public name stays, as service endpoints use it; it answers the subnet of the bot and the named addresses.
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'None'
      virtualNetworkRules: [
        {
          id: subnetId
          action: 'Allow'
        }
      ]
      ipRules: [for address in administratorAddresses: {
        value: address
        action: 'Allow'
      }]
    }
    // Can be chosen only now, when the account is made. Tables take part by the key of the account, not of the service.
    encryption: {
      keySource: 'Microsoft.Storage'
      requireInfrastructureEncryption: true
      services: {
        table: {
          enabled: true
          keyType: 'Account'
        }
      }
    }
  }
}

resource service 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = {
  parent: account
  name: 'default'
}

// Made here: whether the role above may make tables too, as the bot does where they are missing, is not documented clearly.
resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' = [for table in [
  'requests'
  'work'
  'views'
  'people'
  'conversations'
  'settings'
]: {
  parent: service
  name: table
}]

resource writesTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, principalId, tableDataContributor)
  scope: account
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataContributor)
  }
}

@description('Name of the account.')
output name string = account.name
