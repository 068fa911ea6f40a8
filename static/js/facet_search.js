// Searches in the rest of a long facet: attached by data-facet-search, shown only where this runs.
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

  // It narrows what is shown and selects nothing, so neither Enter nor leaving it asks the server.
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
