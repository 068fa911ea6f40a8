// Searches the folded choices of a long facet. Attached by data-facet-search; the field is hidden without this script.
// Each choice carries the words of its other names in all spellings, as agreements/search has them; `window.folding` folds
// its label and what is typed in the same way.
(() => {
  "use strict";

  const known = new WeakMap();

  const namesOf = (choice) => {
    if (!known.has(choice)) {
      const label = choice.querySelector("label > span").textContent;
      known.set(choice, `${window.folding.folded(label)} ${choice.dataset.spelled ?? ""}`);
    }
    return known.get(choice);
  };

  const show = (root) => {
    for (const input of root.querySelectorAll("[data-facet-search]")) {
      input.closest(".facet-search").hidden = false;
    }
  };

  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-facet-search]")) {
      return;
    }
    event.stopPropagation();
    const isSought = window.folding.sought(event.target.value);
    for (const choice of event.target.closest("details").querySelectorAll(".choice")) {
      choice.hidden = !isSought(namesOf(choice));
    }
  }, true);

  // It only hides choices, so neither Enter nor leaving the field may submit the form.
  for (const kind of ["change", "keydown"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.matches?.("[data-facet-search]") && (kind === "change" || event.key === "Enter")) {
        event.preventDefault();
        event.stopPropagation();
      }
    }, true);
  }

  show(document);
  document.addEventListener("htmx:afterSettle", () => show(document));
})();
