// Announces the new number of results to screen readers, because the element that shows it is replaced.
(() => {
  "use strict";

  document.addEventListener("htmx:afterSettle", () => {
    const told = document.querySelector("[data-announce]");
    const count = document.querySelector("[data-announced]");
    if (told && count) {
      told.textContent = count.textContent.replace(/\s+/g, " ").trim();
    }
  });
})();
