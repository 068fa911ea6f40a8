// Says the new number of results where a screen reader listens: the element itself is replaced with the results.
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
