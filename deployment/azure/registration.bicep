// The app registration that partner tenants can consent to. It has no secret.
//
// It requests no permission on purpose: whoever consents in a partner tenant would be asked for every permission that
// stands in requiredResourceAccess, and those on Graph are needed in the home tenant alone. There they are granted one
// by one below. Mail.Send is not among them: granted here it would open every mailbox, and a narrower grant in Exchange
// Online adds to it instead of narrowing it. The runbook grants it there, for one mailbox.
extension microsoftGraphV1

@description('Shown to whoever consents.')
param name string

@description('By this name a later deployment finds the registration again.')
param uniqueName string

@description('Host of the bot. Consent ends on its health page.')
param host string

@description('federated or certificate.')
param credential string

@description('Object id of the identity of the bot.')
param principalId string

@description('Certificates that are trusted: objects with key, startDateTime and endDateTime.')
param certificates array

@description('Whether the permissions on Graph are granted.')
param grantsGraph bool

var graphAppId = '00000003-0000-0000-c000-000000000000'
var graphRoles = [
  {
    name: 'TeamsAppInstallation.ReadWriteSelfForUser.All'
    id: '908de74d-f8b2-4d6b-a9ed-2a17b3b78179'
    reason: 'installs this app, and no other, for people of the home tenant before the first message'
  }
  {
    name: 'AppCatalog.Read.All'
    id: 'e12dae10-5a57-4817-b79d-dfbec5348930'
    reason: 'finds the app in the catalogue of the tenant by the id of its manifest'
  }
  {
    name: 'User.ReadBasic.All'
    id: '97235f07-e226-4f63-ace3-39588e11d3a1'
    reason: 'finds a person by mail address'
  }
]

resource registration 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: name
  signInAudience: 'AzureADMultipleOrgs'
  web: {
    redirectUris: [
      'https://${host}/health'
    ]
  }
  keyCredentials: [for certificate in certificates: {
    displayName: 'Certificate of the bot'
    type: 'AsymmetricX509Cert'
    usage: 'Verify'
    key: certificate.key
    startDateTime: certificate.startDateTime
    endDateTime: certificate.endDateTime
  }]

  resource identity 'federatedIdentityCredentials@v1.0' = if (credential == 'federated') {
    name: '${registration.uniqueName}/managed-identity'
    description: 'The managed identity of the bot stands in for a secret'
    issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
    subject: principalId
    audiences: [
      'api://AzureADTokenExchange'
    ]
  }
}

resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: registration.appId
}

resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: graphAppId
}

resource grants 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [for role in (grantsGraph ? graphRoles : []): {
  appRoleId: role.id
  principalId: servicePrincipal.id
  resourceId: graph.id
}]

@description('Client id of the registration.')
output appId string = registration.appId

@description('Object id of the service principal in this tenant.')
output servicePrincipalId string = servicePrincipal.id
