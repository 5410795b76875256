// The container app: replicas of the bot behind HTTPS, replaced one by one.

@description('Name of the app.')
param name string

@description('Region.')
param location string

@description('Environment that the app runs in.')
param environmentId string

@description('Resource id of the identity of the bot.')
param identityId string

@description('Client id of the identity of the bot.')
param identityClientId string

@description('Image with tag or digest.')
param image string

@description('Host of the registry that asks for a sign-in; empty for none.')
param registry string

@description('federated or certificate.')
param credential string

@description('Vault of the certificate.')
param vaultName string

@description('Names of the certificates in that vault. The bot uses the first.')
param certificateNames array

@description('Client id of the registration.')
param appId string

@description('Storage account of the tables.')
param storageAccount string

@description('Mailbox that mails are sent from.')
param mailSender string

@description('The id in the manifest of the Teams app.')
param teamsAppId string

@description('Mail address of the SME assignment team.')
param assignmentAddress string

@description('Connection string of Application Insights: where to send. It opens nothing.')
param telemetryAddress string

@description('Replicas that always run.')
@minValue(1)
param minReplicas int

@description('Most replicas under load.')
param maxReplicas int

var port = 8080
var certificateFolder = '/mnt/certificate'
var certificateFile = 'bot.pem'
var usesCertificate = credential == 'certificate'

var always = {
  SME_MODE: 'production'
  SME_HOST: '0.0.0.0'
  SME_PORT: string(port)
  SME_STORAGE: 'azure'
  AZURE_STORAGE_ACCOUNT: storageAccount
  // Says which identity signs in to the tables and to Application Insights.
  AZURE_CLIENT_ID: identityClientId
  MICROSOFT_APP_ID: appId
  MICROSOFT_APP_TYPE: 'SingleTenant'
  MICROSOFT_APP_TENANT_ID: tenant().tenantId
  // Where the Teams app is in the catalogue and people are looked up: the tenant of this subscription.
  SME_HOME_TENANT: tenant().tenantId
  SME_MAIL: 'graph:${mailSender}'
  SME_TEAMS_APP_ID: teamsAppId
  SME_ASSIGNMENT_ADDRESS: assignmentAddress
  APPLICATIONINSIGHTS_CONNECTION_STRING: telemetryAddress
}
var byIdentity = {
  MICROSOFT_APP_FEDERATED_CLIENT_ID: identityClientId
}
var byCertificate = {
  MICROSOFT_APP_CERTIFICATE: '${certificateFolder}/${certificateFile}'
}
// By name: with another one first there is a new revision, and replicas are replaced one by one. The last certificate
// stays at hand for those that still run.
var certificateVolume = {
  name: 'certificate'
  storageType: 'Secret'
  secrets: [
    {
      secretRef: usesCertificate ? first(certificateNames) : ''
      path: certificateFile
    }
  ]
}
var certificateMount = {
  volumeName: 'certificate'
  mountPath: certificateFolder
}
var signIn = {
  server: registry
  identity: identityId
}

resource app 'Microsoft.App/containerApps@2025-07-01' = {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 10
      ingress: {
        external: true
        allowInsecure: false
        targetPort: port
        transport: 'http'
      }
      registries: empty(registry) ? [] : [signIn]
      secrets: [for certificate in (usesCertificate ? certificateNames : []): {
        name: certificate
        keyVaultUrl: 'https://${vaultName}${environment().suffixes.keyvaultDns}/secrets/${certificate}'
        identity: identityId
      }]
    }
    template: {
      // Longer than all that the bot does before it ends: it lingers, drains twice, and lets a token and telemetry go.
      terminationGracePeriodSeconds: 60
      containers: [
        {
          name: 'bot'
          image: image
          env: [for setting in items(union(always, usesCertificate ? byCertificate : byIdentity)): {
            name: setting.key
            value: setting.value
          }]
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          volumeMounts: usesCertificate ? [certificateMount] : []
          probes: [
            {
              // 503 before the tables answer. A replica that never gets there is started anew.
              type: 'Startup'
              httpGet: {
                path: '/health'
                port: port
              }
              periodSeconds: 5
              timeoutSeconds: 5
              failureThreshold: 10
            }
            {
              // 503 while it stops or the tables are out of reach. Each question reads the tables, so it is not asked
              // more often than twice a minute.
              type: 'Readiness'
              httpGet: {
                path: '/health'
                port: port
              }
              periodSeconds: 30
              timeoutSeconds: 5
              failureThreshold: 3
            }
            {
              // The port alone: a replica is not killed for tables that nobody reaches, nor while it stops. One whose
              // event loop hangs ends by itself (bot/watchdog.py).
              type: 'Liveness'
              tcpSocket: {
                port: port
              }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 6
            }
          ]
        }
      ]
      scale: {
        minReplicas: minReplicas
        maxReplicas: max(minReplicas, maxReplicas)
        rules: [
          {
            name: 'activities'
            http: {
              metadata: {
                concurrentRequests: '50'
              }
            }
          }
        ]
      }
      volumes: usesCertificate ? [certificateVolume] : []
    }
  }
}
