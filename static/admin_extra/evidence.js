// Says beside each fact what it will rest on, adds a row for another source there, and states everything filled in at
// once. Without this script the same choices are in the markup, except for adding a row.
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
  const fieldsOf = (beside) =>
    [...(holderOf(beside)?.querySelectorAll("input, select, textarea") ?? [])].filter(
      (each) => each.name && each.type !== "hidden" && !each.closest("[data-beside], .empty-form, template"),
    );
  const valueOf = (each) => {
    if (each.type === "checkbox" || each.type === "radio") {
      return each.checked ? each.value : "";
    }
    return each.multiple ? [...each.selectedOptions].map((option) => option.value).join() : each.value;
  };
  // Rows have defaults, such as the role of a party, which say nothing by themselves
  const isTelling = (each) => !/-(role|position|progress|status|basis|DELETE)$/.test(each.name);
  const stateOf = (beside) => fieldsOf(beside).map((each) => `${each.name}=${valueOf(each)}`).join("\n");
  const isFilled = (beside) => fieldsOf(beside).some((each) => isTelling(each) && valueOf(each) !== "");

  const begun = new Map(facts.map((beside) => [beside, stateOf(beside)]));
  const stored = new Map(facts.map((beside) => [beside, beside.querySelector("[data-said]").textContent]));

  const hasSource = () => Boolean(source?.value || form.querySelector('[name="pasted"]')?.value.trim());
  const chosenIn = (beside) => beside.querySelector('.beside-choice input[type="radio"]:checked')?.value ?? "not";
  const isEntered = (beside) => isFilled(beside) && ("changed" in beside.dataset || stateOf(beside) !== begun.get(beside));

  const say = (beside) => {
    const chosen = chosenIn(beside);
    const basis = chosen === "entered" ? (isEntered(beside) ? "stated" : "not") : chosen;
    const isSaid = hasSource() && basis !== "not";
    const place = beside.querySelector(".beside-place input")?.value ?? "";
    const said = [words[basis], place].filter(Boolean).join(", ");
    beside.querySelector("[data-said]").textContent = isSaid ? said : stored.get(beside);
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

  if (facts.length > 0) {
    if (template) {
      facts.forEach(offerAnotherSource);
    }
    if (all) {
      all.hidden = false;
      all.querySelector("button").addEventListener("click", () => {
        for (const beside of facts.filter((each) => isFilled(each) && chosenIn(each) === "entered")) {
          const stated = beside.querySelector('.beside-choice input[value="stated"]');
          if (stated) {
            stated.checked = true;
          }
        }
        sayAll();
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
