"""What files of other registers call the status of an agreement, in English, Azerbaijani and Russian.

The register computes the status itself. What a file says gives the stage of an agreement, and is compared with what the
register computes.
"""

from agreements.domain.choices import OF_PAST_DAYS, Stage, Status
from agreements.domain.lifecycle import RUNNING
from agreements.search import fold

# the statuses that a file can state
OF_FILES = tuple(each.value for each in Status if each not in OF_PAST_DAYS)

_PHRASES = {
    Status.PROPOSED: (
        "proposal", "planned", "initiated", "idea", "təklif", "təklif olunub", "təklif edilib", "planlaşdırılır",
        "предложен", "предложено", "предложение", "планируется",
    ),
    Status.NEGOTIATION: (
        "negotiation", "negotiating", "under negotiation", "negotiations", "being negotiated", "in process",
        "in progress", "draft", "drafting", "pending", "pending signature", "awaiting signature", "to be signed",
        "under review", "under discussion", "under preparation", "in preparation", "in development", "not yet signed",
        "layihə", "hazırlanır", "hazırlanmaqdadır", "danışıqlar", "danışıqlar aparılır", "müzakirə olunur",
        "razılaşdırılır", "prosesdə", "imzalanma gözlənilir",
        "проект", "переговоры", "ведутся переговоры", "в процессе", "в разработке", "на согласовании",
        "согласовывается", "готовится", "на подписании", "подготовка",
    ),
    Status.SIGNED: (
        "concluded", "executed", "imzalanıb", "imzalanmış", "imzalandı", "bağlanıb",
        "подписан", "подписано", "подписана", "заключен", "заключено", "заключена",
    ),
    Status.PROVISIONALLY_APPLIED: (
        "provisional application", "müvəqqəti tətbiq olunur", "временно применяется",
    ),
    Status.IN_FORCE: (
        "active", "valid", "effective", "in effect", "current", "running", "operational", "ongoing", "live",
        "qüvvədə", "qüvvədədir", "aktiv", "aktivdir", "etibarlı", "etibarlıdır", "icra olunur", "davam edir",
        "действует", "действующий", "действующее", "действующая", "в силе", "вступил в силу", "вступило в силу",
        "активный", "активен", "активно", "активное", "выполняется",
    ),
    Status.SUSPENDED: (
        "on hold", "paused", "dayandırılıb", "müvəqqəti dayandırılıb", "приостановлен", "приостановлено",
        "приостановлена",
    ),
    Status.EXPIRED: (
        "lapsed", "ended", "inactive", "not active", "no longer valid", "müddəti bitib", "bitib", "başa çatıb",
        "vaxtı bitib", "müddəti başa çatıb", "qüvvədən düşüb",
        "истек", "истекло", "истекла", "срок истек", "истек срок", "недействует", "не действует", "окончен",
        "утратил силу", "утратило силу",
    ),
    Status.TERMINATED: (
        "cancelled", "canceled", "denounced", "withdrawn", "ləğv edilib", "ləğv olunub", "xitam verilib",
        "denonsasiya edilib", "прекращен", "прекращено", "прекращена", "расторгнут", "расторгнуто", "расторгнута",
        "денонсирован", "денонсировано", "отменен", "отменено",
    ),
    Status.SUPERSEDED: (
        "replaced", "əvəz edilib", "əvəz olunub", "заменен", "заменено", "заменена",
    ),
    Status.ABANDONED: (
        "dropped", "rejected", "not signed", "discontinued", "not concluded", "imtina edilib", "rədd edilib",
        "отклонен", "отклонено", "не подписан", "не подписано", "отказ",
    ),
}  # fmt: skip


def _key(text: str) -> str:
    return fold(text.casefold().replace("ё", "е"))


_MEANT = {
    _key(phrase): status
    for status, phrases in _PHRASES.items()
    for phrase in (*phrases, status.value.replace("_", " "))
}
# what a status in a file does not contradict, besides itself: an agreement in force was signed
_ALSO = {
    Status.SIGNED: RUNNING,
    Status.IN_FORCE: (Status.PROVISIONALLY_APPLIED,),
    Status.NEGOTIATION: (Status.PROPOSED,),
}
_BEFORE_CONCLUSION = {
    Status.PROPOSED: Stage.PROPOSED,
    Status.NEGOTIATION: Stage.NEGOTIATION,
    Status.ABANDONED: Stage.ABANDONED,
}


def status_meant(text: str) -> Status | None:
    """Return the status that a file means by a word, a code or a label; None if that is not known."""
    if (meant := _MEANT.get(_key(text))) is not None:
        return meant
    wanted = text.strip().casefold()
    labels = (each for each in Status if str(each.label).casefold() == wanted)
    return next((each for each in labels if each.value in OF_FILES), None)


def stage_of(status: Status) -> Stage:
    """Return the stage of an agreement that a file gives this status."""
    return _BEFORE_CONCLUSION.get(status, Stage.CONCLUDED)


def agree(said: Status, computed: Status) -> bool:
    """Return whether the status in a file may stand beside the one that the register computes."""
    return computed == said or computed in _ALSO.get(said, ())
