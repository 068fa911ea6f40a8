// Asks while a record is being typed which stored ones are similar to it. The scripts of the notes call
// `window.askingLikeness` and say what is known so far and how the note of the answer is shown.
"use strict";

window.askingLikeness = (url, { known, show }) => {
  const queryNow = () => new URLSearchParams(known()).toString();
  let asked = "";
  let request = new AbortController();

  // `place` is handed on to `show`.
  const ask = async (place) => {
    const query = queryNow();
    if (query === asked) {
      return;
    }
    asked = query;
    request.abort();
    request = new AbortController();
    try {
      const answer = await fetch(`${url}?${query}`, { signal: request.signal });
      // if the login has ended, the request is redirected to the login page
      if (answer.ok && !answer.redirected) {
        show(await answer.text(), place);
      }
    } catch {
      // nobody is waiting for it, and the warning comes again after saving
    }
  };

  const askAgain = (place) => {
    asked = "";
    return ask(place);
  };

  // a refused form has not been asked about; any other page already contains the answer
  if (!document.querySelector(".errornote")) {
    asked = queryNow();
  }
  return { ask, askAgain };
};
