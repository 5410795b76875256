// Draws one card as Teams would and answers what the official renderer finds wrong with it.

function showCard(card, hostConfiguration) {
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5);
  const drawn = new AdaptiveCards.AdaptiveCard();
  drawn.hostConfig = new AdaptiveCards.HostConfig(hostConfiguration);
  drawn.parse(card, context);
  document.getElementById("card").replaceChildren(drawn.render());

  const findings = [];
  for (let index = 0; index < context.eventCount; index++) {
    findings.push(context.getEventAt(index).message);
  }
  for (const event of drawn.validateProperties().validationEvents) {
    findings.push(event.message);
  }
  return findings;
}
