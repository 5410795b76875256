// Draws one card as Teams would and answers what the official renderer finds wrong with it.

function showCard(card, hostConfiguration) {
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5);
  const drawn = new AdaptiveCards.AdaptiveCard();
  drawn.hostConfig = new AdaptiveCards.HostConfig(hostConfiguration);
  drawn.parse(card, context);
  document.getElementById("card").replaceChildren(drawn.render());

  const findings = [];
  const replaced = withFallback(card);
  for (let index = 0; index < context.eventCount; index++) {
    const message = context.getEventAt(index).message;
    const unknown = /^Unknown element type "(.+)"\. Fallback will be used if present\.$/.exec(message);
    if (!unknown || !replaced.has(unknown[1])) {
      findings.push(message);
    }
  }
  for (const event of drawn.validateProperties().validationEvents) {
    findings.push(event.message);
  }
  return findings;
}

// The types of which every element has another one to be drawn where it is not known.
function withFallback(card) {
  const types = new Map();
  (function look(value) {
    if (value && typeof value === "object") {
      if (typeof value.type === "string") {
        types.set(value.type, Boolean(value.fallback) && types.get(value.type) !== false);
      }
      Object.values(value).forEach(look);
    }
  })(card);
  return new Set([...types].filter(([, all]) => all).map(([type]) => type));
}
