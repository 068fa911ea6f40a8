// Says beside each fact what it will rest on, by the rules of admin/statements.py, adds a row for another source there,
// and states everything filled in at once. The choices close when you move on. Without this script the
// same choices are in the markup, except for adding a row.
"use strict";

{
  const form = document.getElementById("agreement_form");
  const source = form?.querySelector('[name="source"]');
  const template = form?.querySelector("template[data-evidence-row]");
  const all = form?.querySelector("[data-all-stated]");
  const words = document.querySelector("[data-evidence-words]")?.dataset ?? {};
  const facts = form ? [...form.querySelectorAll("[data-beside]")] : [];

  // The fields that state a fact: those of its line, or the rows of its list
  const holderOf = (beside) => beside.closest(".entry-line, .entry-rows");
  const wordsIn = (list) => (list ?? "").split(" ").filter(Boolean);
  const fieldsOf = (beside) => {
    const names = wordsIn(beside.dataset.fields);
    return names.length > 0
      ? names.flatMap((name) => [...form.querySelectorAll(`[name="${name}"]`)])
      : [...(holderOf(beside)?.querySelectorAll("input, select, textarea") ?? [])].filter(
          (each) => each.name && each.type !== "hidden" && !each.closest("[data-beside], .empty-form, template"),
        );
  };
  const valueOf = (each) => {
    if (each.type === "checkbox" || each.type === "radio") {
      return each.checked ? each.value : "";
    }
    return each.multiple ? [...each.selectedOptions].map((option) => option.value).join() : each.value.trim();
  };
  // Rows have defaults, such as the role of a party, which say nothing by themselves
  const isTelling = (each) => !/-(role|position|progress|status|basis|DELETE)$/.test(each.name);
  const isPlace = (each) => /-(position|DELETE)$/.test(each.name);
  const isRemoved = (each) => each.closest(".inline-related")?.querySelector('[name$="-DELETE"]')?.checked;
  const stateOf = (beside) =>
    fieldsOf(beside)
      .filter((each) => !isPlace(each))
      .map((each) => `${each.name}=${valueOf(each)}`)
      .join("\n");
  const isFilled = (beside) => {
    const nothing = ["", ...wordsIn(beside.dataset.unknown)];
    return fieldsOf(beside).some((each) => isTelling(each) && !isRemoved(each) && !nothing.includes(valueOf(each)));
  };

  const begun = new Map(facts.map((beside) => [beside, stateOf(beside)]));
  const stored = new Map(facts.map((beside) => [beside, beside.querySelector("[data-said]").textContent]));

  const hasSource = () => Boolean(source?.value || form.querySelector('[name="pasted"]')?.value.trim());
  const chosenIn = (beside) => beside.querySelector('.beside-choice input[type="radio"]:checked')?.value ?? "not";
  const isEntered = (beside) =>
    isFilled(beside) &&
    ("restsIfFilled" in beside.dataset || "changed" in beside.dataset || stateOf(beside) !== begun.get(beside));
  // A value that the register computes may rest on a source although nothing is entered
  const saysSomething = (beside) => "computed" in beside.dataset || isFilled(beside);
  const typedIn = (beside, part) => beside.querySelector(`.beside-${part} :is(input, textarea)`)?.value.trim() ?? "";

  const basisOf = (beside) => {
    const chosen = chosenIn(beside);
    if (chosen === "entered" && !typedIn(beside, "place") && !typedIn(beside, "note")) {
      return isEntered(beside) ? "stated" : "not";
    }
    return saysSomething(beside) ? chosen.replace("entered", "stated") : "not";
  };

  const say = (beside) => {
    const basis = basisOf(beside);
    const isSaid = hasSource() && basis !== "not";
    const note = typedIn(beside, "note");
    const said = basis === "inferred" && !note ? words.why : [words[basis], typedIn(beside, "place")].filter(Boolean).join(", ");
    beside.querySelector("[data-said]").textContent = isSaid ? said : stored.get(beside);
    beside.querySelector("summary").title = (isSaid && note) || (words.key ?? "");
    beside.classList.toggle("is-said", isSaid);
    beside.classList.toggle("is-inferred", isSaid && basis === "inferred");
  };
  const sayAll = () => facts.forEach(say);

  const addRow = (beside) => {
    const total = form.querySelector('[name="evidence-TOTAL_FORMS"]');
    const number = total.value;
    const holder = document.createElement("div");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", number);
    const row = holder.firstElementChild;
    row.id = `evidence-${number}`;
    row.querySelector('[name$="-fact"]').value = beside.dataset.beside;
    beside.querySelector("[data-evidence-rows]").append(row);
    total.value = String(Number(number) + 1);
    // Django's scripts start the fields of a new row
    row.dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail: { formsetName: "evidence" } }));
    row.querySelector("select, input:not([type=hidden])")?.focus();
  };

  const offerAnotherSource = (beside) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "beside-add";
    button.textContent = words.another;
    button.addEventListener("click", () => addRow(beside));
    beside.querySelector(".beside-content").append(button);
  };

  // The choices, while they are open

  const radioOf = (beside, value) => beside.querySelector(`.beside-choice input[value="${value}"]`);
  const noteOf = (beside) => beside.querySelector(".beside-note textarea");
  const tell = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));
  // Lists of suggestions and calendars stand at the end of the page
  const isElsewhere = (beside, target) =>
    !beside.contains(target) && !target.closest?.(".select2-container, .calendarbox, .clockbox");

  // What is refused or unfinished stays open
  const mayClose = (beside) => beside.open && !beside.querySelector(".errorlist");

  const closeOthers = ({ target }) => {
    const top = target.getBoundingClientRect?.().top;
    for (const beside of facts.filter(mayClose)) {
      beside.open = !isElsewhere(beside, target);
    }
    // what you move on to stays where it is
    if (top !== undefined) {
      window.scrollBy({ top: target.getBoundingClientRect().top - top, behavior: "instant" });
    }
  };

  // While a button of the mouse is down, what it points at must not move away
  let isPressed = false;
  const closeIfReleased = (event) => isPressed || closeOthers(event);

  const moveOn = (beside) => {
    const fields = form.querySelectorAll("input:not([type=hidden], [type=submit]), select, textarea, [role=combobox]");
    const next = [...fields].find(
      (each) =>
        beside.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING &&
        !beside.contains(each) &&
        !each.disabled &&
        each.tabIndex >= 0 &&
        each.checkVisibility?.() !== false,
    );
    (next ?? beside.querySelector("summary")).focus();
    beside.open = false;
  };

  const infer = (beside) => {
    const inferred = radioOf(beside, "inferred");
    if (inferred) {
      inferred.checked = true;
      tell(inferred);
      beside.open = true;
      noteOf(beside).focus();
    }
  };

  const inChoices = (event) => {
    const { currentTarget: beside, target } = event;
    if (event.key === "Escape" && beside.open) {
      beside.open = false;
      beside.querySelector("summary").focus();
    }
    const isOfControl = target.matches(".beside-note textarea, .beside-place input, .beside-choice input");
    if (event.key !== "Enter" || !isOfControl || event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    event.preventDefault();
    if (target !== noteOf(beside) && chosenIn(beside) === "inferred") {
      noteOf(beside).focus();
    } else {
      moveOn(beside);
    }
  };

  const inForm = (event) => {
    if (event.code !== "KeyI" || !event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const beside = event.target.closest(".entry-line, .entry-rows")?.querySelector("[data-beside]");
    if (beside) {
      event.preventDefault();
      infer(beside);
    }
  };

  const makeCompact = (beside) => {
    beside.addEventListener("keydown", inChoices);
    radioOf(beside, "inferred")?.addEventListener("click", (event) => {
      // the arrow keys, which pass over it, click without a pointer
      if (event.detail > 0) {
        noteOf(beside).focus();
      }
    });
  };

  if (facts.length > 0) {
    facts.forEach(makeCompact);
    document.addEventListener("focusin", closeIfReleased);
    document.addEventListener("pointerdown", () => (isPressed = true));
    document.addEventListener("pointerup", () => (isPressed = false));
    document.addEventListener("pointercancel", () => (isPressed = false));
    document.addEventListener("click", closeOthers);
    form.addEventListener("keydown", inForm);
    if (template) {
      facts.forEach(offerAnotherSource);
    }
    if (all) {
      all.hidden = false;
      all.querySelector("button").addEventListener("click", () => {
        for (const beside of facts.filter((each) => isFilled(each) && chosenIn(each) === "entered")) {
          const stated = radioOf(beside, "stated");
          if (stated) {
            stated.checked = true;
          }
        }
        tell(form);
      });
    }
    form.addEventListener("input", sayAll);
    // Select2 fields trigger only jQuery events
    window.django?.jQuery(form).on("change", sayAll);
    document.addEventListener("formset:removed", sayAll);
    document.addEventListener("source:read", sayAll);
    sayAll();
  }
}
