// Folds the filters when the agreements are shown, on screens where they can fold. Attached by data-filters.
(() => {
  "use strict";

  document.addEventListener("submit", (event) => {
    const panel = event.target.closest("[data-filters]");
    const summary = panel?.querySelector(":scope > summary");
    if (!summary?.checkVisibility()) {
      return;
    }
    panel.open = false;
    summary.focus({ preventScroll: true });
    document.getElementById("list-head").scrollIntoView();
  });
})();
