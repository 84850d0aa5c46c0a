"""Hundreds of texts that break software, to be carried through everything and compared.

Each is a text that an official might paste into a title. What they have in common: XML 1.0 can hold
them, and they begin and end with something that is no white space.
"""

from __future__ import annotations

import unicodedata

ORDINARY = "L’été à Paris"

SCRIPTS = """
Participatory budgeting in ten questions
Budget participatif : 500 millions d’euros en six ans
Presupuestos participativos: ¿quién decide?
Orçamento participativo — a decisão é sua
Бюджет участия: что решают жители
Συμμετοχικός προϋπολογισμός
ميزانية تشاركية: من يقرر؟
بودجهٔ مشارکتی؛ شهروندان تصمیم می‌گیرند
תקציב שיתופי: מי מחליט?
सहभागी बजट: निर्णय कौन लेता है?
অংশগ্রহণমূলক বাজেট
பங்கேற்பு வரவுசெலவுத் திட்டம்
งบประมาณแบบมีส่วนร่วม
ការចូលរួមថវិកា
参与式预算：谁来决定？
參與式預算：誰來決定？
市民参加型予算「誰が決めるのか」
시민참여예산제: 누가 결정하는가?
მონაწილეობითი ბიუჯეტი
Մասնակցային բյուջետավորում
የአሳታፊ በጀት
ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ
ꦧꦱꦗꦮ
𐌰𐍄𐍄𐌰 𐌿𐌽𐍃𐌰𐍂
𝔅𝔲𝔡𝔤𝔢𝔱 𝕻𝖆𝖗𝖙𝖎𝖈𝖎𝖕𝖆𝖙𝖎𝖋
Ｂｕｄｇｅｔ　ｐａｒｔｉｃｉｐａｔｉｆ
İstanbul’da IŞIK ı i̇
Straße, STRASSE, ſtraße, STRAẞE
Đà Nẵng: ngân sách có sự tham gia
Ľúbezný vďačný žřebčín
ﬁnance ﬂux ﬀ ﬃ
½ ¼ ⅓ ² ³ ₂ ① ㊗ ㎡ ™ ℅ № ‰ ‱
""".strip().splitlines()

MARKUP = """
<b>bold</b>
<script>alert(1)</script>
<img src=x onerror=alert(1)>
<!-- comment -->
<!DOCTYPE html>
<![CDATA[ not a section ]]>
]]>
]]&gt;
]]]]><![CDATA[>
<?xml version="1.0"?>
<?php echo 1 ?>
</title></head><body>
</script><script>
</textarea>
<a href="javascript:alert(1)">x</a>
<svg/onload=alert(1)>
<br>
<br/>
< b >
a<b
a<b>c
a < b > c
1 < 2 && 3 > 2
<
>
<<>>
<3
<é>
</>
<p
x="<y>"
&
&&
&amp;
&amp;amp;
&lt;b&gt;
&lt;
&gt;
&quot;
&apos;
&#39;
&#x27;
&#0;
&#xD800;
&#x110000;
&nbsp;
&copy 2026
&copy;
&notit;
&unknown;
&amp
&#
&#;
&#x;
AT&T
R&D & Co
Q&A;
fish &chips;
% of 100 %
100%
%s %d %n %x
%(title)s
%%
{}
{0}
{title}
{{ 7 * 7 }}
{% raw %}
${7*7}
#{7*7}
<%= 7 * 7 %>
$HOME
`id`
$(id)
\\
\\n
\\u0041
\\x41
\\0
\\'
\\"
'
"
'quoted'
"quoted"
“quoted”
‘quoted’
« cité »
„zitiert“
`code`
``
--
/*
*/
//
/* comment */
;
' OR 1=1 --
'; DROP TABLE study; --
" OR ""="
1; SELECT pg_sleep(5)
Robert'); DROP TABLE students;--
=1+1
+1+1
-1+1
@SUM(1+1)
=HYPERLINK("http://evil.example")
|pipe|
../../etc/passwd
..\\..\\windows\\win.ini
C:\\Budget
file:///etc/passwd
http://example.org/?a=b&c=d#e
https://user:pass@example.org/
mailto:mairie@paris.example
mairie@paris.example
<mairie@paris.example>
Paris <mairie@paris.example>
javascript:alert(1)
data:text/html,<script>alert(1)</script>
*bold* _italic_ **both**
# heading
## heading ##
> quote
- item
1. item
+ item
[link](http://example.org)
![image](http://example.org/x.png)
[ref]: http://example.org
~~gone~~
---
***
===
| a | b |
\\*escaped\\*
:smile:
#hashtag
@mention
null
NULL
None
undefined
true
false
NaN
Infinity
-0
0
00
0x10
1e309
1/0
１２３
1,000.50
1 000,50
2026-02-30
24:61
[]
{}
()
[object Object]
""
''
{"a": [1, 2]}
---\\ntitle: x
key: value
- [ ] todo
!!python/object
<<: *anchor
&anchor
*anchor
?
!
~
^
a|b
a;b
a,b
a"b'c`d
\N{ZERO WIDTH SPACE}zero width
""".strip().splitlines()

INVISIBLE = {
    "no-break spaces": "«\u202f500\u00a0m²\u202f» : c’est\u00a0dit",
    "thin spaces": "10\u2009000\u200a€\u2006net\u2003fin",
    "ideographic space": "東京\u3000都庁",
    "ogham space": "a\u1680b",
    "medium mathematical space": "a\u205fb",
    "zero width space": "a\u200bb",
    "joiners": "می\u200cخواهم \u200d ক\u200dষ",
    "word joiner": "a\u2060b",
    "byte order mark inside": "a\ufeffb",
    "soft hyphen": "Démo\u00adcratie",
    "marks of direction": "a\u200eb\u200fc \u061c د",
    "isolates": "a \u2066b\u2069 \u2067c\u2069 \u2068d\u2069",
    "embeddings": "a \u202bb\u202c \u202ac\u202c",
    "combining": "e\u0301te\u0301 a\u030a o\u0308 n\u0303",
    "combining alone": "a \u0301 b",
    "zalgo": "Z\u0335\u0321a\u0336\u0322l\u0337\u0323g\u0338\u0324o\u0334\u0325",
    "many marks": "a" + "\u0301\u0302\u0303\u0304\u0306\u0307" * 12,
    "variation selectors": "☃\ufe0e ☃\ufe0f 葛\U000e0100飾",
    "tags": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "interlinear": "\ufff9base\ufffatext\ufffb",
    "object replacement": "a\ufffcb",
    "replacement": "a\ufffdb",
    "last of the plane": "a\ufdcf \ufdf0 \ufffd",
    "non-characters that XML allows": "a\ufdd0 \ufdef \U0001fffe \U0001ffff \U0010fffe \U0010ffff",
    "private use": "a\ue000\uf8ff\U000f0000\U0010fffd",
    "around the surrogates": "a\ud7ff\ue000",
    "first beyond the plane": "a\U00010000",
    "ideographic description": "⿰木木",
    "hangul jamo": "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "kelvin and angstrom": "K\u212a Å\u212b Ω\u2126",
    "greek question mark": "τί\u037e",
    "full stop of others": "a。b｡c．d",
    "homographs": "pаypаl раураl",
    "turkish i": "I\u0307 i\u0307",
    "ligature of Allah": "\ufdfa \ufdfb",
    "long s": "\u017f\u0307",
    "mongolian separator": "a\u180eb",
    "math": "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, ∑ᵢ aᵢ² ≥ 0",
    "arrows": "← → ⇒ ↔ ⤴️",
    "boxes": "┌─┐│└┘ ▀▄█",
    "music": "𝄞𝄢 𝅘𝅥𝅮",
    "braille": "⠃⠥⠙⠛⠑⠞",
    "currency": "€ £ ¥ ₩ ₹ ₿ ₽ ₺ ¢",
    "control pictures": "␀␉␊␍␛",
    "quotation marks": "‹a› »b« 「c」 『d』 ＂e＂ ′f′ ″g″",
    "dashes": "a-b‐c‑d‒e–f—g―h−i﹣j－k",
    "apostrophes": "l'l’lʼl′l´l`l＇l",
    "dots": "... … ‥ ․ ⋯ 。。。",
}

EMOJI = """
🗼
👩‍💻 👨‍👩‍👧‍👦 🧑🏽‍🚒
🏳️‍🌈 🏴‍☠️ 🏳️‍⚧️
👍🏻👍🏼👍🏽👍🏾👍🏿
🇫🇷🇪🇸🇰🇷🇨🇦🇨🇭
1️⃣ #️⃣ *️⃣
❤️‍🔥 ❤ ♥︎
🫱🏻‍🫲🏿
(╯°□°）╯︵ ┻━┻)
¯\\_(ツ)_/¯
ʕ•ᴥ•ʔ
( ͡° ͜ʖ ͡°)
""".strip().splitlines()

LONG = [
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "a" * 190,
    "字" * 190,
    "🗼" * 90,
    "é" * 95 + "e\u0301" * 40,
    "mot " * 45 + "fin",
    "<" * 150,
    "&" * 150,
    "&amp;" * 35,
    "\\" * 150,
    "'\"" * 70,
    "]]>" * 50,
    "<b>" * 45,
    "%s" * 80,
    "\u202f".join("abc" * 20),
]


def _forms() -> list[str]:
    """The same words in each of Unicode's normal forms, which are different texts."""
    words = "Ça été l’œuvre d’Angström ﬁn ½ Ḍ̇ 한글 각"
    return [
        f"{form} {unicodedata.normalize(form, words)}" for form in ("NFC", "NFD", "NFKC", "NFKD")
    ]


def _woven() -> list[str]:
    """Pairs of things that each are harmless."""
    left = ["<b>", "&amp;", "]]>", "«\u202f", "\u200f", "e\u0301", "👩‍💻", "%s", "\\", "'"]
    right = ["</b>", ";", "<", "\u202f»", "\u2003x", "\u200d", "\ufe0f", "{0}", "&lt;", '"']
    return [f"a{one}{ORDINARY}{other}z" for one in left for other in right]


CORPUS: tuple[str, ...] = tuple(
    dict.fromkeys(
        text
        for text in (
            *SCRIPTS, *MARKUP, *INVISIBLE.values(), *EMOJI, *LONG, *_forms(), *_woven()
        )
        if text.strip(" \t\n")
    )
)  # fmt: skip

NORMALISED = {
    "  leading and trailing  ": "leading and trailing",
    "\tTabs\tinside\t": "Tabs inside",
    "several    spaces": "several spaces",
    "two\nlines": "two lines",
    "two\r\nlines": "two lines",
    "two\rlines": "two lines",
    "NUL\x00inside": "NULinside",
    "escape\x1b[31mred": "escape[31mred",
    "C1\x85\x9finside": "C1 inside",
    "one\u2028two\u2029three": "one two three",
    "half \ud800 a pair": "half a pair",
    "the two \ufffe that XML \uffff forbids": "the two that XML forbids",
    "over\u202eriding": "overriding",
}
"""Texts that do not stay as they are in a title, by design: one line has no tab and no line end, a
text no character that XML forbids, no control character and no override of direction."""
