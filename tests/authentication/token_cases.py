"""The matrix of tokens: what a caller may state, sign with, and put into the header."""

from tests.authentication.case import Case
from tests.authentication.forger import LEFT_OUT, FromNow, FromServiceUrl
from tests.channel.local_framework import APP_ID

ENTRA_1 = "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"
ENTRA_2 = "https://login.microsoftonline.com/d6d49420-f39b-4df7-a1dc-d59a935871db/v2.0"
OTHER_APP = "8f0e8f54-7ab8-4a4b-9c1b-0d4f5a6b7c8d"
EVIL = "https://evil.example/"
ONLY_THE_CHANNEL = "only the Bot Framework speaks for Teams; the Emulator has no business in production"


def claiming(**claims):
    return {"claims": claims}


def heading(*values):
    return {"authorization": values}


def emulating(**claims):
    return claiming(**{"iss": ENTRA_1, "ver": "1.0", "appid": APP_ID, "serviceurl": LEFT_OUT} | claims)


TOKEN_CASES = [
    Case("a good token", 200, 201),
    Case("issued just now", 200, 201, claiming(iat=FromNow(0))),
    Case("expired within the skew", 200, 201, claiming(exp=FromNow(-240))),
    Case("valid from within the skew", 200, 201, claiming(nbf=FromNow(240))),
    Case("issued ahead within the skew", 200, 201, claiming(iat=FromNow(240))),
    Case("no start of validity", 200, 201, claiming(nbf=LEFT_OUT)),
    Case("issued two days ago and still valid", 200, 201, claiming(iat=FromNow(-172_800))),
    # Times.
    Case("expired", 401, 500, claiming(exp=FromNow(-360))),
    Case("no expiry", 401, 201, claiming(exp=LEFT_OUT), "a token without an end would be good for ever"),
    Case("an expiry that is null", 401, 500, claiming(exp=None)),
    Case("an expiry that is a word", 401, 500, claiming(exp="soon")),
    Case("an expiry written as a text", 401, 201, claiming(exp="32503680000"), "a time in a token is a number"),
    Case("not yet valid", 401, 500, claiming(nbf=FromNow(360))),
    Case("a start that is a list", 401, 500, claiming(nbf=[0])),
    Case("issued in the future", 401, 500, claiming(iat=FromNow(360))),
    # Who signed for whom.
    Case("another issuer", 401, 401, claiming(iss="https://login.example/")),
    Case("the issuer with a slash", 401, 401, claiming(iss="https://api.botframework.com/")),
    Case("a list of issuers", 401, 401, claiming(iss=["https://api.botframework.com"])),
    Case("no issuer", 401, 500, claiming(iss=LEFT_OUT)),
    Case("the government's issuer", 401, 401, claiming(iss="https://api.botframework.us")),
    Case("another audience", 401, 401, claiming(aud=OTHER_APP)),
    Case("the audience in capitals", 401, 401, claiming(aud=APP_ID.upper())),
    Case("no audience", 401, 401, claiming(aud=LEFT_OUT)),
    Case("an empty audience", 401, 401, claiming(aud="")),
    Case("a list of audiences", 401, 401, claiming(aud=[APP_ID])),
    Case("an Emulator's token, version 1", 401, 201, emulating(), ONLY_THE_CHANNEL),
    Case("an Emulator's token, version 2", 401, 201, emulating(iss=ENTRA_2, ver="2.0", azp=APP_ID), ONLY_THE_CHANNEL),
    Case(
        "an Emulator's token for a foreign host",
        401,
        201,
        {**emulating(), "changes": {"serviceUrl": EVIL}},
        ONLY_THE_CHANNEL + ", least of all as it pins no service URL",
    ),
    Case("our own outbound token", 401, 500, emulating(aud="https://api.botframework.com")),
    Case("a foreign skill's token", 401, 401, emulating(aud=APP_ID, appid=OTHER_APP)),
    Case("a skill's claims in the channel's token", 401, 401, claiming(ver="1.0", appid=OTHER_APP)),
    # The service URL that is signed.
    Case("another service URL", 401, 401, claiming(serviceurl=EVIL)),
    Case("no service URL in the token", 401, 401, claiming(serviceurl=LEFT_OUT)),
    Case("the service URL with another case", 401, 401, claiming(serviceurl=FromServiceUrl("HTTP{url}"))),
    Case("the service URL with another end", 401, 401, claiming(serviceurl=FromServiceUrl("{url}/"))),
    Case("the service URL in a list", 401, 401, claiming(serviceurl=["http://127.0.0.1/"])),
    Case("the service URL with another port", 401, 401, claiming(serviceurl="http://127.0.0.1:1/")),
    # The signature.
    Case("no algorithm", 401, 500, {"algorithm": "none"}),
    Case("the public key as a shared secret", 401, 500, {"algorithm": "HS256"}),
    Case("RS384", 401, 500, {"algorithm": "RS384"}),
    Case("RS512", 401, 500, {"algorithm": "RS512"}),
    Case("PS256", 401, 500, {"algorithm": "PS256"}),
    Case("signed by another key", 401, 500, {"by_another": True}),
    Case("signed by a key that the token brings", 401, 500, {"by_another": True, "token_header": {"jku": EVIL}}),
    Case("signed by a certificate that it names", 401, 500, {"by_another": True, "token_header": {"x5u": EVIL}}),
    Case("signed by a key in its header", 401, 500, {"by_another": True, "token_header": {"jwk": {"kty": "RSA"}}}),
    Case("signed well, and a key's address besides", 200, 201, {"token_header": {"jku": EVIL, "x5u": EVIL}}),
    Case("a critical extension that nobody knows", 401, 500, {"token_header": {"crit": ["x"], "x": 1}}),
    Case("a signature cut short", 401, 500, heading("Bearer {cut}")),
    Case("an expiry put off after signing", 401, 500, heading("Bearer {longer_lived}")),
    # The key.
    Case("no key id", 401, 500, {"key_id": LEFT_OUT}),
    Case("an unknown key id", 401, 500, {"key_id": "unknown"}),
    Case("a key id that is a number", 401, 500, {"key_id": 1}),
    Case("a key id that is a list", 401, 500, {"key_id": ["k1"]}),
    Case("a key id that is a path", 401, 500, {"key_id": "../../etc/passwd"}),
    Case("a key for another channel", 401, 500, {"key_id": "webchat"}),
    Case(
        "a key endorsed for nobody", 401, 201, {"key_id": "empty"}, "a key speaks for the channels it is endorsed for"
    ),
    Case("a key without endorsements", 401, 201, {"key_id": "silent"}, "an endorsement that is missing is none"),
    Case("a key endorsed by a text", 401, 201, {"key_id": "text"}, "a channel's name inside a text is no endorsement"),
    # The header.
    Case("no header", 401, 500, heading()),
    Case("an empty header", 401, 500, heading("")),
    Case("a scheme without a token", 401, 500, heading("Bearer ")),
    Case("a token without a scheme", 401, 500, heading("{token}")),
    Case("a lower-case scheme", 401, 401, heading("bearer {token}")),
    Case("basic", 401, 401, heading("Basic dXNlcjpwYXNz")),
    Case("two blanks", 401, 500, heading("Bearer  {token}")),
    Case("a word after the token", 401, 500, heading("Bearer {token} more")),
    Case("garbage", 401, 500, heading("Bearer garbage")),
    Case("garbage with dots", 401, 500, heading("Bearer a.b.c")),
    Case("a token of bytes that are no text", 401, 500, heading("Bearer \udcff.\udcfe.\udcfd")),
    Case("a token of 64 KB", 400, 400, heading("Bearer " + "a" * 65_536)),
    Case("a token of 8,000 letters", 401, 500, heading("Bearer " + "a" * 8_000)),
    Case("two headers, the first one bad", 401, 500, heading("Bearer a.b.c", "Bearer {token}")),
    Case("two headers, the first one good", 200, 201, heading("Bearer {token}", "Bearer a.b.c")),
    Case("the token in the query", 401, 500, {**heading(), "query": "?access_token={token}"}),
]
