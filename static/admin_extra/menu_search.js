// Searches the choices of a long filter's menu. Attached by data-menu-search; without this script all choices show.
(() => {
  "use strict";

  const folded = (text) =>
    text
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase();

  const search = (input) => {
    const words = folded(input.value).split(/\s+/);
    for (const choice of input.closest(".menu").querySelectorAll("li")) {
      const label = folded(choice.textContent);
      choice.hidden = !words.every((word) => label.includes(word));
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
