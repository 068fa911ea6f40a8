// Keeps the card beside the form of an agreement up to date: sends what has been typed and shows the answer. One request
// at a time, and none once the form itself has been sent: the record may then no longer be open to changes. Without this
// script the card shows what is stored.
"use strict";

{
  const card = document.querySelector("[data-card]");
  const form = card.closest("form");
  const count = document.querySelector("[data-card-count]");
  const PAUSE = 600;
  let shown = "";
  let isAsking = false;
  let hasLoginEnded = false;
  let isSent = false;
  let request;
  let pause;

  const typed = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) {
      if (value instanceof File) {
        data.delete(name);
      }
    }
    return new URLSearchParams(data);
  };

  const tell = () => {
    const said = card.querySelector("[data-card-said]")?.dataset.cardSaid ?? "";
    if (count && count.textContent !== said) {
      count.textContent = said;
      count.hidden = !said;
    }
  };

  const ask = async () => {
    const body = typed();
    if (isAsking || isSent || hasLoginEnded || body.toString() === shown) {
      return;
    }
    isAsking = true;
    shown = body.toString();
    request = new AbortController();
    try {
      const answer = await fetch(card.dataset.cardUrl, { method: "POST", body, signal: request.signal });
      if (answer.ok && !answer.redirected) {
        card.innerHTML = await answer.text();
        tell();
      }
      hasLoginEnded = answer.redirected || answer.status === 403;
    } catch {
      // the card keeps its last state, and is drawn again after saving
    }
    isAsking = false;
    askSoon();
  };

  const askSoon = () => {
    clearTimeout(pause);
    pause = setTimeout(ask, PAUSE);
  };

  tell();
  if (card.dataset.cardUrl) {
    form.addEventListener("input", askSoon);
    // Select2 fields trigger only jQuery events
    window.django?.jQuery(form).on("change", askSoon);
    document.addEventListener("formset:added", askSoon);
    document.addEventListener("formset:removed", askSoon);
    document.addEventListener("source:read", askSoon);
    // last of all, because another script may keep the form from being sent
    window.addEventListener("submit", (event) => {
      if (event.target === form && !event.defaultPrevented) {
        isSent = true;
        request?.abort();
      }
    });
    // the browser may show this page again when one goes back
    window.addEventListener("pageshow", () => {
      isSent = false;
    });
    if (document.querySelector(".errornote, .error-summary, [data-carried]")) {
      askSoon();
    } else {
      shown = typed().toString();
    }
  }
}
