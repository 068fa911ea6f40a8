"""Finds every place where a name stands, and erases it there in one transaction.

The history of changes is never rewritten, except here: a version that still named the person would undo the erasure.
The records that change get new edit tokens, so that no form opened before brings the name back.

Every text of every table is read, in pieces, so memory stays constant; it takes about two minutes for 100,000
agreements with their history. `manage.py erase_person` has no time limit; the page refuses registers that are too large
for one request.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import caches
from django.db import IntegrityError, connection, models, transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from agreements.counting.register_version.triggers import renew
from agreements.curation.erasure import files, sessions
from agreements.curation.erasure.columns import DELETED, Table, tables
from agreements.curation.erasure.files import FoundDocument
from agreements.curation.erasure.names import Name
from agreements.curation.history.past import latest_versions
from agreements.curation.history.recording import note_written, recorded
from agreements.domain.chunks import in_chunks
from agreements.models import (
    RECORDS,
    ROWS,
    Agreement,
    Document,
    DocumentVersion,
    Erasure,
    Import,
    SearchEntry,
    SearchWord,
    Source,
)
from agreements.models.derived import derived_fields
from agreements.models.documents import document_storage
from agreements.models.records import record_of
from agreements.search import SearchQuery, found_keys

MOST_SHOWN = 200
_TOGETHER = 200
_MOST_OF_SAME = 1_000
_SHOWN_AROUND = 40

Progress = Callable[[int], object]


class ErasureRefusedError(Exception):
    """The name cannot be erased now; the text says why and what to do."""


@dataclass(frozen=True)
class Place:
    """One text with the name: in which table and column, of which row, and what it says before and after."""

    table: str
    column: str
    row: str
    before: str
    after: str
    # the agreement that it belongs to, if it does
    agreement: int | None = None


@dataclass
class Found:
    """What an erasure touches, or touched: places by column, the first of them to show, and files."""

    rows: Counter[str] = field(default_factory=Counter)
    places: int = 0
    shown: list[Place] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    documents: list[FoundDocument] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    # agreements whose own texts have the name
    agreements: set[int] = field(default_factory=set)

    @property
    def touched(self) -> list[dict[str, object]]:
        return [{"where": where, "rows": rows} for where, rows in sorted(self.rows.items())]

    def add(self, where: str, places: int) -> None:
        self.rows[where] += 1
        self.places += places


@dataclass(frozen=True)
class _Row:
    """A row with the name: its key, the agreement or other record it belongs to, and its columns before and after."""

    key: Any
    owner: int | None
    columns: "dict[models.Field, tuple[Any, Any, int]]"


# Looking


def look(name: Name, *, progress: Progress = lambda rows: None) -> Found:
    """Return every place where the name stands; writes nothing."""
    found = Found()
    for table in tables():
        for row in _rows_with(name, table, progress):
            _note(found, table, row)
    for session, _data, places in sessions.sessions_with(name):
        found.add(f"{session._meta.label}.session_data", places)
    _look_in_search(name, found)
    _look_beside(name, found)
    return found


def _look_beside(name: Name, found: Found) -> None:
    """Look into files, and at accounts, which are left alone."""
    found.imports = list(files.imports_with(name))
    found.documents = list(files.documents_with(name, found.agreements))
    found.accounts = [
        account.get_username()
        for account in User.objects.order_by("username").iterator(_TOGETHER)
        if any(
            map(name.stands_in, (account.get_full_name(), account.get_username(), account.email))
        )
    ]


def _note(found: Found, table: Table, row: _Row) -> None:
    is_part = ROWS.get(table.model) == "agreement"
    agreement = row.key if table.model is Agreement else row.owner if is_part else None
    for column, (before, after, places) in row.columns.items():
        found.add(f"{table.label}.{column.name}", places)
        if len(found.shown) < MOST_SHOWN:
            what = str(capfirst(table.model._meta.verbose_name))
            label = str(capfirst(column.verbose_name))
            cut = _excerpts(str(before), str(after))
            found.shown.append(Place(what, label, str(row.key), *cut, agreement))
    if agreement is not None:
        found.agreements.add(agreement)


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """Return both texts around the first difference."""
    pairs = enumerate(zip(before, after, strict=False))
    first = next((place for place, (a, b) in pairs if a != b), min(len(before), len(after)))
    start = max(0, first - _SHOWN_AROUND)
    end = first + 3 * _SHOWN_AROUND
    dots = "…" if start else ""
    return tuple(f"{dots}{text[start:end]}{'…' * (len(text) > end)}" for text in (before, after))  # type: ignore[return-value]


def _look_in_search(name: Name, found: Found) -> None:
    for _key, places in _entries_with(name):
        found.add("agreements.SearchEntry", places)


def _entries_with(name: Name) -> Iterator[tuple[int, int]]:
    """Yield the agreements whose search entry has the name, and in how many places."""
    last = 0
    while rows := list(
        SearchEntry.objects.filter(pk__gt=last)
        .order_by("pk")
        .values_list("pk", "title", "body")[:_TOGETHER]
    ):
        for key, *texts in rows:
            if places := sum(name.without(text, is_folded=True)[1] for text in texts):
                yield key, places
        last = rows[-1][0]


def _rows_with(name: Name, table: Table, progress: Progress) -> Iterator[_Row]:
    """Yield the rows of a table that have the name; they may be written meanwhile."""
    manager, pk = table.model._base_manager, table.model._meta.pk.name
    owner = f"{ROWS[table.model]}_id" if table.model in ROWS else pk
    names = [column.attname for column in table.columns]
    last: Any = None
    while rows := list(
        (manager.all() if last is None else manager.filter(pk__gt=last))
        .order_by("pk")
        .values_list("pk", owner, *names)[:_TOGETHER]
    ):
        for key, owned_by, *values in rows:
            columns = {
                column: (value, new, places)
                for column, value in zip(table.columns, values, strict=True)
                for new, places in [_without(name, column, value)]
                if places
            }
            if columns:
                yield _Row(key, owned_by, columns)
        last = rows[-1][0]
        progress(len(rows))


def _without(name: Name, column: "models.Field", value: Any) -> tuple[Any, int]:
    if not value:
        return value, 0
    if not isinstance(value, str):
        return name.in_value(value)
    return name.without(
        value,
        longest=column.max_length,
        is_slug=isinstance(column, models.SlugField),
    )


# Erasing


def erase(
    name: Name,
    *,
    by: User | None,
    reason: str,
    at: datetime,
    remove_documents: Collection[int] = (),
    progress: Progress = lambda rows: None,
) -> tuple[Erasure, Found]:
    """Erase the name everywhere and return what was done; `by` is None for the command.

    `remove_documents` are the files to remove, by `FoundDocument.version`; others are kept. One transaction, at the end
    of which files are removed and caches emptied. Raises `ErasureRefusedError`, with nothing written.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise ErasureRefusedError(_("Say why the name is erased."))
    if name.stands_in(reason):
        raise ErasureRefusedError(
            _("The reason contains the name itself. Say it without the name.")
        )
    if Import.objects.exclude(work="").exists():
        raise ErasureRefusedError(_("An import is running. Wait until it has ended."))
    _overwrite_what_is_deleted()
    found = Found()
    with transaction.atomic(), recorded(by=by, why=_("A person's name was erased.")):
        _look_beside_first(name, found)
        written = _erase_from_tables(name, found, progress)
        for session, data, places in list(sessions.sessions_with(name)):
            sessions.rewrite(session, data)
            found.add(f"{session._meta.label}.session_data", places)
        _erase_from_search(name, found)
        _renew(written)
        gone = _remove_imports(found.imports)
        removed = [each for each in found.documents if each.version in set(remove_documents)]
        gone += _remove_documents(removed)
        renew(connection)
        done = Erasure.objects.create(
            at=at,
            by=by,
            reason=reason,
            replacement=name.replacement,
            places=found.places,
            touched=found.touched,
            import_files=len(found.imports),
            documents_removed=len(removed),
            documents_kept=len(found.documents) - len(removed),
            digest=name.digest,
        )
        transaction.on_commit(partial(_after, gone, {each["where"] for each in found.touched}))
    return done, found


def _look_beside_first(name: Name, found: Found) -> None:
    """Look into the files before the texts change, as files that only people read are listed with their records."""
    for table in tables():
        if table.model is Agreement or ROWS.get(table.model) == "agreement":
            for row in _rows_with(name, table, lambda rows: None):
                key = row.key if table.model is Agreement else row.owner
                if key is not None:
                    found.agreements.add(key)
    _look_beside(name, found)


def _erase_from_tables(
    name: Name, found: Found, progress: Progress
) -> dict[type[models.Model], set[int]]:
    """Rewrite every row with the name; return the keys of the records written, by model."""
    written: dict[type[models.Model], set[int]] = defaultdict(set)
    for table in tables():
        for row in _rows_with(name, table, progress):
            _note(found, table, row)
            _write(table, row)
            if table.model in RECORDS:
                written[table.model].add(row.key)
            elif table.model in ROWS and row.owner is not None:
                written[record_of(table.model)].add(row.owner)
    return written


def _write(table: Table, row: _Row) -> None:
    stored = table.model._base_manager.filter(pk=row.key)
    if table.label in DELETED:
        stored.delete()
        return
    values = {column.attname: after for column, (_before, after, _n) in row.columns.items()}
    for number in range(1, _MOST_OF_SAME):
        try:
            with transaction.atomic():
                new = values if number == 1 else _numbered(row, values, number)
                stored.update(**new, **_derived(stored, new))
            return
        except IntegrityError:
            # another row has the same text already, where there may be only one
            continue
    text = _("The replacement is used too often already. Choose other words for it.")
    raise ErasureRefusedError(text)


def _derived(stored: "models.QuerySet[Any]", new: dict[str, Any]) -> dict[str, str]:
    """Return the columns that are computed from others, as they become if the row gets these values; one query."""
    fields = derived_fields(stored.model)
    if not fields:
        return {}
    now = stored.values(*{name for field in fields for name in field.of}).get() | new
    return {field.attname: field.computed(*(now[name] for name in field.of)) for field in fields}


def _numbered(row: _Row, values: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the values with a number after each text that must be unlike others."""
    numbered = dict(values)
    for column in row.columns:
        value = values[column.attname]
        if _must_differ(column) and isinstance(value, str):
            mark = f"-{number}" if isinstance(column, models.SlugField) else f" ({number})"
            mark = f"?{number}" if isinstance(column, models.URLField) else mark
            longest = (column.max_length or len(value) + len(mark)) - len(mark)
            numbered[column.attname] = value[:longest] + mark
    return numbered


def _must_differ(column: "models.Field") -> bool:
    constraints = column.model._meta.constraints
    unique = [c for c in constraints if isinstance(c, models.UniqueConstraint)]
    computed = (f.name for f in derived_fields(column.model) if column.name in f.of)
    names = {column.name, *computed}
    return column.unique or any(names & {*constraint.fields} for constraint in unique)


def _erase_from_search(name: Name, found: Found) -> None:
    """Make the entries again, now that the texts have changed, and forget words that no record has any more."""
    keys = []
    for key, places in _entries_with(name):
        keys.append(key)
        found.add("agreements.SearchEntry", places)
    for chunk in in_chunks(keys):
        Agreement.objects.filter(pk__in=chunk).refresh_search()
    for word in sorted(name.words):
        wanted = SearchQuery.read(f'"{word}"').wanted
        if not len(found_keys(wanted, connection.alias)):
            removed, _by_model = SearchWord.objects.filter(word=word).delete()
            found.rows["agreements.SearchWord"] += removed
    found.rows += Counter()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            if "sqlite_stat4" in connection.introspection.table_names(cursor):
                # samples of texts, by which queries are planned
                cursor.execute("DELETE FROM sqlite_stat4")
            # the index keeps deleted words until its parts are merged
            cursor.execute(
                "INSERT INTO agreements_searchentry_fts(agreements_searchentry_fts) VALUES ('optimize')"
            )


def _renew(written: dict[type[models.Model], set[int]]) -> None:
    """Make open forms of these records outdated; their latest versions, rewritten too, go on being theirs."""
    for record, keys in written.items():
        for chunk in in_chunks(sorted(keys)):
            rows: Any = record._default_manager.filter(pk__in=chunk)
            rows.renew_edit_tokens()
            kept = latest_versions(record, chunk)
            note_written(record, map(int, kept.values_list("object_id", flat=True)))
    sources = written.get(Source, set())
    for chunk in in_chunks(sorted(sources)):
        Agreement.objects.filter(evidence__source__in=chunk).refresh_verification()


def _remove_imports(runs: Iterable[Import]) -> list[str]:
    """Let go of the files of these imports, and of whole imports that are not applied yet; return the files' names."""
    gone = []
    for run in runs:
        gone.append(run.file.name or "")
        if run.state in files.UNDECIDED:
            run.delete()
        else:
            Import.objects.filter(pk=run.pk).update(file="")
    return gone


def _remove_documents(chosen: Iterable[FoundDocument]) -> list[str]:
    """Delete these files, and the documents whose present file is one of them; return the files' names.

    Raises `ErasureRefusedError` for a document that is evidence of a fact, which would be left without any.
    """
    gone = []
    for each in chosen:
        version = DocumentVersion.objects.get(pk=each.version)
        gone.append(version.file.name or "")
        document = Document.objects.filter(pk=version.document_id, file=version.file.name).first()
        if document is not None:
            _remove_document(document, each.ref)
        version.delete()
    return gone


def _remove_document(document: Document, ref: str) -> None:
    try:
        document.delete()
    except models.RestrictedError as error:
        text = _(
            "The document “%(document)s” of %(ref)s is evidence of a fact. Remove that evidence, or name a source "
            "instead, before you remove the document."
        )
        raise ErasureRefusedError(text % {"document": document, "ref": ref}) from error


def _overwrite_what_is_deleted() -> None:
    """Let SQLite overwrite deleted content with zeros rather than leave it in the file."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def _after(gone: Iterable[str], touched: Collection[object]) -> None:
    storage = document_storage()
    for file in filter(None, gone):
        storage.delete(file)
    _empty(caches["default"])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # its statistics hold samples of the texts as they were
            for table in tables():
                if any(str(where).startswith(f"{table.label}.") for where in touched):
                    cursor.execute(
                        f"ANALYZE {connection.ops.quote_name(table.model._meta.db_table)}"
                    )
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            # the log of recent writes still has the texts as they were
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _empty(cache: Any) -> None:
    """Drop the pages that were kept; of a Redis that others share, only our own keys."""
    if hasattr(cache, "delete_pattern"):
        cache.delete_pattern("*")
    else:
        cache.clear()


def is_too_large(most_rows: int, most_bytes: int) -> bool:
    """Whether looking through the register takes longer than a browser waits."""
    rows = sum(table.model._base_manager.count() for table in tables())
    size = DocumentVersion.objects.aggregate(n=models.Sum("size"))["n"] or 0
    return rows > most_rows or size > most_bytes
