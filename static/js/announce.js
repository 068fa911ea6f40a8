// Announces the new number of results to screen readers, because the element that shows it is replaced; after a search
// within a facet, what it has found.
(() => {
  "use strict";

  document.addEventListener("htmx:afterSettle", (event) => {
    const told = document.querySelector("[data-announce]");
    const isOfFacet = event.target.matches(".facet-found");
    const count = isOfFacet
      ? event.target.querySelector("[data-found]")
      : document.querySelector("[data-announced]");
    if (told && count) {
      told.textContent = count.textContent.replace(/\s+/g, " ").trim();
    }
  });
})();
