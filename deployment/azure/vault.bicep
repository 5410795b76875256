// The key vault that holds the certificate of the app, where the app has one.

@description('Name of the vault.')
param name string

@description('Region.')
param location string

@description('Subnet of the bot.')
param subnetId string

@description('IPv4 addresses from which administrators make and renew the certificate.')
param administratorAddresses array

@description('Object id of the identity of the bot.')
param principalId string

// Key Vault Secrets User: the private key of a certificate is read as the secret of the same name.
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'None'
      virtualNetworkRules: [
        {
          id: subnetId
        }
      ]
      ipRules: [for address in administratorAddresses: {
        value: address
      }]
    }
  }
}

resource readsCertificate 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, secretsUser)
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}
