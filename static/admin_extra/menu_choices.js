// Fills a filter's menu when it is opened. Attached by data-menu-choices, the link that shows the choices on a page of
// their own; it stays if they cannot be fetched.
(() => {
  "use strict";

  const fill = async (link) => {
    const answer = await fetch(link.href, { headers: { "X-Menu": "alone" } });
    // to the login page, once the session is over
    if (answer.ok && !answer.redirected) {
      const menu = link.closest(".menu");
      menu.innerHTML = await answer.text();
      menu.dispatchEvent(new CustomEvent("menu:filled", { bubbles: true }));
    }
  };

  for (const link of document.querySelectorAll("[data-menu-choices]")) {
    const details = link.closest("details");
    details.addEventListener("toggle", () => details.open && link.isConnected && fill(link).catch(() => {}));
  }
})();
