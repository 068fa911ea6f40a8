// Searches the folded choices of a long facet. Attached by data-facet-search; the field is hidden without this script.
(() => {
  "use strict";

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
    const sought = event.target.value.trim().toLocaleLowerCase();
    for (const choice of event.target.closest("details").querySelectorAll(".choice")) {
      choice.hidden = !choice.textContent.toLocaleLowerCase().includes(sought);
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
