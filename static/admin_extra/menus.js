// The menus of filters above a list: Escape and a click elsewhere close them, and long ones can be searched.
// Attached by data-menus; without this script the menus open and close by themselves, and show all of their choices.
(() => {
  "use strict";

  const folded = (text) =>
    text
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase();

  const close = (menu) => {
    menu.open = false;
  };

  const opened = () => document.querySelectorAll("[data-menus] details[open]");

  const search = (input) => {
    const words = folded(input.value).split(/\s+/);
    for (const choice of input.closest(".menu").querySelectorAll("li")) {
      const label = folded(choice.textContent);
      choice.hidden = !words.every((word) => label.includes(word));
    }
  };

  for (const label of document.querySelectorAll("[data-menus] .menu-search")) {
    label.hidden = false;
    label.querySelector("input").addEventListener("input", (event) => search(event.target));
  }

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" ? event.target.closest("[data-menus] details[open]") : null;
    if (menu) {
      close(menu);
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("click", (event) => {
    for (const menu of opened()) {
      if (!menu.contains(event.target)) {
        close(menu);
      }
    }
  });
})();
