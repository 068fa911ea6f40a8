// Asks every two seconds how far an import is, and shows its result once it has ended.
"use strict";

(() => {
  const status = document.querySelector("[data-import-progress]");

  const look = async () => {
    try {
      const response = await fetch(location.href);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const now = page.querySelector("[data-import-progress]");
      if (!now) {
        location.reload();
        return;
      }
      status.textContent = now.textContent;
    } catch {
      // the server does not answer just now; ask again
    }
    setTimeout(look, 2000);
  };

  if (status) {
    setTimeout(look, 1000);
  }
})();
