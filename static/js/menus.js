// Closes an open menu on Escape and on a click elsewhere. Attached by data-menu; without it, its button closes the menu.
(() => {
  "use strict";

  const opened = () => document.querySelectorAll("[data-menu][open]");

  document.addEventListener("click", (event) => {
    for (const menu of opened()) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    }
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" ? event.target.closest("[data-menu][open]") : null;
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
