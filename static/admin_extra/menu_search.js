// Searches the choices of a long filter's menu. Attached by data-menu-search; without this script all choices show.
(() => {
  "use strict";

  const search = (input) => {
    const isSought = window.folding.sought(input.value);
    for (const choice of input.closest(".menu").querySelectorAll("li")) {
      choice.hidden = !isSought(window.folding.folded(choice.textContent));
    }
  };

  const attach = (root) => {
    for (const input of root.querySelectorAll("[data-menu-search]")) {
      input.closest(".menu-search").hidden = false;
      input.addEventListener("input", () => search(input));
    }
  };

  attach(document);
  document.addEventListener("menu:filled", (event) => attach(event.target));
})();
