// Asks every two seconds how far an import or a job has got, and shows its result when it has finished.
"use strict";

(() => {
  const partsOf = (page) => [...page.querySelectorAll("[data-import-progress]")];

  const look = async () => {
    try {
      const response = await fetch(location.href);
      if (response.redirected) {
        location.replace(response.url);
        return;
      }
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const shown = partsOf(document);
      const now = partsOf(page);
      if (now.length !== shown.length || now.some((part, number) => part.tagName !== shown[number].tagName)) {
        location.reload();
        return;
      }
      shown.forEach((part, number) => {
        if (part instanceof HTMLProgressElement) {
          part.value = now[number].value;
        } else if (!part.contains(document.activeElement) && !part.isEqualNode(now[number])) {
          part.replaceChildren(...now[number].childNodes);
        }
      });
    } catch {
      // the server is not answering just now; ask again
    }
    setTimeout(look, 2000);
  };

  if (partsOf(document).length) {
    setTimeout(look, 1000);
  }
})();
