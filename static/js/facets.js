// The facets of the filter form. A value that is ticked is no longer left out, and the other way round; and the box that
// searches the choices changes only these: neither Enter nor leaving it submits the form.
(() => {
  "use strict";

  const WITHOUT = "-";
  const isBox = (element) => element.matches?.(".facet-find");

  const opposite = (ticked) =>
    [...ticked.form.elements].find(
      (other) =>
        other.name === ticked.name &&
        other !== ticked &&
        (other.value === WITHOUT + ticked.value || WITHOUT + other.value === ticked.value),
    );

  // before htmx sends the form
  document.addEventListener("change", (event) => {
    if (isBox(event.target)) {
      event.stopPropagation();
    } else if (event.target.checked && event.target.closest(".facet .choice")) {
      const other = opposite(event.target);
      if (other) {
        other.checked = false;
      }
    }
  }, true);

  document.addEventListener("keydown", (event) => {
    if (isBox(event.target) && event.key === "Enter") {
      event.preventDefault();
    }
  }, true);
})();
