// Asks every two seconds how far an import has got, and shows its result when it has finished.
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
      // the server is not answering just now; ask again
    }
    setTimeout(look, 2000);
  };

  if (status) {
    setTimeout(look, 1000);
  }
})();
