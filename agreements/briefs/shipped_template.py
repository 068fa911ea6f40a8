"""The Word template that the register uses unless an operator sets their own: one A4 page, made with python-docx.

Its fields are those of `brief.Brief` in the notation of docxtpl (Jinja): `{{ title }}`, and `{%p for … %}` or
`{%tr for … %}` to repeat a paragraph or a row. `manage.py write_brief_template` saves it for an operator to change.
"""

from functools import cache
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

_INK, _SOFT, _PLUM = (
    RGBColor(0x17, 0x23, 0x2A),
    RGBColor(0x4B, 0x5A, 0x61),
    RGBColor(0x6A, 0x3D, 0x7A),
)
_ACCENT, _ALARM = RGBColor(0x15, 0x56, 0x6B), RGBColor(0x9C, 0x2B, 0x1F)
_RULE, _FONT = "B5C2C0", "Arial"
# of the sheet's 210 mm
_MARGIN = Mm(15)
_WIDTHS = [Mm(width) for width in (83, 17, 29, 29, 22)]


@cache
def shipped_template() -> bytes:
    """Return the template as a .docx file."""
    document = Document()
    _set_up(document)
    _head(document)
    _figures(document)
    _points(document)
    _events(document)
    _list(document)
    _commitments(document)
    _signings(document)
    _about(document)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _set_up(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = Mm(12)
    section.footer_distance = Mm(6)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size, normal.font.color.rgb = _FONT, Pt(8.5), _INK
    normal.paragraph_format.space_after = Pt(2)
    normal.paragraph_format.line_spacing = 1.0
    for name, size in (("Title", 20), ("Heading 1", 12)):
        _style_heading(document.styles[name], size)
    properties = document.core_properties
    properties.title, properties.author = "{{ title }}", "MoU Tracker"
    properties.comments = ""
    footer = section.footer.paragraphs[0]
    _run(footer, "{{ url }} · {{ as_of }}", size=7, colour=_SOFT)


def _style_heading(style: Any, size: int) -> None:
    style.font.name, style.font.size, style.font.bold = _FONT, Pt(size), True
    style.font.color.rgb = _INK if size > 12 else _ACCENT
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    style.paragraph_format.space_before = Pt(0 if size > 12 else 7)
    style.paragraph_format.space_after = Pt(2)
    style.paragraph_format.keep_with_next = True
    for border in style.element.pPr.findall(qn("w:pBdr")):
        style.element.pPr.remove(border)


def _head(document: Any) -> None:
    document.add_paragraph("{{ title }}", style="Title")
    line = document.add_paragraph()
    _run(line, "{{ subtitle }} · {{ as_of }}", colour=_SOFT)
    _run(line, "{% if internal %} · {{ internal }}{% endif %}", colour=_PLUM, bold=True)


def _figures(document: Any) -> None:
    line = document.add_paragraph()
    _run(line, "{% for figure in figures %}{% if not loop.first %}   ·   {% endif %}")
    _run(line, "{{ figure.number }}", bold=True, size=12)
    _run(line, " {{ figure.label }}{% endfor %}")


def _points(document: Any) -> None:
    document.add_paragraph("{%p if points %}")
    document.add_paragraph("{{ headings.talks }}", style="Heading 1")
    document.add_paragraph("{%p for kind in points %}")
    _run(document.add_paragraph(), "{{ kind.heading }}", bold=True)
    document.add_paragraph("{%p for point in kind.points %}")
    _point(document, "{{ point.subject }}", " ({{ point.ref }}): {{ point.words }}")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p if kind.rest %}")
    _run(document.add_paragraph(), "{{ kind.rest }}", colour=_SOFT)
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endif %}")


def _events(document: Any) -> None:
    document.add_paragraph("{%p if events %}")
    document.add_paragraph("{{ headings.events }}", style="Heading 1")
    document.add_paragraph("{%p for event in events %}")
    _point(document, "{{ event.words }}", " – {{ event.subject }} ({{ event.ref }})")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endif %}")


def _list(document: Any) -> None:
    document.add_paragraph("{{ headings.list }}", style="Heading 1")
    document.add_paragraph("{%p if not lines %}")
    document.add_paragraph("{{ headings.nothing }}")
    document.add_paragraph("{%p else %}")
    table = document.add_table(rows=7, cols=5)
    table.autofit = False
    for column, width in zip(table.columns, _WIDTHS, strict=True):
        column.width = width
    head, start, group_if, group, group_end, row, end = table.rows
    _repeat_on_each_page(head)
    columns = ("subject", "ref", "signed", "ends", "status")
    for cell, name in zip(head.cells, columns, strict=True):
        _run(cell.paragraphs[0], f"{{{{ headings.{name} }}}}", size=8, colour=_SOFT)
    _tag(start, "for line in lines")
    _tag(group_if, "if line.group")
    _run(group.cells[0].paragraphs[0], "{{ line.group }}", bold=True)
    group.cells[0].paragraphs[0].paragraph_format.keep_with_next = True
    _tag(group_end, "endif")
    subject = row.cells[0].paragraphs[0]
    _run(subject, "{{ line.subject }}", size=7.5)
    _run(subject, "{% if line.summary %} – {{ line.summary }}{% endif %}", colour=_SOFT, size=7)
    for cell, name in zip(row.cells[1:], columns[1:], strict=True):
        _run(cell.paragraphs[0], f"{{{{ line.{name} }}}}", bold=name == "status", size=7.5)
    _tag(end, "endfor")
    for each in table.rows:
        _lay_out(each)
    group.cells[0].merge(group.cells[-1])
    document.add_paragraph("{%p for note in notes %}")
    _run(document.add_paragraph(), "{{ note }}", size=8, colour=_SOFT)
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endif %}")


def _commitments(document: Any) -> None:
    document.add_paragraph("{%p for side in commitments %}")
    heading = document.add_paragraph("{{ side.heading }}", style="Heading 1")
    _run(heading, " · {{ internal }}", colour=_PLUM)
    document.add_paragraph("{%p for promise in side.promises %}")
    line = _point(document, "{{ promise.text }}", " ({{ promise.ref }}): {{ promise.words }}")
    _run(line, "{% if promise.late %} · {{ promise.late }}{% endif %}", bold=True, colour=_ALARM)
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p if side.rest %}")
    _run(document.add_paragraph(), "{{ side.rest }}", colour=_SOFT)
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p endfor %}")


def _signings(document: Any) -> None:
    document.add_paragraph("{%p if signings %}")
    document.add_paragraph("{{ headings.signings }}", style="Heading 1")
    document.add_paragraph("{%p for signing in signings %}")
    _point(
        document,
        "{{ signing.subject }}",
        " ({{ signing.ref }}), {{ signing.signed }}: {{ signing.people }}",
    )
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endif %}")


def _about(document: Any) -> None:
    document.add_paragraph("{{ headings.about }}", style="Heading 1")
    document.add_paragraph("{{ sources }} {{ headings.made_from }} {{ url }}")


def _point(document: Any, first: str, rest: str) -> Any:
    line = document.add_paragraph(style="List Bullet")
    line.paragraph_format.space_after = Pt(1)
    _run(line, first, bold=True)
    _run(line, rest)
    return line


def _run(
    paragraph: Any, text: str, *, bold: bool = False, size: float = 0, colour: Any = None
) -> None:
    run = paragraph.add_run(text)
    run.bold = bold or None
    if size:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT


def _tag(row: Any, tag: str) -> None:
    """Let a row say what docxtpl does with the rows below; it is not in the file that comes out."""
    row.cells[0].paragraphs[0].add_run(f"{{%tr {tag} %}}")


def _repeat_on_each_page(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - python-docx has no name for it


def _lay_out(row: Any) -> None:
    """Give the cells of a row their widths and a rule below, and keep the row on one page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - as above
    for cell, width in zip(row.cells, _WIDTHS, strict=True):
        cell.width = width
        borders = OxmlElement("w:tcBorders")
        bottom = OxmlElement("w:bottom")
        for name, value in (("val", "single"), ("sz", "4"), ("color", _RULE)):
            bottom.set(qn(f"w:{name}"), value)
        borders.append(bottom)
        cell._tc.get_or_add_tcPr().append(borders)  # noqa: SLF001 - as above
        cell.paragraphs[0].paragraph_format.space_after = Pt(1)
