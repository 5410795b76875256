// One subnet for the replicas, so that the tables and the vault can be closed to everybody else.

@description('Begins the name of every resource.')
param name string

@description('Region.')
param location string

@description('Address range of the network and of its only subnet.')
param addressRange string

resource rules 'Microsoft.Network/networkSecurityGroups@2025-01-01' = {
  name: name
  location: location
  properties: {
    securityRules: [
      {
        // Teams calls from addresses of Microsoft that no service tag covers wholly; who calls is proven by a token.
        name: 'activities'
        properties: {
          description: 'HTTPS from outside; 31443 is where the proxy of Container Apps answers behind its balancer.'
          direction: 'Inbound'
          access: 'Allow'
          priority: 100
          protocol: 'Tcp'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: addressRange
          destinationPortRanges: [
            '443'
            '31443'
          ]
        }
      }
      {
        name: 'balancer'
        properties: {
          description: 'Probes of the balancer of Container Apps.'
          direction: 'Inbound'
          access: 'Allow'
          priority: 110
          protocol: 'Tcp'
          sourceAddressPrefix: 'AzureLoadBalancer'
          sourcePortRange: '*'
          destinationAddressPrefix: addressRange
          destinationPortRange: '30000-32767'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' = {
  name: name
  location: location
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressRange
      ]
    }
    subnets: [
      {
        name: 'replicas'
        properties: {
          addressPrefix: addressRange
          networkSecurityGroup: {
            id: rules.id
          }
          delegations: [
            {
              name: 'containerApps'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
          serviceEndpoints: [
            {
              service: 'Microsoft.Storage'
            }
            {
              service: 'Microsoft.KeyVault'
            }
          ]
        }
      }
    ]
  }
}

@description('Resource id of the subnet.')
output subnetId string = '${network.id}/subnets/replicas'
